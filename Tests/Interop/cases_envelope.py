"""How an envelope may be written, and what is none."""

import itertools

from suite import case
from wire import equal, error_of, expect, malformed, request

GOOD = {"id": '"a"', "kind": '"send"', "pattern": '"echo"', "payload": "7"}
ANSWER = {"id": "a", "ok": True, "payload": "7"}


def envelope(fields):
  return ("{" + ",".join(f'"{name}":{value}' for name, value in fields) + "}").encode()


@case("envelope: fields in any order")
def any_order(server):
  with server.connect() as connection:
    for fields in itertools.permutations(GOOD.items()):
      connection.ask(envelope(fields))
      equal(connection.answer(), ANSWER)


@case("envelope: unknown fields are ignored")
def unknown_fields(server):
  unknown = {"x": '{"id":"b","kind":[{}]}', "Id": "1", "trace": '"\\"}"', "y": "null"}
  with server.connect() as connection:
    connection.ask(envelope([*unknown.items(), *GOOD.items()]))
    equal(connection.answer(), ANSWER)
    connection.ask(envelope([*GOOD.items(), *unknown.items()]))
    equal(connection.answer(), ANSWER)


@case("envelope: white space anywhere, and CRLF")
def white_space(server):
  spaced = b' \t{ "id" : "a" ,\t"kind":"send" , "pattern" :\t"echo", "payload" : 7 }\t '
  with server.connect() as connection:
    for line in (spaced, spaced + b"\r", envelope(GOOD.items()) + b"\r"):
      connection.ask(line)
      equal(connection.answer(), ANSWER)


@case("envelope: null for an optional field reads as absent")
def null_fields(server):
  with server.connect() as connection:
    connection.ask(envelope([*GOOD.items(), ("reply", "null"), ("correlation_id", "null"), ("headers", "null")]))
    equal(connection.answer(), ANSWER)


@case("envelope: escapes in a pattern are decoded")
def escaped_pattern(server):
  with server.connect() as connection:
    for pattern in (r'"\u0065cho"', r'"\u0065\u0063\u0068\u006F"'):
      connection.ask(envelope({**GOOD, "pattern": pattern}.items()))
      equal(connection.answer(), ANSWER)
    for pattern in (r'"no.\ud83d\udc0e"', '"no.🐎"'):
      connection.ask(envelope({**GOOD, "pattern": pattern}.items()))
      answer = connection.answer()
      equal(answer.pop("id"), "a")
      equal(error_of(answer)["message"], "no microservice handler for pattern `no.🐎`")


@case("envelope: an id of any text comes back as it was")
def any_id(server):
  with server.connect() as connection:
    for id in ("", "0", "ž🐎", 'a"b\\c', "x" * 1_000, "line\nbreak", "é"):
      equal(connection.call("echo", "1", id=id), {"ok": True, "payload": "1"})


NO_ENVELOPES = [
  b"", b" ", b"\r", b"not json", b"[]", b"1", b'"text"', b"null", b"{", b"}", b"{}", b'{"id"', b'{"id":', b"{,}",
  b"\x00", b"\xef\xbb\xbf{}", b'{"kind":"send","pattern":"echo","payload":1}',
]


@case("malformed: answered under 0, and the connection stays usable")
def malformed_lines(server):
  with server.connect() as connection:
    for line in NO_ENVELOPES:
      connection.ask(line)
      malformed(connection.answer(), "0")
      connection.ping()


BAD_RESTS = {
  "no payload": b'{"id":"7","kind":"send","pattern":"echo"}',
  "no pattern": b'{"id":"7","kind":"send","payload":1}',
  "no kind": b'{"id":"7","pattern":"echo","payload":1}',
  "unknown kind": b'{"id":"7","kind":"ask","pattern":"echo","payload":1}',
  "kind in capitals": b'{"id":"7","kind":"SEND","pattern":"echo","payload":1}',
  "pattern a number": b'{"id":"7","kind":"send","pattern":5,"payload":1}',
  "pattern null": b'{"id":"7","kind":"send","pattern":null,"payload":1}',
  "empty value": b'{"id":"7","kind":"send","pattern":"echo","payload":}',
  "cut short": b'{"id":"7","kind":"send","pattern":"echo","payload":[1,',
  "text behind": b'{"id":"7","kind":"send","pattern":"echo","payload":1} x',
  "two objects": b'{"id":"7","kind":"send","pattern":"echo","payload":1}{}',
  "comma at the end": b'{"id":"7","kind":"send","pattern":"echo","payload":1,}',
  "leading zero": b'{"id":"7","kind":"send","pattern":"echo","payload":01}',
  "NaN": b'{"id":"7","kind":"send","pattern":"echo","payload":NaN}',
  "unclosed string": b'{"id":"7","kind":"send","pattern":"echo","payload":"a}',
  "bad escape": b'{"id":"7","kind":"send","pattern":"echo","payload":"\\x"}',
  "control byte": b'{"id":"7","kind":"send","pattern":"echo","payload":"a\x01b"}',
  "wrong brackets": b'{"id":"7","kind":"send","pattern":"echo","payload":[}}',
  "headers an array": b'{"id":"7","kind":"send","pattern":"echo","payload":1,"headers":[]}',
  "header a number": b'{"id":"7","kind":"send","pattern":"echo","payload":1,"headers":{"a":1}}',
}


@case("malformed: a readable id with a bad rest is answered under its own id")
def bad_rests(server):
  with server.connect() as connection:
    for name, line in BAD_RESTS.items():
      connection.ask(line)
      answer = connection.answer()
      expect(answer.get("ok") is False, f"{name}: was answered {answer}")
      malformed(answer, "7")
      connection.ping()


@case("malformed: a field that stands twice")
def duplicates(server):
  with server.connect() as connection:
    for name, value in GOOD.items():
      connection.ask(envelope([*GOOD.items(), (name, value)]))
      malformed(connection.answer(), "a", "0")
    connection.ask(envelope([*GOOD.items(), ("headers", "{}"), ("headers", "{}")]))
    malformed(connection.answer(), "a")
    connection.ping()


@case("malformed: an id that is no string")
def id_types(server):
  with server.connect() as connection:
    for id in ("7", "null", "{}", "[]", "true"):
      connection.ask(envelope({**GOOD, "id": id}.items()))
      malformed(connection.answer(), "0")
    connection.ping()


INVALID_UTF8 = [b"\xff", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80"]


@case("malformed: invalid UTF-8")
def invalid_utf8(server):
  with server.connect() as connection:
    for bad in INVALID_UTF8:
      for place in (b'"payload"', b'"pattern"'):
        values = {b'"payload"': b'"a"', b'"pattern"': b'"echo"', place: b'"' + bad + b'"'}
        fields = b",".join(name + b":" + value for name, value in values.items())
        connection.ask(b'{"id":"7","kind":"send",' + fields + b"}")
        malformed(connection.answer(), "7")
    connection.ask(b'{"id":"\xff","kind":"send","pattern":"echo","payload":1}')
    malformed(connection.answer(), "0")
    connection.ping()


@case("malformed: nested 1,000 and 100,000 deep")
def too_deep(server):
  with server.connect() as connection:
    for depth in (1_000, 100_000):
      for opening, closing in (("[", "]"), ('{"a":', "}")):
        connection.ask(request("7", "echo", opening * depth + "1" + closing * depth))
        malformed(connection.answer(), "7")
        connection.ping()
