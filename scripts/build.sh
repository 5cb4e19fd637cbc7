# shellcheck shell=bash
# build.sh: configures and builds a preset. Sourced.

# A translation unit over CAF or Beast takes more than a gigabyte.
GIBIBYTES_PER_JOB=1

job_count() {
  local processors gibibytes
  processors=$(nproc)
  gibibytes=$(awk '/MemAvailable/ {print int($2 / 1048576)}' /proc/meminfo)
  local fitting=$((gibibytes / GIBIBYTES_PER_JOB))
  [ "$fitting" -ge 1 ] || fitting=1
  [ "$processors" -le "$fitting" ] && echo "$processors" || echo "$fitting"
}

# build PRESET [TARGET…]: quiet when all is well, everything when it fails.
build() {
  local preset=$1
  shift
  local log=$TROUPE_ROOT/build/$preset.log
  mkdir -p "$TROUPE_ROOT/build"
  say "building ${*:-everything} ($preset); the output is in build/$preset.log"
  if ! (cd "$TROUPE_ROOT" && configure_and_build "$preset" "$@") >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "the build failed"
  fi
}

configure_and_build() {
  local preset=$1 targets=()
  shift
  [ $# -eq 0 ] || targets=(--target "$@")
  cmake --preset "$preset" &&
    cmake --build --preset "$preset" -j "$(job_count)" "${targets[@]}"
}
