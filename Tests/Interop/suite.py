"""Cases, the server they run against, and how they are reported."""

import json
import time

from wire import Connection, Failed, expect

CASES = []
MEGABYTE = 1 << 20


def case(name):
  """Makes a function a case; it is called with the `Server`."""

  def register(body):
    CASES.append((name, body))
    return body

  return register


class Skipped(Exception):
  """Why a case cannot run as things are."""


class Server:
  def __init__(self, host, port, pid=None, golden=None):
    self.place = (host, port)
    self.pid = pid
    self.golden_file = golden

  def connect(self, timeout=20.0):
    return Connection(self.place, timeout)

  def golden(self):
    if not self.golden_file:
      raise Skipped("no --golden FILE")
    with open(self.golden_file, encoding="utf-8") as file:
      return json.load(file)["examples"]

  def memory(self):
    """Resident bytes; 0 when the process is not known."""
    if not self.pid:
      return 0
    with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
      return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


class Watch:
  """Keeps asking on a connection of its own while something else goes on, and looks at the server's memory."""

  def __init__(self, server, limit=64 * MEGABYTE, patience=3.0):
    self.server, self.limit, self.patience = server, limit, patience
    self.bystander = server.connect()
    self.bystander.ping()
    self.before = server.memory()
    self.last = 0.0

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.bystander.socket.close()

  def look(self):
    """At most every 50 ms, so that it can stand in any loop."""
    if time.monotonic() - self.last < 0.05:
      return
    self.check()
    self.last = time.monotonic()

  def check(self):
    start = time.monotonic()
    self.bystander.ping()
    taken = time.monotonic() - start
    expect(taken < self.patience, f"another connection waited {taken:.1f} s for its answer")
    growth = self.server.memory() - self.before
    expect(growth < self.limit, f"the server grew by {growth // MEGABYTE} MB")


def run_case(server, body):
  """None when it passed, else why not. A case that leaves the server unable to serve has not passed."""
  try:
    body(server)
    with server.connect() as connection:
      connection.ping()
  except Failed as failure:
    return str(failure)
  except OSError as fault:
    return f"{type(fault).__name__}: {fault}"
  except (KeyError, TypeError, AttributeError, ValueError) as fault:
    return f"an answer of another shape: {type(fault).__name__}: {fault}"
  return None


def run(server, only=()):
  """Runs the cases whose names contain one of the words, and prints a line for each. The number of failures."""
  passed = failed = 0
  for name, body in CASES:
    if only and not any(word in name for word in only):
      continue
    try:
      fault = run_case(server, body)
    except Skipped as reason:
      print(f"SKIP {name}: {reason}", flush=True)
      continue
    print(f"FAIL {name}: {fault}" if fault else f"PASS {name}", flush=True)
    passed, failed = passed + (fault is None), failed + (fault is not None)
  print(f"{passed} passed, {failed} failed", flush=True)
  return failed if passed + failed else 1
