#!/usr/bin/env python3
"""Measures nest-peer over Kafka beside the same work in C with librdkafka, and tells whether the floors hold. See
README.md.

usage: kafka.py [--peer .build/release/nest-peer] [--rounds 5] [--seconds 3] [--only WORK]…

Works: publish, and consume by a handler that gets bytes, a `@Message` or plain Codable. Needs Tansu (Scripts/setup.sh --peers) and librdkafka-dev. The exit code is 1 when a floor is
missed.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys

from run import BIN, HERE, RESULTS, Server, compile_c

ROOT = HERE.parent
TANSU = ROOT / ".build" / "peers" / "bin" / "tansu"
# The least share of C's rate; what is not named has none.
FLOORS = {"publish": 0.6, "consume": 0.7}
# Which of nest-peer's handlers consumes.
HANDLERS = {"consume": "user.seen", "consume-message": "user.seen.message", "consume-typed": "user.seen.typed"}
SIDES = ("c", "ours")
WINDOW = 512
WARMUP = 0.5
# Tansu makes a consumer that joins wait for half of the session.
GROUPS = {"c": "nest.c", "ours": "nest.nest-peer"}
PEER = ["--session-timeout", "2"]


# ---- programs


def build():
  BIN.mkdir(parents=True, exist_ok=True)
  for name in ("kafka_service", "kafka_load"):
    compile_c(name, name, [], ["-lrdkafka"])


def free_port():
  with socket.socket() as finder:
    finder.bind(("127.0.0.1", 0))
    return finder.getsockname()[1]


@contextlib.contextmanager
def running(command, ready):
  process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
  try:
    for line in process.stdout:
      if ready in line:
        break
    else:
      sys.exit(f"{command[0]} did not start")
    yield process
  finally:
    process.send_signal(signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def broker():
  """A broker with nothing in it, and the proxy that lets old clients of librdkafka read its first word."""
  port, behind = free_port(), free_port()
  tansu = [
    str(TANSU), "broker", "--storage-engine", "memory://tansu/", "--listener-url", f"tcp://127.0.0.1:{behind}",
    "--advertised-listener-url", f"tcp://127.0.0.1:{port}"]
  proxy = [sys.executable, str(ROOT / "Scripts" / "kafka_proxy.py"), str(port), str(behind)]
  with running(tansu, "ready in"), running(proxy, "listening"):
    yield port


@contextlib.contextmanager
def service(command):
  server = Server(command)
  try:
    yield server
  finally:
    server.stop()


class Peers:
  """The commands of both sides."""

  def __init__(self, settings, port):
    self.settings = settings
    self.port = str(port)
    self.url = f"kafka://127.0.0.1:{port}"

  def service(self, side):
    if side == "c":
      return [str(BIN / "kafka_service"), self.port, GROUPS[side]]
    return [self.settings.peer, "serve", self.url, *PEER]

  def publish(self, side):
    seconds = str(self.settings.seconds)
    if side == "c":
      return [str(BIN / "kafka_load"), "publish", self.port, str(WINDOW), seconds]
    return [
      self.settings.peer, "bench", self.url, str(WINDOW), seconds, "--warmup", str(WARMUP), "--events", "--pattern",
      "user.seen"]

  def drain(self, side, work="consume"):
    pattern = HANDLERS["consume" if side == "c" else work]
    return [str(BIN / "kafka_load"), "drain", self.port, GROUPS[side], str(self.settings.kept), pattern]


def declare(peers):
  """The topics, and where our group begins: with what is written from now on. C's begins with the first record; had it been
  there before, Tansu would often give it no partitions when it comes again."""
  with service(peers.service("ours")):
    pass


# ---- one run


def run_publish(work, side, peers):
  process = subprocess.Popen(peers.publish(side), stdout=subprocess.PIPE, text=True)
  output = process.stdout.read()
  _, status, usage = os.wait4(process.pid, 0)
  process.returncode = os.waitstatus_to_exitcode(status)
  if process.returncode != 0:
    sys.exit(f"publish by {side} failed: {output}")
  result = json.loads(output)
  events = result["rate"] * (peers.settings.seconds + WARMUP)
  return result | {"cpu": (usage.ru_utime + usage.ru_stime) * 1e6 / events}


def run_consume(work, side, peers):
  """From the first commit to the last."""
  watching = subprocess.Popen(peers.drain(side, work), stdout=subprocess.PIPE, text=True)
  if watching.stdout.readline() != "filled\n":
    sys.exit("filling the topic failed")
  with service(peers.service(side)) as server:
    output, _ = watching.communicate()
    if watching.returncode != 0:
      sys.exit(f"draining by {side} failed: {output}")
    return json.loads(output) | {"cpu": server.cpu_seconds() * 1e6 / peers.settings.kept}


WORKS = {"publish": run_publish} | dict.fromkeys(HANDLERS, run_consume)


# ---- rounds


def run_rounds(settings, works):
  """All results by work, a pair for each round. Who is first alternates; each run has a broker of its own."""
  results = {work: [] for work in works}
  for number in range(settings.rounds):
    for work in works:
      pair = {}
      for side in SIDES if number % 2 == 0 else SIDES[::-1]:
        with broker() as port:
          peers = Peers(settings, port)
          declare(peers)
          pair[side] = WORKS[work](work, side, peers)
      results[work].append(pair)
      print(f"round {number + 1} {work}: {tell(pair)}", flush=True)
  return results


def tell(pair):
  sides = ", ".join(f"{side} {pair[side]['rate']:,.0f}/s cpu {pair[side]['cpu']:.1f} µs" for side in SIDES)
  return f"{sides}, ratio {ratio(pair):.2f}"


def ratio(pair):
  return pair["ours"]["rate"] / pair["c"]["rate"]


def summarize(results):
  rows = []
  for work, pairs in results.items():
    row = {"work": work, "floor": FLOORS.get(work, 0), "ratio": statistics.median(map(ratio, pairs))}
    row["cpu_ratio"] = statistics.median(pair["ours"]["cpu"] / pair["c"]["cpu"] for pair in pairs)
    for side in SIDES:
      row[f"{side}_rate"] = statistics.median(pair[side]["rate"] for pair in pairs)
    row["passed"] = row["ratio"] >= row["floor"]
    rows.append(row)
  return rows


def print_rows(rows):
  print(f"\n{'':16}{'C/s':>11}{'ours/s':>11}{'rate/C':>8}{'CPU/C':>7}  floor")
  for row in rows:
    print(f"{row['work']:16}{row['c_rate']:11,.0f}{row['ours_rate']:11,.0f}", end="")
    print(f"{row['ratio']:8.2f}{row['cpu_ratio']:7.2f}  {verdict(row)}")


def verdict(row):
  if not row["floor"]:
    return "none"
  return f"{row['floor']:g} {'PASS' if row['passed'] else 'FAIL'}"


def options():
  parser = argparse.ArgumentParser(description="Measures nest-peer over Kafka beside C with librdkafka.")
  parser.add_argument("--peer", default=str(ROOT / ".build" / "release" / "nest-peer"))
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--seconds", type=float, default=3)
  parser.add_argument("--kept", type=int, default=5_000_000, help="events that wait in the topic to be consumed")
  parser.add_argument("--only", action="append", choices=list(WORKS), help="one work; more than once, if you like")
  return parser.parse_args()


def main():
  settings = options()
  if not os.access(settings.peer, os.X_OK):
    sys.exit(f"no {settings.peer}: swift build -c release --product nest-peer, or give --peer PATH")
  if not TANSU.exists():
    sys.exit(f"no {TANSU}: Scripts/setup.sh --peers")
  build()
  results = run_rounds(settings, settings.only or list(WORKS))
  rows = summarize(results)
  print_rows(rows)
  (RESULTS / "kafka.json").write_text(json.dumps({"rows": rows, "rounds": results}, indent=2) + "\n")
  return 0 if all(row["passed"] for row in rows) else 1


if __name__ == "__main__":
  sys.exit(main())
