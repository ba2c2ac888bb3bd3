"""Peers that mean harm, or are merely broken: they cost themselves their connection, and nobody else anything."""

import json
import os

from suite import MEGABYTE, Watch, case
from wire import equal, error_of, expect, request


def answered_and_closed(connection, *ids):
  """What has come is one error under one of the ids, and then the end."""
  answer = connection.answer()
  id = answer.pop("id", None)
  expect(id in ids, f"answered under {id!r}")
  error_of(answer)
  connection.ended()


@case("limits: 64 MB without a newline")
def no_newline(server):
  with Watch(server) as watch, server.connect() as connection:
    connection.flood(b"x" * (1 << 16), 64 * MEGABYTE, watch.look)
    answered_and_closed(connection, "0")
    watch.check()


@case("limits: 64 MB inside one string of a request")
def endless_string(server):
  with Watch(server) as watch, server.connect() as connection:
    connection.write(b'{"id":"7","kind":"send","pattern":"echo","payload":"')
    connection.flood(b"x" * (1 << 16), 64 * MEGABYTE, watch.look)
    answered_and_closed(connection, "7", "0")
    watch.check()


@case("limits: a line over the limit that has an end")
def long_line(server):
  with Watch(server) as watch, server.connect() as connection:
    line = request("7", "echo", f'"{"x" * (9 * MEGABYTE)}"') + b"\n"
    connection.flood(line, len(line), watch.look)
    answered_and_closed(connection, "7", "0")
    watch.check()


@case("slow reader: a peer that never reads its answers")
def never_reads(server):
  block = b"".join(request(str(n), "echo", f'"{"p" * 1_000}"') + b"\n" for n in range(64))
  with Watch(server) as watch, server.connect() as connection:
    connection.stuff(block, 64 * MEGABYTE, watch.look)
    watch.check()


@case("slow reader: 20 of them with large answers")
def many_never_read(server):
  block = request("1", "echo", f'"{"p" * 200_000}"') + b"\n"
  with Watch(server, limit=192 * MEGABYTE) as watch:
    connections = [server.connect() for _ in range(20)]
    for connection in connections:
      connection.socket.setblocking(False)
    for _ in range(200):
      for connection in connections:
        connection.send_some(block)
      watch.look()
    watch.check()
    for connection in connections:
      connection.reset()


@case("slow reader: one that reads in the end gets everything")
def reads_late(server):
  data = b"".join(request(str(n), "echo", f'"{"p" * 2_000}"') + b"\n" for n in range(3_000))
  with Watch(server) as watch, server.connect() as connection:
    written = connection.stuff(data, len(data), watch.look)
    expect(not connection.flood(data[written:] or b"\n", len(data) - written, watch.look), "the server closed")
    equal(set(connection.answers(3_000)), {str(n) for n in range(3_000)})


@case("many connections: 2,000 idle ones while others are served")
def idle(server):
  with Watch(server) as watch:
    connections = [server.connect() for _ in range(2_000)]
    for _ in range(200):
      watch.check()
    for connection in connections:
      connection.ping()
    watch.check()
    for connection in connections:
      connection.socket.close()


@case("many connections: 500 that have begun a line and do not go on")
def half_lines(server):
  with Watch(server) as watch:
    connections = [server.connect() for _ in range(500)]
    for connection in connections:
      connection.write(b'{"id":"1","kind":"send","pattern":"echo","payl')
    for _ in range(50):
      watch.check()
    for connection in connections:
      connection.write(b'oad":1}\n')
    for connection in connections:
      equal(connection.answer(), {"id": "1", "ok": True, "payload": "1"})
      connection.socket.close()


@case("resets: in the middle of a line, and with requests running")
def resets(server):
  with Watch(server) as watch:
    for _ in range(50):
      connection = server.connect()
      connection.write(b'{"id":"1","kind":"send","pattern":"ec')
      connection.reset()
      connection = server.connect()
      connection.ask(request("1", "slow", '{"ms":1000}'), request("2", "echo", "1"))
      connection.reset()
      connection = server.connect()
      connection.ask(*(request(str(n), "echo", f'"{"p" * 500}"') for n in range(200)))
      connection.reset()
    watch.check()


GARBAGE = {
  "a TLS hello": bytes.fromhex("16030100c8010000c40303") + bytes(range(200)),
  "an HTTP request": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
  "zeros": bytes(10_000),
  "newlines": b"\n" * 1_000,
  "quotes": b'"' * 1_000 + b"\n",
  "backslashes": b'{"id":"' + b"\\" * 1_001 + b"\n",
  "brackets": b"[" * 100_000 + b"\n",
  "a UTF-16 request": request("1", "echo").decode().encode("utf-16"),
  "an SSH greeting": b"SSH-2.0-OpenSSH_9.2\r\n",
}


@case("garbage: answered with errors or not at all")
def garbage(server):
  with Watch(server) as watch:
    for name, data in GARBAGE.items():
      refused(server, name, data)
    for _ in range(20):
      refused(server, "random bytes", os.urandom(20_000))
    watch.check()


def refused(server, name, data):
  with server.connect() as connection:
    connection.flood(data, len(data), lambda: None)
    try:
      connection.finish()
    except OSError:
      pass  # it has closed already, which is its right
    while (line := connection.line()) is not None:
      expect(json.loads(line).get("ok") is False, f"{name}: was answered {line[:200]!r}")
