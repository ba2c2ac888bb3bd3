"""The commands of redis_server.c and redis_load.c, on redis-py: redis_peer.py serve|load PORT STREAM requests|events …"""
import asyncio
import json
import os
import signal
import sys
import time

import redis.asyncio as redis

PAYLOAD = {
  "id": 4711, "sku": "sku-123", "quantity": 3, "price": 19.99, "note": "n" * 23, "tags": ["a", "b"]}


async def serve(port, stream, kind):
  reading, writing = (redis.Redis(port=port) for _ in range(2))
  try:
    await writing.xgroup_destroy(stream, "py")
  except redis.ResponseError:
    pass
  await writing.xgroup_create(stream, "py", "$", mkstream=True)
  ended = asyncio.Event()
  asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
  print("listening", flush=True)
  while not ended.is_set():
    for _, entries in await reading.xreadgroup("py", "py1", {stream: ">"}, count=128, block=1000):
      await handle(writing, stream, kind, entries)


async def handle(writing, stream, kind, entries):
  pipeline = writing.pipeline(transaction=False)
  for _, fields in entries:
    message = json.loads(fields[b"m"])
    if kind == "requests":
      answer = {"id": message["correlation_id"], "ok": True, "payload": message["payload"]}
      pipeline.publish(message["reply"], json.dumps(answer))
  numbers = [number for number, _ in entries]
  pipeline.xack(stream, "py", *numbers)
  if kind == "requests":
    pipeline.xdel(stream, *numbers)
  await pipeline.execute()


class Load:
  """Callers that each wait for their answer before they call again."""

  def __init__(self, port, stream, kind, seconds):
    self.commands = redis.Redis(port=port, max_connections=1_000)
    self.channel = f"reply.{os.getpid()}.{time.monotonic_ns()}"
    self.stream, self.kind = stream, kind
    self.begin = time.perf_counter() + 0.5
    self.end = self.begin + seconds
    self.waiting, self.taken, self.last = {}, [], 0

  async def call(self):
    while (start := time.perf_counter()) < self.end:
      await (self.request() if self.kind == "requests" else self.event())
      if start >= self.begin and (now := time.perf_counter()) < self.end:
        self.taken.append(now - start)

  async def event(self):
    self.last += 1
    envelope = {"kind": "emit", "pattern": "user.created", "payload": PAYLOAD}
    fields = {"m": json.dumps(envelope), "nest-message-id": f"{self.channel}-{self.last}"}
    await self.commands.xadd(self.stream, fields)

  async def request(self):
    self.last += 1
    number = str(self.last)
    # The answer may be here before Redis says that it has the request.
    answer = self.waiting[number] = asyncio.get_running_loop().create_future()
    envelope = {
      "kind": "send", "pattern": "echo.message", "payload": PAYLOAD, "reply": self.channel,
      "correlation_id": number, "headers": {"nest-timeout-ms": "5000"}}
    await self.commands.xadd(self.stream, {"m": json.dumps(envelope)})
    await answer

  async def listen(self, subscription):
    async for message in subscription.listen():
      if message["type"] == "message":
        answer = json.loads(message["data"])
        self.waiting.pop(answer["id"]).set_result(answer["payload"])

  async def run(self, in_flight, port):
    subscription = redis.Redis(port=port).pubsub()
    await subscription.subscribe(self.channel)
    listener = asyncio.create_task(self.listen(subscription))
    await asyncio.gather(*(self.call() for _ in range(in_flight)))
    listener.cancel()


async def load(port, stream, kind, in_flight, seconds):
  work = Load(port, stream, kind, seconds)
  await work.run(in_flight, port)
  taken = sorted(work.taken)
  at = lambda share: taken[int(len(taken) * share)] * 1e6
  print(json.dumps({
    "rate": len(taken) / seconds, "requests": len(taken), "errors": 0, "p50": at(0.5), "p90": at(0.9), "p99": at(0.99)}))


def main(mode, port, stream, kind, *rest):
  if mode == "serve":
    asyncio.run(serve(int(port), stream, kind))
  else:
    asyncio.run(load(int(port), stream, kind, int(rest[0]), float(rest[1])))


if __name__ == "__main__":
  main(*sys.argv[1:])
