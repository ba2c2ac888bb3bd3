"""Calls over publish and subscribe as clients of revision 1 do: revision1_caller.py URL PREFIX"""
import json, sys
import redis

count = 0


def main(url, prefix):
    connection = redis.Redis.from_url(url)

    def ask(pattern, body):
        global count
        # Their names begin anew in every process.
        count += 1
        reply = f"__nestrs.reply.{count}"
        subscription = connection.pubsub(ignore_subscribe_messages=True)
        subscription.subscribe(reply)
        while not connection.pubsub_numsub(reply)[0][1]:
            pass
        receivers = connection.publish(f"{prefix}.{pattern}", body(reply))
        if receivers == 0:
            return "nobody"
        message = subscription.get_message(timeout=10)
        while message is None:
            message = subscription.get_message(timeout=10)
        return json.loads(message["data"])

    def envelope(pattern, payload):
        return lambda reply: json.dumps({"kind": "send", "pattern": pattern, "payload": payload, "reply": reply})

    results = {
        "echo": ask("test.echo", envelope("test.echo", {"check": 1})),
        "later": ask("test.later", envelope("test.later", [1, None])),
        "failure": ask("test.fail", envelope("test.fail", None)),
        "unknown": ask("test.nobody", envelope("test.nobody", None)),
    }
    event = {"kind": "emit", "pattern": "test.noted", "payload": "revision 1"}
    connection.publish(f"{prefix}.test.noted", json.dumps(event))
    print(json.dumps(results))


main(*sys.argv[1:])
