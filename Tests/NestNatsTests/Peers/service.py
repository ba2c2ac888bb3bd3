"""Answers as any NATS service would: service.py URL PREFIX. Says `ready`, then lives until its input ends."""
import asyncio, json, sys
import nats


async def main(url, prefix):
    connection = await nats.connect(url)

    async def echo(message):
        request = json.loads(message.data)
        headers = dict(message.headers or {})
        answer = {"ok": True, "payload": {"request": request, "headers": headers, "subject": message.subject}}
        await message.respond(json.dumps(answer, indent=2).encode())

    async def fail(message):
        error = {"message": "not found", "details": {"code": 404}}
        await message.respond(json.dumps({"ok": False, "error": error}).encode())

    async def silence(message):
        pass

    async def nonsense(message):
        await message.respond(b"nonsense")

    await connection.subscribe(f"{prefix}.py.echo", "workers", echo)
    await connection.subscribe(f"{prefix}.py.fail", cb=fail)
    await connection.subscribe(f"{prefix}.py.nonsense", cb=nonsense)
    await connection.subscribe(f"{prefix}.py.silence", cb=silence)
    await connection.flush()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await connection.drain()


asyncio.run(main(*sys.argv[1:]))
