#!/usr/bin/env bash
# Builds the tests with a sanitizer, in a folder of its own, and runs some of them.
#
# usage: sanitize.sh thread|address FILTER…
#        sanitize.sh thread NestMessagingTests NestNatsTests
#
# Prints what was reported, by place, and fails when a test fails. With `address` a report is a failure. With `thread` it is
# to be read: the tool knows neither the counts of references nor how a continuation hands its value on, both of which are
# in libraries that are not built with it. What touches memory that only these protect is reported, and right.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
[ $# -ge 2 ] || fail "usage: sanitize.sh thread|address FILTER…"
kind=$1
shift
export NEST_EXAMPLES=1 NEST_TESTS=others
where=(--sanitize="$kind" --scratch-path ".build-$kind")

say "build with the $kind sanitizer"
swift build --build-tests "${where[@]}" >"$work/build.log" 2>&1 || {
  grep -E 'error' "$work/build.log" | head -20
  fail 'the build failed'
}
tests=$(swift build --build-tests "${where[@]}" --show-bin-path)/swift-nestPackageTests.xctest

export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS='exitcode=0 report_signal_unsafe=0 history_size=4'
preload=()
if [ "$kind" = thread ]; then
  "$(dirname "$(command -v swift)")/clang" -O1 -shared -fPIC -o "$work/threads.so" Scripts/sanitize/threads.c -ldl -pthread
  preload=(env LD_PRELOAD="$work/threads.so")
fi
status=0
for filter in "$@"; do
  say "$filter"
  "${preload[@]}" "$tests" --testing-library swift-testing --no-parallel --filter "$filter" >"$work/log" 2>&1 || status=1
  grep -E '✘|Test run with' "$work/log" || status=1
  grep -h '^SUMMARY' "$work/log" | sed "s|$root/||" | cut -c1-160 | sort | uniq -c | sort -rn || true
done
exit "$status"
