"""Groups live side by side: each has its own leader, and its own fate."""

import unittest

from catalogue import instances, register
from cluster import KV, NAMING, Cluster
from http_client import kv_target
from waiting import wait_until

SERVICE_METADATA = "naming_service_metadata"
GROUPS = (KV, NAMING, SERVICE_METADATA)


def spread(cluster):
    """Node 1 leads the first group, node 2 the second, node 3 the third."""
    for group, node in zip(GROUPS, cluster.nodes):
        cluster.transfer(group, node)


def write_everywhere(test, cluster, round_number):
    """One write to each group through each running node; leaders are reached wherever they are."""
    for node in cluster.running():
        client = node.client()
        value = f"{round_number}-{node.id}"
        test.assertEqual(client.request("PUT", kv_target("k"), value.encode()).status, 200)
        test.assertEqual(client.request("GET", kv_target("k")).body.decode(), value)
        answer = register(client, "s", f"10.0.{round_number}.{node.id}", 80)
        test.assertEqual((answer.status, answer.body), (200, b"ok"))
        client.close()


class GroupsTest(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster())
        self.cluster.start()

    def views(self, group):
        return [node.group(group) for node in self.cluster.running()]

    def test_every_node_serves_every_group_with_one_leader(self):
        shown = self.cluster.nodes[0].get_json("/admin/v1/groups")
        names = [group["name"] for group in shown["groups"]]
        self.assertEqual(names, sorted(names))
        self.assertLessEqual(set(GROUPS), set(names))
        for name in names:
            self.cluster.leader_of(name)
            views = self.views(name)
            self.assertEqual(len({view["leader"]["id"] for view in views}), 1, name)
            self.assertEqual([len(view["members"]) for view in views], [3, 3, 3], name)

    def test_three_groups_are_led_by_three_nodes_and_written_through_each(self):
        spread(self.cluster)
        leaders = [self.cluster.leader_of(group).id for group in GROUPS]
        self.assertEqual(leaders, [1, 2, 3])
        write_everywhere(self, self.cluster, 1)
        for node in self.cluster.nodes:
            wait_until(lambda: len(instances(node, "s") or ()) == 3, 10,
                       f"node {node.id} shows all")

    def test_only_the_groups_of_a_killed_leader_hold_an_election(self):
        spread(self.cluster)
        terms = {group: self.cluster.leader_of(group).group(group)["term"] for group in GROUPS}
        self.cluster.nodes[0].kill()
        self.assertGreater(self.cluster.leader_of(KV).group(KV)["term"], terms[KV])
        for group, node in zip(GROUPS[1:], self.cluster.nodes[1:]):
            view = node.group(group)
            self.assertEqual((view["role"], view["term"]), ("leader", terms[group]), group)
        wait_until(lambda: all(self.views(KV)[i]["leader"] for i in (0, 1)), 10, "both know it")
        write_everywhere(self, self.cluster, 1)

    def test_a_transfer_to_nobody_is_refused_by_name(self):
        client = self.cluster.nodes[0].client()
        for to, code, status in (("9", "unknown_peer", 404), ("no peer", "unparsable_peer", 400)):
            answer = client.request("POST", f"/admin/v1/groups/{KV}/transfer", f'{{"to":"{to}"}}')
            self.assertEqual((answer.status, answer.json()["code"]), (status, code))
        answer = client.request("POST", "/admin/v1/groups/nowhere/transfer", '{"to":"1"}')
        self.assertEqual((answer.status, answer.json()["code"]), (404, "unknown_group"))
        client.close()


if __name__ == "__main__":
    unittest.main()
