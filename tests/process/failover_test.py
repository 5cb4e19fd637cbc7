"""Nodes are killed with -9 in turn under load: the history stays linearizable, nothing is lost."""

import os
import pathlib
import random
import time
import unittest

import history
from catalogue import instances
from cluster import KV, Cluster
from load import Registrations, Rotating, Threads
from waiting import wait_until

DURATION_S = float(os.environ.get("TROUPE_FAILOVER_S", "30"))
CLIENTS = 16
KEYS = [f"key-{i}" for i in range(5)]
SERVICES = [f"service-{i}" for i in range(4)]
SETTLE_TIMEOUT_S = 30


class Clients:
    """Sixteen clients that put, get, and compare and set, on few keys."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.recorders = [history.Recorder(number) for number in range(CLIENTS)]
        self.threads = Threads(CLIENTS, self._work)

    def _work(self, number, stopped):
        client = Rotating(self.nodes, number)
        recorder = self.recorders[number]
        choice = random.Random(number)
        versions = {}
        writes = 0
        while not stopped.is_set():
            key = choice.choice(KEYS)
            writes += 1
            answer = self._operate(recorder, client, key, f"{number}-{writes}", versions, choice)
            if answer.status in (200, 404, 412):
                versions[key] = answer.version()
            else:
                stopped.wait(0.01)
        client.close()

    def _operate(self, recorder, client, key, value, versions, choice):
        kind = choice.random()
        if kind < 0.4:
            return recorder.get(client, key)
        if kind < 0.7:
            return recorder.put(client, key, value)
        return recorder.compare_and_set(client, key, value, versions.get(key))

    def acknowledged_writes(self):
        return sum(1 for recorder in self.recorders for operation in list(recorder.operations)
                   if operation["op"] != "get" and operation["ok"])

    def stop(self):
        self.threads.stop()


def wait_for_progress(clients):
    """Waits until some more writes were acknowledged."""
    before = clients.acknowledged_writes()
    wait_until(lambda: clients.acknowledged_writes() > before + CLIENTS, SETTLE_TIMEOUT_S,
               "writes go on")


def kill_in_turn(cluster, clients):
    """Until the time is over; every second time the leader, whoever that is. How many."""
    deadline = time.monotonic() + DURATION_S
    kills = 0
    while time.monotonic() < deadline:
        node = cluster.leader_of(KV) if kills % 2 else cluster.nodes[kills // 2 % 3]
        node.kill()
        kills += 1
        wait_for_progress(clients)
        node.start()
        cluster.wait_ready([node])
        wait_for_progress(clients)
    return kills


def missing(node, registrations):
    """Acknowledged registrations that this node does not show."""
    lost = set()
    for service, acknowledged in registrations.acknowledged.items():
        lost |= acknowledged - (instances(node, service) or set())
    return lost


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
                wait_until(lambda: not missing(node, registrations), SETTLE_TIMEOUT_S,
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
