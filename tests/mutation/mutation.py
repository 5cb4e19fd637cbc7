#!/usr/bin/env python3
"""Which planted defects are found, by the simulation and by the tests of the core.

mutation.py BUILD [--seeds N] [--defect NAME] [--counts FILE]. Prints a table; ends with 1 when a
defect that should be found is not.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

from defects import DEFECTS, RARE

COUNTED_SEEDS = 200
LAST_LINE = re.compile(r"^(\d+) seeds, .* (\d+) failed(?:, first (\d+): (.*))?$", re.M)
FAILED_CASES = re.compile(r"test cases:.*?(\d+) failed")


def simulate(build, name, first, last, failures):
    """(seeds that found it, of how many, the first of them, what was broken)"""
    run = subprocess.run([build / "troupe_simulate_planted", "--defect", name, "--quiet", "--seeds",
                          f"{first}..{last}", "--failures", str(failures)],
                         stdout=subprocess.PIPE, text=True, check=False)
    found = LAST_LINE.search(run.stdout)
    if not found:
        sys.exit(f"{name}: the simulation said: {run.stdout}")
    return int(found[2]), int(found[1]), found[3], found[4]


def simulated(build, name, seeds):
    count, ran, first, what = simulate(build, name, 1, min(seeds, COUNTED_SEEDS), 0)
    if count == 0 and seeds > COUNTED_SEEDS:
        count, more, first, what = simulate(build, name, COUNTED_SEEDS + 1, seeds, 1)
        ran += more
    return count, ran, first, what


def tested(build, name):
    """How many cases of the core's tests fail; a broken invariant or a hang counts as one."""
    try:
        run = subprocess.run([build / "raft_tests_planted"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True, timeout=60, check=False,
                             env={**os.environ, "TROUPE_DEFECT": name})
    except subprocess.TimeoutExpired:
        return 1
    found = FAILED_CASES.search(run.stdout)
    return int(found[1]) if found else int(run.returncode != 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--defect")
    parser.add_argument("--counts", type=pathlib.Path)
    wanted = parser.parse_args()
    chosen = [d for d in DEFECTS if wanted.defect in (None, d.name)]
    if not chosen:
        sys.exit(f"no such defect: {wanted.defect}")
    if tested(wanted.build, "") or simulate(wanted.build, "", 1, COUNTED_SEEDS, 0)[0]:
        sys.exit("without any defect something fails: nothing can be said")
    print(f"{'defect':<34} {'seeds':>10} {'first':>6} {'tests':>6}  broken first")
    missed = found = 0
    for defect in chosen:
        count, ran, first, what = simulated(wanted.build, defect.name, wanted.seeds)
        cases = tested(wanted.build, defect.name)
        missed += not count and not (cases and defect.name in RARE)
        found += bool(count)
        print(f"{defect.name:<34} {f'{count}/{ran}':>10} {first or '-':>6} {cases or '-':>6}  "
              f"{what or 'NOT FOUND by simulation'}", flush=True)
    print(f"{found} of {len(chosen)} found by simulation")
    if wanted.counts:
        wanted.counts.write_text(f"{len(chosen) - missed} {missed}\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
