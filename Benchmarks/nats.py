#!/usr/bin/env python3
"""Measures nest-peer over NATS beside the same work in C with cnats, and tells whether the floors hold. See README.md.

usage: nats.py [--peer .build/release/nest-peer] [--rounds 5] [--seconds 3] [--only WORK]…

Works: requests-1, requests-64, requests-512, reused-512, typed-64, events, publish, consume. Needs nats-server and libnats-dev. The
exit code is 1 when a floor is missed.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from run import BIN, HERE, RESULTS, Server, compile_c

# The least share of C's rate.
FLOORS = {
  "requests-1": 0.9, "requests-64": 0.9, "requests-512": 0.9, "reused-512": None, "typed-64": None, "events": 0.8,
  "publish": 0.9, "consume": 0.85}
SIDES = ("c", "ours")
STREAM = "BENCH"
WINDOW = 512
WARMUP = 0.5


# ---- programs


def build():
  BIN.mkdir(parents=True, exist_ok=True)
  for name in ("nats_service", "nats_load"):
    compile_c(name, name, [], ["-lnats", "-lpthread"])


@contextlib.contextmanager
def broker():
  """A server with nothing in it; its files go with it."""
  home = tempfile.mkdtemp(prefix="nest-nats-")
  with socket.socket() as finder:
    finder.bind(("127.0.0.1", 0))
    port = finder.getsockname()[1]
  config = pathlib.Path(home) / "nats.conf"
  config.write_text(f'host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: "{home}" }}\n')
  process = subprocess.Popen(["nats-server", "-c", str(config)], stderr=subprocess.DEVNULL)
  try:
    wait_for(port)
    yield f"nats://127.0.0.1:{port}"
  finally:
    process.terminate()
    process.wait()
    shutil.rmtree(home, ignore_errors=True)


def wait_for(port):
  deadline = time.monotonic() + 10
  while True:
    try:
      with socket.create_connection(("127.0.0.1", port)) as connection:
        if connection.recv(4) == b"INFO":
          return
    except OSError:
      pass
    if time.monotonic() > deadline:
      sys.exit("nats-server did not start")
    time.sleep(0.01)


@contextlib.contextmanager
def service(command):
  server = Server(command)
  try:
    yield server
  finally:
    server.stop()


class Peers:
  """The commands of both sides."""

  def __init__(self, settings, url):
    self.settings = settings
    self.url = url

  def service(self, side, stream=False):
    if side == "c":
      return [str(BIN / "nats_service"), self.url, *([STREAM] if stream else [])]
    stream = ["--stream", STREAM, "--from-beginning", "--max-in-flight", "500"] if stream else []
    return [self.settings.peer, "serve", self.url, *stream]

  def c_load(self, what, *arguments):
    return [str(BIN / "nats_load"), what, self.url, *map(str, arguments)]

  def requests(self, side, in_flight, payload):
    if side == "c":
      return self.c_load("reused" if payload == "reused" else "requests", in_flight, self.settings.seconds)
    payload = ["--pattern", "echo.message"] if payload == "typed" else ["--bytes", "--pattern", "echo"]
    return self.bench(in_flight, *payload)

  def publish(self, side):
    if side == "c":
      return self.c_load("publish", WINDOW, self.settings.seconds)
    return self.bench(WINDOW, "--events", "--pattern", "user.created", "--stream", STREAM)

  def bench(self, in_flight, *more):
    return [
      self.settings.peer, "bench", self.url, str(in_flight), str(self.settings.seconds), "--warmup", str(WARMUP), *more]


# ---- one run


def load(command, settings, server=None):
  """Runs a load generator. CPU: what a message cost the load generator and the service, in microseconds."""
  served = server.cpu_seconds() if server else 0
  process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
  output = process.stdout.read()
  _, status, usage = os.wait4(process.pid, 0)
  process.returncode = os.waitstatus_to_exitcode(status)
  if process.returncode != 0:
    sys.exit(f"{' '.join(command)} failed: {output}")
  result = json.loads(output)
  if server and "rate" in result:
    served = server.cpu_seconds() - served
  messages = result.get("counted") or result.get("rate", 0) * (settings.seconds + WARMUP)
  if messages:
    result["load_cpu"] = (usage.ru_utime + usage.ru_stime) * 1e6 / messages
    result["service_cpu"] = served * 1e6 / messages
  return result


def run_requests(side, in_flight, payload, settings, url):
  peers = Peers(settings, url)
  with service(peers.service(side)) as server:
    return load(peers.requests(side, in_flight, payload), settings, server)


def run_events(side, settings, url):
  """The publisher is the same program for both."""
  peers = Peers(settings, url)
  with service(peers.service(side)) as server:
    return load(peers.c_load("events", settings.seconds), settings, server)


def run_publish(side, settings, url):
  peers = Peers(settings, url)
  load(peers.c_load("stream", STREAM), settings)
  return load(peers.publish(side), settings)


def run_consume(side, settings, url):
  """What waits in the stream is the same for both."""
  peers = Peers(settings, url)
  load(peers.c_load("stream", STREAM), settings)
  load(peers.c_load("fill", settings.kept), settings)
  with service(peers.service(side, stream=True)) as server:
    return load(peers.c_load("drain", settings.kept), settings, server)


WORKS = {
  "requests-1": lambda side, *more: run_requests(side, 1, "bytes", *more),
  "requests-64": lambda side, *more: run_requests(side, 64, "bytes", *more),
  "requests-512": lambda side, *more: run_requests(side, 512, "bytes", *more),
  # C asks for its answers on the same subjects again and again, which no client may that wants its own.
  "reused-512": lambda side, *more: run_requests(side, 512, "reused", *more),
  "typed-64": lambda side, *more: run_requests(side, 64, "typed", *more),
  "events": run_events,
  "publish": run_publish,
  "consume": run_consume,
}


# ---- rounds


def run_rounds(settings, works):
  """All results by work, a pair for each round. Who is first alternates; each run has a broker of its own."""
  results = {work: [] for work in works}
  for number in range(settings.rounds):
    for work in works:
      pair = {}
      for side in SIDES if number % 2 == 0 else SIDES[::-1]:
        with broker() as url:
          pair[side] = WORKS[work](side, settings, url)
      results[work].append(pair)
      print(f"round {number + 1} {work}: {tell(pair)}", flush=True)
  return results


def tell(pair):
  sides = ", ".join(
    f"{side} {pair[side]['rate']:,.0f}/s cpu {pair[side]['load_cpu']:.1f} + {pair[side]['service_cpu']:.1f} µs"
    + (f" p50 {pair[side]['p50']:.0f} µs" if "p50" in pair[side] else "")
    for side in SIDES)
  return f"{sides}, ratio {ratio(pair):.2f}"


def ratio(pair):
  return pair["ours"]["rate"] / pair["c"]["rate"]


def cpu(work, result):
  """Of both ends; of the service alone where the other end is the same program for both sides."""
  return result["service_cpu"] + (0 if work in ("events", "consume") else result["load_cpu"])


def summarize(results):
  rows = []
  for work, pairs in results.items():
    row = {"work": work, "floor": FLOORS[work], "ratio": statistics.median(map(ratio, pairs))}
    row["cpu_ratio"] = statistics.median(cpu(work, pair["ours"]) / cpu(work, pair["c"]) for pair in pairs)
    for side in SIDES:
      row[f"{side}_rate"] = statistics.median(pair[side]["rate"] for pair in pairs)
    row["passed"] = None if row["floor"] is None else row["ratio"] >= row["floor"]
    rows.append(row)
  return rows


def print_rows(rows):
  print(f"\n{'':14}{'C/s':>11}{'ours/s':>11}{'rate/C':>8}{'CPU/C':>7}  floor")
  for row in rows:
    verdict = "" if row["passed"] is None else f"{row['floor']:g} {'PASS' if row['passed'] else 'FAIL'}"
    print(f"{row['work']:14}{row['c_rate']:11,.0f}{row['ours_rate']:11,.0f}", end="")
    print(f"{row['ratio']:8.2f}{row['cpu_ratio']:7.2f}  {verdict}".rstrip())


def options():
  parser = argparse.ArgumentParser(description="Measures nest-peer over NATS beside C with cnats.")
  parser.add_argument("--peer", default=str(HERE.parent / ".build" / "release" / "nest-peer"))
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--seconds", type=float, default=3)
  parser.add_argument("--kept", type=int, default=200_000, help="events that wait in the stream to be consumed")
  parser.add_argument("--only", action="append", choices=list(WORKS), help="one work; more than once, if you like")
  return parser.parse_args()


def main():
  settings = options()
  if not os.access(settings.peer, os.X_OK):
    sys.exit(f"no {settings.peer}: swift build -c release --product nest-peer, or give --peer PATH")
  build()
  results = run_rounds(settings, settings.only or list(WORKS))
  rows = summarize(results)
  print_rows(rows)
  (RESULTS / "nats.json").write_text(json.dumps({"rows": rows, "rounds": results}, indent=2) + "\n")
  return 1 if any(row["passed"] is False for row in rows) else 0


if __name__ == "__main__":
  sys.exit(main())
