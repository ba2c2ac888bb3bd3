# What the other scripts share; sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
pids=()

# Ends what was started here and removes what was written, however the script ends.
cleanup() {
  local status=$?
  # The shell knows which of them still run; the number of one that has gone may be somebody else's now.
  local running
  running=$(jobs -p)
  for pid in $running; do kill "$pid" 2>/dev/null || true; done
  # One that was stopped hears it now.
  for pid in $running; do kill -CONT "$pid" 2>/dev/null || true; done
  for pid in $running; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# start NAME COMMAND…: runs it in the background, its output in $work/NAME.log
start() {
  local name=$1
  shift
  : >"$work/$name.log"
  "$@" >>"$work/$name.log" 2>&1 &
  pids+=($!)
}

# listening NAME: waits until it says where it listens, and prints the URL.
listening() {
  local line
  line=$(grep -m1 -oE '(tcp(\+unix)?|grpcs?|https?|nats|amqp|kafka):[^ ]+' < <(timeout 60 tail -n +1 -f "$work/$1.log" 2>/dev/null)) || {
    cat "$work/$1.log" >&2
    fail "$1 did not start"
  }
  printf '%s\n' "$line"
}

# lines SECONDS WHAT COUNT PATTERN FILE: waits until so many lines of a file that grows match.
lines() {
  local found
  found=$(grep -c -m"$3" -- "$4" < <(timeout "$1" tail -n +1 -f "$5" 2>/dev/null)) || true
  [ "$found" -ge "$3" ] || fail "in vain: $2"
}

# start_nats: a nats-server of our own; sets $nats_port, $nats_pid and $nats. A second start takes the same port.
start_nats() {
  start nats "$(PATH=$PATH:/usr/sbin command -v nats-server)" -a 127.0.0.1 -p "${nats_port:--1}" -js -sd "$work/nats"
  nats_pid=$!
  lines 30 'nats-server is ready' 1 'Server is ready' "$work/nats.log"
  nats_port=$(grep -m1 -oE 'client connections on [^ ]+' "$work/nats.log")
  nats_port=$(port_of "$nats_port")
  nats=nats://127.0.0.1:$nats_port
}

# start_redis: a redis-server of our own that keeps what it has confirmed; sets $redis_port, $redis_pid and $redis. A
# second start takes the same port and the same data.
start_redis() {
  redis_port=${redis_port:-$(free_port)}
  mkdir -p "$work/redis"
  start redis redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$work/redis" --appendonly yes \
    --appendfsync always --save ''
  redis_pid=$!
  lines 30 'redis-server is ready' 1 'Ready to accept connections' "$work/redis.log"
  redis=redis://127.0.0.1:$redis_port
}

# free_port: a port nobody listens on now.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_rabbitmq: a rabbitmq-server of our own, and the port mapper that Erlang needs; sets $rabbitmq_port, $rabbitmq_pid
# and $rabbitmq. A second start takes the same ports and the same data. The script of the server runs Erlang in its place
# when it takes itself for a service of systemd: then what is killed is dead.
start_rabbitmq() {
  local home=$work/rabbitmq
  if [ -z "${rabbitmq_port:-}" ]; then
    rabbitmq_port=$(free_port) rabbitmq_node_port=$(free_port) rabbitmq_mapper=$(free_port)
    mkdir -p "$home"
    printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$rabbitmq_port" 'log.file = false' 'log.console = true' \
      'log.console.level = warning' >"$home/rabbitmq.conf"
    : >"$home/env.conf"
    echo '[].' >"$home/plugins"
    start epmd "$(PATH=$PATH:/usr/sbin command -v epmd)" -d -port "$rabbitmq_mapper" -address 127.0.0.1
    lines 30 'epmd is ready' 1 'epmd running' "$work/epmd.log"
  fi
  rabbitmq_settings=(
    HOME="$home" ERL_EPMD_PORT="$rabbitmq_mapper" RABBITMQ_NODENAME="nest$rabbitmq_port@localhost"
    RABBITMQ_CONF_ENV_FILE="$home/env.conf"
  )
  start rabbitmq env "${rabbitmq_settings[@]}" RUNNING_UNDER_SYSTEMD=1 RABBITMQ_DIST_PORT="$rabbitmq_node_port" \
    RABBITMQ_CONFIG_FILE="$home/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$home/plugins" \
    RABBITMQ_MNESIA_BASE="$home/data" RABBITMQ_LOG_BASE="$home/log" /usr/lib/rabbitmq/bin/rabbitmq-server
  rabbitmq_pid=$!
  lines 120 'rabbitmq-server is ready' 1 'completed with' "$work/rabbitmq.log"
  rabbitmq=amqp://127.0.0.1:$rabbitmq_port
}

# stop_rabbitmq: asks it to end; it keeps everything.
stop_rabbitmq() {
  env "${rabbitmq_settings[@]}" /usr/lib/rabbitmq/bin/rabbitmqctl --node "nest$rabbitmq_port@localhost" --quiet stop
  { wait "$rabbitmq_pid" || true; } 2>/dev/null
}

# start_kafka [memory]: Tansu, which keeps what it has confirmed, behind a proxy of our own; sets $kafka_port, $kafka_pid
# (the broker's) and $kafka. A second start takes the same port and the same data: what keeps those runs on. In memory it
# keeps nothing beyond its end, and does not get slower with every record.
start_kafka() {
  if [ -z "${kafka_port:-}" ]; then
    kafka_port=$(free_port) kafka_broker_port=$(free_port)
    start kafka-store python3 "$root/Scripts/kafka_store.py" 0
    kafka_store=$(listening kafka-store)
    start kafka-proxy python3 "$root/Scripts/kafka_proxy.py" "$kafka_port" "$kafka_broker_port"
    listening kafka-proxy >/dev/null
  fi
  start kafka env AWS_ENDPOINT="$kafka_store" AWS_ALLOW_HTTP=true AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=nest \
    AWS_SECRET_ACCESS_KEY=nest "$root/.build/peers/bin/tansu" broker --storage-engine "${1:-s3}://tansu/" \
    --listener-url "tcp://127.0.0.1:$kafka_broker_port" --advertised-listener-url "tcp://127.0.0.1:$kafka_port"
  kafka_pid=$!
  lines 30 'Tansu is ready' 1 'ready in' "$work/kafka.log"
  kafka=kafka://127.0.0.1:$kafka_port
}

# kill_hard PID: as a machine that fails. Returns when it is dead.
kill_hard() {
  kill -9 "$1"
  { wait "$1" || true; } 2>/dev/null
}

port_of() { printf '%s\n' "${1##*:}"; }
