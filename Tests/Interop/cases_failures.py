"""Errors: their shape, and what they may tell."""

import time

from suite import case
from wire import equal, expect, request


@case("errors: a handler's message, code and details")
def handler_error(server):
  with server.connect() as connection:
    equal(connection.error("fail"), {"message": "not found", "code": "not_found", "details": {"code": "404"}})


@case("errors: an unexpected one tells nothing of itself")
def unexpected_error(server):
  with server.connect() as connection:
    error = connection.error("crash")
    equal(error.get("code"), "internal", "code")
    expect("crash" not in error["message"].lower(), f"its text came through: {error}")
    expect("details" not in error, f"it has details: {error}")


@case("errors: an unknown pattern")
def unknown_pattern(server):
  wanted = {"message": "no microservice handler for pattern `no.such`", "code": "no_handler"}
  with server.connect() as connection:
    equal(connection.error("no.such", "1"), wanted)
    equal(connection.error("user.created", "1")["code"], "no_handler", "an event's pattern as a request: code")
    equal(connection.error("")["code"], "no_handler", "an empty pattern: code")


@case("errors: a payload that cannot be decoded")
def undecodable(server):
  with server.connect() as connection:
    for pattern in ("echo.typed", "echo.message"):
      for payload in ('{"id":"x"}', "[]", "null", "7", '{"id":99999999999999999999}'):
        error = connection.error(pattern, payload)
        equal(error.get("code"), "invalid_message", f"{pattern} of {payload}: code")
        start = f"invalid payload for `{pattern}`: "
        expect(error["message"].startswith(start), f"message {error['message']!r}, wanted {start}…")


@case("errors: flaky fails as often as it is told")
def flaky(server):
  payload = f'{{"key":"raw-{time.monotonic_ns()}","failures":2}}'
  with server.connect() as connection:
    outcomes = [connection.call("flaky", payload)["ok"] for _ in range(3)]
    equal(outcomes, [False, False, True])


@case("deadlines: no time left is a timeout at once")
def no_time_left(server):
  with server.connect() as connection:
    error = connection.error("echo", "1", headers={"nest-timeout-ms": "0"})
    equal(error.get("code"), "timeout", "code")
    equal(connection.payload("echo", "1", headers={"nest-timeout-ms": "60000"}), "1")


@case("concurrency: a slow handler blocks nobody on its own connection")
def slow_handler(server):
  with server.connect() as connection:
    start = time.monotonic()
    connection.ask(request("slow", "slow", '{"ms":1500}'), request("quick", "echo", "1"))
    equal(connection.answer(), {"id": "quick", "ok": True, "payload": "1"}, "first came")
    expect(time.monotonic() - start < 1.2, "the quick one waited for the slow one")
    equal(connection.answer(), {"id": "slow", "ok": True, "payload": {"slept": "1500"}})


@case("concurrency: 100 slow handlers of one connection run side by side")
def slow_together(server):
  with server.connect() as connection:
    start = time.monotonic()
    connection.ask(*(request(str(n), "slow", '{"ms":300}') for n in range(100)))
    answers = connection.answers(100)
    equal(set(answers), {str(n) for n in range(100)})
    taken = time.monotonic() - start
    expect(taken < 10, f"they took {taken:.1f} s")
