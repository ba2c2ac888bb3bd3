"""The wire as a stranger would speak it: a socket, lines of JSON, and nothing of the framework."""

import collections
import json
import select
import socket
import struct
import time


class Failed(Exception):
  """What was seen and should not have been."""


def expect(condition, what):
  if not condition:
    raise Failed(what)


def equal(got, wanted, what="got"):
  expect(got == wanted, f"{what} {shown(got)}, wanted {shown(wanted)}")


def shown(value):
  text = repr(value)
  return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"


class Number(str):
  """A number as its digits, so that 1.10 is not 1.1."""


def parse(text):
  """JSON by value, the digits of numbers kept. Refuses what is no JSON, a name that stands twice included."""
  if isinstance(text, bytes):
    text = text.decode("utf-8")
  return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse, object_pairs_hook=unique)


def refuse(word):
  raise ValueError(f"{word} is no JSON")


def unique(pairs):
  names = dict(pairs)
  if len(names) != len(pairs):
    raise ValueError("a name stands twice")
  return names


def request(id, pattern, payload="null", **more):
  """A line without its end. `payload` is JSON text; further fields are values."""
  line = f'{{"id":{json.dumps(id)},"kind":"send","pattern":{json.dumps(pattern)},"payload":{payload}'
  for name, value in more.items():
    line += f",{json.dumps(name)}:{json.dumps(value)}"
  return (line + "}").encode()


def event(id, pattern, payload="null"):
  return request(id, pattern, payload).replace(b'"kind":"send"', b'"kind":"emit"')


class Connection:
  """One socket. Every wait ends with `Failed` after `timeout` seconds."""

  def __init__(self, place, timeout=20.0):
    self.timeout = timeout
    self.socket = socket.create_connection(place, timeout=timeout)
    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    self.lines = collections.deque()
    self.begun = bytearray()

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.socket.close()

  def write(self, data):
    try:
      self.socket.sendall(data)
    except TimeoutError:
      raise Failed("the server takes no more bytes") from None

  def ask(self, *lines):
    """Writes lines in one packet."""
    self.write(b"".join(line + b"\n" for line in lines))

  def line(self):
    """The next line without its end; None when the server has closed."""
    while not self.lines:
      data = self.read()
      if not data:
        expect(not self.begun, f"the server closed within a line: {shown(bytes(self.begun))}")
        return None
      self.take(data)
    return self.lines.popleft()

  def take(self, data):
    """Cuts what has come into lines."""
    *ends, begun = data.split(b"\n")
    for end in ends:
      self.lines.append(bytes(self.begun + end))
      self.begun.clear()
    self.begun += begun

  def read(self):
    try:
      return self.socket.recv(1 << 16)
    except TimeoutError:
      raise Failed(f"nothing came for {self.timeout:g} s") from None
    except ConnectionError:
      return b""

  def answer(self):
    """The next answer; there must be one."""
    line = self.line()
    expect(line is not None, "the server closed instead of answering")
    try:
      return parse(line)
    except (ValueError, RecursionError) as fault:
      raise Failed(f"no JSON: {shown(line)} ({fault})") from None

  def answers(self, count):
    """The next answers by their ids, each of which comes once."""
    found = {}
    for _ in range(count):
      answer = self.answer()
      id = answer.pop("id", None)
      expect(id not in found, f"{id!r} was answered twice")
      found[id] = answer
    return found

  def call(self, pattern, payload="null", id="call", **more):
    """Asks, and gives what the one answer holds beside the id."""
    self.ask(request(id, pattern, payload, **more))
    answer = self.answer()
    equal(answer.pop("id", None), id, "answered id")
    return answer

  def payload(self, pattern, payload="null", **more):
    """The payload of a good answer."""
    answer = self.call(pattern, payload, **more)
    expect(answer.get("ok") is True and set(answer) == {"ok", "payload"}, f"no good answer: {shown(answer)}")
    return answer["payload"]

  def error(self, pattern, payload="null", **more):
    """The error of an answer that tells one."""
    return error_of(self.call(pattern, payload, **more))

  def ping(self):
    """Shows that this connection is still served, and that no answer came that nobody waits for."""
    token = str(time.monotonic_ns())
    equal(self.payload("echo", f'"{token}"', id=f"ping-{token}"), token, "echo gave")

  def finish(self):
    """Says that no more will be written."""
    self.socket.shutdown(socket.SHUT_WR)

  def ended(self):
    """The server has closed, and said nothing more."""
    equal(self.line(), None, "instead of the end")

  def reset(self):
    """Ends the connection the hard way."""
    self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    self.socket.close()

  def flood(self, chunk, total, meanwhile):
    """Writes `total` bytes, `chunk` over and over, while reading. True when the server has closed before that."""
    self.socket.setblocking(False)
    written, last, is_closed = 0, time.monotonic(), False
    while written < total and not is_closed:
      readable, writable, _ = select.select([self.socket], [self.socket], [], 0.2)
      sent = self.send_some(chunk_from(chunk, written, total)) if writable else 0
      is_closed = (readable and self.received_end()) or (sent is None and self.received_end())
      if sent:
        written, last = written + sent, time.monotonic()
      expect(time.monotonic() - last < self.timeout, f"{written} bytes in, the server neither reads nor closes")
      meanwhile()
    self.socket.settimeout(self.timeout)
    return is_closed

  def stuff(self, chunk, total, meanwhile):
    """Writes without ever reading, until the server takes no more for a second. How many bytes it took."""
    self.socket.setblocking(False)
    written, last, sent = 0, time.monotonic(), 0
    while written < total and sent is not None and time.monotonic() - last < 1:
      _, writable, _ = select.select([], [self.socket], [], 0.1)
      sent = self.send_some(chunk_from(chunk, written, total)) if writable else 0
      if sent:
        written, last = written + sent, time.monotonic()
      meanwhile()
    self.socket.settimeout(self.timeout)
    return written

  def send_some(self, data):
    try:
      return self.socket.send(data)
    except BlockingIOError:
      return 0
    except ConnectionError:
      return None

  def received_end(self):
    """Keeps what has come; true when nothing more will."""
    try:
      while data := self.socket.recv(1 << 16):
        self.take(data)
    except BlockingIOError:
      return False
    except ConnectionError:
      pass
    return True


def chunk_from(chunk, written, total):
  """What comes next when `chunk` is written over and over."""
  at = written % len(chunk)
  return memoryview(chunk)[at : at + total - written]


def error_of(answer):
  """The error of an answer that has nothing else."""
  expect(answer.get("ok") is False and set(answer) == {"ok", "error"}, f"no error: {shown(answer)}")
  error = answer["error"]
  expect(isinstance(error, dict) and isinstance(error.get("message"), str), f"no message: {shown(answer)}")
  return error


def malformed(answer, *ids):
  """The answer to a line that is no request, under one of these ids."""
  id = answer.pop("id", None)
  expect(id in ids, f"answered under {id!r}, wanted {' or '.join(map(repr, ids))}: {shown(answer)}")
  equal(error_of(answer)["message"], "invalid request", "message")
