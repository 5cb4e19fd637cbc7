"""Members come and go under load: nothing is lost, and a node that lost its data is kept out."""

import pathlib
import unittest

import history
from clients import Clients
from cluster import KV, Cluster
from ctl import ctl, ctl_json
from load import Puts, Registrations
from waiting import wait_until

WIPED = 4  # the exit code of a node that can no longer keep its promises
EXIT_TIMEOUT_S = 10
SETTLE_TIMEOUT_S = 30


class Load:
    """Recorded operations on few keys, and writes of many: all that may be lost."""

    def __init__(self, nodes):
        self.clients = Clients(nodes, count=8, patience=(1000, 3))
        self.puts = Puts(nodes, "k", threads=4)
        self.registrations = Registrations(nodes, ["orders", "stock"], threads=2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in (self.clients, self.puts, self.registrations):
            each.stop()

    def go_on(self):
        self.clients.wait_for_progress()

    def check(self, test, nodes, path):
        history.save(path, self.clients.recorders)
        history.check(path)
        for node in nodes:
            test.assertEqual(self.puts.missing_on(node), set(), f"node {node.id}")
            wait_until(lambda: not self.registrations.missing_on(node), SETTLE_TIMEOUT_S,
                       f"node {node.id} shows every acknowledged registration")

    def describe(self):
        return (f"{history.count(self.clients.recorders)}; {len(self.puts.acknowledged)} puts,"
                f" {self.registrations.count()} registrations; longest time without an"
                f" acknowledged write {history.longest_gap_s(self.clients.recorders):.2f} s")


class MembersTest(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster())
        self.cluster.start()
        self.endpoints = self.cluster.endpoints()
        shown = self.cluster.nodes[0].get_json("/admin/v1/groups")["groups"]
        self.groups = [group["name"] for group in shown]

    def member(self, *arguments):
        """troupectl member …, on all groups; it must succeed."""
        done = ctl(self.endpoints, "member", *arguments, timeout="20")
        self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode())
        return done.stdout.decode()

    def roles(self):
        """{group: {id: role}}; of committed configurations outside a joint phase."""
        shown = ctl_json(self.endpoints, "member", "list")["groups"]
        return {group["group"]: {each["id"]: each["role"] for each in group["members"]}
                for group in shown if not group["joint"] and group["committed"]}

    def assert_voters(self, *ids):
        wanted = {group: dict.fromkeys(ids, "voter") for group in self.groups}
        wait_until(lambda: self.roles() == wanted, SETTLE_TIMEOUT_S, f"voters {ids} everywhere")

    def add(self, node):
        node.start()
        said = self.member("add", str(node.id), node.peer_address, "--promote")
        self.assertEqual(said.count(f"added {node.id}, which votes now"), len(self.groups), said)
        self.cluster.wait_ready([node])

    def test_two_nodes_come_and_the_first_leader_goes_under_load(self):
        first = self.cluster.leader_of(KV)
        for group in self.groups:
            self.cluster.transfer(group, first)
        asked = list(self.cluster.nodes)  # grows and shrinks under the clients' hands
        with Load(asked) as load:
            for _ in range(2):
                node = self.cluster.add_node()
                load.go_on()
                self.add(node)
                asked.append(node)
                load.go_on()
            self.endpoints = self.cluster.endpoints()
            leaders = {self.cluster.leader_of(group).id for group in self.groups}
            self.assertEqual(leaders, {first.id})
            self.member("remove", str(first.id))
            load.go_on()
            asked.remove(first)
            self.assertEqual(first.terminate()[0], 0)
            load.go_on()
        print(f"\n      {load.describe()}")
        rest = [node for node in self.cluster.nodes if node is not first]
        self.assert_voters(*(node.id for node in rest))
        load.check(self, rest, pathlib.Path(self.cluster.directory) / "history.jsonl")

    def test_a_wiped_node_is_refused_until_it_is_added_again(self):
        with Load(self.cluster.nodes) as load:
            load.go_on()
            node = next(each for each in self.cluster.nodes
                        if each is not self.cluster.leader_of(KV))
            node.kill()
            load.go_on()
            node.lose_data()
            node.start()
            self.assertEqual(node.process.wait(EXIT_TIMEOUT_S), WIPED)
            complaint = node.log_tail(3)
            self.assertIn(f"node {node.id} was a member with other data", complaint)
            self.assertIn("remove it from the groups and add it again", complaint)
            load.go_on()
            self.member("remove", str(node.id))
            load.go_on()
            node.flags = ["--join"]
            self.add(node)
            load.go_on()
        print(f"\n      {load.describe()}")
        self.assert_voters(1, 2, 3)
        load.check(self, self.cluster.nodes,
                   pathlib.Path(self.cluster.directory) / "history.jsonl")


if __name__ == "__main__":
    unittest.main()
