#!/usr/bin/env bash
# The checkout system under 64 connections: no error; a service that is asked to end loses no order it has taken; one
# that is killed is answered for in time, and comes back. With --brokers the same over brokers, which are killed as well.
# About half a minute, with brokers a minute.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/checkout.sh"
take_options "$@"
cd "$root"
./Scripts/setup.sh
[ "$way" = --tcp ] || ./Scripts/setup.sh --peers
seconds=${CHECKOUT_LOAD_SECONDS:-4}

# What wrk sends, and a line for each answer: the status, and the order's number or the content type.
cat >"$work/orders.lua" <<'LUA'
local number = 0

function init(arguments)
  name = arguments[1]
  answers = io.open(arguments[2], "w")
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  number = number + 1
  wrk.headers["Idempotency-Key"] = name .. "-" .. number
  return wrk.format("POST", "/orders", nil, '{"customer":"ada@example.org","sku":"pen","quantity":1}')
end

function response(status, headers, body)
  local type = "none"
  for key, value in pairs(headers) do
    if key:lower() == "content-type" then type = value end
  end
  answers:write(status, " ", status == 201 and body:match('"id":(%d+)') or type, "\n")
  answers:flush()
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format("socket errors: %d", errors.connect + errors.read + errors.write + errors.timeout))
  print(string.format("longest: %d ms", latency.max / 1000))
end
LUA

# load NAME [exec]: orders over 64 connections; the answers in NAME.answers.
load() {
  "${@:2}" wrk -t1 -c64 -d"${seconds}s" --timeout 10s -s "$work/orders.lua" "$api" -- "$1" "$work/$1.answers" \
    >"$work/$1.log"
}

# load_behind NAME: the same in the background; returns when the first orders are taken.
load_behind() {
  : >"$work/$1.answers"
  load "$1" exec &
  load_pid=$!
  pids+=("$load_pid")
  lines 20 'orders are taken' 200 '^201 ' "$work/$1.answers"
}

refuses() { ask "$api/health/live" && [ "$status" = 000 ]; }
count() { grep -c "${@:2}" "$work/$1.answers" || true; }

report() { # NAME
  echo "$(count "$1" '^201 ') orders taken, $(count "$1" -v '^201 ') refused"
  grep -E '^(socket|longest)' "$work/$1.log"
}

# Whoever is not served is told so in the right form.
only_problems() { # NAME
  local strange
  strange=$(grep -vE '^201 |^50[34] application/problem\+json$' "$work/$1.answers" | sort | uniq -c || true)
  [ -z "$strange" ] || fail "answers that should not be: $strange"
}

# All were answered, within five seconds.
in_time() { # NAME
  only_problems "$1"
  grep -q 'socket errors: 0' "$work/$1.log" || fail 'there were socket errors'
  local longest
  longest=$(grep -oE 'longest: [0-9]+' "$work/$1.log" | grep -oE '[0-9]+')
  [ "$longest" -le 5000 ] || fail "an answer took $longest ms"
}

say 'building'
build_checkout

say "starting, $over"
start_brokers
start_audit
start_notifications
start_ledger
start_orders
start_api
eventually 10 'the api is ready' ready_is 200

say '64 connections: no error'
load steady
report steady
grep -q 'socket errors: 0' "$work/steady.log" || fail 'there were socket errors'
expect 'refused' 0 "$(count steady -v '^201 ')"

say 'reading over 64 connections: no error'
wrk -t1 -c64 -d2s "$api/orders/1" | tee "$work/read.log" | grep -E 'Requests/sec'
if grep -E 'Non-2xx|Socket errors' "$work/read.log"; then fail 'there were errors'; fi

say 'checkout-api is asked to end'
load_behind ending
stop api "$api_pid"
kill -INT "$load_pid" 2>/dev/null || true
wait "$load_pid"
report ending
only_problems ending
start_api
eventually 10 'the api is ready' ready_is 200

say 'orders-rpc is killed'
load_behind killed
kill_hard "$orders_pid"
eventually 5 'readiness turns 503' ready_is 503
order probe ada@example.org pen 1
expect_problem 'an order that nobody takes' 503
start_orders
eventually 5 'readiness turns 200' ready_is 200
order after ada@example.org pen 1
expect 'an order after the restart' 201 "$status"
wait "$load_pid"
report killed
in_time killed

