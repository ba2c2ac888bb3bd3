#!/usr/bin/env python3
"""Puts what Tansu, the Kafka broker of the tests, does not have in front of it: TLS, SASL, and an ApiVersions reply that
librdkafka before 2.2 can read. After that bytes pass as they come. Standard library only.

  kafka_proxy.py PORT BROKER_PORT [--advertised PORT] [--public PORT]
                 [--certificate FILE --key FILE [--client-authority FILE]]
                 [--user NAME:PASSWORD]… [--token TOKEN]… [--mechanism NAME]…

Clients are told to come to the port --public, PORT when it is not given: replies of a broker that tells them another one,
--advertised, are changed. Users and tokens may log in, a user with each of his passwords;
without any nobody has to. Who has is written to the output.
"""
import argparse
import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
import threading

API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
# Replies that name the broker's address: Metadata, FindCoordinator, DescribeCluster.
ADDRESSES = {3, 10, 60}
SECRETS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
SIZE = 1 << 18
LIMIT = 1 << 20


class Refused(Exception):
    """Why a login fails, as the broker tells it."""


class Plain:
    """A side of the proxy: a socket."""

    def __init__(self, sock):
        self.sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self):
        return self.sock.recv(SIZE)

    def send(self, data):
        self.sock.sendall(data)

    def end(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Secure(Plain):
    """A socket with TLS. One thread reads and another writes: what they share is locked, waiting for the socket is not."""

    def __init__(self, sock, context):
        super().__init__(sock)
        self.lock = threading.Lock()
        self.inbox, self.outbox = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inbox, self.outbox, server_side=True)
        try:
            while not self.attempt(self.tls.do_handshake):
                self.feed()
        finally:
            self.sock.sendall(self.outbox.read())

    def attempt(self, step):
        try:
            step()
            return True
        except ssl.SSLWantReadError:
            return False

    def feed(self):
        self.sock.sendall(self.outbox.read())
        data = self.sock.recv(SIZE)
        if not data:
            raise EOFError
        self.inbox.write(data)

    def receive(self):
        while True:
            with self.lock:
                try:
                    return self.decrypted()
                except ssl.SSLWantReadError:
                    pass
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""
            data = self.sock.recv(SIZE)
            if not data:
                return b""
            with self.lock:
                self.inbox.write(data)

    def decrypted(self):
        """All there is: a record has 16 KB at the most."""
        parts = [self.tls.read(SIZE)]
        while self.inbox.pending and len(parts) < 32:
            try:
                parts.append(self.tls.read(SIZE))
            except ssl.SSLWantReadError:
                break
        return b"".join(parts)

    def send(self, data):
        with self.lock:
            self.tls.write(data)
            data = self.outbox.read()
        # Only one thread sends, so the order is kept.
        self.sock.sendall(data)


class Frames:
    """A side, read frame by frame: what Kafka's protocol is made of."""

    def __init__(self, side):
        self.side = side
        self.rest = b""

    def take(self, count):
        while len(self.rest) < count:
            data = self.side.receive()
            if not data:
                raise EOFError
            self.rest += data
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def next(self):
        (size,) = struct.unpack(">i", self.take(4))
        if not 4 <= size <= LIMIT:
            raise EOFError
        return self.take(size)


def frame(data):
    return struct.pack(">i", len(data)) + data


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def untagged(reply):
    """An ApiVersions reply of version 3 without the tagged fields at its end, and with SaslAuthenticate as it was before
    it had such fields."""
    count, at = reply[6], 7
    if count >= 128:
        count, at = (count & 127) | reply[7] << 7, 8
    end = at + (count - 1) * 7 + 4
    if reply[4:6] != b"\0\0" or end >= len(reply):
        return reply
    changed = bytearray(reply[:end] + b"\0")
    for entry in range(at, end - 4, 7):
        if changed[entry : entry + 2] == struct.pack(">h", SASL_AUTHENTICATE):
            changed[entry + 4 : entry + 6] = b"\0\1"
    return bytes(changed)


# Logins: each takes the client's first message, and is sent the next ones; it yields what the client is told, and returns
# who that is.


def shown_as(name, number):
    """Who has logged in, and with which of his passwords: app, app#2."""
    return name if number == 0 else "%s#%d" % (name, number + 1)


