"""A client that asked for it hears over UDP of a change, from whichever node it asked."""

import gzip
import json
import socket
import time
import unittest

from cluster import Cluster
from http_client import naming_target
from waiting import wait_until

SERVICE = "orders"
AGENT = {"User-Agent": "Nacos-Java-Client:v1.4.7"}
ELECTION_S = 10
# Half a second for changes that come together, and a poll is due only after ten.
PUSH_TIMEOUT_S = 5
REPEATED_AFTER_S = 10


class Listener:
    """The UDP side of a Nacos client."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def subscribe(self, node):
        client = node.client()
        answer = client.request("GET", naming_target("instance/list", serviceName=SERVICE,
                                                     clientIP="127.0.0.1", udpPort=self.port),
                                headers=AGENT)
        client.close()
        return answer.json()

    def hear(self, timeout_s, acknowledges=True):
        """The list that was pushed, and the number to acknowledge."""
        self.socket.settimeout(timeout_s)
        datagram, sender = self.socket.recvfrom(65536)
        if datagram[:2] == b"\x1f\x8b":
            datagram = gzip.decompress(datagram)
        said = json.loads(datagram)
        assert said["type"] == "dom"
        if acknowledges:
            ack = {"type": "push-ack", "lastRefTime": said["lastRefTime"], "data": ""}
            self.socket.sendto(json.dumps(ack).encode(), sender)
        return json.loads(said["data"]), said["lastRefTime"]

    def close(self):
        self.socket.close()


def change(method, node, port):
    client = node.client()
    answer = client.request(method, naming_target("instance", serviceName=SERVICE, ip="127.0.0.1",
                                                  port=port, ephemeral="false"))
    client.close()
    return answer.status == 200


def switch(node, entry, value):
    client = node.client()
    answer = client.request("PUT", naming_target("operator/switches", entry=entry, value=value))
    client.close()
    return answer.status == 200


class PushTest(unittest.TestCase):
    def test_a_change_is_pushed_by_the_node_that_was_asked_and_repeated_until_acknowledged(self):
        listener = Listener()
        self.addCleanup(listener.close)
        with Cluster() as cluster:
            cluster.start()
            asked, other = cluster.nodes[0], cluster.nodes[1]
            # Nobody listens at the instances' ports: finding that out would be pushed, too.
            wait_until(lambda: switch(other, "check", "false"), ELECTION_S, "the switch")
            before = listener.subscribe(asked)
            self.assertEqual(before["hosts"], [])

            wait_until(lambda: change("POST", other, 8001), ELECTION_S, "the registration")
            begin = time.monotonic()
            pushed, _ = listener.hear(PUSH_TIMEOUT_S)
            print(f"\n      pushed after {time.monotonic() - begin:.2f} s")
            self.assertEqual([host["port"] for host in pushed["hosts"]], [8001])
            self.assertEqual(pushed["name"], before["name"])
            self.assertEqual(pushed["clusters"], before["clusters"])
            self.assertGreater(pushed["lastRefTime"], before["lastRefTime"])

            # Enough for a packet that is compressed.
            for port in range(8002, 8012):
                self.assertTrue(change("POST", other, port))
            while len(pushed["hosts"]) < 11:
                pushed, _ = listener.hear(PUSH_TIMEOUT_S)

            self.assertTrue(change("DELETE", other, 8001))
            _, unacknowledged = listener.hear(PUSH_TIMEOUT_S, acknowledges=False)
            listener.subscribe(asked)
            _, again = listener.hear(REPEATED_AFTER_S + PUSH_TIMEOUT_S)
            self.assertEqual(again, unacknowledged)


if __name__ == "__main__":
    unittest.main()
