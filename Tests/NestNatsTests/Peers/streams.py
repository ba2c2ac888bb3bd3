"""JetStream as any NATS client uses it: streams.py URL PREFIX STREAM

Publishes what a service of ours handles, then says `published`. Then reads a subject that nobody else reads, from the
beginning, and prints each message on a line until its input ends."""
import asyncio, json, sys
import nats
from nats.errors import TimeoutError as NothingCame
from nats.js.api import ConsumerConfig, DeliverPolicy


async def publish(stream, prefix):
    async def put(subject, body, **headers):
        found = await stream.publish(f"{prefix}.{subject}", body, headers=headers or None)
        return {"sequence": found.seq, "duplicate": bool(found.duplicate)}

    envelope = {"kind": "emit", "pattern": "kept.noted", "payload": "envelope", "headers": {"tenant": "in the body"}}
    return [
        await put("kept.noted", b'"bare"', tenant="acme"),
        await put("kept.noted", json.dumps(envelope).encode()),
        await put("kept.noted", b'"once"', **{"Nats-Msg-Id": "once"}),
        await put("kept.noted", b'"twice"', **{"Nats-Msg-Id": "once"}),
        await put("kept.noted", b"no json"),
        await put("kept.noted", b'{"not": "text"}'),
    ]


async def read(stream, prefix, name):
    consumer = await stream.pull_subscribe(
        f"{prefix}.kept.told", durable="python", stream=name,
        config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL))
    while True:
        try:
            messages = await consumer.fetch(10, timeout=1)
        except NothingCame:
            continue
        for message in messages:
            await message.ack_sync()
            body = json.loads(message.data)
            print(json.dumps({"body": body, "headers": dict(message.headers or {})}), flush=True)


async def main(url, prefix, name):
    connection = await nats.connect(url)
    stream = connection.jetstream()
    print(json.dumps(await publish(stream, prefix)), flush=True)
    reader = asyncio.create_task(read(stream, prefix, name))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    reader.cancel()
    info = await stream.consumer_info(name, "python")
    print(json.dumps({"waiting": info.num_pending, "unacknowledged": info.num_ack_pending}), flush=True)
    await connection.close()


asyncio.run(main(*sys.argv[1:]))
