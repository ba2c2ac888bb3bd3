#!/usr/bin/env python3
"""Measures nest-peer over RabbitMQ beside the same work in C with librabbitmq, and tells whether the floors hold. See
README.md.

usage: rabbitmq.py [--peer .build/release/nest-peer] [--rounds 5] [--seconds 3] [--classic] [--only WORK]…

Works: requests-1, requests-64, requests-512, publish, consume. Needs rabbitmq-server and librabbitmq-dev. The exit code
is 1 when a floor is missed.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from run import BIN, HERE, RESULTS, Server, compile_c

# The least share of C's rate.
FLOORS = {"requests-1": None, "requests-64": 0.9, "requests-512": None, "publish": 0.95, "consume": 0.9}
SIDES = ("c", "ours")
WINDOW = 512
PREFETCH = 500
WARMUP = 0.5


# ---- programs


def build():
  BIN.mkdir(parents=True, exist_ok=True)
  for name in ("rabbit_service", "rabbit_load"):
    compile_c(name, name, [], ["-lrabbitmq"])


def free_port():
  with socket.socket() as finder:
    finder.bind(("127.0.0.1", 0))
    return finder.getsockname()[1]


@contextlib.contextmanager
def broker():
  """A server with nothing in it, and the port mapper it needs; its files go with it."""
  home = tempfile.mkdtemp(prefix="nest-rabbitmq-")
  port, distribution, mapper_port = free_port(), free_port(), free_port()
  files = {
    "rabbitmq.conf": f"listeners.tcp.1 = 127.0.0.1:{port}\nlog.file = false\nlog.console = true\n"
                     "log.console.level = warning\ncollect_statistics_interval = 60000\n",
    "env.conf": "", "plugins": "[].\n"}
  for name, text in files.items():
    pathlib.Path(home, name).write_text(text)
  environment = os.environ | {
    "HOME": home, "RUNNING_UNDER_SYSTEMD": "1", "ERL_EPMD_PORT": str(mapper_port),
    "RABBITMQ_NODENAME": f"bench{port}@localhost", "RABBITMQ_DIST_PORT": str(distribution),
    "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf", "RABBITMQ_CONF_ENV_FILE": f"{home}/env.conf",
    "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins", "RABBITMQ_MNESIA_BASE": f"{home}/data",
    "RABBITMQ_LOG_BASE": f"{home}/log"}
  quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
  mapper = subprocess.Popen(["epmd", "-port", str(mapper_port), "-address", "127.0.0.1"], **quiet)
  process = subprocess.Popen(["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment, **quiet)
  try:
    wait_for(port)
    yield port
  finally:
    for each in (process, mapper):
      each.send_signal(signal.SIGKILL)
      each.wait()
    shutil.rmtree(home, ignore_errors=True)


def wait_for(port):
  deadline = time.monotonic() + 120
  while True:
    try:
      with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"AMQP\0\0\x09\x01")
        if connection.recv(1):
          return
    except OSError:
      pass
    if time.monotonic() > deadline:
      sys.exit("rabbitmq-server did not start")
    time.sleep(0.1)


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
    self.port = port
    self.url = f"amqp://127.0.0.1:{port}"
    self.kind = ["--classic"] if settings.classic else []

  def service(self, side, work, prefetch):
    if side == "c":
      return [str(BIN / "rabbit_service"), str(self.port), work, str(prefetch)]
    return [self.settings.peer, "serve", self.url, *self.kind, "--max-in-flight", str(prefetch)]

  def c_load(self, what, *arguments):
    return [str(BIN / "rabbit_load"), what, str(self.port), *map(str, arguments)]

  def requests(self, side, in_flight):
    if side == "c":
      return self.c_load("requests", in_flight, self.settings.seconds)
    return self.bench(in_flight, "--bytes", "--pattern", "echo")

  def publish(self, side):
    if side == "c":
      return self.c_load("publish", WINDOW, self.settings.seconds)
    return self.bench(WINDOW, "--events", "--pattern", "user.created")

  def bench(self, in_flight, *more):
    return [
      self.settings.peer, "bench", self.url, *self.kind, str(in_flight), str(self.settings.seconds), "--warmup",
      str(WARMUP), *more]


def declare(peers):
  """Queues with the same arguments for both sides: the service's own."""
  with service(peers.service("ours", "", PREFETCH)):
    pass


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


def run_requests(side, in_flight, settings, peers):
  with service(peers.service(side, "requests", PREFETCH)) as server:
    return load(peers.requests(side, in_flight), settings, server)


def run_publish(side, settings, peers):
  return load(peers.publish(side), settings)


def run_consume(side, settings, peers):
  """What waits in the queue is the same for both."""
  load(peers.c_load("fill", settings.kept), settings)
  watching = subprocess.Popen(peers.c_load("drain", settings.kept), stdout=subprocess.PIPE, text=True)
  with service(peers.service(side, "events", PREFETCH)) as server:
    output, _ = watching.communicate()
    if watching.returncode != 0:
      sys.exit(f"drain failed: {output}")
    result = json.loads(output)
    result |= {"load_cpu": 0, "service_cpu": server.cpu_seconds() * 1e6 / settings.kept}
    return result


WORKS = {
  "requests-1": lambda side, *more: run_requests(side, 1, *more),
  "requests-64": lambda side, *more: run_requests(side, 64, *more),
  "requests-512": lambda side, *more: run_requests(side, 512, *more),
  "publish": run_publish,
  "consume": run_consume,
}


# ---- rounds


def run_rounds(settings, works):
  """All results by work, a pair for each round. Who is first alternates; each round has a broker of its own."""
  results = {work: [] for work in works}
  for number in range(settings.rounds):
    with broker() as port:
      peers = Peers(settings, port)
      declare(peers)
      for work in works:
        pair = {}
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
          load(peers.c_load("clear"), settings)
          pair[side] = WORKS[work](side, settings, peers)
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


def cpu(result):
  """Of both ends."""
  return result["service_cpu"] + result["load_cpu"]


def summarize(results):
  rows = []
  for work, pairs in results.items():
    row = {"work": work, "floor": FLOORS[work], "ratio": statistics.median(map(ratio, pairs))}
    row["cpu_ratio"] = statistics.median(cpu(pair["ours"]) / cpu(pair["c"]) for pair in pairs)
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
  parser = argparse.ArgumentParser(description="Measures nest-peer over RabbitMQ beside C with librabbitmq.")
  parser.add_argument("--peer", default=str(HERE.parent / ".build" / "release" / "nest-peer"))
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--seconds", type=float, default=3)
  parser.add_argument("--kept", type=int, default=60_000, help="events that wait in the queue to be consumed")
  parser.add_argument("--classic", action="store_true", help="classic queues instead of quorum queues")
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
  (RESULTS / "rabbitmq.json").write_text(json.dumps({"rows": rows, "rounds": results}, indent=2) + "\n")
  return 1 if any(row["passed"] is False for row in rows) else 0


if __name__ == "__main__":
  sys.exit(main())
