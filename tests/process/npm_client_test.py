"""The public npm client of Nacos, unmodified, against three nodes, one of which is killed."""

import time
import unittest

from cluster import Cluster
from npm_client import NpmClient
from waiting import wait_until

PUSH_MAX_S = 1.0
# The client asks again every 10 s by itself: a change seen before that, long after it has
# subscribed, was pushed.
FAILOVER_TIMEOUT_S = 40
GROUP = "DEFAULT_GROUP"


def persistent(port, ip="10.0.0.1"):
    return {"ip": ip, "port": port, "ephemeral": False}


def ports(hosts):
    return sorted(host["port"] for host in hosts)


class NpmClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster(3))
        cls.cluster.start()

    def connect(self):
        client = NpmClient(self.cluster.endpoints())
        self.enterContext(client)
        client.call("ready")
        return client

    def listed(self, client, service):
        """The ports that every node lists, however far each has got."""
        return ports(client.call("list", service=service))

    def test_persistent_instances_are_registered_listed_pushed_and_removed(self):
        one, other = self.connect(), self.connect()
        self.assertEqual(one.call("status"), "UP")
        one.call("register", service="db", instance=persistent(3306))
        wait_until(lambda: self.listed(other, "db") == [3306], 5, "the instance in the list")
        host = other.call("list", service="db")[0]
        self.assertFalse(host["ephemeral"])
        self.assertEqual(host["serviceName"], "DEFAULT_GROUP@@db")

        other.call("subscribe", service="db")
        other.wait_event(lambda e: e["event"] == "hosts" and ports(e["hosts"]) == [3306],
                         "the first list")
        self.push_is_seen(other, lambda: one.call("register", service="db",
                                                  instance=persistent(3307)), [3306, 3307])
        self.push_is_seen(other, lambda: one.call("deregister", service="db",
                                                  instance=persistent(3306)), [3307])

    def push_is_seen(self, client, change, expected):
        begin = time.monotonic()
        change()
        at, _ = client.wait_event(
            lambda e: e["event"] == "hosts" and ports(e["hosts"]) == expected, f"{expected}", 9)
        print(f"\n      seen {at - begin:.2f} s after the change began")
        self.assertLess(at - begin, PUSH_MAX_S)

    def test_ephemeral_instances_are_registered_by_default_and_listed(self):
        # They are known to the node that they were registered with, as in one-node clusters.
        node = self.cluster.nodes[0].http_address
        client = NpmClient(node)
        self.enterContext(client)
        client.call("ready")
        client.call("register", service="web", instance={"ip": "10.0.0.2", "port": 80})
        self.assertEqual(ports(client.call("list", service="web")), [80])
        self.assertTrue(client.call("list", service="web")[0]["ephemeral"])
        # The client takes no notice of an empty list: one has to be left.
        client.call("register", service="web", instance={"ip": "10.0.0.2", "port": 81})
        client.call("deregister", service="web", instance={"ip": "10.0.0.2", "port": 80})
        self.assertEqual(ports(client.call("list", service="web")), [81])

    def test_configurations_are_published_read_watched_and_removed(self):
        client = self.connect()
        where = {"dataId": "app.yaml", "group": GROUP}
        client.call("publish", **where, content="a: 1")
        wait_until(lambda: client.call("get", **where) == "a: 1", 5, "the content")
        client.call("watch", **where)
        client.wait_event(lambda e: e["event"] == "config" and e["content"] == "a: 1", "a: 1")
        client.call("publish", **where, content="a: 2 ä %+&")
        client.wait_event(lambda e: e["event"] == "config" and e["content"] == "a: 2 ä %+&",
                          "the change")
        client.call("remove", **where)
        wait_until(lambda: client.call("get", **where) is None, 5, "no content")

    def test_the_client_goes_on_when_the_node_it_talks_to_is_killed(self):
        client = self.connect()
        client.call("register", service="kept", instance=persistent(1000))
        client.call("publish", dataId="kept", group=GROUP, content="0")
        client.call("subscribe", service="kept")
        client.call("watch", dataId="kept", group=GROUP)
        client.wait_event(lambda e: e["event"] == "config" and e["content"] == "0", "0")
        expected = [1000]
        # It talks to one of them: each is killed in turn.
        for round_, node in enumerate(self.cluster.nodes, 1):
            node.kill()
            expected.append(1000 + round_)
            client.call("register", service="kept", instance=persistent(expected[-1]))
            client.call("publish", dataId="kept", group=GROUP, content=str(round_))
            client.wait_event(lambda e: e["event"] == "config" and e["content"] == str(round_),
                              f"configuration {round_}", FAILOVER_TIMEOUT_S)
            wait_until(lambda: self.listed(client, "kept") == expected, 10, f"{expected}")
            node.start()
            self.cluster.wait_ready([node])
        client.wait_event(lambda e: e["event"] == "hosts" and ports(e["hosts"]) == expected,
                          "all instances, by push or by the client's own asking",
                          FAILOVER_TIMEOUT_S)
