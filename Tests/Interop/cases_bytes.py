"""How the bytes may arrive: in pieces, in heaps, and with an end."""

import random

from suite import case
from wire import equal, malformed, request


@case("packets: one byte at a time")
def byte_by_byte(server):
  with server.connect() as connection:
    for byte in request("a", "echo", '{"a":"\\u00e9 ž"}') + b"\n":
      connection.write(bytes([byte]))
    equal(connection.answer(), {"id": "a", "ok": True, "payload": {"a": "é ž"}})


@case("packets: split at every position")
def split_everywhere(server):
  line = request("a", "echo", '["ž",1.10]') + b"\r\n"
  with server.connect() as connection, server.connect() as other:
    for at in range(1, len(line)):
      connection.write(line[:at])
      other.ping()  # by the time it is answered, the server has seen the first part alone
      connection.write(line[at:])
      equal(connection.answer(), {"id": "a", "ok": True, "payload": ["ž", "1.10"]}, f"split at {at}: got")


@case("packets: two requests in one")
def two_in_one(server):
  with server.connect() as connection:
    connection.ask(request("a", "echo", "1"), request("b", "echo", "2"))
    answers = connection.answers(2)
    equal(answers, {"a": {"ok": True, "payload": "1"}, "b": {"ok": True, "payload": "2"}})


@case("packets: one and a half, then the rest")
def one_and_a_half(server):
  first, second = request("a", "echo", "1") + b"\n", request("b", "echo", "2") + b"\n"
  with server.connect() as connection:
    connection.write(first + second[:20])
    equal(connection.answer(), {"id": "a", "ok": True, "payload": "1"})
    connection.write(second[20:])
    equal(connection.answer(), {"id": "b", "ok": True, "payload": "2"})


@case("packets: a malformed line between two good ones")
def malformed_between(server):
  with server.connect() as connection:
    connection.ask(request("a", "echo", "1"), b"nonsense", request("b", "echo", "2"))
    answers = connection.answers(3)
    equal(answers.pop("a"), {"ok": True, "payload": "1"})
    equal(answers.pop("b"), {"ok": True, "payload": "2"})
    malformed({"id": "0", **answers.pop("0")}, "0")


def in_flight(server, count):
  with server.connect() as connection:
    connection.ask(*(request(str(n), "echo", str(n)) for n in range(count)))
    answers = connection.answers(count)
    equal(answers, {str(n): {"ok": True, "payload": str(n)} for n in range(count)})
    connection.ping()


@case("in flight: 100 on one connection")
def hundred(server):
  in_flight(server, 100)


@case("in flight: 1,000 on one connection")
def thousand(server):
  in_flight(server, 1_000)


@case("in flight: 1,000 of every kind, answers in any order")
def mixed(server):
  kinds = [("echo", "7"), ("slow", '{"ms":20}'), ("fail", "null"), ("no.such", "1"), ("math.sum", "[1,2]")]
  asked = {str(n): kinds[n % len(kinds)] for n in range(1_000)}
  with server.connect() as connection:
    connection.ask(*(request(id, pattern, payload) for id, (pattern, payload) in asked.items()))
    answers = connection.answers(1_000)
    for id, (pattern, _) in asked.items():
      equal(answers[id]["ok"], pattern not in ("fail", "no.such"), f"{pattern} was answered")


@case("in flight: 16 connections, pieces of random size")
def random_pieces(server):
  dice = random.Random(11)
  connections = [server.connect() for _ in range(16)]
  data = b"".join(request(str(n), "echo", f'"{"p" * dice.randrange(400)}"') + b"\n" for n in range(100))
  positions = [0] * len(connections)
  while any(at < len(data) for at in positions):
    index = dice.randrange(len(connections))
    size = dice.randrange(1, 2_000)
    connections[index].write(data[positions[index] : positions[index] + size])
    positions[index] += size
  for connection in connections:
    equal(set(connection.answers(100)), {str(n) for n in range(100)})
    connection.socket.close()


@case("half-close: a last line without its end counts")
def half_close(server):
  with server.connect() as connection:
    connection.write(request("a", "echo", "1") + b"\n" + request("b", "echo", "2"))
    connection.finish()
    equal(connection.answers(2), {"a": {"ok": True, "payload": "1"}, "b": {"ok": True, "payload": "2"}})
    connection.ended()


@case("half-close: what is still running is answered")
def half_close_slow(server):
  with server.connect() as connection:
    connection.write(request("a", "slow", '{"ms":300}'))
    connection.finish()
    equal(connection.answer(), {"id": "a", "ok": True, "payload": {"slept": "300"}})
    connection.ended()


@case("half-close: a last line that is no request is answered")
def half_close_malformed(server):
  with server.connect() as connection:
    connection.write(b'{"id":"7","kind":"se')
    connection.finish()
    malformed(connection.answer(), "7")
    connection.ended()


@case("half-close: nothing said, nothing answered")
def half_close_silent(server):
  with server.connect() as connection:
    connection.finish()
    connection.ended()


@case("half-close: many answers are all written before the end")
def half_close_many(server):
  payload = f'"{"p" * 1_000}"'
  with server.connect() as connection:
    connection.write(b"\n".join(request(str(n), "echo", payload) for n in range(2_000)))
    connection.finish()
    equal(len(connection.answers(2_000)), 2_000)
    connection.ended()
