"""A server that is registered as a persistent instance goes and comes back: the cluster finds out
by itself, whoever leads, and never forgets the instance."""

import socket
import threading
import unittest

from cluster import NAMING, Cluster, free_port
from http_client import naming_target
from waiting import wait_until

SERVICE = "orders"
# The first probe comes after 2 s and up to 5 s of chance, the others every 1 to 5 s.
FIRST_PROBE_S = 7
PROBE_PAUSE_S = 5
ELECTION_S = 10
SLACK_S = 10  # of a machine that is busy with other things


class TcpServer:
    """Listens on one port, accepts and closes; can go and come back."""

    def __init__(self):
        self.port = free_port()
        self.listener = None
        self.thread = None

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.thread = threading.Thread(target=self.accept, args=(self.listener,), daemon=True)
        self.thread.start()

    @staticmethod
    def accept(listener):
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


def register(node, port):
    client = node.client()
    answer = client.request("POST", naming_target("instance", serviceName=SERVICE, ip="127.0.0.1",
                                                  port=port, ephemeral="false"))
    client.close()
    return answer.status == 200


def listed(node):
    """Port → healthy, of all instances in the node's catalogue."""
    answer = node.get_json(naming_target("catalog/instances", serviceName=SERVICE,
                                         clusterName="DEFAULT", pageNo=1, pageSize=100))
    return {host["port"]: host["healthy"] for host in answer["list"]} if answer else {}


def wait_for(nodes, expected, timeout_s, what):
    for node in nodes:
        wait_until(lambda: listed(node) == expected, timeout_s, f"node {node.id}: {what}")


class HealthTest(unittest.TestCase):
    def test_a_server_that_goes_is_unhealthy_and_healthy_when_it_returns_whoever_leads(self):
        moody, steady = TcpServer(), TcpServer()
        moody.start()
        steady.start()
        self.addCleanup(steady.stop)
        with Cluster() as cluster:
            cluster.start()
            for server in (moody, steady):
                wait_until(lambda: register(cluster.nodes[0], server.port), ELECTION_S,
                           "the registration")
            both = {moody.port: True, steady.port: True}
            gone = {moody.port: False, steady.port: True}
            wait_for(cluster.nodes, both, SLACK_S, "both are listed as healthy")

            moody.stop()
            # Refused: the first probe is enough.
            wait_for(cluster.nodes, gone, FIRST_PROBE_S + SLACK_S, "the one that went is unhealthy")

            killed = cluster.leader_of(NAMING)
            killed.kill()
            others = cluster.running()
            cluster.leader_of(NAMING)
            self.assertEqual(listed(others[0]), gone)

            moody.start()
            self.addCleanup(moody.stop)
            wait_for(others, both, ELECTION_S + FIRST_PROBE_S + 2 * PROBE_PAUSE_S + SLACK_S,
                     "the one that returned is healthy, by the next leader's probes")
            killed.start()
            cluster.wait_ready([killed])
            wait_for([killed], both, SLACK_S, "the killed one sees the same")


if __name__ == "__main__":
    unittest.main()