def plain(options, message):
    _, name, password = message.split(b"\0")
    known = options.users.get(name.decode(), [])
    if password.decode() not in known:
        raise Refused("Authentication failed: Invalid username or password")
    yield b""
    return shown_as(name.decode(), known.index(password.decode()))


def scram(options, message, algorithm):
    bare = message.decode().split(",", 2)[2]
    fields = dict(part.split("=", 1) for part in bare.split(","))
    name, salt, rounds = fields["n"].replace("=2C", ",").replace("=3D", "="), os.urandom(16), 4096
    nonce = fields["r"] + base64.b64encode(os.urandom(12)).decode()
    first = "r=%s,s=%s,i=%d" % (nonce, base64.b64encode(salt).decode(), rounds)
    final, proof = (yield first.encode()).decode().rsplit(",p=", 1)
    said = ",".join([bare, first, final]).encode()
    for number, password in enumerate(options.users.get(name, [])):
        salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, rounds)
        key = hmac.digest(salted, b"Client Key", algorithm)
        signature = hmac.digest(hashlib.new(algorithm, key).digest(), said, algorithm)
        if bytes(one ^ other for one, other in zip(key, signature)) == base64.b64decode(proof):
            yield b"v=" + base64.b64encode(hmac.digest(hmac.digest(salted, b"Server Key", algorithm), said, algorithm))
            return shown_as(name, number)
    raise Refused("Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM")


def bearer(options, message):
    fields = dict(part.split(b"=", 1) for part in message.split(b"\1") if b"=" in part and part[:2] != b"n,")
    token = fields.get(b"auth", b"").decode().partition("Bearer ")[2]
    if token not in options.token:
        yield b'{"status":"invalid_token"}'
        raise Refused("Authentication failed: invalid token")
    yield b""
    return token


def login(options, mechanism, message):
    if mechanism == "PLAIN":
        return plain(options, message)
    if mechanism == "OAUTHBEARER":
        return bearer(options, message)
    return scram(options, message, "sha" + mechanism[-3:])


class Greeting:
    """The beginning of a connection, until the client has shown who it is."""

    def __init__(self, options, client, broker):
        self.options, self.client, self.broker = options, client, broker
        self.requests, self.replies = Frames(client), Frames(broker)
        self.mechanism = self.dialog = None
        self.user = None

    def run(self):
        """Returns the first bytes that go through. Whoever sends them without a login is hung up on, as Kafka does."""
        while True:
            request = self.requests.next()
            key, version, number = struct.unpack(">hhi", request[:8])
            (length,) = struct.unpack(">h", request[8:10])
            body = request[10 + max(length, 0) :]
            if key == API_VERSIONS:
                self.versions(request, version)
            elif key == SASL_HANDSHAKE:
                self.handshake(number, body)
            elif key == SASL_AUTHENTICATE and self.mechanism:
                self.authenticate(number, version, body)
            elif self.user is None and self.options.mechanisms:
                raise EOFError
            else:
                return frame(request) + self.requests.rest

    def versions(self, request, version):
        self.broker.send(frame(request))
        reply = self.replies.next()
        self.client.send(frame(untagged(reply) if version >= 3 else reply))

    def handshake(self, number, body):
        (length,) = struct.unpack(">h", body[:2])
        mechanism, known = body[2 : 2 + length].decode(), self.options.mechanisms
        self.mechanism = mechanism if mechanism in known else None
        error = 0 if self.mechanism else 33
        self.client.send(frame(struct.pack(">ihi", number, error, len(known)) + b"".join(map(text, known))))

    def authenticate(self, number, version, body):
        (length,) = struct.unpack(">i", body[:4])
        message, error, reason, data = body[4 : 4 + length], 0, struct.pack(">h", -1), b""
        try:
            data = self.step(message)
        except (Refused, ValueError, KeyError, IndexError) as failure:
            error, reason = 58, text(str(failure))
            tell("refused %s: %s" % (self.mechanism, failure))
        lifetime = struct.pack(">q", 0) if version >= 1 else b""
        answer = struct.pack(">ih", number, error) + reason + struct.pack(">i", len(data)) + data + lifetime
        self.client.send(frame(answer))
        if error:
            # What has been sent must arrive before the connection ends: the client hangs up itself.
            self.client.receive()
            raise EOFError

    def step(self, message):
        if self.dialog is None:
            self.dialog = login(self.options, self.mechanism, message)
            data = next(self.dialog)
        else:
            data = self.dialog.send(message)
        if self.mechanism.startswith("SCRAM") and not data.startswith(b"v="):
            return data
        if self.mechanism == "OAUTHBEARER" and data:
            return data
        try:
            next(self.dialog)
        except StopIteration as end:
            self.user = end.value
            tell("authenticated %s %s" % (self.mechanism, self.user))
        return data


