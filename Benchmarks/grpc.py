#!/usr/bin/env python3
"""Measures nest-peer over gRPC beside plain C on nghttp2, and tells whether the floors hold. See README.md.

usage: grpc.py [--peer .build/release/nest-peer] [--rounds 3] [--seconds 3]

Needs gcc, libnghttp2-dev and h2load (nghttp2-client). The exit code is 1 when a floor is missed.
"""

import argparse
import contextlib
import json
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile

from run import BIN, RESULTS, Server, compile_c

# Connections, and calls under way on each.
SHAPES = [(1, 64), (8, 32), (1, 1)]
PATH = "/nestrs.microservices.Microservice/Send"
# The least share: of C's rate for the server under h2load, of h2load's for our client.
FLOORS = {"server": 0.6, "pair": 0.5}
WITHOUT_FLOOR = {(1, 1)}


def request():
  """SendRequest{pattern: "echo", payload_json: 100 bytes} as one gRPC message."""
  payload = b'{"text":"' + b"x" * 89 + b'"}'
  body = b"\x0a\x04echo\x12" + bytes([len(payload)]) + payload
  return b"\0" + struct.pack(">I", len(body)) + body


@contextlib.contextmanager
def service(command):
  server = Server(command)
  try:
    yield server
  finally:
    server.stop()


def h2load(server, connections, in_flight, settings, body):
  """Calls a second, each answered with 200 and a message: what was refused has no body."""
  command = [
    "h2load", "-c", str(connections), "-m", str(in_flight), "-D", str(settings.seconds), "--warm-up-time", "1", "-d",
    body, "-H", "content-type: application/grpc", "-H", "te: trailers", f"http://127.0.0.1:{server.port}{PATH}"]
  served = server.cpu_seconds()
  output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
  served = server.cpu_seconds() - served
  rate = float(re.search(r"([\d.]+) req/s", output).group(1))
  done, failed = (int(re.search(rf"(\d+) {word}", output).group(1)) for word in ("succeeded", "failed"))
  # The calls that are under way at the end are not answered.
  if failed > connections * in_flight or done == 0:
    sys.exit(f"h2load: {output}")
  return {"rate": rate, "cpu": served * 1e6 / (rate * (settings.seconds + 1))}


def bench(server, connections, in_flight, settings):
  command = [
    settings.peer, "bench", f"grpc://127.0.0.1:{server.port}", str(connections * in_flight), str(settings.seconds),
    "--connections", str(connections), "--loops", str(min(2, connections)), "--bytes", "--pattern", "echo", "--warmup",
    "1"]
  return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def round_of(shape, settings, body):
  with service([str(BIN / "grpc_server"), "0"]) as server:
    c = h2load(server, *shape, settings, body)
  with service([settings.peer, "serve", "grpc://127.0.0.1:0"]) as server:
    ours = h2load(server, *shape, settings, body)
    pair = bench(server, *shape, settings)
  return {
    "c": c["rate"], "ours": ours["rate"], "pair": pair["rate"], "cpu": ours["cpu"] / c["cpu"],
    "server share": ours["rate"] / c["rate"], "pair share": pair["rate"] / ours["rate"]}


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("--peer", default=".build/release/nest-peer")
  parser.add_argument("--rounds", type=int, default=3)
  parser.add_argument("--seconds", type=int, default=3)
  settings = parser.parse_args()
  BIN.mkdir(parents=True, exist_ok=True)
  compile_c("grpc_server", "grpc_server", [], ["-lnghttp2"])
  missed, results = [], {}
  print("| connections x calls | C/s | ours/s | ours/C | CPU/C | our client/s | client/h2load |\n|---|--:|--:|--:|--:|--:|--:|")
  with tempfile.NamedTemporaryFile() as file:
    file.write(request())
    file.flush()
    for shape in SHAPES:
      rounds = [round_of(shape, settings, file.name) for _ in range(settings.rounds)]
      median = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
      name = f"{shape[0]} x {shape[1]}"
      results[name] = median
      print(f"| {name} | {median['c']:,.0f} | {median['ours']:,.0f} | {median['server share']:.2f} | "
            f"{median['cpu']:.1f} | {median['pair']:,.0f} | {median['pair share']:.2f} |", flush=True)
      for what, floor in FLOORS.items():
        if shape not in WITHOUT_FLOOR and median[f"{what} share"] < floor:
          missed.append(f"{what}, {name}: {median[f'{what} share']:.2f}, the floor is {floor}")
  RESULTS.mkdir(parents=True, exist_ok=True)
  (RESULTS / "grpc.json").write_text(json.dumps(results, indent=2) + "\n")
  for line in missed:
    print(f"missed: {line}")
  sys.exit(1 if missed else 0)


if __name__ == "__main__":
  main()
