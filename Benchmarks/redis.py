#!/usr/bin/env python3
"""Measures nest-peer over Redis beside the same commands in C with hiredis, and beside redis-py. See README.md.

usage: redis.py [--peer .build/release/nest-peer] [--rounds 5] [--seconds 3] [--only requests|typed|events] [--in-flight N]…

Requests are bytes on both sides of `nest` and `c`; typed ones, which `nest` decodes and encodes at both ends, have no floor.
Needs gcc, libhiredis-dev and redis-server; redis-py where --python has it. The exit code is 1 when a floor is missed.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BIN = HERE / "results" / "bin"
TICK = 1 / os.sysconf("SC_CLK_TCK")
RATE_FLOOR = 0.85
IN_FLIGHT = {"requests": [1, 64, 256], "typed": [64], "events": [64, 256]}
QUEUE, PREFIX = "bench", "nest"
# What the others do for each, in whose words, and where it is kept.
KINDS = {"requests": "requests", "typed": "requests", "events": "events"}
STREAMS = {"requests": f"{PREFIX}:rpc:{QUEUE}", "typed": f"{PREFIX}:rpc:{QUEUE}", "events": f"{PREFIX}:events"}
BENCH = {
  "requests": ["--bytes", "--pattern", "echo"], "typed": ["--pattern", "echo.message"], "events": ["--events"]}


class Process:
  """A running process that has said a line, and the CPU time it has used."""

  def __init__(self, command):
    self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = self.process.stdout.readline()
    if not line.startswith("listening"):
      raise SystemExit(f"{command[0]} did not start: {line}")

  def cpu(self):
    fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK

  def stop(self):
    self.process.send_signal(signal.SIGTERM)
    self.process.communicate(timeout=20)


class Redis:
  """A redis-server of our own, as a careful operator runs it."""

  def __init__(self):
    with socket.socket() as probe:
      probe.bind(("127.0.0.1", 0))
      self.port = probe.getsockname()[1]
    self.folder = tempfile.TemporaryDirectory()
    self.process = subprocess.Popen(
      ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder.name, "--appendonly",
       "yes", "--save", ""], stdout=subprocess.PIPE, text=True)
    while "Ready to accept" not in self.process.stdout.readline():
      pass

  def ask(self, *command):
    return subprocess.run(
      ["redis-cli", "-p", str(self.port), *command], check=True, capture_output=True, text=True).stdout

  def handled(self, stream):
    """Entries that all groups have read and acknowledged."""
    groups = []
    for line in self.ask("--json", "XINFO", "GROUPS", stream).splitlines():
      groups += json.loads(line)
    return sum((group["entries-read"] or 0) - group["pending"] for group in groups)

  def stop(self):
    self.process.kill()
    self.process.wait()
    self.folder.cleanup()


def contenders(options, port):
  """For each, what serves and what loads."""
  url = ["redis://127.0.0.1:%d" % port, "--prefix", PREFIX, "--queue", QUEUE]
  python = [options.python, str(HERE / "python" / "redis_peer.py")]
  every = {
    "c": lambda kind, count: (
      [BIN / "redis_server", port, STREAMS[kind], KINDS[kind]],
      [BIN / "redis_load", port, STREAMS[kind], KINDS[kind], count, options.seconds]),
    "nest": lambda kind, count: (
      [options.peer, "serve", *url, "--no-broadcast"],
      [options.peer, "bench", *url, count, options.seconds, *BENCH[kind]]),
    "redis-py": lambda kind, count: (
      [*python, "serve", port, STREAMS[kind], KINDS[kind]],
      [*python, "load", port, STREAMS[kind], KINDS[kind], count, options.seconds]),
  }
  if subprocess.run([options.python, "-c", "import redis"], capture_output=True).returncode != 0:
    del every["redis-py"]
  return every


def texts(command):
  return [str(word) for word in command]


def measure(commands, kind, count, seconds):
  redis, server = Redis(), None
  try:
    serve, load = commands(redis.port)
    server = Process(texts(serve))
    before, start = server.cpu(), time.monotonic()
    output = subprocess.run(texts(load), capture_output=True, text=True)
    if output.returncode != 0:
      raise SystemExit(f"{load[0]} failed: {output.stdout}{output.stderr}")
    result = json.loads(output.stdout.splitlines()[-1])
    result["handled"] = redis.handled(STREAMS[kind]) / (time.monotonic() - start)
    result["cpu"] = (server.cpu() - before) * 1e6 / max(1, result["requests"])
    return result
  finally:
    if server:
      server.stop()
    redis.stop()


def run_round(options, kind, count, names):
  results = {}
  for name in names:
    results[name] = measure(lambda port: contenders(options, port)[name](kind, count), kind, count, options.seconds)
  print(f"{kind}, {count} in flight: " + ", ".join(
    f"{name} {result['rate']:,.0f}/s p50 {result['p50']:,.0f} µs p99 {result['p99']:,.0f} µs "
    f"service {result['cpu']:.1f} µs" for name, result in results.items()), flush=True)
  return results


def judge(kind, count, rounds):
  """The rate decides; with one in flight it is the latency's reciprocal."""
  ratio = statistics.median(r["nest"]["rate"] / r["c"]["rate"] for r in rounds)
  cpu = statistics.median(r["nest"]["cpu"] / r["c"]["cpu"] for r in rounds)
  text = f"{kind}, {count} in flight: {ratio:.2f} of C's rate, {cpu:.1f} times its CPU time"
  if kind == "events":
    handled = statistics.median(r["nest"]["handled"] / r["nest"]["rate"] for r in rounds)
    text += f"; {handled:.2f} of them handled meanwhile"
  if "redis-py" in rounds[0]:
    times = statistics.median(r["nest"]["rate"] / r["redis-py"]["rate"] for r in rounds)
    text += f"; {times:.1f} times redis-py's rate"
  if kind == "typed":
    print(f"{text}; no floor")
    return True
  passed = ratio >= RATE_FLOOR
  print(f"{text}; floor {RATE_FLOOR} {'PASS' if passed else 'FAIL'}")
  return passed


def build():
  BIN.mkdir(parents=True, exist_ok=True)
  for name in ("redis_server", "redis_load"):
    subprocess.run(
      ["gcc", "-O2", "-Wall", "-Wextra", "-o", BIN / name, HERE / "c" / f"{name}.c", "-lhiredis"], check=True)


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("--peer", default=str(ROOT / ".build/release/nest-peer"))
  parser.add_argument("--python", default=str(ROOT / ".build/peers/bin/python"))
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--seconds", type=float, default=3)
  parser.add_argument("--only", choices=list(IN_FLIGHT))
  parser.add_argument("--in-flight", type=int, action="append")
  options = parser.parse_args()
  build()
  names = list(contenders(options, 0))
  if "redis-py" not in names:
    print("redis-py is not there: left out", flush=True)
  kinds = [options.only] if options.only else list(IN_FLIGHT)
  rounds = {}
  for number in range(options.rounds):
    order = names if number % 2 == 0 else names[::-1]
    for kind in kinds:
      for count in options.in_flight or IN_FLIGHT[kind]:
        rounds.setdefault((kind, count), []).append(run_round(options, kind, count, order))
  verdicts = [judge(*key, value) for key, value in rounds.items()]
  raise SystemExit(0 if all(verdicts) else 1)


if __name__ == "__main__":
  main()
