# The checkout's four services for the scripts that run them; sourced after lib.sh, never run.

# build_checkout: builds the services; sets $bin.
build_checkout() {
  for product in audit-worker notifications-worker orders-rpc checkout-api; do swift build --product "$product"; done
  bin=$(swift build --show-bin-path)
}

# Each starts a service, waits until it listens, and sets NAME_port and NAME_pid. A second start takes the same port.
start_audit() {
  start audit "$bin/audit-worker" --port "${audit_port:-0}" --data "$work/data/audit"
  audit_pid=$!
  audit_port=$(listening audit)
  audit_port=$(port_of "$audit_port")
}

start_notifications() { # OPTIONS…
  start notifications "$bin/notifications-worker" --port "${notifications_port:-0}" \
    --data "$work/data/notifications" "$@"
  notifications_pid=$!
  notifications_port=$(listening notifications)
  notifications_port=$(port_of "$notifications_port")
}

start_orders() {
  start orders "$bin/orders-rpc" --port "${orders_port:-0}" --data "$work/data/orders" \
    --audit "$audit_port" --notifications "$notifications_port"
  orders_pid=$!
  orders_port=$(listening orders)
  orders_port=$(port_of "$orders_port")
}

start_api() {
  start api "$bin/checkout-api" --port "${api_port:-0}" --orders "$orders_port" --audit "$audit_port"
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

# eventually SECONDS WHAT COMMAND…: until the command succeeds.
eventually() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "in vain: $what"
    sleep 0.1
  done
}

ready_is() { ask "$api/health/ready" && [ "$status" = "$1" ]; }
