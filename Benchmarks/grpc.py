#!/usr/bin/env python3
"""Measures nest-peer over gRPC beside plain C on nghttp2 and beside grpc-swift-2, and tells whether the floors hold. See
README.md.

usage: grpc.py [--peer .build/release/nest-peer] [--grpc-swift PATH] [--rounds 3] [--seconds 3] [--shape 8x32]…
       grpc.py --check PORT     10,000 calls of a server that runs: every one must be answered

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

from run import BIN, HERE, RESULTS, Server, compile_c

# Connections, and calls under way on each.
SHAPES = [(1, 64), (8, 32), (1, 1)]
# The handlers: bytes pass through; Codable values are decoded and encoded, by what `@Message` writes or plainly.
PATTERNS = {"bytes": "echo", "message": "echo.message", "typed": "echo.typed"}
PATH = "/nestrs.microservices.Microservice/Send"
GRPC_SWIFT = HERE / "grpc-swift/.build/release/grpc-swift-server"
# The least: of C's rate for the server under h2load, of grpc-swift-2's, and of h2load's for our client.
FLOORS = {"server / C": 0.6, "server / grpc-swift": 3.0, "client / h2load": 0.5}
WITHOUT_FLOOR = {(1, 1)}
PREFIX = 5


def varint(value):
  return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value >= 0x80 else bytes([value])


def payload():
  """100 bytes, and what `nest-peer bench` sends."""
  value = {"id": 4711, "sku": "sku-123", "quantity": 3, "price": 19.99, "note": "", "tags": ["a", "b"]}
  value["note"] = "n" * (100 - len(json.dumps(value, separators=(",", ":"))))
  return json.dumps(value, separators=(",", ":")).encode()


def request(pattern):
  """SendRequest as one gRPC message."""
  name = pattern.encode()
  body = b"\x0a" + varint(len(name)) + name + b"\x12" + varint(len(payload())) + payload()
  return b"\0" + struct.pack(">I", len(body)) + body


def response_bytes():
  """The length of SendResponse{ok, payload_json} with its prefix."""
  return PREFIX + 2 + 1 + len(varint(len(payload()))) + len(payload())


@contextlib.contextmanager
def service(command):
  server = Server([str(part) for part in command])
  try:
    yield server
  finally:
    server.stop()


def h2load(port, pattern, *options):
  with tempfile.NamedTemporaryFile() as body:
    body.write(request(pattern))
    body.flush()
    command = [
      "h2load", *options, "-d", body.name, "-H", "content-type: application/grpc", "-H", "te: trailers",
      f"http://127.0.0.1:{port}{PATH}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def number(text, output):
  return float(re.search(text, output).group(1))


def check(port, pattern, calls=100, connections=1):
  """Every call is answered with the payload, and not with a status: that has no message."""
  output = h2load(port, pattern, "-n", str(calls), "-c", str(connections), "-m", "100")
  good = number(r"(\d+) succeeded", output), number(r"(\d+) 2xx", output), number(r"\((\d+)\) data", output)
  if good != (calls, calls, calls * response_bytes()):
    sys.exit(f"not all calls are answered: {output}")


def load(server, pattern, shape, settings):
  check(server.port, pattern)
  served = server.cpu_seconds()
  output = h2load(
    server.port, pattern, "-c", str(shape[0]), "-m", str(shape[1]), "-D", str(settings.seconds), "--warm-up-time", "1")
  served = server.cpu_seconds() - served
  rate = number(r"([\d.]+) req/s", output)
  # The calls that are under way at the end are not answered.
  if number(r"(\d+) failed", output) > shape[0] * shape[1] or number(r"(\d+) succeeded", output) == 0:
    sys.exit(f"h2load: {output}")
  return {"rate": rate, "cpu": served * 1e6 / (rate * (settings.seconds + 1))}


def bench(server, pattern, shape, settings):
  connections, in_flight = shape
  command = [
    settings.peer, "bench", f"grpc://127.0.0.1:{server.port}", str(connections * in_flight), str(settings.seconds),
    "--connections", str(connections), "--loops", str(min(2, connections)), "--pattern", PATTERNS[pattern], "--warmup",
    "1", *(["--bytes"] if pattern == "bytes" else [])]
  return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["rate"]


def round_of(shape, pattern, settings):
  name = PATTERNS[pattern]
  with service([BIN / "grpc_server", "0"]) as server:
    c = load(server, name, shape, settings)
  with service([settings.peer, "serve", "grpc://127.0.0.1:0"]) as server:
    ours = load(server, name, shape, settings)
    pair = bench(server, pattern, shape, settings)
  with service([settings.grpc_swift, "0"]) as server:
    swift = load(server, name, shape, settings)
  return {
    "C": c["rate"], "grpc-swift": swift["rate"], "server": ours["rate"], "client": pair,
    "server / C": ours["rate"] / c["rate"], "server / grpc-swift": ours["rate"] / swift["rate"],
    "client / h2load": pair / ours["rate"], "CPU": ours["cpu"], "CPU / C": ours["cpu"] / c["cpu"],
    "CPU / grpc-swift": ours["cpu"] / swift["cpu"]}


def show(name, median):
  rates = " | ".join(f"{median[key]:,.0f}" for key in ("C", "grpc-swift", "server", "client"))
  ratios = " | ".join(f"{median[key]:.2f}" for key in (*FLOORS, "CPU / C", "CPU / grpc-swift"))
  print(f"| {name} | {rates} | {ratios} |", flush=True)


def missed(name, median):
  for ratio, floor in FLOORS.items():
    if median[ratio] < floor:
      yield f"{ratio}, {name}: {median[ratio]:.2f}, the floor is {floor}"


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument("--peer", default=".build/release/nest-peer")
  parser.add_argument("--grpc-swift", default=GRPC_SWIFT, type=pathlib.Path)
  parser.add_argument("--rounds", type=int, default=3)
  parser.add_argument("--seconds", type=int, default=3)
  parser.add_argument("--shape", action="append", choices=[f"{connections}x{calls}" for connections, calls in SHAPES])
  parser.add_argument("--pattern", action="append", choices=list(PATTERNS))
  parser.add_argument("--check", metavar="PORT", type=int)
  settings = parser.parse_args()
  if settings.check:
    for pattern in PATTERNS.values():
      check(settings.check, pattern, calls=10_000, connections=4)
    return
  if not settings.grpc_swift.exists():
    sys.exit(f"{settings.grpc_swift} is missing: swift build -c release --package-path Benchmarks/grpc-swift")
  BIN.mkdir(parents=True, exist_ok=True)
  compile_c("grpc_server", "grpc_server", [], ["-lnghttp2"])
  failures, results = [], {}
  print("| | C/s | grpc-swift-2/s | our server/s | our client/s | server/C | server/grpc-swift | client/h2load | CPU/C "
        "| CPU/grpc-swift |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
  for shape in SHAPES:
    for pattern in PATTERNS:
      name = f"{shape[0]}x{shape[1]}"
      if name not in (settings.shape or [name]) or pattern not in (settings.pattern or [pattern]):
        continue
      name = f"{name} {pattern}"
      rounds = [round_of(shape, pattern, settings) for _ in range(settings.rounds)]
      results[name] = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
      show(name, results[name])
      if shape not in WITHOUT_FLOOR:
        failures += missed(name, results[name])
  RESULTS.mkdir(parents=True, exist_ok=True)
  (RESULTS / "grpc.json").write_text(json.dumps(results, indent=2) + "\n")
  for line in failures:
    print(f"missed: {line}")
  sys.exit(1 if failures else 0)


if __name__ == "__main__":
  main()
