"""Nodes are killed with -9 in turn under load: the history stays linearizable, nothing is lost."""

import os
import pathlib
import time
import unittest

import history
from clients import Clients
from cluster import KV, Cluster
from load import Registrations
from waiting import wait_until

DURATION_S = float(os.environ.get("TROUPE_FAILOVER_S", "30"))
SERVICES = [f"service-{i}" for i in range(4)]
SETTLE_TIMEOUT_S = 30


def kill_in_turn(cluster, clients):
    """Until the time is over; every second time the leader, whoever that is. How many."""
    deadline = time.monotonic() + DURATION_S
    kills = 0
    while time.monotonic() < deadline:
        node = cluster.leader_of(KV) if kills % 2 else cluster.nodes[kills // 2 % 3]
        node.kill()
        kills += 1
        clients.wait_for_progress()
        node.start()
        cluster.wait_ready([node])
        clients.wait_for_progress()
    return kills


class FailoverTest(unittest.TestCase):
    def test_killing_nodes_in_turn_loses_nothing(self):
        with Cluster() as cluster:
            cluster.start()
            clients = Clients(cluster.nodes)
            registrations = Registrations(cluster.nodes, SERVICES)
            try:
                kills = kill_in_turn(cluster, clients)
            finally:
                clients.stop()
                registrations.stop()
            self.report(clients, registrations, kills)
            self.check_history(cluster, clients)
            for node in cluster.nodes:
                wait_until(lambda: not registrations.missing_on(node), SETTLE_TIMEOUT_S,
                           f"node {node.id} shows every acknowledged registration")

    def report(self, clients, registrations, kills):
        print(f"\n      {kills} kills in {DURATION_S:.0f} s; {history.count(clients.recorders)}")
        print(f"      {registrations.count()} registrations; longest time without an acknowledged"
              f" write {history.longest_gap_s(clients.recorders):.2f} s")

    def check_history(self, cluster, clients):
        path = pathlib.Path(os.environ.get("TROUPE_HISTORY", cluster.directory + "/history.jsonl"))
        history.save(path, clients.recorders)
        history.check(path)


if __name__ == "__main__":
    unittest.main()
