#!/usr/bin/env python3
"""kafka_store.py PORT

The part of S3 that Tansu, the Kafka broker of the tests, keeps its data with. Objects live in this process: they outlive a
broker that is killed. Whole objects, conditional writes and lists; anything else is refused with 501. Standard library only.
"""
import hashlib
import re
import socketserver
import sys
import threading
import urllib.parse
from email.utils import formatdate
from xml.sax.saxutils import escape

lock = threading.Lock()
objects: dict[str, tuple[bytes, str]] = {}
DATE = formatdate(usegmt=True)
REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 404: "Not Found", 412: "Precondition Failed",
           416: "Range Not Satisfiable", 501: "Not Implemented"}


def fits(headers, found):
    """Whether the conditions of a request hold for the object there is."""
    tag = found[1] if found else None
    if headers.get("if-none-match") == "*" and tag:
        return False
    return headers.get("if-match", tag) == tag


def put(key, _, headers, body):
    with lock:
        if not fits(headers, objects.get(key)):
            return 412, {}, b""
        tag = '"%s"' % hashlib.md5(body).hexdigest()
        objects[key] = body, tag
    return 200, {"ETag": tag}, b""


def get(key, query, headers, _):
    if "list-type" in query:
        return contents(query)
    found = objects.get(key)
    if not found:
        return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
    body, tag = found
    answer = {"ETag": tag, "Last-Modified": DATE}
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("range", ""))
    if not wanted:
        return 200, answer, body
    first, last = wanted.groups()
    start = int(first) if first else max(0, len(body) - int(last))
    end = min(int(last) if first and last else len(body) - 1, len(body) - 1)
    if start > end:
        return 416, {}, b""
    answer["Content-Range"] = "bytes %d-%d/%d" % (start, end, len(body))
    return 206, answer, body[start : end + 1]


def delete(key, *_):
    with lock:
        objects.pop(key, None)
    return 204, {}, b""


def post(_, query, __, body):
    if "delete" not in query:
        return 501, {}, b""
    keys = [urllib.parse.unquote(key) for key in re.findall(r"<Key>(.*?)</Key>", body.decode())]
    with lock:
        for key in keys:
            objects.pop(key, None)
    gone = "".join("<Deleted><Key>%s</Key></Deleted>" % escape(key) for key in keys)
    return 200, {}, ("<DeleteResult>%s</DeleteResult>" % gone).encode()


def contents(query):
    """A list of everything under a prefix, in one page."""
    prefix, delimiter, after = (query.get(name, "") for name in ("prefix", "delimiter", "start-after"))
    with lock:
        found = sorted((key, value) for key, value in objects.items() if key.startswith(prefix) and key > after)
    xml, folders = [], set()
    for key, (body, tag) in found:
        rest = key[len(prefix) :]
        if delimiter and delimiter in rest:
            folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            continue
        xml.append("<Contents><Key>%s</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>%s</ETag>"
                   "<Size>%d</Size></Contents>" % (escape(key), escape(tag), len(body)))
    xml += ["<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>" % escape(name) for name in sorted(folders)]
    return 200, {}, ("<ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>" % "".join(xml)).encode()


METHODS = {"GET": get, "HEAD": get, "PUT": put, "DELETE": delete, "POST": post}


class Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self):
        try:
            while line := self.rfile.readline():
                self.answer(*line.decode().split()[:2])
        except OSError:
            pass

    def answer(self, method, target):
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        path, _, query = target.partition("?")
        # The first part of the path is the bucket.
        key = urllib.parse.unquote(path).lstrip("/").partition("/")[2]
        words = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        status, more, data = METHODS[method](key, words, headers, body)
        lines = ["HTTP/1.1 %d %s" % (status, REASONS[status]), "Content-Length: %d" % len(data)]
        lines += ["%s: %s" % pair for pair in more.items()]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode() + (b"" if method == "HEAD" else data))
        self.wfile.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        print("listening on http://127.0.0.1:%d" % server.server_address[1], flush=True)
        server.serve_forever()
