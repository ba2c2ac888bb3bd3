#!/usr/bin/env bash
# Installs what is missing, builds everything once with warnings as errors, and runs every test.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
./Scripts/setup.sh --peers
export NEST_STRICT=1 NEST_EXAMPLES=1

say 'format'
swift format lint --strict --parallel --recursive Package.swift Sources Tests Examples

say 'the macros'
NEST_TESTS=macros swift build --build-tests
NEST_TESTS=macros timeout --kill-after=10 600 swift test --skip-build

say 'build'
export NEST_TESTS=others
swift build --build-tests
bin=$(swift build --build-tests --show-bin-path)

# tests SECONDS OPTIONS…: runs tests. A call that is never settled makes its test wait for ever: that is a failure too, and
# must not take CI's whole time.
tests() { timeout --kill-after=10 "$1" swift test --skip-build "${@:2}"; }

say 'unit tests that compute'
computing='NestJSONTests|NestCoreTests'
tests 600 --filter "$computing"

# Tests of deadlines need the processor when they ask for it: one after another, each has it.
busy='NestHTTPTests|NestHTTPTestingTests|CheckoutTests'
brokers='NestNatsTests|NestRedisTests|NestRabbitMQTests|NestKafkaTests'
say 'unit tests that wait, and the transport suite'
tests 900 --no-parallel --skip "$computing|$busy|$brokers"

say 'HTTP and the checkout'
tests 900 --no-parallel --filter "$busy"

for broker in Nats Redis RabbitMQ Kafka; do
  say "$broker"
  tests 1800 --no-parallel --filter "Nest${broker}Tests"
done

say 'Redis with another hiredis than the one of the machine'
./Scripts/hiredis12.sh --skip-build

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

say 'a running peer over gRPC, and three of them with mutual TLS, each with its own checks'
start peer-grpc "$peer" serve grpc://127.0.0.1:0
grpc=$(listening peer-grpc)
"$peer" check "$grpc"
python3 Benchmarks/grpc.py --check "$(port_of "$grpc")"
for number in 1 2 3; do
  start "peer-grpcs-$number" "$peer" serve grpcs://127.0.0.1:0 "${tls[@]}" --cert "$work/certs/server.pem" --key "$work/certs/server.key"
done
for number in 1 2 3; do
  "$peer" check "$(listening "peer-grpcs-$number")" "${tls[@]}" --cert "$work/certs/client.pem" --key "$work/certs/client.key" | tail -1
done

say 'a running peer: a raw socket client that speaks revision 1'
python3 Tests/Interop/raw_tcp.py 127.0.0.1 "$(port_of "$url")" --pid "${pids[0]}" \
  --golden Tests/NestMessagingTests/Golden/revision-1.json

# serve NAME URL OPTIONS…: a peer; returns when it serves.
serve() {
  start "$1" "$peer" serve "${@:2}"
  lines 60 "$1 is served" 1 '^listening' "$work/$1.log"
}

# check URL OPTIONS…: runs the checks; says how many have passed, or everything when one has not.
check() {
  "$peer" check "$@" >"$work/check.log" || {
    cat "$work/check.log"
    fail "the checks failed over $*"
  }
  tail -1 "$work/check.log"
}

# check_killing URL OPTIONS…: one more peer beside three, killed while the checks run. Every check passes, at a second try
# if it was hit.
check_killing() {
  serve victim "$@"
  local victim=${pids[-1]} checks status=0
  start checks "$peer" check "$@" --instances 3 --tries 2
  checks=$!
  lines 60 'the checks have begun' 3 '^PASS' "$work/checks.log"
  kill_hard "$victim"
  wait "$checks" || status=$?
  grep -v '^PASS' "$work/checks.log"
  [ "$status" = 0 ] || fail "the checks ended with status $status"
  [ "$(grep -c '^AGAIN' "$work/checks.log")" -le 2 ] || fail 'more checks were hit than one instance can do'
}

say 'three running peers behind one NATS server: one set of checks counts over all of them'
start_nats
for name in first second third; do serve "$name" "$nats" --prefix peers; done
check "$nats" --prefix peers --instances 3

say 'one of them is killed meanwhile: every check passes, at a second try if it was hit'
check_killing "$nats" --prefix peers
check "$nats" --prefix peers --instances 3

say 'two of them that share what a stream keeps'
kept=(--prefix kept --stream PEERS)
for name in kept-first kept-second; do serve "$name" "$nats" "${kept[@]}"; done
check "$nats" "${kept[@]}" --instances 2

say 'three running peers on one Redis, by streams and by lists; one over publish and subscribe, where all would answer'
start_redis
for mode in streams lists pubsub; do
  over=(--prefix "peers-$mode" --mode "$mode" --claim-after 2) instances=3
  [ "$mode" != pubsub ] || instances=1
  for number in $(seq "$instances"); do serve "$mode-$number" "$redis" "${over[@]}"; done
  check "$redis" "${over[@]}" --instances "$instances"
done

say 'one that reads from a stream is killed meanwhile: every check passes, at a second try if it was hit'
check_killing "$redis" --prefix peers-streams --mode streams --claim-after 2

say 'three running peers on one RabbitMQ, with quorum queues and with classic ones'
start_rabbitmq
for kind in quorum classic; do
  over=(--prefix "peers-$kind")
  [ "$kind" = quorum ] || over+=(--classic)
  for number in 1 2 3; do serve "$kind-$number" "$rabbitmq" "${over[@]}"; done
  check "$rabbitmq" "${over[@]}" --instances 3
done

say 'one that consumes from a quorum queue is killed meanwhile: every check passes, at a second try if it was hit'
check_killing "$rabbitmq" --prefix peers-quorum

say 'three running peers on one Kafka'
start_kafka memory
# Tansu makes a consumer that joins wait for half of the session, and one that has read everything for half of this time.
over=(--session-timeout 2 --property fetch.wait.max.ms=20)
for number in 1 2 3; do serve "kafka-$number" "$kafka" "${over[@]}"; done
check "$kafka" "${over[@]}" --instances 3

say 'one of them is killed meanwhile: every check passes, at a second try if it was hit'
check_killing "$kafka" "${over[@]}"

say 'the demo'
export CHECKOUT_BIN=$bin
./Scripts/demo.sh
./Scripts/demo.sh --brokers

say 'the same under load'
export CHECKOUT_LOAD_SECONDS=2
./Scripts/checkout-load.sh
./Scripts/checkout-load.sh --brokers

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
