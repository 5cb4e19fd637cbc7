"""A follower that was away while the log was cut catches up by a snapshot, under load.

TROUPE_SNAPSHOT_ENTRIES says how many entries pass meanwhile: few in every run, 500000 on demand.
"""

import os
import time
import unittest

from bulk import put_many
from cluster import KV, Cluster
from load import Puts
from waiting import wait_until

ENTRIES = int(os.environ.get("TROUPE_SNAPSHOT_ENTRIES", "60000"))
LOG_ENTRIES_MAX = 20_000
LOAD_TIMEOUT_S = 60 + ENTRIES / 1000
PAUSE_MAX_MS = 1000  # timings are noisy: more is no noise
# What a node says of its longest batch is of so long (docs/http-api.md).
APPLY_WINDOW_S = 10


def contents_agree(nodes):
    """Whether all nodes show the same hash at the same applied index."""
    shown = [node.get_json(f"/admin/v1/groups/{KV}/content") for node in nodes]
    if any(content is None for content in shown):
        return False
    return len({(content["index"], content["hash"]) for content in shown}) == 1


def is_installed(node):
    return (node.group(KV) or {}).get("first", 0) > LOG_ENTRIES_MAX


class LongestBatch:
    """How long the processor of a node's group took for a batch, at most, while one looks."""

    def __init__(self, node):
        self.node = node
        self.ms = 0.0

    def note(self):
        self.ms = max(self.ms, self.node.group(KV)["apply_longest_ms"])

    def noting(self, condition):
        def noted():
            self.note()
            return condition()
        return noted

    def watch_for(self, seconds):
        """The load of that time is what is measured: there is nothing to wait for."""
        time.sleep(seconds)
        self.note()


class SnapshotTest(unittest.TestCase):
    def start(self, cluster):
        for node in cluster.nodes:
            node.flags = [*node.flags, "--log-entries-max", str(LOG_ENTRIES_MAX)]
        cluster.start()

    def away_while_the_log_is_cut(self, cluster):
        away = next(node for node in cluster.nodes if node.group(KV)["role"] != "leader")
        away.kill()
        wait_until(lambda: cluster.leader_of(KV) is not None, 30, "a leader")
        leader = cluster.leader_of(KV)
        put_many(leader.http_port, "bulk-", ENTRIES)
        cut_at = max(LOG_ENTRIES_MAX, ENTRIES - 2 * LOG_ENTRIES_MAX)
        wait_until(lambda: leader.group(KV)["first"] > cut_at, LOAD_TIMEOUT_S, "a log that is cut")
        return away

    def test_a_follower_catches_up_by_snapshot_under_load(self):
        with Cluster() as cluster:
            self.start(cluster)
            away = self.away_while_the_log_is_cut(cluster)
            others = [node for node in cluster.nodes if node is not away]
            puts = Puts(others, "load-", threads=4)
            leader = cluster.leader_of(KV)
            before = LongestBatch(leader)
            before.watch_for(APPLY_WINDOW_S)
            meanwhile = LongestBatch(leader)
            begin = time.monotonic()
            away.start()
            wait_until(meanwhile.noting(lambda: is_installed(away)), LOAD_TIMEOUT_S,
                       "the snapshot is installed")
            wait_until(meanwhile.noting(away.is_ready), LOAD_TIMEOUT_S,
                       "the follower has caught up")
            seconds = time.monotonic() - begin
            meanwhile.note()
            puts.stop()
            wait_until(lambda: contents_agree(cluster.nodes), 60, "equal contents")
            print(f"\n      {ENTRIES} entries behind, caught up after {seconds:.2f} s beside "
                  f"{len(puts.acknowledged)} writes; contents equal at index "
                  f"{away.group(KV)['applied']}\n      longest batch of the leader's processor: "
                  f"{before.ms:.1f} ms in {APPLY_WINDOW_S} s before, {meanwhile.ms:.1f} ms with "
                  f"the export; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            self.assertEqual(puts.missing_on(away), set())
            self.assertLess(meanwhile.ms, PAUSE_MAX_MS)

    def test_a_follower_killed_while_it_installs_starts_cleanly(self):
        with Cluster() as cluster:
            self.start(cluster)
            away = self.away_while_the_log_is_cut(cluster)
            for pause in (0.3, 0.6, 0.9, 1.2):
                away.start()
                time.sleep(pause)
                away.kill()
            away.start()
            wait_until(away.is_ready, 120, "the follower has caught up")
            wait_until(lambda: contents_agree(cluster.nodes), 60, "equal contents")


if __name__ == "__main__":
    unittest.main()
