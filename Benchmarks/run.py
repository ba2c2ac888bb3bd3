#!/usr/bin/env python3
"""Measures nest-peer over TCP beside a plain C server, and tells whether the floors hold. See README.md.

usage: run.py [--peer .build/release/nest-peer] [--rounds 3] [--seconds 3] [--only GROUP]…

Groups: c, bytes, message, typed, pair, memory, allocations. The exit code is 1 when a floor is missed.
"""

import argparse
import contextlib
import json
import mmap
import os
import pathlib
import platform
import resource
import socket
import statistics
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "results"
BIN = RESULTS / "bin"
TICK = 1 / os.sysconf("SC_CLK_TCK")

# Connections, and requests in flight on each of them. The floors were taken with 256 in flight in all; 256 on each tells
# what there is to gain.
SHAPES = [(1, 64), (8, 32), (8, 256), (1, 1)]
WITHOUT_FLOOR = {(8, 256)}
PATTERNS = {"bytes": "echo", "message": "echo.message", "typed": "echo.typed"}
GROUPS = ["c", *PATTERNS, "pair", "memory", "allocations"]

# What the least share of the C rate, and the most of its latency, may be.
RATE_FLOORS = {"bytes": 0.40, "message": 0.25, "typed": 0.15, "pair": 0.115}
LATENCY_CEILINGS = {"bytes": 1.6, "message": 1.6, "typed": 1.6, "pair": 2.5}
IDLE_CONNECTIONS = 2_000
IDLE_BYTES_CEILING = 16 * 1024


# ---- programs


def build():
  BIN.mkdir(parents=True, exist_ok=True)
  for name in ("tcp_server", "tcp_load"):
    compile_c(name, name, [])
  compile_c("count_malloc", "count_malloc.so", ["-shared", "-fPIC"])


def compile_c(source, target, flags, libraries=()):
  command = ["gcc", "-O2", "-Wall", "-Wextra", *flags, "-o", str(BIN / target), str(HERE / "c" / f"{source}.c")]
  subprocess.run([*command, *libraries], check=True)


class Server:
  """A running server process: its port, and what it has used so far."""

  def __init__(self, command, environment=None):
    self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    self.pid = self.process.pid
    line = self.process.stdout.readline()
    if not line.startswith("listening"):
      self.stop()
      sys.exit(f"{command[0]} did not start")
    self.port = int(line.replace(":", " ").split()[-1])

  def stop(self):
    self.process.terminate()
    self.process.wait()

  def cpu_seconds(self):
    fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK

  def resident_bytes(self):
    lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


@contextlib.contextmanager
def c_server(environment=None):
  server = Server([str(BIN / "tcp_server"), "0"], environment)
  try:
    yield server
  finally:
    server.stop()


@contextlib.contextmanager
def our_server(peer, environment=None):
  server = Server([peer, "serve", "tcp://127.0.0.1:0"], environment)
  try:
    yield server
  finally:
    server.stop()


def c_load(server, pattern, connections, in_flight, settings):
  return [
    str(BIN / "tcp_load"), "127.0.0.1", str(server.port), str(connections), str(in_flight), str(settings.seconds),
    "--pattern", pattern, "--warmup", str(settings.warmup)]


def our_load(peer, server, connections, in_flight, settings):
  return [
    peer, "bench", f"tcp://127.0.0.1:{server.port}", str(connections * in_flight), str(settings.seconds),
    "--connections", str(connections), "--loops", str(min(2, connections)), "--pattern", "echo.message", "--warmup",
    str(settings.warmup)]


# ---- one run


def measure(server, command, settings, counter=None):
  """Runs a load generator and adds what each request cost the server, taken over the middle of the window."""
  load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
  time.sleep(settings.warmup + settings.seconds * 0.15)
  start = sample(server, counter)
  time.sleep(settings.seconds * 0.7)
  end = sample(server, counter)
  output, _ = load.communicate()
  if load.returncode != 0:
    sys.exit(f"{' '.join(command)} failed: {output}")
  result = json.loads(output)
  spent = [after - before for before, after in zip(start, end)]
  requests = result["rate"] * spent[0]
  result["cpu"] = spent[1] * 1e6 / requests
  result["allocations"] = spent[2] / requests
  return result


def sample(server, counter):
  return time.monotonic(), server.cpu_seconds(), counter() if counter else 0


# ---- rates and latencies


def run_rounds(settings, wanted):
  """All results by group and shape, one for each round. What is compared is measured in the same round."""
  results = {}
  with c_server() as yardstick, contextlib.ExitStack() as stack:
    ours = stack.enter_context(our_server(settings.peer)) if wanted & {*PATTERNS, "pair"} else None
    for number in range(settings.rounds):
      print(f"round {number + 1} of {settings.rounds}", file=sys.stderr)
      for shape in SHAPES:
        for group, server, command in commands(settings, wanted, yardstick, ours, shape):
          results.setdefault((group, shape), []).append(measure(server, command, settings))
  return results


def commands(settings, wanted, yardstick, ours, shape):
  yield "c", yardstick, c_load(yardstick, "echo", *shape, settings)
  for group, pattern in PATTERNS.items():
    if group in wanted:
      yield group, ours, c_load(ours, pattern, *shape, settings)
  if "pair" in wanted and shape != (1, 64):
    yield "pair", ours, our_load(settings.peer, ours, *shape, settings)


def summarize(results):
  """A row for each group and shape: medians over rounds, ratios to the C run of the same round."""
  return [row(group, shape, runs, results["c", shape]) for (group, shape), runs in results.items()]


