"""Instances over HTTP on real servers: what was agreed on is on every node and outlives them all;
what is ephemeral lives on its node, as long as it beats."""

import json
import unittest

from cluster import Cluster
from http_client import naming_target
from waiting import wait_until

SHOWN_TIMEOUT_S = 10
SERVICE = {"serviceName": "orders"}


class NamingTest(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(Cluster())
        self.cluster.start()

    def call(self, node, method, path="instance", **parameters):
        """The body of a 200 answer."""
        client = node.client()
        answer = client.request(method, naming_target(path, **SERVICE, **parameters))
        client.close()
        self.assertEqual(answer.status, 200, answer.body)
        return answer.body

    def hosts(self, node):
        return json.loads(self.call(node, "GET", "instance/list"))["hosts"]

    def wait_for_hosts(self, fits, what):
        for node in self.cluster.nodes:
            wait_until(lambda: fits(self.hosts(node)), SHOWN_TIMEOUT_S, f"node {node.id}: {what}")

    def test_what_operators_changed_is_on_every_node_and_outlives_them_all(self):
        address = {"ip": "10.0.0.1", "port": 80}
        first, second, third = self.cluster.nodes
        self.assertEqual(self.call(first, "POST", **address, ephemeral="false",
                                   metadata="version=1"), b"ok")
        self.wait_for_hosts(lambda hosts: len(hosts) == 1, "the instance is listed")
        self.assertEqual(self.call(second, "PATCH", **address, weight="7"), b"ok")
        updated = json.loads(self.call(third, "PUT", "instance/metadata/batch",
                                       metadata='{"zone":"a"}', consistencyType="persist"))
        self.assertEqual(updated, {"updated": ["10.0.0.1:80:unknown:DEFAULT:persist"]})

        def as_changed(hosts):
            return [(host["weight"], host["metadata"]) for host in hosts] == [
                (7.0, {"version": "1", "zone": "a"})]

        self.wait_for_hosts(as_changed, "weight and metadata are as changed")
        self.cluster.kill_all()
        self.cluster.start()
        self.wait_for_hosts(as_changed, "weight and metadata are as changed, after a restart")

    def test_an_ephemeral_instance_lives_on_its_node_as_long_as_it_beats(self):
        address = {"ip": "10.0.0.2", "port": 80}
        times = {"preserved.heart.beat.interval": "100", "preserved.heart.beat.timeout": "1000",
                 "preserved.ip.delete.timeout": "5000"}
        node, other, _ = self.cluster.nodes
        self.assertEqual(self.call(node, "POST", **address, metadata=json.dumps(times)), b"ok")
        self.assertEqual(self.hosts(other), [])
        wait_until(lambda: [host["healthy"] for host in self.hosts(node)] == [False],
                   SHOWN_TIMEOUT_S, "the instance is unhealthy")

        def beats():
            beat = json.loads(self.call(node, "PUT", "instance/beat", **address))
            self.assertEqual((beat["code"], beat["clientBeatInterval"]), (10200, 100))
            return [host["healthy"] for host in self.hosts(node)] == [True]

        wait_until(beats, SHOWN_TIMEOUT_S, "the instance is healthy again")
        wait_until(lambda: not self.hosts(node), SHOWN_TIMEOUT_S, "the instance is gone")
        self.assertEqual(json.loads(self.call(node, "PUT", "instance/beat", **address))["code"],
                         20404)


if __name__ == "__main__":
    unittest.main()
