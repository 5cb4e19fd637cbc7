"""What bench/all makes of results: targets judged, tables, and all that without some of them."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from report import page, targets  # noqa: E402  (found through the path above)

MACHINE = {"cores": 2, "processor": "one", "memory_gib": 4, "kernel": "6", "file_system": "ext4"}


def load(target, clients, number, per_second, p50=1.0, p99=2.0):
    return {"target": target, "clients": clients, "round": number, "per_second": per_second,
            "latency_ms": {"p50": p50, "p99": p99}, "errors": {}, "cpu_us_per_operation": 5}


def writes(*rounds):
    """`rounds`: (etcd's rate, the native client's) at 256 clients."""
    runs = []
    for number, (etcd, native) in enumerate(rounds, 1):
        runs += [load("etcd", 256, number, etcd), load("native", 256, number, native)]
    return {"command": "bench/compare_etcd", "report": {"machine": MACHINE, "runs": runs}}


def restart(entries, seconds):
    one = {"seconds": seconds}
    return {"command": "bench/restart", "report": {
        "machine": MACHINE, "entries": entries, "applied": one, "not_applied": one}}


def failover(*gaps_ms):
    return {"command": "bench/failover", "report": {"machine": MACHINE, "killed": {
        "rounds": [{"longest_gap_ms": gap} for gap in gaps_ms]}}}


def run_of(results):
    return {"date": "2026-01-02", "quick": False, "sync_ms": 0.1, "load_average": 0.5,
            "versions": {"etcd": "etcd Version: 3", "troupe": "abc", "preset": "release"},
            "results": results}


def judged(claim, results):
    return next(v for v in targets.verdicts(results) if v.claim.startswith(claim))


class ReportTest(unittest.TestCase):
    def test_a_ratio_is_taken_in_each_round_and_its_median_is_judged(self):
        found = judged("256 writers, native client: throughput",
                       {"writes": writes((100, 700), (1000, 9000), (10, 100))})
        self.assertEqual(found.measured, "9.00 x")
        self.assertEqual(found.noise, "7.00 x .. 10.00 x")
        self.assertTrue(found.met)
        self.assertFalse(judged("256 writers, native client: throughput",
                                {"writes": writes((100, 700), (100, 790))}).met)

    def test_beside_an_etcd_that_did_nothing_there_is_no_ratio_and_still_a_page(self):
        results = {"writes": writes((0, 700))}
        self.assertEqual(judged("256 writers, native client: throughput", results).measured,
                         "not measured")
        self.assertIn("| 256 | native | 700 |", page.of(run_of(results), []))

    def test_one_long_gap_misses_the_target_whatever_the_median(self):
        claim = "leader killed by -9"
        self.assertTrue(judged(claim, {"failover": failover(100, 150, 600)}).met)
        self.assertFalse(judged(claim, {"failover": failover(100, 150, 601)}).met)
        self.assertFalse(judged(claim, {"failover": failover(201, 250, 100)}).met)

    def test_a_smaller_run_than_the_target_speaks_of_neither_meets_nor_misses_it(self):
        claim = "restart, 1,000,000 entries"
        small = judged(claim, {"restart": restart(50_000, [0.1])})
        self.assertIsNone(small.met)
        self.assertEqual(small.measured, "0.10 s, in a smaller run")
        self.assertTrue(judged(claim, {"restart": restart(1_000_000, [4.0, 9.0, 5.0])}).met)

    def test_what_was_measured_with_another_build_says_with_which(self):
        old, new = restart(1_000_000, [1.0]), failover(100)
        old["report"]["versions"] = {"troupe": "old"}
        new["report"]["versions"] = {"troupe": "abc"}
        shown = page.of(run_of({"restart": old, "failover": new}), [])
        self.assertIn("`bench/restart`, at commit old", shown)
        self.assertNotIn("`bench/failover`,", shown)

    def test_what_was_not_measured_or_failed_is_not_judged(self):
        for found in targets.verdicts({}):
            self.assertEqual((found.measured, found.met), ("not measured", None))
        failed = judged("restart", {"restart": {"command": "bench/restart", "error": "no room"}})
        self.assertEqual((failed.measured, failed.met), ("failed", None))
        # The leader was killed, but the network could not be cut.
        self.assertIsNone(judged("leader cut off", {"failover": failover(100)}).met)

    def test_the_page_has_a_line_for_each_target_and_says_what_failed(self):
        run = run_of({"writes": writes((100, 900), (100, 800)),
                      "restart": {"command": "bench/restart", "error": "no room"}})
        text = page.of(run, [("bench-writes.svg", "writes"), ("bench-reads.svg", "reads")])
        for target in targets.TARGETS:
            self.assertIn(f"| {target.claim} | {target.wanted} |", text)
        self.assertIn("## Writes", text)
        self.assertIn("| 256 | native | 850 (800 .. 900) |", text)
        self.assertIn("![writes](images/bench-writes.svg)", text)
        self.assertNotIn("bench-reads.svg", text)
        self.assertIn("Failed: no room", text)


if __name__ == "__main__":
    unittest.main()
