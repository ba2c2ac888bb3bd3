# What the other scripts share; sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
pids=()

# Ends what was started here and removes what was written, however the script ends.
cleanup() {
  local status=$?
  for pid in "${pids[@]:-}"; do [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]:-}"; do [ -z "$pid" ] || wait "$pid" 2>/dev/null || true; done
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
  line=$(grep -m1 -oE '(tcp(\+unix)?|https?):[^ ]+' < <(timeout 60 tail -n +1 -f "$work/$1.log" 2>/dev/null)) || {
    cat "$work/$1.log" >&2
    fail "$1 did not start"
  }
  printf '%s\n' "$line"
}

port_of() { printf '%s\n' "${1##*:}"; }
