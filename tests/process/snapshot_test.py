"""A follower that was away while the log was cut catches up by a snapshot, under load."""

import os
import time
import unittest

from bulk import put_many
from cluster import KV, Cluster
from load import Puts
from waiting import wait_until

ENTRIES = int(os.environ.get("TROUPE_SNAPSHOT_ENTRIES", "60000"))
LOG_ENTRIES_MAX = 20_000


def contents_agree(nodes):
    """Whether all nodes show the same hash at the same applied index."""
    shown = [node.get_json(f"/admin/v1/groups/{KV}/content") for node in nodes]
    if any(content is None for content in shown):
        return False
    return len({(content["index"], content["hash"]) for content in shown}) == 1


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
        wait_until(lambda: leader.group(KV)["first"] > LOG_ENTRIES_MAX, 60, "a log that is cut")
        return away

    def test_a_follower_catches_up_by_snapshot_under_load(self):
        with Cluster() as cluster:
            self.start(cluster)
            away = self.away_while_the_log_is_cut(cluster)
            others = [node for node in cluster.nodes if node is not away]
            puts = Puts(others, "load-", threads=4)
            begin = time.monotonic()
            away.start()
            wait_until(lambda: (away.group(KV) or {}).get("first", 0) > LOG_ENTRIES_MAX, 120,
                       "the snapshot is installed")
            wait_until(away.is_ready, 120, "the follower has caught up")
            seconds = time.monotonic() - begin
            puts.stop()
            wait_until(lambda: contents_agree(cluster.nodes), 60, "equal contents")
            print(f"\n      {ENTRIES} entries behind, caught up after {seconds:.2f} s beside "
                  f"{len(puts.acknowledged)} writes")
            self.assertEqual(puts.missing_on(away), set())

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
