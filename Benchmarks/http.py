#!/usr/bin/env python3
"""Measures small JSON handlers through NestHTTP beside the same handlers written directly on Hummingbird. See README.md.

usage: http.py [--bench .build/release/http-bench] [--rounds 5] [--seconds 3] [--path /item]

Needs wrk. The exit code is 1 when the floor is missed.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = 1 / os.sysconf("SC_CLK_TCK")
RATE_FLOOR = 0.85


class Server:
  """A running server: its port, and the CPU time it has used."""

  def __init__(self, command):
    self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    self.port = int(self.process.stdout.readline().split()[1])

  def cpu(self):
    fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK

  def stop(self):
    self.process.terminate()
    return self.process.wait(timeout=20)


def load(server, path, seconds):
  before = server.cpu()
  output = subprocess.run(
    ["wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{server.port}{path}"],
    check=True, capture_output=True, text=True).stdout
  if "Non-2xx" in output or "Socket errors" in output:
    raise SystemExit(f"errors under load:\n{output}")
  requests = int(re.search(r"(\d+) requests in", output)[1])
  return {
    "rate": float(re.search(r"Requests/sec: +([\d.]+)", output)[1]),
    "p99": re.search(r"99% +(\S+)", output)[1],
    "cpu": (server.cpu() - before) * 1e6 / requests,
  }


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("--bench", default=str(ROOT / ".build/release/http-bench"))
  parser.add_argument("--rounds", type=int, default=5)
  parser.add_argument("--seconds", type=int, default=3)
  parser.add_argument("--path", default="/item")
  options = parser.parse_args()
  servers = {name: Server([options.bench, f"--{name}"]) for name in ("direct", "nest")}
  rounds = []
  try:
    for server in servers.values():
      load(server, options.path, 1)
    for number in range(options.rounds):
      order = list(servers) if number % 2 == 0 else list(servers)[::-1]
      results = {name: load(servers[name], options.path, options.seconds) for name in order}
      rounds.append(results)
      print(f"round {number + 1}: " + ", ".join(
        f"{name} {result['rate']:,.0f}/s p99 {result['p99']} cpu {result['cpu']:.1f} µs"
        for name, result in results.items()), flush=True)
  finally:
    statuses = [server.stop() for server in servers.values()]
  ratio = statistics.median(r["nest"]["rate"] / r["direct"]["rate"] for r in rounds)
  cpu = statistics.median(r["nest"]["cpu"] / r["direct"]["cpu"] for r in rounds)
  passed = ratio >= RATE_FLOOR
  print(f"{options.path}: {ratio:.2f} of Hummingbird's rate, {cpu:.2f} of its CPU time for a request; "
        f"floor {RATE_FLOOR} {'PASS' if passed else 'FAIL'}")
  if any(statuses):
    raise SystemExit(f"a server ended with {statuses}")
  raise SystemExit(0 if passed else 1)


if __name__ == "__main__":
  main()
