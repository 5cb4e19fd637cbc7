# shellcheck shell=bash
# fuzz.sh: runs the harnesses of tests/fuzz, two at a time. Sourced by test, behind test.sh.

# In all; each harness gets an even share.
FUZZ_SECONDS=60
FUZZ_AT_A_TIME=2
FUZZ_WORK=$TROUPE_ROOT/build/fuzz/search
# Inputs are at most 16 KiB: what takes 64 MiB for one of them believed a claim.
FUZZ_LIMITS="-max_len=16384 -malloc_limit_mb=64 -rss_limit_mb=1024 -timeout=10"

# fuzz_options [--seconds N]
fuzz_options() {
  [ $# -gt 0 ] || return 0
  [[ $# -eq 2 && $1 == --seconds && $2 =~ ^[1-9][0-9]*$ ]] || return 1
  FUZZ_SECONDS=$2
}

fuzz_names() {
  local source
  for source in tests/fuzz/*_fuzz.cpp; do
    basename "$source" _fuzz.cpp
  done
}

# fuzz_one NAME SECONDS: searches, prints how it went, and notes it in NAME/result. What was found
# before, by whichever run, is tried first.
fuzz_one() {
  local name=$1 seconds=$2 work=$FUZZ_WORK/$1 program=build/fuzz/tests/fuzz/${1}_fuzz rate finding
  mkdir -p "$work/corpus" "$work/findings"
  rm -f "$work/result"
  # shellcheck disable=SC2086
  if "$program" $FUZZ_LIMITS -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$work/findings/" "$work/corpus" "tests/fuzz/corpus/$name" \
    "$work/findings" >"$work/log" 2>&1; then
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$work/log")
    say "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") inputs," \
      "$rate a second"
    echo passed >"$work/result"
    return
  fi
  finding=$(sed -n 's/.*Test unit written to //p' "$work/log" | tail -n 1)
  say "failed $name: $(grep -m 1 -E 'broken demand|ERROR|runtime error' "$work/log")"
  say "  the input: ${finding:-none kept, see $work/log}"
  [ -z "$finding" ] || say "  once more: $program ${finding#"$TROUPE_ROOT"/}"
}

# fuzz_every STEP FIRST SECONDS NAME…: every STEP-th of the names, one after the other.
fuzz_every() {
  local step=$1 at=$2 seconds=$3
  shift 3
  local names=("$@")
  for (( ; at < ${#names[@]}; at += step)); do
    fuzz_one "${names[at]}" "$seconds"
  done
}

test_fuzz() {
  local names name seconds worker workers=()
  install_packages packages-fuzz.txt
  try_build fuzz || return
  mapfile -t names < <(fuzz_names)
  seconds=$((FUZZ_SECONDS * FUZZ_AT_A_TIME / ${#names[@]}))
  [ "$seconds" -ge 1 ] || seconds=1
  say "${#names[@]} harnesses, each for $seconds s"
  for ((worker = 0; worker < FUZZ_AT_A_TIME; ++worker)); do
    fuzz_every "$FUZZ_AT_A_TIME" "$worker" "$seconds" "${names[@]}" &
    workers+=($!)
  done
  wait "${workers[@]}"
  for name in "${names[@]}"; do
    if [ -s "$FUZZ_WORK/$name/result" ]; then count 1 0; else count 0 1; fi
  done
}
