"""What users set about services is agreed on: every node shows it, and it survives the power."""

import unittest
import urllib.parse

from cluster import Cluster
from http_client import Client
from waiting import wait_until

SETTLE_TIMEOUT_S = 15
V1 = "/nacos/v1/ns/"


def target(path, **parameters):
    return f"{V1}{path}?{urllib.parse.urlencode(parameters)}"


class NamingStateTest(unittest.TestCase):
    def write(self, node, method, path, **parameters):
        client = Client(node.http_port)
        answer = client.request(method, target(path, **parameters))
        client.close()
        self.assertEqual((answer.status, answer.body), (200, b"ok"), path)

    def shown(self, node):
        """What a node shows of it all; None for what it does not know."""
        client = Client(node.http_port)
        service = client.get_json(target("service", serviceName="orders"))
        empty = client.get_json(target("service", serviceName="empty"))
        hosts = client.get_json(target("instance/list", serviceName="orders"))
        switches = client.get_json(target("operator/switches"))
        client.close()
        return (service and (service["protectThreshold"], service["metadata"],
                             [each["healthChecker"]["type"] for each in service["clusters"]]),
                empty is not None,
                hosts and [(host["port"], host["weight"], host["healthy"], host["metadata"])
                           for host in hosts["hosts"]],
                switches and (switches["checkTimes"], switches["pushGoVersion"]))

    def assert_shown_everywhere(self, cluster, wanted):
        for node in cluster.nodes:
            wait_until(lambda: self.shown(node) == wanted, SETTLE_TIMEOUT_S,
                       f"node {node.id} shows {wanted}")

    def test_settings_overlays_and_switches_are_everywhere_and_outlive_all_nodes(self):
        with Cluster() as cluster:
            cluster.start()
            # Each through another node, so that each is forwarded to somebody's leader.
            first, second, third = cluster.nodes
            instance = {"serviceName": "orders", "ip": "127.0.0.1", "port": 9}
            self.write(first, "POST", "service", serviceName="empty")
            self.write(first, "POST", "service", serviceName="orders", protectThreshold=0.25,
                       metadata="owner=a")
            wait_until(lambda: self.shown(third)[0], SETTLE_TIMEOUT_S, "the service is known")
            # Before there is an instance: nobody shall find that nothing listens there.
            self.write(third, "PUT", "cluster", serviceName="orders", clusterName="DEFAULT",
                       checkPort=80, useInstancePort4Check="true",
                       healthChecker='{"type":"NONE"}')
            self.write(second, "POST", "instance", **instance, ephemeral="false")
            wait_until(lambda: self.shown(first)[2], SETTLE_TIMEOUT_S, "the instance is known")
            self.write(first, "PUT", "instance", **instance, ephemeral="false", weight=7,
                       metadata="zone=b")
            self.write(second, "PUT", "operator/switches", entry="healthCheckTimes", value=5)
            self.write(third, "PUT", "operator/switches", entry="pushVersion", value="go:2.0.0")
            wanted = ((0.25, {"owner": "a"}, ["NONE"]), True, [(9, 7.0, True, {"zone": "b"})],
                      (5, "2.0.0"))
            self.assert_shown_everywhere(cluster, wanted)
            cluster.kill_all()
            cluster.start()
            self.assert_shown_everywhere(cluster, wanted)


if __name__ == "__main__":
    unittest.main()