class Passage:
    """What goes through after the greeting, in both directions."""

    def __init__(self, options, client, broker):
        self.client, self.broker = client, broker
        self.old, self.new = (b"127.0.0.1" + struct.pack(">i", port) for port in (options.advertised, options.public))
        self.changes = self.old != self.new
        # Requests whose replies name the broker's address.
        self.asked = set()
        self.ahead, self.head = 0, b""

    def run(self, first):
        back = threading.Thread(target=self.pump, args=(self.broker, self.client, Replies(self)), daemon=True)
        back.start()
        self.pump(self.client, self.broker, self.requests, first)
        back.join()

    def pump(self, source, target, look, data=None):
        try:
            data = data or source.receive()
            while data:
                if self.changes:
                    data = look(data)
                if data:
                    target.send(data)
                data = source.receive()
        except (OSError, EOFError):
            pass
        source.end()
        target.end()

    def requests(self, data):
        """Notes requests for addresses; nothing is changed."""
        at = 0
        while at < len(data):
            if self.ahead:
                step = min(self.ahead, len(data) - at)
                at, self.ahead = at + step, self.ahead - step
                continue
            more = data[at : at + 12 - len(self.head)]
            self.head, at = self.head + more, at + len(more)
            if len(self.head) == 12:
                size, key, _, number = struct.unpack(">ihhi", self.head)
                if key in ADDRESSES:
                    self.asked.add(number)
                self.ahead, self.head = size - 8, b""
        return data


class Replies:
    """Changes the addresses in replies. Both have the same length."""

    def __init__(self, passage):
        self.passage = passage
        self.ahead, self.rest = 0, b""

    def __call__(self, data):
        data, at = self.rest + data, 0
        while True:
            step = min(self.ahead, len(data) - at)
            at, self.ahead = at + step, self.ahead - step
            if len(data) - at < 8:
                break
            size, number = struct.unpack(">ii", data[at : at + 8])
            end = at + size + 4
            if number in self.passage.asked:
                if len(data) < end:
                    break
                self.passage.asked.discard(number)
                data = data[:at] + data[at:end].replace(self.passage.old, self.passage.new) + data[end:]
            self.ahead = size + 4
        self.rest = data[at:]
        return data[:at]


def serve(options, sock):
    try:
        with sock, socket.create_connection(("127.0.0.1", options.broker)) as up:
            client = Secure(sock, options.context) if options.context else Plain(sock)
            broker = Plain(up)
            greeting = Greeting(options, client, broker)
            Passage(options, client, broker).run(greeting.run())
    except (OSError, EOFError) as failure:
        if isinstance(failure, ssl.SSLError):
            tell("refused TLS: %s" % failure)


def tell(line):
    # In one piece: threads that tell something at once would share a line.
    print(line + "\n", end="", flush=True)


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("broker", type=int)
    parser.add_argument("--advertised", type=int)
    parser.add_argument("--public", type=int)
    for name in ("certificate", "key", "client-authority"):
        parser.add_argument("--" + name)
    for name in ("user", "token", "mechanism"):
        parser.add_argument("--" + name, action="append", default=[])
    options = parser.parse_args()
    options.users = {}
    for user in options.user:
        name, password = user.split(":", 1)
        options.users.setdefault(name, []).append(password)
    options.mechanisms = options.mechanism or (
        (SECRETS if options.users else []) + (["OAUTHBEARER"] if options.token else []))
    options.context = None
    if options.certificate:
        options.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        options.context.load_cert_chain(options.certificate, options.key)
        if options.client_authority:
            options.context.verify_mode = ssl.CERT_REQUIRED
            options.context.load_verify_locations(options.client_authority)
    return options


def main():
    options = parsed()
    with socket.create_server(("127.0.0.1", options.port), backlog=128) as listener:
        options.port = listener.getsockname()[1]
        options.public = options.public or options.port
        options.advertised = options.advertised or options.public
        tell("listening on kafka://127.0.0.1:%d" % options.port)
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=(options, sock), daemon=True).start()


if __name__ == "__main__":
    main()
