"""Users, namespaces and what nodes know of each other, on real processes with authentication."""

import json
import unittest

from cluster import Cluster
from waiting import wait_until

KEY = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
AUTH = ("--auth", "--auth-token-key", KEY, "--auth-identity-key", "Troupe-Server",
        "--auth-identity-value", "swordfish")
FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf8"}
SETTLED_S = 30


def ask(node, method, target, form=None, **headers):
    client = node.client()
    try:
        return client.request(method, target, form, {**(FORM if form else {}), **headers})
    finally:
        client.close()


def log_in(node, user, password):
    """The token, or None when the node does not know the user with this password."""
    answer = ask(node, "POST", f"/nacos/v1/auth/login?username={user}", f"password={password}")
    return answer.json()["accessToken"] if answer.status == 200 else None


class AccountsTest(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster(3, AUTH))
        self.cluster.start()
        made = ask(self.cluster.nodes[0], "POST", "/nacos/v1/auth/users/admin", "password=secret")
        self.assertEqual(made.json(), {"username": "nacos", "password": "secret"})

    def token_everywhere(self, user, password):
        """Tokens of each node, once each knows the user."""
        return [wait_until(lambda n=node: log_in(n, user, password), SETTLED_S,
                           f"node {node.id} knows {user}") for node in self.cluster.nodes]

    def test_a_token_of_one_node_passes_at_every_other(self):
        for token in self.token_everywhere("nacos", "secret"):
            for node in self.cluster.nodes:
                answer = ask(node, "GET", "/admin/v1/node", accessToken=token)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(ask(node, "GET", "/admin/v1/node").status, 403)

    def test_users_and_namespaces_survive_the_loss_of_power(self):
        token = self.token_everywhere("nacos", "secret")[0]
        first = self.cluster.nodes[0]
        made = ask(first, "POST", "/nacos/v1/auth/users", "username=ann&password=better",
                   accessToken=token)
        self.assertEqual(made.status, 200, made.body)
        made = ask(first, "POST", "/nacos/v1/console/namespaces",
                   "customNamespaceId=dev&namespaceName=Development", accessToken=token)
        self.assertEqual(made.body, b"true")
        self.cluster.kill_all()
        self.cluster.start()
        token = self.token_everywhere("ann", "better")[0]
        for node in self.cluster.nodes:
            def ids(node=node):
                answer = ask(node, "GET", "/nacos/v1/console/namespaces", accessToken=token)
                return [n["namespace"] for n in answer.json()["data"]] == ["", "dev"]
            wait_until(ids, SETTLED_S, f"node {node.id} shows both namespaces")
            self.assertEqual(ask(node, "GET", "/nacos/v1/auth/users", accessToken=token).status,
                             403)

    def test_nodes_find_each_other_and_notice_who_is_gone(self):
        token = self.token_everywhere("nacos", "secret")[0]

        def states(node):
            answer = ask(node, "GET", "/nacos/v1/core/cluster/nodes", accessToken=token)
            return {m["address"]: m["state"] for m in answer.json()["data"]}

        up = {node.http_address: "UP" for node in self.cluster.nodes}
        for node in self.cluster.nodes:
            wait_until(lambda n=node: states(n) == up, SETTLED_S, f"node {node.id} sees all up")
        answer = ask(self.cluster.nodes[0], "GET", "/nacos/serverlist")
        self.assertEqual(answer.body.decode().split(),
                         [node.http_address for node in self.cluster.nodes])
        gone = self.cluster.nodes[2]
        gone.kill()
        seen = {**up, gone.http_address: "DOWN"}
        wait_until(lambda: states(self.cluster.nodes[0]) == seen, SETTLED_S, "node 3 is down")

    def test_groups_are_maintained_through_nacos_interface(self):
        token = self.token_everywhere("nacos", "secret")[0]
        first, second = self.cluster.nodes[:2]

        def hand_over():
            body = {"groupId": "kv", "command": "transferLeader", "value": second.peer_address}
            return ask(first, "POST", "/nacos/v1/core/ops/raft", json.dumps(body),
                       accessToken=token).json()["code"] == 200

        wait_until(hand_over, SETTLED_S, "leadership is handed over")

        def leader():
            answer = ask(first, "GET", "/nacos/v1/core/cluster/self", accessToken=token)
            groups = answer.json()["data"]["extendInfo"]["raftMetaData"]["metaDataMap"]
            return groups["kv"]["leader"]

        wait_until(lambda: leader() == second.peer_address, SETTLED_S, "node 2 leads kv")


class RefusedSettings(unittest.TestCase):
    def test_a_bad_key_ends_the_start_and_is_not_repeated(self):
        with Cluster(1) as cluster:
            node = cluster.nodes[0]
            node.start("--auth", "--auth-token-key", "c2hvcnQ", *AUTH[3:])
            self.assertEqual(node.process.wait(SETTLED_S), 2)
            said = node.log_tail()
            self.assertIn("--auth-token-key holds 5 bytes", said)
            self.assertNotIn("c2hvcnQ", said)
