#!/usr/bin/env bash
# install_test: what a user of the installed package does: builds the examples on it, with CMake and
# with pkg-config, and runs them.
#
#   tests/install/install_test.sh [BUILD DIRECTORY]     default: build/release, which must be built
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
ROOT=$PWD
BUILD=$(realpath "${1:-build/release}")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/troupe-install.XXXXXX")
PREFIX=$WORK/prefix
EXAMPLES="counter three_types actor_processor kv_failover"
JOBS=${JOBS:-2}
FAILED=0
trap 'rm -rf "$WORK"' EXIT

# check NAME COMMAND…: one line, and everything the command said when it failed.
check() {
  local name=$1
  shift
  if "$@" >"$WORK/output" 2>&1; then
    echo "ok      $name"
  else
    FAILED=$((FAILED + 1))
    cat "$WORK/output"
    echo "failed  $name"
    return 1
  fi
}

# Copied away, so that nothing but the installed package can be found.
build_with_cmake() {
  cp -r "$ROOT/examples/$1" "$WORK/$1" &&
    cmake -S "$WORK/$1" -B "$WORK/$1/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
      -DCMAKE_PREFIX_PATH="$PREFIX" &&
    cmake --build "$WORK/$1/build" -j "$JOBS"
}

build_with_pkg_config() {
  local pc
  pc=$(find "$PREFIX" -name troupe.pc -printf '%h')
  # shellcheck disable=SC2046
  g++ -std=c++20 -O1 "$WORK/counter/main.cpp" -o "$WORK/counter_pc" \
    $(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs troupe)
}

check "install" cmake --install "$BUILD" --prefix "$PREFIX" || exit 1
for example in $EXAMPLES; do
  check "build $example with find_package" build_with_cmake "$example"
done
check "build counter with pkg-config" build_with_pkg_config
check "counter, one node" timeout 60 "$WORK/counter/build/counter"
check "counter, three nodes" timeout 60 "$WORK/counter/build/counter" 3
check "counter of pkg-config" timeout 60 "$WORK/counter_pc"
check "three_types" timeout 60 "$WORK/three_types/build/three_types"
check "actor_processor" timeout 60 "$WORK/actor_processor/build/actor_processor"
check "kv_failover" timeout 120 "$WORK/kv_failover/build/kv_failover"
[ "$FAILED" -eq 0 ]
