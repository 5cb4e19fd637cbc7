"""Every node is restarted, one after the other, under load."""

import os
import threading
import time
import unittest

from cluster import Cluster
from load import Puts
from waiting import wait_until

ROUNDS = int(os.environ.get("TROUPE_ROLLING_ROUNDS", "2"))
GAP_MAX_S = 3.0  # timings are noisy: more is no noise


class Gaps:
    """The longest time in which no write was acknowledged."""

    def __init__(self, puts):
        self.puts = puts
        self.longest = 0.0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self):
        seen, since = len(self.puts.acknowledged), time.monotonic()
        while not self.stopped.wait(0.002):
            now, count = time.monotonic(), len(self.puts.acknowledged)
            self.longest = max(self.longest, now - since)
            if count != seen:
                seen, since = count, now

    def stop(self):
        self.stopped.set()
        self.thread.join()


class RollingTest(unittest.TestCase):
    def test_a_rolling_restart_under_load_loses_nothing(self):
        with Cluster() as cluster:
            cluster.start()
            puts = Puts(cluster.nodes, "k", threads=6)
            wait_until(lambda: len(puts.acknowledged) > 500, 30, "enough load")
            gaps = Gaps(puts)
            for _ in range(ROUNDS):
                for node in cluster.nodes:
                    code, _ = node.terminate()
                    self.assertEqual(code, 0)
                    node.start()
                    wait_until(node.is_ready, 30, f"node {node.id} ready")
            gaps.stop()
            puts.stop()
            print(f"\n      {3 * ROUNDS} restarts, {len(puts.acknowledged)} writes, longest time "
                  f"without one {gaps.longest:.2f} s")
            for node in cluster.nodes:
                self.assertEqual(puts.missing_on(node), set())
            self.assertLess(gaps.longest, GAP_MAX_S)


if __name__ == "__main__":
    unittest.main()
