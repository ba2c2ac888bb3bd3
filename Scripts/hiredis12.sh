#!/usr/bin/env bash
# Proves that the same source works with another hiredis than the machine's: builds hiredis 1.2 in a temporary folder,
# NestRedis against it, and runs its tests. What `swift build --build-tests` has built is linked again, not built again.
#
#   hiredis12.sh [FILTER]     the tests to run; the codec's unless told
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$root"
filter=${1:-RedisReaderTests}
version=3.0.0   # of the Python package that carries the sources of hiredis 1.2.0
hash=fed8581ae26345dea1f1e0d1a96e05041a727a45e7d8d459164583e23c6ac441

say 'hiredis 1.2'
python=.build/peers/bin/python
[ -x "$python" ] || python=python3
"$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary hiredis -d "$work" "hiredis==$version"
echo "$hash  $work/hiredis-$version.tar.gz" | sha256sum -c --quiet
tar xzf "$work/hiredis-$version.tar.gz" -C "$work"
sources=$work/hiredis-$version/vendor/hiredis
mkdir -p "$work/include" "$work/lib"
ln -s "$sources" "$work/include/hiredis"
(cd "$work" && gcc -O2 -fPIC -c "$sources"/{alloc,async,hiredis,net,read,sds,sockcompat}.c && ar rcs lib/libhiredis.a ./*.o)

say 'the shim in C, with both'
shim=Tests/Interop/hiredis_shim.c
gcc -Wall -Wextra -Werror -o "$work/shim-here" "$shim" -lhiredis
gcc -Wall -Wextra -Werror -isystem "$work/include" -o "$work/shim-other" "$shim" "$work/lib/libhiredis.a"
"$work/shim-here" >"$work/here.txt"
"$work/shim-other" >"$work/other.txt"
cmp "$work/here.txt" "$work/other.txt"
cat "$work/other.txt"

say 'NestRedis, and its tests'
swift build --build-tests
python3 Scripts/relink.py --module NestRedis --include "$work/include" --library "$work/lib" --folder "$work/bin"
if ldd "$work/bin/tests" | grep hiredis; then fail 'the tests are linked with the hiredis of the machine'; fi
timeout --kill-after=10 300 "$work/bin/tests" --testing-library swift-testing --filter "$filter"
