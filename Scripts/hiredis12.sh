#!/usr/bin/env bash
# Proves that the same source works with another hiredis than the machine's: compiles what NestRedis does with it against
# hiredis 1.2, links the tests with that, and runs those of the codec and a part of the transport suite. What
# `swift build --build-tests` has built is linked again, not built again: it takes a minute.
#
#   hiredis12.sh [--skip-build] [FILTER]     what is built is as it should be; which tests to run instead
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
skips=
[ "${1:-}" != --skip-build ] || {
  skips=1
  shift
}
filter=${1:-RedisReaderTests|RedisSuiteTests/pubSub|RedisSuiteTests/answersInAList}
package=3.0.0 # of hiredis-py, which carries the sources of
version=1.2.0
hash=fed8581ae26345dea1f1e0d1a96e05041a727a45e7d8d459164583e23c6ac441

say "hiredis $version"
python=.build/peers/bin/python
[ -x "$python" ] || python=python3
# Kept: it never changes.
archive=.build/hiredis-$package.tar.gz
[ -f "$archive" ] || {
  "$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary hiredis -d "$work" "hiredis==$package"
  mv "$work/hiredis-$package.tar.gz" "$archive"
}
echo "$hash  $archive" | sha256sum -c --quiet
tar xzf "$archive" -C "$work"
sources=$work/hiredis-$package/vendor/hiredis
mkdir -p "$work/include" "$work/lib"
ln -s "$sources" "$work/include/hiredis"
# The parser alone: nothing else of it is used.
(cd "$work" && gcc -O1 -fPIC -c "$sources"/{alloc,read,sds}.c && ar rcs lib/libhiredis.a ./*.o)

say 'the shim in C, with the one of the machine and with this one'
shim=Tests/Interop/hiredis_shim.c
gcc -Wall -Wextra -Werror -o "$work/shim-here" "$shim" -lhiredis
gcc -Wall -Wextra -Werror -isystem "$work/include" -o "$work/shim-other" "$shim" "$work/lib/libhiredis.a"
"$work/shim-here" >"$work/here.txt"
"$work/shim-other" >"$work/other.txt" 2>"$work/other.err"
grep -qx "hiredis $version" "$work/other.err" || fail "that is not $version: $(cat "$work/other.err")"
cmp "$work/here.txt" "$work/other.txt"
cat "$work/other.err" "$work/other.txt"

say 'NestRedis, and its tests'
[ -n "$skips" ] || swift build --build-tests 2>&1 | tail -1
python3 Scripts/relink.py --module NestRedis --imports CHiredis --include "$work/include" --library "$work/lib" \
  --folder "$work/bin"
if ldd "$work/bin/tests" | grep hiredis; then fail 'the tests are linked with the hiredis of the machine'; fi
# With this the tests fail unless NestRedis was compiled with that version, and its parser behaves like it.
export NEST_HIREDIS=$version
timeout --kill-after=10 300 "$work/bin/tests" --testing-library swift-testing --no-parallel --filter "$filter" \
  >"$work/tests.log" 2>&1 || {
  tail -60 "$work/tests.log"
  fail "tests failed with hiredis $version"
}
grep -q 'Test theVersion() passed' "$work/tests.log" || [ -n "${1:-}" ] || fail 'nothing says which hiredis was tested'
tail -1 "$work/tests.log"
