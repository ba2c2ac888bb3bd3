"""Calls a service over its stream, as any client of Redis may: streams_caller.py URL PREFIX QUEUE"""
import asyncio, json, sys, uuid
import redis.asyncio as redis


async def main(url, prefix, queue):
    commands, listener = redis.from_url(url, max_connections=1_000), redis.from_url(url)
    channel = f"py.{uuid.uuid4()}"
    waiting = {}
    subscription = listener.pubsub()
    await subscription.subscribe(channel)

    async def listen():
        async for message in subscription.listen():
            if message["type"] == "message":
                answer = json.loads(message["data"])
                waiting.pop(answer["id"]).set_result(answer)

    task = asyncio.create_task(listen())

    async def ask(pattern, payload, fields={}):
        number = str(uuid.uuid4())
        # The answer may be here before Redis says that it has the request.
        answer = waiting[number] = asyncio.get_running_loop().create_future()
        request = {"kind": "send", "pattern": pattern, "payload": payload, "reply": channel, "correlation_id": number}
        # Read with any spaces and in any order.
        body = json.dumps(dict(reversed(request.items())), indent=1)
        await commands.xadd(f"{prefix}:rpc:{queue}", {"m": body, **fields})
        return await asyncio.wait_for(answer, 10)

    async def tell(pattern, payload, fields={}):
        body = json.dumps({"kind": "emit", "pattern": pattern, "payload": payload})
        await commands.xadd(f"{prefix}:events", {**fields, "m": body})

    results = {
        "echo": await ask("test.echo", {"check": 1}),
        "digits": await ask("test.echo", 9007199254740993),
        "headers": await ask("test.headers", None, {"tenant": "acme"}),
        "failure": await ask("test.fail", None),
        "unknown": await ask("test.nobody", None),
        "many": [r["payload"] for r in await asyncio.gather(*(ask("test.later", n) for n in range(200)))],
    }
    await tell("test.noted", "plain")
    await tell("test.noted", "with a header", {"tenant": "acme"})
    # redis-py may take a cancellation for a time that is over, and go on.
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
