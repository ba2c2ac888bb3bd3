"""roundtrip.py BOOTSTRAP TOPIC COUNT EXPECTED [PROPERTY=VALUE…]

Writes COUNT records, each with a delivery report, reads the topic from its beginning until EXPECTED have come, and prints
one line of JSON: the numbers of both, or the first error the library tells of.
"""
import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

bootstrap, topic, count, expected = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
errors = []
WORTH_TELLING = (KafkaError._AUTHENTICATION, KafkaError._SSL)


def told(error):
    # That a server does not like a client's certificate comes after the handshake of TLS 1.3.
    if error.code() in WORTH_TELLING or "certificate required" in error.str():
        errors.append(error.name())


common = {"bootstrap.servers": bootstrap, "error_cb": told, "reconnect.backoff.max.ms": 500}
common |= dict(word.split("=", 1) for word in sys.argv[5:])


def bearer(_):
    return token, 4e9, "nest", {}


if token := common.pop("token", None):
    common["oauth_cb"] = bearer


def finish(**result):
    print(json.dumps(result), flush=True)
    sys.exit(0)


def produce():
    delivered = []
    producer = Producer(common | {"message.timeout.ms": 15000})
    for number in range(count):
        producer.produce(topic, str(number), key="k", on_delivery=lambda error, _: error or delivered.append(1))
    while len(producer) and not errors:
        producer.poll(0.05)
    return len(delivered)


def consume():
    seen = set()
    consumer = Consumer(common | {"group.id": "roundtrip", "enable.auto.commit": False})
    while expected and not errors:
        partitions = consumer.list_topics(topic, 10).topics[topic].partitions
        if partitions:
            consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
            break
    while len(seen) < expected and not errors:
        record = consumer.poll(1)
        if record and not record.error():
            seen.add((record.partition(), record.offset()))
    consumer.close()
    return len(seen)


produced = produce()
consumed = consume() if not errors else 0
if errors:
    finish(error=errors[0])
finish(produced=produced, consumed=consumed)
