#!/usr/bin/env bash
# The checkout system on this machine: four services over TCP, and a customer with curl. Exits 0 only if everything that
# came back was right. With --brokers orders go through NATS, the audit through Redis, notifications through RabbitMQ and
# the ledger through Kafka, whose servers are started here and ended with the rest.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/checkout.sh"
take_options "$@"
cd "$root"
./Scripts/setup.sh
[ "$way" = --tcp ] || ./Scripts/setup.sh --peers

# Takes webhooks, and prints each on a line.
receiver='
import http.server

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print("webhook", self.headers["Webhook-Id"], body, flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print("listening http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
'

audited() { ask "$api/orders/$1/audit" && [ "$status" = 200 ] && [ "$body" != '[]' ]; }

say 'building (the first time takes some minutes)'
build_checkout

say "starting, $over"
start_brokers
start receiver python3 -c "$receiver"
webhooks=$(listening receiver)
start_audit
start_notifications --webhook "$webhooks"
start_ledger
start_orders
start_api
eventually 10 'the api is ready' ready_is 200
echo "checkout-api $api, orders-rpc ${orders_port:-$nats}, audit-worker ${audit_port:-$redis}, notifications-worker ${notifications_port:-$rabbitmq}"

say 'placing orders'
order first ada@example.org book 1
expect 'an order' 201 "$status"
expect 'an order' '{"id":1,"customer":"ada@example.org","sku":"book","quantity":1,"cents":2990}' "$body"
first=$body
echo "$first"
for sku in pen desk; do
  order "$sku" grace@example.org "$sku" 3
  expect 'an order' 201 "$status"
  echo "$body"
done
ask "$api/orders?after=1"
expect 'orders 2 and 3' '2 3' "$(grep -oE '"id":[0-9]+' <<<"$body" | grep -oE '[0-9]+' | xargs)"

say 'the same Idempotency-Key again: the same order'
order first ada@example.org book 1
expect 'a repeated request' "201 $first" "$status $body"
echo "$body"

say 'what cannot be is refused'
order first ada@example.org book 2
expect_problem 'the key of another order' 409
echo "$body"
order nothing ada@example.org book 0
expect_problem 'an order of nothing' 422
echo "$body"
ask "$api/orders/99"
expect_problem 'an order that is not there' 404
echo "$body"
ask -X POST "$api/orders" -H 'Content-Type: application/json' -d '{"customer":'
expect_problem 'half a body' 400
echo "$body"

say 'audit, mail and webhook'
eventually 10 'the audit of order 1' audited 1
echo "$body"
lines 10 'three webhooks' 3 '^webhook' "$work/receiver.log"
grep -m1 '^webhook' "$work/receiver.log"
# A mail is written before its webhook is sent.
expect 'mails' 3 "$(find "$work/data/notifications/mail" -name '*.eml' | wc -l)"
cat "$(grep -l ada@example.org "$work"/data/notifications/mail/*.eml)"

say 'without orders-rpc: not ready, and orders are refused at once'
stop orders "$orders_pid"
eventually 10 'readiness turns 503' ready_is 503
echo "$body"
order late ada@example.org pen 1
expect_problem 'an order that nobody takes' 503
echo "$body"
ask "$api/health/live"
expect 'liveness' 200 "$status"

say 'orders-rpc is back: ready, and nothing is lost'
start_orders
eventually 10 'readiness turns 200' ready_is 200
ask "$api/orders/1"
expect 'order 1' "200 $first" "$status $body"
order first ada@example.org book 1
expect 'a repeated request' "201 $first" "$status $body"
order late ada@example.org pen 1
expect 'a new order' 201 "$status"
echo "$body"
eventually 10 'the audit of order 4' audited 4
[ "$way" = --tcp ] || eventually 20 'four orders in the ledger' entries_are 4

say 'stopping'
stop api "$api_pid"
stop orders "$orders_pid"
stop notifications "$notifications_pid"
stop audit "$audit_pid"
[ "$way" = --tcp ] || stop ledger "$ledger_pid"
expect 'mails' 4 "$(find "$work/data/notifications/mail" -name '*.eml' | wc -l)"
expect 'webhooks' 4 "$(grep -c '^webhook' "$work/receiver.log")"
say 'all right'
