"""Answers over publish and subscribe as services of revision 1 do: revision1_service.py URL PREFIX. Says `ready`, then
lives until its input ends; what it has seen of events it says then."""
import asyncio, json, sys
import redis.asyncio as redis


async def main(url, prefix):
    connection, listener = redis.from_url(url), redis.from_url(url)
    subscription = listener.pubsub()
    patterns = ["py.echo", "py.fail", "py.nonsense", "py.noted"]
    await subscription.subscribe(*(f"{prefix}.{pattern}" for pattern in patterns))
    events = []

    async def serve():
        async for message in subscription.listen():
            if message["type"] != "message":
                continue
            request = json.loads(message["data"])
            if request["kind"] == "emit":
                events.append(request["payload"])
                continue
            answers = {
                "py.echo": {"ok": True, "payload": request},
                "py.fail": {"ok": False, "error": {"message": "not found", "details": {"code": 404}}},
            }
            answer = answers.get(request["pattern"])
            await connection.publish(request["reply"], json.dumps(answer) if answer else "nonsense")

    task = asyncio.create_task(serve())
    while not all(count for _, count in await connection.pubsub_numsub(*(f"{prefix}.{p}" for p in patterns))):
        pass
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # redis-py may take a cancellation for a time that is over, and go on.
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
    print(json.dumps(events), flush=True)


asyncio.run(main(*sys.argv[1:]))
