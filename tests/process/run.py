#!/usr/bin/env python3
"""Runs the process tests: run.py [--counts FILE] [NAME…], where NAME is a file without _test.py.

Prints one line a test; writes "passed failed" to FILE. Variables: TROUPE_BUILD (where the
programs are), TROUPE_FAILOVER_S (how long nodes are killed), TROUPE_HISTORY (keeps the clients'
history there).
"""

import argparse
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Line(unittest.TextTestResult):
    """One line a test, with its time."""

    def startTest(self, test):
        super().startTest(test)
        self.begin = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.writeln(f"      {time.monotonic() - self.begin:.1f} s")
        self.stream.flush()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def suite(names):
    sys.path.insert(0, str(HERE))
    loader = unittest.TestLoader()
    modules = names or sorted(path.stem.removesuffix("_test") for path in HERE.glob("*_test.py"))
    return loader.loadTestsFromNames([name + "_test" for name in modules])


def main():
    given = arguments()
    sys.stdout.reconfigure(line_buffering=True)
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Line)
    result = runner.run(suite(given.names))
    # A test whose subtests fail counts once; a file that cannot be loaded is a failed test.
    failures = [test for test, _ in result.failures + result.errors]
    failed = len({getattr(test, "test_case", test).id() for test in failures})
    if given.counts:
        passed = max(result.testsRun - failed - len(result.skipped), 0)
        given.counts.write_text(f"{passed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
