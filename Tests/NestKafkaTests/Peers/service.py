"""Answers as any Kafka service would: service.py BOOTSTRAP PREFIX. Says `ready`, then lives until its input ends."""
import json, sys, threading
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, prefix = sys.argv[1:]
common = {"bootstrap.servers": bootstrap}
requests, events = f"{prefix}.requests.python", f"{prefix}.events"
admin = AdminClient(common)
for created in admin.create_topics([NewTopic(name, 3, 1) for name in (requests, events)]).values():
    try:
        created.result()
    except KafkaException as error:
        if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
            raise
producer = Producer(common | {"linger.ms": 0})
consumer = Consumer(common | {
    "group.id": f"{prefix}.python", "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10,
    "session.timeout.ms": 2000, "heartbeat.interval.ms": 300,
})


def serve(record, headers):
    request = json.loads(record.value())
    if request["pattern"] == "py.echo":
        key = record.key() and record.key().decode()
        answer = {"ok": True, "payload": {"request": request, "headers": headers, "key": key}}
    elif request["pattern"] == "py.fail":
        answer = {"ok": False, "error": {"message": "not found", "details": {"code": 404}}}
    else:
        answer = None
    body = json.dumps(answer, indent=2).encode() if answer else b"nonsense"
    partition = int(headers["nest-reply-partition"])
    producer.produce(request["reply"], body, key=request["correlation_id"], partition=partition)
    producer.flush()


def listen(record, headers):
    seen = {
        "pattern": headers["nest-pattern"], "key": record.key() and record.key().decode(), "tenant": headers.get("tenant"),
        "payload": json.loads(record.value())["payload"],
    }
    print("event " + json.dumps(seen), flush=True)


ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
consumer.subscribe([requests, events], on_assign=lambda *_: print("ready", flush=True))
while not ended.is_set():
    record = consumer.poll(0.1)
    if record and not record.error():
        headers = {name: value.decode() for name, value in record.headers() or []}
        (serve if record.topic() == requests else listen)(record, headers)
consumer.close()
