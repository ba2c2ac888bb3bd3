"""Calls a service as any AMQP client would: caller.py URL PREFIX"""
import asyncio, json, sys, uuid
import aio_pika

REPLY_TO = "amq.rabbitmq.reply-to"


async def main(url, prefix):
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    waiting = {}

    async def answered(message):
        waiting.pop(message.correlation_id).set_result(json.loads(message.body))

    # Over the same channel, and without acknowledgements: so the broker wants it.
    replies = await channel.declare_queue(REPLY_TO, passive=True)
    await replies.consume(answered, no_ack=True)

    async def ask(body, **properties):
        number = uuid.uuid4().hex
        waiting[number] = asyncio.get_running_loop().create_future()
        future = waiting[number]
        message = aio_pika.Message(body, correlation_id=number, reply_to=REPLY_TO, **properties)
        await channel.default_exchange.publish(message, routing_key=f"{prefix}.default")
        return await asyncio.wait_for(future, 10)

    def request(pattern, payload):
        return json.dumps({"kind": "send", "pattern": pattern, "payload": payload}).encode()

    results = {
        "plain": await ask(request("test.echo", [1, 2])),
        "headers": await ask(request("test.headers", None), headers={"tenant": "acme", "n": 7}),
        "unknown": await ask(request("no.body", 1)),
        "malformed": await ask(b"no json"),
        "many": [
            r["payload"]
            for r in await asyncio.gather(*(ask(request("test.echo", n)) for n in range(200)))
        ],
    }
    events = await channel.get_exchange(f"{prefix}.events")
    body = json.dumps({"kind": "emit", "pattern": "test.noted", "payload": "from python"}).encode()
    await events.publish(aio_pika.Message(body), routing_key="test.noted", mandatory=True)
    await connection.close()
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