if [ "$way" = --brokers ]; then
  say 'nats-server is killed'
  load_behind outage
  kill_hard "$nats_pid"
  eventually 5 'readiness turns 503' ready_is 503
  order during ada@example.org pen 1
  expect_problem 'an order without a broker' 503
  start_nats
  eventually 5 'readiness turns 200' ready_is 200
  order during ada@example.org pen 1
  expect 'the same order after the restart' 201 "$status"
  wait "$load_pid"
  report outage
  in_time outage

  say 'redis-server is killed, and audit-worker: orders are taken all the same'
  load_behind unaudited
  kill_hard "$redis_pid"
  order unaudited ada@example.org pen 1
  expect 'an order without the audit' 201 "$status"
  kill_hard "$audit_pid"
  start_redis
  start_audit
  wait "$load_pid"
  report unaudited
  in_time unaudited

  # A quorum queue that was just declared does not survive the death of its node; what was stopped well once does.
  stop_rabbitmq
  start_rabbitmq
  say 'rabbitmq-server is killed, and notifications-worker: orders are taken all the same'
  load_behind untold
  kill_hard "$rabbitmq_pid"
  kill_hard "$notifications_pid"
  order untold ada@example.org pen 1
  expect 'an order without notifications' 201 "$status"
  start_rabbitmq
  start_notifications
  wait "$load_pid"
  report untold
  in_time untold

  say 'Kafka is killed, and ledger-worker: orders are taken all the same'
  load_behind unbooked
  kill_hard "$kafka_pid"
  kill_hard "$ledger_pid"
  order unbooked ada@example.org pen 1
  expect 'an order without the ledger' 201 "$status"
  start_kafka
  start_ledger
  wait "$load_pid"
  report unbooked
  in_time unbooked
fi

say 'orders-rpc hangs'
kill -STOP "$orders_pid"
started=$SECONDS
order hanging ada@example.org pen 1
expect_problem 'an order that nobody answers' 504
[ $((SECONDS - started)) -le 4 ] || fail 'the answer came late'
echo "$body"
eventually 10 'readiness turns 503' ready_is 503
echo "$body"
kill -CONT "$orders_pid"
eventually 10 'readiness turns 200' ready_is 200
order hanging ada@example.org pen 1
expect 'the same order once it runs again' 201 "$status"

say 'a customer that never finishes its order does not hold whoever signals twice'
exec {slow}<>"/dev/tcp/127.0.0.1/$api_port"
printf '%s\r\n' 'POST /orders HTTP/1.1' 'Host: localhost' 'Content-Type: application/json' 'Content-Length: 99' \
  'Expect: 100-continue' '' >&"$slow"
read -r -t 10 -u "$slow" line
expect 'the order is waited for' 'HTTP/1.1 100 Continue' "${line%$'\r'}"
kill -TERM "$api_pid"
eventually 4 'checkout-api takes no connections' refuses
started=$(date +%s%N)
stop api "$api_pid"
took=$((($(date +%s%N) - started) / 1000000))
echo "after $took ms"
[ "$took" -le 2000 ] || fail "the second signal was not heeded"
exec {slow}>&-

say 'stopping'
stop orders "$orders_pid"
stop notifications "$notifications_pid"
stop audit "$audit_pid"
if [ "$way" = --brokers ]; then
  eventually 30 'every order is in the ledger once' \
    entries_are "$(query orders/orders.sqlite 'SELECT count(*) FROM orders')"
  stop ledger "$ledger_pid"
fi

say 'every order that was taken is there, is audited once, and the customer has a mail'
cat "$work"/*.answers | sed -n 's/^201 //p' >"$work/taken"
python3 - "$work" <<'PYTHON'
import collections, os, sqlite3, sys

work = sys.argv[1]
taken = [int(line) for line in open(work + "/taken")]
ending = sum(line.startswith("201 ") for line in open(work + "/ending.answers"))
orders = sqlite3.connect(work + "/data/orders/orders.sqlite")
audit = sqlite3.connect(work + "/data/audit/audit.sqlite")
ids = {row[0] for row in orders.execute("SELECT id FROM orders")}
ended = orders.execute("SELECT count(*) FROM orders WHERE key LIKE 'ending-%'").fetchone()[0]
twice = orders.execute("SELECT key FROM orders GROUP BY key HAVING count(*) > 1").fetchall()
left = orders.execute("SELECT count(*) FROM outbox").fetchone()[0]
audited = collections.Counter(row[0] for row in audit.execute("SELECT order_id FROM audit"))
mails = len([name for name in os.listdir(work + "/data/notifications/mail") if name.endswith(".eml")])
print(f"{len(taken)} taken, {len(ids)} orders, {len(audited)} audited, {mails} mails, {left} left in the outbox")
assert len(taken) > 300, "too few orders to prove anything"
assert len(set(taken)) == len(taken), "two requests have the same order"
assert ending == ended, f"{ended} orders were made while checkout-api ended, and {ending} answered"
assert not twice, f"orders that were made twice: {twice[:10]}"
assert set(taken) <= ids, f"lost orders: {sorted(set(taken) - ids)[:10]}"
assert set(audited) == ids, f"orders without audit: {sorted(ids - set(audited))[:10]}"
assert set(audited.values()) == {1}, "an order is audited twice"
assert mails == len(ids) and left == 0, "notifications are missing"
PYTHON
say 'all right'
