#!/usr/bin/env bash
# The checkout system on this machine, without any broker: two services over TCP and a customer who places orders and
# checks everything that comes back. Exits 0 only if all of it was right.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
./Scripts/setup.sh

say 'building (the first time takes some minutes)'
for product in audit-worker orders-rpc place-orders; do swift build --product "$product"; done
bin=$(swift build --show-bin-path)

say 'starting audit-worker and orders-rpc'
start audit "$bin/audit-worker" --port 0
audit=$(port_of "$(listening audit)")
start orders "$bin/orders-rpc" --port 0 --audit-port "$audit"
orders=$(port_of "$(listening orders)")

say 'placing orders'
timeout 60 "$bin/place-orders" --orders-port "$orders" --audit-port "$audit"
