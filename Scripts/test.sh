#!/usr/bin/env bash
# Installs what is missing, builds everything once with warnings as errors, and runs every test.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
./Scripts/setup.sh
export NEST_STRICT=1

say 'format'
swift format lint --strict --parallel --recursive Package.swift Sources Tests Examples

say 'build'
swift build --build-tests
bin=$(swift build --build-tests --show-bin-path)

# A call that is never settled makes its test wait for ever: that is a failure too, and must not take CI's whole time.
say 'unit tests that compute'
computing='NestJSONTests|NestMacrosTests|NestCoreTests'
timeout --kill-after=10 600 swift test --skip-build --filter "$computing"

# Tests of deadlines need the processor when they ask for it: what keeps it busy runs after them.
busy='NestHTTPTests|NestHTTPTestingTests|CheckoutTests|NestNatsTests'
say 'unit tests that wait, and the transport suite'
timeout --kill-after=10 600 swift test --skip-build --skip "$computing|$busy"

say 'HTTP, the checkout, and brokers'
timeout --kill-after=10 600 swift test --skip-build --filter "$busy"

say 'a running peer: its own checks, over plain TCP, a Unix socket and mutual TLS'
./Scripts/make-certs.sh "$work/certs" >/dev/null
peer=$bin/nest-peer
start peer "$peer" serve tcp://127.0.0.1:0
url=$(listening peer)
"$peer" check "$url"
start peer-unix "$peer" serve "tcp+unix:$work/peer.sock"
"$peer" check "$(listening peer-unix)"
tls=(--ca "$work/certs/ca.pem")
start peer-tls "$peer" serve tcp://127.0.0.1:0 "${tls[@]}" --cert "$work/certs/server.pem" --key "$work/certs/server.key"
"$peer" check "$(listening peer-tls)" "${tls[@]}" --cert "$work/certs/client.pem" --key "$work/certs/client.key"

say 'a running peer: a raw socket client that speaks revision 1'
python3 Tests/Interop/raw_tcp.py 127.0.0.1 "$(port_of "$url")" --pid "${pids[0]}" \
  --golden Tests/NestMessagingTests/Golden/revision-1.json

say 'the demo'
export CHECKOUT_BIN=$bin
./Scripts/demo.sh

say 'the same under load'
CHECKOUT_LOAD_SECONDS=2 ./Scripts/checkout-load.sh

say 'the same with Docker, as far as a machine without it can tell'
python3 Scripts/check_compose.py Examples/Checkout/docker-compose.yaml "$bin"
compose=(-f Examples/Checkout/docker-compose.yaml --profile brokers config -q)
if docker compose version >/dev/null 2>&1; then
  docker compose "${compose[@]}"
elif command -v docker-compose >/dev/null; then
  docker-compose "${compose[@]}"
fi

say 'a package that wants TCP alone'
./Scripts/dependent.sh
