"""Answers as any AMQP service would: service.py URL PREFIX. Says `ready`, then lives until its input ends."""
import asyncio, json, sys
import aio_pika


async def main(url, prefix):
    connection = await aio_pika.connect(url)
    channel = await connection.channel()
    queue = await channel.declare_queue(f"{prefix}.python", durable=True, arguments={"x-queue-type": "quorum"})

    async def serve(message):
        async with message.process():
            request = json.loads(message.body)
            if request["pattern"] == "py.echo":
                properties = {
                    "content_type": message.content_type, "delivery_mode": int(message.delivery_mode),
                    "expires": message.expiration is not None,
                }
                seen = {"request": request, "headers": dict(message.headers), "properties": properties}
                answer = {"ok": True, "payload": seen}
            elif request["pattern"] == "py.fail":
                answer = {"ok": False, "error": {"message": "not found", "details": {"code": 404}}}
            else:
                answer = None
            body = json.dumps(answer, indent=2).encode() if answer else b"nonsense"
            await channel.default_exchange.publish(
                aio_pika.Message(body, correlation_id=message.correlation_id), routing_key=message.reply_to)

    async def listen(message):
        async with message.process():
            print("event " + json.dumps(json.loads(message.body)["payload"]), flush=True)

    await queue.consume(serve)
    exchange = await channel.declare_exchange(f"{prefix}.events", aio_pika.ExchangeType.TOPIC, durable=True)
    events = await channel.declare_queue("", exclusive=True)
    await events.bind(exchange, "py.*")
    await events.consume(listen)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await connection.close()


asyncio.run(main(*sys.argv[1:]))
