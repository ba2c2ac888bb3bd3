"""Writes into a service's topics what no client of the framework would: stranger.py BOOTSTRAP PREFIX RETRY_TOPIC

Prints `written` when the brokers have everything.
"""
import json, sys
from confluent_kafka import Producer

bootstrap, prefix, retries = sys.argv[1:]
producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "message.max.bytes": 20_000_000})
LEAST, MOST = -(2**63), 2**63 - 1


def told(error, record):
    if error:
        sys.exit(f"{record.topic()}: {error}")


def write(topic, value, partition=0, timestamp=0, **headers):
    producer.produce(
        topic, value, key=headers.pop("key", None), partition=partition, timestamp=timestamp, on_delivery=told,
        headers={name.replace("_", "-"): value for name, value in headers.items()})
    producer.flush(10)


def envelope(kind, pattern, payload=1, **more):
    return json.dumps({"kind": kind, "pattern": pattern, "payload": payload} | more).encode()


garbage = b"\xff\x00{not an envelope"
requests, events, replies = f"{prefix}.requests", f"{prefix}.events", f"{prefix}.replies"
for topic in [requests, events, retries, replies]:
    write(topic, garbage)
    write(topic, None, key="a-tombstone")
    write(topic, b"")
    write(topic, garbage, key=b"\xff\xfe", nest_pattern=b"\xff", nest_attempt=str(MOST), nest_timeout=str(LEAST))
# Answers to nowhere, to a partition that is not there, to the service itself; a clock before all times.
ask = {"reply": replies, "correlation_id": "x"}
for place in ["-1", "99999", "x", str(MOST)]:
    write(requests, envelope("send", "test.echo", **ask), nest_reply_partition=place)
write(requests, envelope("send", "test.echo", reply=requests, correlation_id="x"))
write(requests, envelope("send", "test.echo", reply="../x", correlation_id="x"))
write(requests, envelope("send", "test.echo", timeout_ms=1000, **ask), timestamp=LEAST + 1, nest_timeout="1000")
# Records that were due before all times, and that never will be.
for due in [LEAST, MOST, "soon"]:
    write(retries, envelope("emit", "test.noted", f"due {due}"), nest_retry_at=str(due), nest_retry_from="no place")
# A first try, whatever it says: only a retry topic tells of tries.
write(events, envelope("emit", "test.failing", "far"), nest_attempt=str(MOST))
# Larger than the service may write a record, and nothing it can handle.
write(events, garbage * 200_000)
print("written", flush=True)
