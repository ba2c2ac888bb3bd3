"""Replies that come in parts."""

import json

from suite import case
from wire import equal, error_of, expect, request


def ask_stream(connection, id, count, credit):
  connection.ask(request(id, "count", f'{{"n":{count}}}', headers={"nest-stream": str(credit)}))


def control(connection, id, kind, **more):
  connection.ask(json.dumps({"id": id, "kind": kind, **more}).encode())


def item(id, number):
  return {"id": id, "ok": True, "payload": str(number), "more": True}


def expect_items(connection, id, numbers):
  for number in numbers:
    equal(connection.answer(), item(id, number))


def expect_end(connection, id):
  answer = connection.answer()
  expect(answer in ({"id": id, "ok": True}, {"id": id, "ok": True, "payload": None}), f"no end: {answer}")


@case("streams: items, then the end")
def whole_stream(server):
  with server.connect() as connection:
    for count in (0, 1, 3):
      ask_stream(connection, "s", count, credit=10)
      expect_items(connection, "s", range(1, count + 1))
      expect_end(connection, "s")
    connection.ping()


@case("streams: no more than was asked for; the rest on credit")
def credit(server):
  with server.connect() as connection:
    ask_stream(connection, "s", 8, credit=3)
    expect_items(connection, "s", range(1, 4))
    connection.ping()  # nothing comes between
    control(connection, "s", "credit", count=2)
    expect_items(connection, "s", range(4, 6))
    connection.ping()
    control(connection, "s", "credit", count=100)
    expect_items(connection, "s", range(6, 9))
    expect_end(connection, "s")


@case("streams: credit for exactly the items there are; the end is no item")
def exact_credit(server):
  with server.connect(timeout=5) as connection:
    ask_stream(connection, "s", 3, credit=3)
    expect_items(connection, "s", range(1, 4))
    expect_end(connection, "s")


@case("streams: one whose reader waits holds up nothing else")
def independent(server):
  with server.connect() as connection:
    ask_stream(connection, "waits", 1_000_000, credit=1)
    expect_items(connection, "waits", [1])
    ask_stream(connection, "runs", 500, credit=1_000)
    expect_items(connection, "runs", range(1, 501))
    expect_end(connection, "runs")
    connection.ping()
    control(connection, "waits", "cancel")
    connection.ping()


@case("streams: after cancel nothing more comes")
def cancel(server):
  with server.connect() as connection:
    ask_stream(connection, "s", 1_000_000, credit=5)
    expect_items(connection, "s", range(1, 6))
    control(connection, "s", "cancel")
    control(connection, "s", "credit", count=1_000)
    for _ in range(20):
      connection.ping()


@case("streams: credit and cancel for one that is none are ignored")
def stray_controls(server):
  with server.connect() as connection:
    control(connection, "none", "credit", count=5)
    control(connection, "none", "cancel")
    connection.ping()


@case("streams: unasked, the items come as an array")
def array(server):
  with server.connect() as connection:
    equal(connection.payload("count", '{"n":4}'), ["1", "2", "3", "4"])
    equal(connection.payload("count", '{"n":0}'), [])


@case("streams: unasked and too long is an error")
def too_long(server):
  with server.connect(timeout=60) as connection:
    error_of(connection.call("count", '{"n":50000000}'))
    connection.ping()


@case("streams: a plain handler answers once, a failing one with its error")
def plain_handlers(server):
  with server.connect() as connection:
    asked = {"headers": {"nest-stream": "5"}}
    equal(connection.call("echo", "7", **asked), {"ok": True, "payload": "7"})
    equal(connection.error("fail", **asked)["code"], "not_found", "code")
    equal(connection.error("no.such", **asked)["code"], "no_handler", "code")


@case("streams: 50 side by side on one connection")
def side_by_side(server):
  with server.connect() as connection:
    for n in range(50):
      ask_stream(connection, str(n), 20, credit=100)
    seen = {str(n): [] for n in range(50)}
    running = set(seen)
    while running:
      answer = connection.answer()
      if answer.get("more"):
        seen[answer["id"]].append(int(answer["payload"]))
      else:
        running.remove(answer["id"])
    equal(seen, {str(n): list(range(1, 21)) for n in range(50)})


@case("streams: a peer that goes away leaves no trouble behind")
def gone(server):
  for _ in range(20):
    connection = server.connect()
    ask_stream(connection, "s", 1_000_000_000, credit=2)
    expect_items(connection, "s", [1, 2])
    connection.reset()
