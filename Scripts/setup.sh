#!/usr/bin/env bash
# Installs what building and testing need and the machine does not have. Runs as root, or as a user who may sudo.
set -euo pipefail

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
need wrk wrk
python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
[ -e /usr/include/sqlite3.h ] || missing+=(libsqlite3-dev)

[ ${#missing[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null || {
  echo "error: please install: ${missing[*]}" >&2
  exit 1
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
