"""The power goes: every node is killed at once, under load and with a long log."""

import time
import unittest

from bulk import put_many
from cluster import KV, Cluster
from load import Puts, Registrations, all_keys
from waiting import wait_until

ENTRIES = 100_000
READY_MAX_S = 3.0
SERVICE = "orders"


def start_and_measure(cluster):
    """Seconds from the start of each process until it was ready."""
    for node in cluster.nodes:
        node.start()
    waiting = list(cluster.nodes)
    times = {}

    def note_ready():
        for node in [node for node in waiting if node.is_ready()]:
            times[node.id] = time.monotonic() - node.started_at
            waiting.remove(node)
        return not waiting

    wait_until(note_ready, 30, "all nodes ready")
    return times


class AllKilledTest(unittest.TestCase):
    def test_killing_all_nodes_under_load_loses_nothing(self):
        with Cluster() as cluster:
            cluster.start()
            puts = Puts(cluster.nodes, "k")
            registrations = Registrations(cluster.nodes, [SERVICE])
            wait_until(lambda: len(puts.acknowledged) > 2000 and registrations.count() > 200, 60,
                       "enough load")
            cluster.kill_all()
            puts.stop()
            registrations.stop()
            cluster.start()
            print(f"\n      {len(puts.acknowledged)} puts, {registrations.count()} registrations")
            for node in cluster.nodes:
                self.check(node, puts, registrations)

    def check(self, node, puts, registrations):
        self.assertEqual(puts.missing_on(node), set())
        wait_until(lambda: not registrations.missing_on(node), 10,
                   f"node {node.id} shows every acknowledged registration")

    def test_a_long_log_does_not_delay_the_start(self):
        with Cluster() as cluster:
            cluster.start()
            begin = time.monotonic()
            put_many(cluster.leader_of(KV).http_port, "bulk-", ENTRIES)
            rate = ENTRIES / (time.monotonic() - begin)
            last = cluster.leader_of(KV).group(KV)["last"]
            self.assertGreaterEqual(last, ENTRIES)
            cluster.kill_all()
            times = start_and_measure(cluster)
            shown = ", ".join(f"{seconds:.2f} s" for _, seconds in sorted(times.items()))
            print(f"\n      {last} entries, loaded at {rate:.0f}/s; ready after {shown}")
            self.assertLess(max(times.values()), READY_MAX_S)
            self.assertEqual(len(all_keys(cluster.nodes[0], "bulk-")), ENTRIES)


if __name__ == "__main__":
    unittest.main()
