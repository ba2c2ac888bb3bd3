"""Payloads come back as they went in; handlers of every shape answer."""

import json
import time

from suite import case
from wire import equal, event, expect, parse, request

NUMBERS = [
  "0", "-0", "1", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
  "1.10", "1e400", "-1E-400", "0.1e+1", "123456789012345678901234567890", "3.141592653589793238462643",
]
VALUES = [
  "null", "true", "false", '""', '"text"', "[]", "{}", '[1,"a",null,true,{"b":[]}]', '{"a":{"b":{"c":[1,2,3]}}}',
  '"ž 🐎 \\u00e9 \\ud83d\\ude00"', '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f"', '{"":0,"a b":1,"\\u0041":2}',
  '[ 1 , 2 ]', '{ "a" : 1 }',
]
TYPED = '{"id":4711,"sku":"sku-123","quantity":3,"price":19.99,"note":"a \\"note\\" ž","tags":["a","b"]}'


@case("echo: every kind of value")
def echo_values(server):
  with server.connect() as connection:
    for value in VALUES:
      equal(connection.payload("echo", value), parse(value), f"echo of {value} gave")


@case("echo: numbers keep their digits")
def echo_numbers(server):
  with server.connect() as connection:
    for number in NUMBERS:
      equal(connection.payload("echo", number), number, "echo gave")
      equal(connection.payload("echo", f'{{"n":[{number}]}}'), {"n": [number]}, "echo gave")


@case("echo: nested 100 deep")
def echo_nested(server):
  deep = "[" * 100 + "]" * 100
  with server.connect() as connection:
    equal(connection.payload("echo", deep), parse(deep))


@case("echo: a megabyte")
def echo_megabyte(server):
  text = "m" * (1 << 20)
  with server.connect() as connection:
    expect(connection.payload("echo", f'"{text}"') == text, "it came back changed")


@case("echo: 7 MiB, just under the limit of a line")
def echo_large(server):
  text = "m" * (7 << 20)
  with server.connect(timeout=60) as connection:
    expect(connection.payload("echo", f'"{text}"') == text, "it came back changed")


@case("handlers: a typed payload comes back equal")
def typed(server):
  with server.connect() as connection:
    for pattern in ("echo.typed", "echo.message"):
      # Digits are the handler's to choose here: 19.99 is a Double.
      equal(as_values(connection.payload(pattern, TYPED)), as_values(parse(TYPED)), f"{pattern} gave")


def as_values(payload):
  return {**payload, "id": int(payload["id"]), "quantity": int(payload["quantity"]), "price": float(payload["price"])}


@case("handlers: math.sum, null, whoami")
def small_handlers(server):
  with server.connect() as connection:
    equal(float(connection.payload("math.sum", "[1,2,3.5]")), 6.5)
    equal(connection.payload("null", "null"), None)
    name = connection.payload("whoami")
    expect(isinstance(name, str) and name, f"whoami gave {name!r}")
    equal(connection.payload("whoami"), name)


@case("headers: the handler sees them")
def headers(server):
  sent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x-text": 'ž "quoted"\n'}
  with server.connect() as connection:
    seen = connection.payload("headers", headers=sent)
    equal({name: seen.get(name) for name in sent}, sent)
    equal(connection.payload("headers"), {})


@case("events: not answered, and handled")
def events(server):
  with server.connect() as connection:
    before = int(connection.payload("events.count")["count"])
    connection.ask(*(event(f"e{n}", "user.created", json.dumps({"n": n})) for n in range(10)))
    deadline = time.monotonic() + 5
    while int(connection.payload("events.count")["count"]) < before + 10 and time.monotonic() < deadline:
      pass
    equal(int(connection.payload("events.count")["count"]), before + 10)


@case("events: one that nobody handles is not answered")
def unknown_event(server):
  with server.connect() as connection:
    connection.ask(event("e", "nobody.listens", "1"))
    connection.ping()


@case("golden: the examples of revision 1")
def golden(server):
  examples = server.golden()
  with server.connect() as connection:
    for name, example in examples.items():
      equal(connection.payload("echo", json.dumps(example)), parse(json.dumps(example)), f"{name}: echo gave")
    golden_requests(connection, examples)
    golden_responses(connection, examples)


def golden_requests(connection, examples):
  for name in ("wire_request_send", "wire_request_with_reply"):
    example = {**examples[name], "id": name, "pattern": "echo"}
    connection.ask(json.dumps(example).encode())
    equal(connection.answer(), parse(json.dumps({"id": name, "ok": True, "payload": example["payload"]})))
  connection.ask(json.dumps({**examples["wire_request_emit"], "id": "emit"}).encode())
  connection.ping()


def golden_responses(connection, examples):
  result = json.dumps(examples["wire_response_ok"]["payload"])
  equal(connection.call("echo", result), examples["wire_response_ok"])
  failure = connection.call("fail")
  expect(failure["error"].pop("code", None), "fail has no code")
  equal(failure, parse(json.dumps(examples["wire_response_error"])))


@case("revision 1 clients: a connection for each call")
def connection_per_call(server):
  for n in range(200):
    with server.connect() as connection:
      connection.write(request("1", "echo", str(n)) + b"\n")
      equal(connection.answer(), {"id": "1", "ok": True, "payload": str(n)})
