"""Ports fed with garbage: the connection is closed, and that is all that happens.

What is sent to the peers' ports follows docs/wire-format.md: 2 bytes magic, 1 version, 1 kind,
4 length, 8 checksum, then the body.
"""

import os
import socket
import struct
import time
import unittest

from cluster import KV, Cluster
from http_client import kv_target
from load import Threads

MAGIC = b"Tr"
VERSION = 1
HELLO = 1
CONNECTIONS = 16
RANDOM_BYTES = 1 << 20
# A peer's whole hello, and a whole HTTP header, must be here after 10 s; some slack for a machine
# that is busy.
CLOSED_WITHIN_S = 20
# A connection without a single byte is as one between two requests: it may stay for 75 s.
IDLE_CLOSED_WITHIN_S = 85
RSS_GROWTH_MAX = 96 << 20
SERVED_WITHIN_S = 3.0
TRICKLE_S = 0.25


def header(length, magic=MAGIC, version=VERSION, kind=HELLO, checksum=0):
    return struct.pack(">2sBBIQ", magic, version, kind, length, checksum)


class Attack:
    """One connection that sends `data` and then waits to be closed."""

    def __init__(self, port, data, within_s=CLOSED_WITHIN_S):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=within_s)
        self.begin = time.monotonic()
        self.failed = False
        self.send(data)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except socket.timeout:
            pass  # neither read nor closed: closed_after_s() will tell
        except OSError:
            self.failed = True  # closed while we were sending: as good as closed after it

    def closed_after_s(self):
        """Seconds from the start until the node closed the connection; None when it did not."""
        try:
            while not self.failed and self.socket.recv(65536):
                pass
        except socket.timeout:
            return None
        except OSError:
            pass
        finally:
            self.socket.close()
        return time.monotonic() - self.begin


def trickle(port, data):
    """Sends `data` byte by byte; the seconds until the node closed, None when it did not."""
    attack = Attack(port, b"")
    attack.socket.settimeout(TRICKLE_S)
    for i in range(int(CLOSED_WITHIN_S / TRICKLE_S)):
        attack.send(data[i % len(data):][:1])
        try:
            if attack.failed or attack.socket.recv(1) == b"":
                attack.socket.close()
                return time.monotonic() - attack.begin
        except socket.timeout:
            continue
        except OSError:
            attack.failed = True
    attack.socket.close()
    return None


class Bystanders:
    """Clients of the other kind: each of their requests must be served, and soon."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.slowest_s = 0
        self.served = 0
        self.threads = Threads(len(nodes), self._work)

    def _work(self, number, stopped):
        client = self.nodes[number].client()
        while not stopped.is_set():
            begin = time.monotonic()
            put = client.request("PUT", kv_target(f"k{number}"), b"value")
            got = client.request("GET", kv_target(f"k{number}"))
            assert (put.status, got.status, got.body) == (200, 200, b"value"), \
                f"not served: {put.status} {put.body} {got.status} {got.body}"
            self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
            self.served += 1
            stopped.wait(0.02)
        client.close()

    def stop(self):
        self.threads.stop()


class GarbageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.__exit__, None)
        cls.cluster.start()
        cls.node = cls.cluster.leader_of(KV)

    def setUp(self):
        self.term = self.node.group(KV)["term"]
        self.rss = self.node.rss_bytes()
        self.bystanders = Bystanders(self.cluster.nodes)

    def tearDown(self):
        self.bystanders.stop()
        grown = self.node.rss_bytes() - self.rss
        print(f"\n      memory {grown / 2**20:+.1f} MiB; {self.bystanders.served} requests of"
              f" others served, the slowest in {self.bystanders.slowest_s * 1000:.0f} ms")
        self.assertLess(grown, RSS_GROWTH_MAX)
        self.assertLess(self.bystanders.slowest_s, SERVED_WITHIN_S)
        self.assertGreater(self.bystanders.served, 0)
        self.assertTrue(self.node.is_ready())
        self.assertEqual(self.node.group(KV)["term"], self.term, "nobody had to hold an election")

    def assert_all_closed(self, port, data, within_s=CLOSED_WITHIN_S):
        """Every one of many connections that send `data` is closed in time."""
        attacks = [Attack(port, data, within_s) for _ in range(CONNECTIONS)]
        for attack in attacks:
            self.assertIsNotNone(attack.closed_after_s(), "the connection stays open")

    def test_random_bytes(self):
        for name, port in (("peers", self.node.peer_port), ("http", self.node.http_port)):
            with self.subTest(port=name):
                self.assert_all_closed(port, os.urandom(RANDOM_BYTES))

    def test_silence_towards_peers(self):
        self.assert_all_closed(self.node.peer_port, b"")

    def test_silence_towards_http(self):
        self.assert_all_closed(self.node.http_port, b"", IDLE_CLOSED_WITHIN_S)

    def test_half_a_frame_header(self):
        self.assert_all_closed(self.node.peer_port, header(100)[:7])

    def test_half_a_frame(self):
        self.assert_all_closed(self.node.peer_port, header(100) + b"x" * 50)

    def test_a_frame_with_a_wrong_checksum(self):
        self.assert_all_closed(self.node.peer_port, header(100) + b"x" * 100)

    def test_a_wrong_magic_version_or_kind(self):
        for frame in (header(0, magic=b"XX"), header(0, version=99), header(0, kind=99)):
            self.assert_all_closed(self.node.peer_port, frame)

    def test_huge_length_claims(self):
        for length in (2**32 - 1, 2**31, 32 << 20):
            self.assert_all_closed(self.node.peer_port, header(length) + b"x" * 1000)

    def test_huge_http_claims(self):
        for claim in (b"PUT /kv/v1/k HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999\r\n\r\n",
                      b"PUT /kv/v1/k HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
                      b"GET / HTTP/1.1\r\nX: " + b"x" * (1 << 20)):
            self.assert_all_closed(self.node.http_port, claim)

    def test_half_an_http_header(self):
        self.assert_all_closed(self.node.http_port, b"GET /kv/v1/k HTTP/1.1\r\nHost: t\r\n")

    def test_a_slow_trickle(self):
        slow = [(self.node.peer_port, header(100) + b"x" * 100),
                (self.node.http_port, b"GET /kv/v1/k HTTP/1.1\r\nHost: t\r\nX: " + b"x" * 1000)]
        for port, data in slow:
            with self.subTest(port=port):
                self.assertIsNotNone(trickle(port, data), "the connection stays open")


if __name__ == "__main__":
    unittest.main()