def row(group, shape, runs, yardsticks):
  median = {key: statistics.median(run[key] for run in runs) for key in ("rate", "p50", "p99", "cpu")}
  summary = {"group": group, "connections": shape[0], "in_flight": shape[1], **median}
  pairs = list(zip(runs, yardsticks))
  summary["rate_ratio"] = statistics.median(run["rate"] / c["rate"] for run, c in pairs)
  summary["p50_ratio"] = statistics.median(run["p50"] / c["p50"] for run, c in pairs)
  summary.update(judge(group, shape, summary))
  return summary


def judge(group, shape, summary):
  """With one request in flight the latency is judged, otherwise the rate; C is not."""
  if group == "c" or shape in WITHOUT_FLOOR:
    return {"bound": "", "passed": None}
  if shape == (1, 1):
    ceiling = LATENCY_CEILINGS[group]
    return {"bound": f"p50 <= {ceiling:g}", "passed": summary["p50_ratio"] <= ceiling}
  floor = RATE_FLOORS[group]
  return {"bound": f"rate >= {floor:g}", "passed": summary["rate_ratio"] >= floor}


# ---- memory


def run_memory(settings):
  raise_file_limit()
  with our_server(settings.peer) as ours:
    ours_bytes = idle_bytes(ours)
  with c_server() as yardstick:
    c_bytes = idle_bytes(yardstick)
  return {
    "connections": IDLE_CONNECTIONS, "bytes_each": ours_bytes, "c_bytes_each": c_bytes,
    "bound": f"<= {IDLE_BYTES_CEILING}", "passed": ours_bytes <= IDLE_BYTES_CEILING}


def raise_file_limit():
  _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
  resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def idle_bytes(server):
  """What each idle connection adds to the resident memory, after it has been served once."""
  serve_once(server, 50)
  before = server.resident_bytes()
  with contextlib.ExitStack() as stack:
    for connection in serve_once(server, IDLE_CONNECTIONS):
      stack.callback(connection.close)
    return (server.resident_bytes() - before) / IDLE_CONNECTIONS


def serve_once(server, count):
  """Opens connections and has a request of each answered."""
  connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
  for connection in connections:
    connection.sendall(b'{"id":"1","kind":"send","pattern":"echo","payload":1}\n')
  for connection in connections:
    if b'"ok":true' not in connection.recv(4096):
      sys.exit("an idle connection was not served")
  return connections


# ---- allocations


def run_allocations(settings):
  """Allocations per request of each pattern, 1 connection with 64 in flight. A pass of its own: counting costs."""
  file = RESULTS / "allocations.bin"
  file.write_bytes(bytes(8))
  environment = {**os.environ, "LD_PRELOAD": str(BIN / "count_malloc.so"), "COUNT_MALLOC_FILE": str(file)}
  with open(file, "r+b") as opened, mmap.mmap(opened.fileno(), 8) as memory:
    with our_server(settings.peer, environment) as ours:
      return {group: allocations(ours, pattern, memory, settings) for group, pattern in PATTERNS.items()}


def allocations(server, pattern, memory, settings):
  command = c_load(server, pattern, 1, 64, settings)
  return measure(server, command, settings, lambda: struct.unpack("Q", memory[:8])[0])["allocations"]


# ---- the report


def print_rows(rows):
  print(f"\n{'':9}{'conn × in flight':>17}{'requests/s':>12}{'p50 µs':>10}{'p99 µs':>10}{'CPU µs':>8}", end="")
  print(f"{'rate/C':>8}{'p50/C':>7}  floor")
  for row in rows:
    shape = f"{row['connections']} × {row['in_flight']}"
    print(f"{row['group']:9}{shape:>17}{row['rate']:12,.0f}{row['p50']:10.1f}{row['p99']:10.1f}", end="")
    print(f" {row['cpu']:7.2f}{row['rate_ratio']:8.3f}{row['p50_ratio']:7.2f}  {row['bound']} {verdict(row)}".rstrip())


def verdict(judged):
  return "" if judged["passed"] is None else "PASS" if judged["passed"] else "FAIL"


def print_memory(memory):
  print(f"\nmemory: {memory['bytes_each']:,.0f} bytes for each of {memory['connections']:,} idle connections", end="")
  print(f" (C {memory['c_bytes_each']:,.0f}), {memory['bound']} {verdict(memory)}")


def print_allocations(counts):
  print("\nallocations per request: " + ", ".join(f"{group} {count:.2f}" for group, count in counts.items()))


def options():
  parser = argparse.ArgumentParser(description="Measures nest-peer over TCP beside a plain C server.")
  parser.add_argument("--peer", default=str(HERE.parent / ".build" / "release" / "nest-peer"))
  parser.add_argument("--rounds", type=int, default=3)
  parser.add_argument("--seconds", type=float, default=3)
  parser.add_argument("--warmup", type=float, default=0.5)
  parser.add_argument("--only", action="append", choices=GROUPS, help="one group; C is always measured with rates")
  return parser.parse_args()


def main():
  settings = options()
  wanted = set(settings.only or GROUPS)
  if wanted != {"c"} and not os.access(settings.peer, os.X_OK):
    sys.exit(f"no {settings.peer}: swift build -c release --product nest-peer, or give --peer PATH")
  build()
  report = {"machine": platform.machine(), "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
  if wanted & {"c", *PATTERNS, "pair"}:
    report["rows"] = summarize(run_rounds(settings, wanted))
    print_rows(report["rows"])
  if "memory" in wanted:
    report["memory"] = run_memory(settings)
    print_memory(report["memory"])
  if "allocations" in wanted:
    report["allocations"] = run_allocations(settings)
    print_allocations(report["allocations"])
  (RESULTS / "latest.json").write_text(json.dumps(report, indent=2) + "\n")
  judged = [*report.get("rows", []), *([report["memory"]] if "memory" in report else [])]
  return 1 if any(item["passed"] is False for item in judged) else 0


if __name__ == "__main__":
  sys.exit(main())
