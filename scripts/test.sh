# shellcheck shell=bash disable=SC2086,SC2046
# test.sh: runs the kinds of tests and counts their cases. Sourced by test.

PASSED=0
FAILED=0
# What fits. Whole clusters and the HTTP server on demand: asan groups http.
ASAN_TESTS="raft codec persistence actors processors"
TSAN_TESTS="raft codec"

count() {
  PASSED=$((PASSED + $1))
  FAILED=$((FAILED + $2))
}

# The number in an attribute of the first line that has it: junit_number FILE ATTRIBUTE.
junit_number() { sed -n "s/.*[[:space:]]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -n 1; }

# run_ctest PRESET [CTEST ARGUMENT…]
run_ctest() {
  local preset=$1 results
  shift
  results=$TROUPE_ROOT/build/$preset/results.xml
  rm -f "$results"
  ctest --preset "$preset" -j 2 --timeout 300 --output-junit "$results" "$@" |
    grep -vE ' Passed |^ +Start '
  if [ ! -s "$results" ]; then
    say "ctest ($preset) gave no results"
    count 0 1
    return
  fi
  local all failed
  all=$(junit_number "$results" tests)
  failed=$(($(junit_number "$results" failures) + $(junit_number "$results" disabled)))
  count $((all - failed)) "$failed"
}

# try_build PRESET [TARGET…]: a build that fails is a test that failed.
try_build() {
  (build "$@") && return 0
  count 0 1
  return 1
}

test_unit() {
  try_build release || return
  run_ctest release
}

test_process() {
  local counts=$TROUPE_ROOT/build/process-counts
  install_packages_for npm packages-npm.txt
  install_packages_for chromedriver packages-console.txt
  try_build release || return
  rm -f "$counts"
  python3 tests/process/run.py --counts "$counts"
  if [ -s "$counts" ]; then
    count $(cat "$counts")
  else
    count 0 1
  fi
}

# with_sanitizer PRESET FOLDER…: the tests of those folders, with raft also the interaction scripts.
with_sanitizer() {
  local preset=$1 folder targets=() pattern=
  shift
  for folder in "$@"; do
    ls "tests/$folder"/*.cpp >/dev/null 2>&1 || continue
    targets+=("${folder}_tests")
    pattern+="${pattern:+|}^$folder:"
    if [ "$folder" = raft ]; then
      targets+=(raft_script)
      pattern+="|^script:"
    fi
  done
  [ "${#targets[@]}" -gt 0 ] || return 0
  try_build "$preset" "${targets[@]}" || return
  run_ctest "$preset" -R "$pattern"
}

test_asan() { with_sanitizer asan ${*:-$ASAN_TESTS}; }
test_tsan() { with_sanitizer tsan ${*:-$TSAN_TESTS}; }

# Whole clusters in virtual time; with --defect, of a core that has a planted defect.
test_simulate() {
  local program=troupe_simulate
  case " $* " in *" --defect "*) program=troupe_simulate_planted ;; esac
  try_build release "$program" || return
  if "build/release/tests/$program" "$@"; then count 1 0; else count 0 1; fi
}

# Which planted defects are found.
test_mutation() {
  local counts=$TROUPE_ROOT/build/mutation-counts
  try_build release troupe_simulate_planted raft_tests_planted || return
  rm -f "$counts"
  python3 tests/mutation/mutation.py build/release/tests --counts "$counts" "$@"
  if [ -s "$counts" ]; then
    count $(cat "$counts")
  else
    count 0 1
  fi
}

# The package as users of the library see it: installed, found, built against.
test_install() {
  local line
  try_build release || return
  while read -r line; do
    say "$line"
    case $line in
      "ok "*) count 1 0 ;;
      "failed "*) count 0 1 ;;
    esac
  done < <(bash tests/install/install_test.sh build/release 2>&1)
}

# How many seeds are part of every run; more on demand.
SEEDS=1..2000

test_all() {
  test_unit
  test_simulate --seeds $SEEDS
  test_process
  test_install
  test_asan
  test_fuzz
}

report() {
  say "$PASSED passed, $FAILED failed"
  [ "$FAILED" -eq 0 ] && [ "$PASSED" -gt 0 ]
}
