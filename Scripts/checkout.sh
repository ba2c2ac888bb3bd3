# The checkout's services for the scripts that run them; sourced after lib.sh, never run.

# take_options [--brokers]: what the script was called with; sets $way and $over.
take_options() {
  way=--tcp over='over TCP, without any broker'
  [ $# -gt 0 ] || return 0
  if [ $# -gt 1 ] || [ "$1" != --brokers ]; then
    printf 'usage: %s [--brokers]\n' "$0" >&2
    exit 2
  fi
  way=--brokers over='through brokers'
}

# start_brokers: those that are needed, each on a free port.
start_brokers() {
  [ "$way" = --brokers ] || return 0
  start_nats
  start_redis
  start_rabbitmq
  start_kafka
}

# build_checkout: builds the services; sets $bin. With CHECKOUT_BIN they are there already.
build_checkout() {
  if [ -n "${CHECKOUT_BIN:-}" ]; then
    bin=$CHECKOUT_BIN
    return
  fi
  export NEST_EXAMPLES=1
  for product in audit-worker ledger-worker notifications-worker orders-rpc checkout-api; do swift build --product "$product"; done
  bin=$(swift build --show-bin-path)
}

# start_service NAME PROGRAM OPTIONS…: also tells it where the brokers are. Tansu, killed at the wrong moment, confirms what it
# does not have to one who asks it to recognise repetitions: nobody does.
start_service() {
  start "$1" "$bin/$2" "$way" --nats="${nats:-nats://127.0.0.1:1}" --redis="${redis:-redis://127.0.0.1:1}" \
    --rabbitmq="${rabbitmq:-amqp://127.0.0.1:1}" --kafka="127.0.0.1:${kafka_port:-1}" --kafka-repeats "${@:3}"
}

# Each starts a service, waits until it listens, and sets NAME_port and NAME_pid. A second start takes the same port.
start_audit() {
  start_service audit audit-worker --port "${audit_port:-0}" --data "$work/data/audit"
  audit_pid=$!
  if [ "$way" = --brokers ]; then
    lines 60 'audit-worker is served' 1 listening "$work/audit.log"
  else
    audit_port=$(listening audit)
    audit_port=$(port_of "$audit_port")
  fi
}

start_notifications() { # OPTIONS…
  start_service notifications notifications-worker --port "${notifications_port:-0}" \
    --data "$work/data/notifications" "$@"
  notifications_pid=$!
  if [ "$way" = --brokers ]; then
    lines 60 'notifications-worker is served' 1 listening "$work/notifications.log"
  else
    notifications_port=$(listening notifications)
    notifications_port=$(port_of "$notifications_port")
  fi
}

# start_ledger: only brokers have a ledger.
start_ledger() {
  [ "$way" = --brokers ] || return 0
  start_service ledger ledger-worker --data "$work/data/ledger"
  ledger_pid=$!
  lines 60 'ledger-worker is served' 1 listening "$work/ledger.log"
}

# query FILE SQL: the first row of what a database of a service answers.
query() {
  python3 -c 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone())' \
    "$work/data/$1" "$2"
}

# entries_are COUNT: so many orders are in the ledger, each once.
entries_are() {
  [ "$(query ledger/ledger.sqlite 'SELECT count(*), count(DISTINCT order_id) FROM entries')" = "$1 $1" ]
}

start_orders() {
  start_service orders orders-rpc --port "${orders_port:-0}" \
    --data "$work/data/orders" --audit "${audit_port:-1}" --notifications "${notifications_port:-1}"
  orders_pid=$!
  if [ "$way" = --brokers ]; then
    lines 60 'orders-rpc is served' 1 listening "$work/orders.log"
  else
    orders_port=$(listening orders)
    orders_port=$(port_of "$orders_port")
  fi
}

start_api() {
  start_service api checkout-api --port "${api_port:-0}" \
    --orders "${orders_port:-1}" --audit "${audit_port:-1}"
  api_pid=$!
  api_port=$(listening api)
  api_port=$(port_of "$api_port")
  api=http://127.0.0.1:$api_port
}

# stop NAME PID: asks it to end, and fails unless it ends well.
stop() {
  kill -TERM "$2"
  wait "$2" || {
    cat "$work/$1.log" >&2
    fail "$1 ended with status $?"
  }
  echo "$1 has ended"
}

# ask CURL-ARGUMENTS…: sets $status, $type and $body. Status 000: no answer.
ask() {
  local answer
  answer=$(curl -sS --max-time 10 -w '\n%{content_type}\n%{http_code}' "$@" 2>"$work/curl.log") || true
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  type=${answer##*$'\n'} body=${answer%$'\n'*}
}

# order KEY CUSTOMER SKU QUANTITY: asks for an order.
order() {
  ask -X POST "$api/orders" -H "Idempotency-Key: $1" -H 'Content-Type: application/json' \
    -d "{\"customer\":\"$2\",\"sku\":\"$3\",\"quantity\":$4}"
}

expect() { # WHAT WANTED GIVEN
  [ "$2" = "$3" ] || fail "$1: expected $2, not $3${body:+ ($body)}"
}

expect_problem() { # WHAT STATUS
  expect "$1" "$2" "$status"
  expect "$1" application/problem+json "$type"
}

# eventually SECONDS WHAT COMMAND…: until the command succeeds. Only for what a service says when it is asked, such as
# its readiness: nobody outside is told when that changes, so this asks again and again, as a load balancer does.
eventually() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "in vain: $what"
    sleep 0.1
  done
}

ready_is() { ask "$api/health/ready" && [ "$status" = "$1" ]; }
