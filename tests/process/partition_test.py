"""Links between nodes break under load, in both directions or in one: the history, with reads at
the leader and at followers, stays linearizable, whoever is cut off serves no such read, and the
others go on. On a network of the test's own (network.py)."""

import contextlib
import itertools
import pathlib
import time
import unittest

import history
import network
from clients import Clients
from cluster import KV, Cluster
from http_client import kv_target
from waiting import wait_until

CLIENTS = 3  # at each node
PATIENCE = (500, 3)
SETTLE_TIMEOUT_S = 30


class PartitionTest(unittest.TestCase):
    def setUp(self):
        reason = network.why_not()
        if reason:
            self.skipTest(reason)
        self.network = self.enterContext(network.Network(3))
        self.enterContext(self.network.hub.entered())

    @contextlib.contextmanager
    def asked(self, *flags, judge, consistency="linearizable"):
        """A cluster, and for each node clients that ask no other; `judge` gets their history."""
        # The nodes' network is no other than the test's own: nobody else hears them.
        with Cluster(3, ("--insecure-listen", *flags), self.network.homes) as self.cluster:
            self.cluster.start()
            with contextlib.ExitStack() as load:
                self.clients = {
                    node.id: load.enter_context(
                        Clients([node], CLIENTS, patience=PATIENCE, reads=0.6,
                                first=node.id * CLIENTS, consistency=consistency))
                    for node in self.cluster.nodes}
                self.go_on(self.cluster.nodes)
                yield
            print(f"      {history.count(self.recorders())}")
            path = pathlib.Path(self.cluster.directory) / "history.jsonl"
            history.save(path, self.recorders())
            judge(path)

    def others(self, node):
        return [other for other in self.cluster.nodes if other is not node]

    def go_on(self, nodes):
        """Clients of each of these nodes write and read what is new."""
        for node in nodes:
            self.clients[node.id].wait_for_progress()
            began = time.monotonic_ns()
            wait_until(lambda: self.reads_since(node, began), SETTLE_TIMEOUT_S,
                       f"node {node.id} serves reads")

    def reads_since(self, node, begin_ns):
        """Of the recorded reads at this node that were answered: those that began later."""
        return [operation for recorder in self.clients[node.id].recorders
                for operation in list(recorder.operations)
                if operation["op"] == "get" and operation["start_ns"] > begin_ns]

    def recorders(self):
        return [recorder for each in self.clients.values() for recorder in each.recorders]

    @contextlib.contextmanager
    def gap(self, what):
        """Says how long nothing was written meanwhile."""
        begin = time.monotonic_ns()
        yield
        longest = history.longest_gap_s(self.recorders(), begin, time.monotonic_ns())
        print(f"      {what}: longest time without an acknowledged write {longest:.2f} s")

    def lead_elsewhere(self, away):
        wait_until(lambda: self.cluster.find_leader(KV) not in (None, away), SETTLE_TIMEOUT_S,
                   f"a leader other than node {away.id}")

    def assert_cut_off(self, away):
        """The others lead and write without it; it lives, and has nothing linearizable to say."""
        self.lead_elsewhere(away)
        self.go_on(self.others(away))
        since = time.monotonic_ns()
        client = away.client()
        target = kv_target(self.clients[away.id].keys[0])
        told = client.request("GET", f"{target}?timeout_ms=1000")
        self.assertIn(told.status, (503, 504), told.body)
        self.assertEqual(client.request("GET", f"{target}?consistency=local").status, 200)
        client.close()
        self.go_on(self.others(away))
        self.assertEqual(self.reads_since(away, since), [])

    def cut_off(self, what, paths):
        """The leader, by `paths`: pairs (sender, receiver)."""
        leader = self.cluster.leader_of(KV)
        with self.gap(what):
            with self.paths_cut(paths(leader)):
                self.assert_cut_off(leader)
            self.go_on(self.cluster.nodes)

    @contextlib.contextmanager
    def paths_cut(self, paths):
        for path in paths:
            self.network.cut(*path)
        yield
        for path in paths:
            self.network.heal(*path)

    @contextlib.contextmanager
    def unplugged(self, node):
        self.network.unplug(node.id)
        yield
        self.network.plug_in(node.id)

    def from_node(self, node):
        return [(node.id, other.id) for other in self.others(node)]

    def to_node(self, node):
        return [(other.id, node.id) for other in self.others(node)]

    def unplug_the_leader(self):
        leader = self.cluster.leader_of(KV)
        with self.gap("leader unplugged"):
            with self.unplugged(leader):
                self.assert_cut_off(leader)
            self.go_on(self.cluster.nodes)

    def part_follower_and_leader(self):
        """The third node hears both: there is no reason to elect, and none to stop."""
        leader = self.cluster.leader_of(KV)
        follower, third = self.others(leader)
        with self.gap("a follower cut from the leader"):
            with self.paths_cut(list(itertools.permutations((leader.id, follower.id)))):
                self.go_on([third])
                self.go_on([third])
            self.go_on(self.cluster.nodes)

    def kill_the_leader(self):
        leader = self.cluster.leader_of(KV)
        with self.gap("leader killed"):
            leader.kill()
            self.go_on(self.others(leader))
            leader.start()
            self.go_on(self.cluster.nodes)

    def kill_the_unplugged_leader(self):
        """It comes back before its link does, and has only its disk to go by."""
        leader = self.cluster.leader_of(KV)
        with self.gap("leader unplugged, killed and started"):
            with self.unplugged(leader):
                self.lead_elsewhere(leader)
                leader.kill()
                self.go_on(self.others(leader))
                leader.start()
                wait_until(lambda: leader.get_json("/health/live"), SETTLE_TIMEOUT_S,
                           "the node lives")
                self.assertFalse(leader.is_ready())
                self.assert_cut_off(leader)
            self.go_on(self.cluster.nodes)

    def break_everything(self):
        print()
        self.unplug_the_leader()
        self.cut_off("what the leader sends is lost", self.from_node)
        self.cut_off("what the leader is sent is lost", self.to_node)
        self.part_follower_and_leader()
        self.kill_the_leader()
        self.kill_the_unplugged_leader()

    def test_reads_by_read_index_are_linearizable_while_links_break(self):
        with self.asked(judge=history.check):
            self.break_everything()

    def test_reads_by_lease_are_linearizable_while_links_break(self):
        with self.asked("--lease-reads", judge=history.check):
            self.break_everything()

    def test_local_reads_at_a_leader_cut_off_are_told_from_linearizable_ones(self):
        """Were a stale read served, the tests above would notice: here one is, and is noticed."""
        with self.asked(consistency="local", judge=self.assert_refused):
            leader = self.cluster.leader_of(KV)
            with self.unplugged(leader):
                self.lead_elsewhere(leader)
                for _ in range(2):  # what the first round writes, the second must not miss
                    self.go_on(self.others(leader))
                    began = time.monotonic_ns()
                    wait_until(lambda: self.reads_since(leader, began), SETTLE_TIMEOUT_S,
                               "local reads")

    def assert_refused(self, path):
        with self.assertRaisesRegex(AssertionError, "NOT linearizable"):
            history.check(path)


if __name__ == "__main__":
    unittest.main()
