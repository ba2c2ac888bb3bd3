"""Calls a service, and tells it events, as any Kafka client would: caller.py BOOTSTRAP PREFIX KEY…

Prints one line of JSON: the answers, and for each KEY the partition in which an event of that key landed, by the partitioner
that Java's clients use.
"""
import json, sys, time, uuid
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap, prefix, keys = sys.argv[1], sys.argv[2], sys.argv[3:]
common = {"bootstrap.servers": bootstrap}
replies = f"{prefix}.answers-to-python"
admin = AdminClient(common)
for created in admin.create_topics([NewTopic(replies, 3, 1)]).values():
    created.result()
# Before anything is asked: what is answered is read.
consumer = Consumer(common | {"group.id": "unused", "enable.auto.commit": False, "fetch.wait.max.ms": 10})
consumer.assign([TopicPartition(replies, number, 0) for number in range(3)])
producer = Producer(common | {"partitioner": "murmur2_random", "linger.ms": 0})
answers, places = {}, {}


def produce(topic, body, **more):
    def told(error, record):
        if error:
            sys.exit(str(error))
        places[record.key()] = record.partition()

    producer.produce(topic, body, on_delivery=told, **more)


def ask(body, partition=None, **headers):
    number = uuid.uuid4().hex
    if partition is not None:
        headers["nest-reply-partition"] = str(partition)
    envelope = body if isinstance(body, bytes) else json.dumps(
        {"kind": "send", "reply": replies, "correlation_id": number} | body).encode()
    produce(f"{prefix}.requests", envelope, headers=headers)
    return number


def collect(numbers):
    end = time.monotonic() + 15
    while not answers.keys() >= set(numbers) and time.monotonic() < end:
        producer.poll(0)
        record = consumer.poll(0.1)
        if record and not record.error():
            answers[record.key().decode()] = json.loads(record.value()) | {"partition": record.partition()}
    return [answers.get(number) for number in numbers]


names = ["plain", "headers", "unknown", "placed"]
results = dict(zip(names, collect([
    ask({"pattern": "peer.echo", "payload": [1, 2]}),
    ask({"pattern": "peer.headers", "payload": None}, tenant="acme", n="7"),
    ask({"pattern": "no.body", "payload": 1}),
    ask({"pattern": "peer.echo", "payload": 3}, partition=2),
])))
numbers = [ask({"pattern": "peer.echo", "payload": number}) for number in range(200)]
results["many"] = [answer["payload"] if answer else None for answer in collect(numbers)]

for key in keys:
    body = json.dumps({"kind": "emit", "pattern": "peer.noted", "payload": "from python"}).encode()
    produce(f"{prefix}.events", body, key=key)
# Whoever knows nothing of envelopes says in a header what it is.
produce(f"{prefix}.events", b'"bare"', key="bare", headers={"nest-pattern": "peer.noted"})
if producer.flush(15):
    sys.exit("events are not delivered")
results["partitions"] = {key: places[key.encode()] for key in keys}
consumer.close()
print(json.dumps(results), flush=True)
