"""Calls a service as any NATS client would: caller.py URL PREFIX"""
import asyncio, json, sys
import nats
from nats.errors import NoRespondersError


async def main(url, prefix):
    connection = await nats.connect(url)

    async def ask(pattern, body, headers=None):
        reply = await connection.request(f"{prefix}.{pattern}", body, timeout=5, headers=headers)
        return json.loads(reply.data)

    results = {
        "bare": await ask("test.echo", b'{"check":1}'),
        "empty": await ask("test.echo", b""),
        "envelope": await ask(
            "test.echo", json.dumps({"kind": "send", "pattern": "test.echo", "payload": [1, 2]}).encode()),
        "spaced": await ask(
            "test.echo", b'{ "payload" : 9007199254740993, "pattern":"test.\\u0065cho", "kind":"send" }'),
        "headers": await ask("test.headers", b"null", {"tenant": "acme"}),
        "malformed": await ask("test.echo", b"no json"),
        "many": [r["payload"] for r in await asyncio.gather(*(ask("test.later", str(n).encode()) for n in range(200)))],
    }
    try:
        await ask("no.body", b"1")
    except NoRespondersError:
        results["unknown"] = "no responders"
    await connection.publish(f"{prefix}.test.noted", b'"bare"')
    await connection.publish(
        f"{prefix}.test.noted", json.dumps({"kind": "emit", "pattern": "test.noted", "payload": "envelope"}).encode())
    await connection.drain()
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
