"""Answers from a stream, as any client of Redis may: streams_service.py URL PREFIX QUEUE. Says `ready`, then lives until
its input ends."""
import asyncio, json, sys
import redis.asyncio as redis


def answer(request, fields):
    if request["pattern"] == "py.echo":
        return {"ok": True, "payload": {"request": request, "fields": fields}}
    return {"ok": False, "error": {"message": "not found", "details": {"code": 404}}}


async def reply_to(connection, prefix, name, body):
    """A list says in its name for how long an answer may wait; any other name is a channel."""
    lists = f"{prefix}:inbox:"
    if not name.startswith(lists):
        return await connection.publish(name, body)
    await connection.rpush(name, body)
    await connection.pexpire(name, int(name.removeprefix(lists).split(":")[0]))


async def main(url, prefix, queue):
    connection = redis.from_url(url)
    stream = f"{prefix}:rpc:{queue}"
    await connection.xgroup_create(stream, "python", "0", mkstream=True)

    async def serve():
        while True:
            for _, entries in await connection.xreadgroup("python", "one", {stream: ">"}, count=10, block=1000):
                for number, fields in entries:
                    fields = {name.decode(): value.decode() for name, value in fields.items()}
                    request = json.loads(fields.pop("m"))
                    body = {**answer(request, fields), "correlation_id": request["correlation_id"]}
                    await reply_to(connection, prefix, request["reply"], json.dumps(body, indent=2))
                    await connection.xack(stream, "python", number)

    task = asyncio.create_task(serve())
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # redis-py may take a cancellation for a time that is over, and go on.
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)


asyncio.run(main(*sys.argv[1:]))
