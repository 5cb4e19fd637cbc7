"""What an operator is told when a node cannot start, and what it does when it is asked to stop."""

import pathlib
import re
import socket
import subprocess
import unittest

import history
from cluster import KV, Cluster
from load import Rotating, Threads
from waiting import wait_until

BAD_SETTING = 2
ENVIRONMENT = 3
STARTUP_TIMEOUT_S = 15
STOP_MAX_S = 5
GAP_MAX_S = 1.0


def run(node, *more):
    """Starts the node and expects that it ends by itself: exit code and what it said on stderr."""
    done = subprocess.run(node.command(*more), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=STARTUP_TIMEOUT_S, check=False)
    return done.returncode, done.stderr


class StartupErrors(unittest.TestCase):
    """Each names the setting, the value and what would help."""

    def setUp(self):
        self.cluster = self.enterContext(Cluster(1))
        self.node = self.cluster.nodes[0]
        self.directory = pathlib.Path(self.cluster.directory)

    def assert_refused(self, code, *words, flags=()):
        found, said = run(self.node, *flags)
        self.assertEqual(found, code, said)
        for word in words:
            self.assertIn(word.lower(), said.lower())
        complaint = [line for line in said.splitlines() if words[0].lower() in line.lower()]
        self.assertEqual(len(complaint), 1, f"one line about it, not: {said}")

    def occupied(self, port):
        listener = socket.socket()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        self.addCleanup(listener.close)

    def test_peers_port_in_use(self):
        self.occupied(self.node.peer_port)
        self.assert_refused(ENVIRONMENT, self.node.peer_address, "--listen", "in use")

    def test_http_port_in_use(self):
        self.occupied(self.node.http_port)
        self.assert_refused(ENVIRONMENT, self.node.http_address, "--http", "in use")

    def test_directory_locked(self):
        self.cluster.start()
        other = Cluster(1)
        self.addCleanup(other.__exit__, None)
        other.nodes[0].data = self.node.data
        found, said = run(other.nodes[0])
        self.assertEqual(found, ENVIRONMENT, said)
        self.assertIn(str(self.node.data), said)
        self.assertRegex(said.lower(), "lock|uses")

    def test_directory_not_writable(self):
        file = self.directory / "file"
        file.write_text("not a directory")
        self.node.data = file / "data"
        self.assert_refused(ENVIRONMENT, str(self.node.data), "--data-dir")

    def test_unknown_key_in_the_file(self):
        config = self.directory / "trouped.toml"
        config.write_text('log-level = "info"\nelection-timeout = 5\n')
        self.assert_refused(BAD_SETTING, "election-timeout", str(config), "no such setting",
                            flags=["--config", str(config)])

    def test_bad_member_list(self):
        self.node.members += ",2=127.0.0.1"
        self.assert_refused(BAD_SETTING, "--members", '"2=127.0.0.1"', "host:port")

    def test_value_out_of_range(self):
        self.assert_refused(BAD_SETTING, "--election-timeout-ms", '"5"', "100 to 60000",
                            flags=["--election-timeout-ms", "5"])

    def start_once(self):
        self.cluster.start()
        self.node.terminate()

    def test_directory_of_another_node(self):
        self.start_once()
        self.node.members = f"1=127.0.0.1:1,7={self.node.peer_address}"
        self.node.id = 7
        self.assert_refused(ENVIRONMENT, str(self.node.data), "1", "7")

    def test_directory_of_another_cluster(self):
        self.start_once()
        self.assert_refused(ENVIRONMENT, str(self.node.data), "troupe", "elsewhere",
                            flags=["--cluster", "elsewhere"])

    def test_wrong_format_version(self):
        self.start_once()
        identity = next(path for path in self.node.data.iterdir()
                        if path.is_file() and "format" in path.read_text(errors="replace"))
        identity.write_text(re.sub(r"(format[^\n0-9]*)\d+", r"\g<1>99", identity.read_text()))
        self.assert_refused(ENVIRONMENT, str(self.node.data), "99", "format")


class Stopping(unittest.TestCase):
    def test_sigterm_hands_leadership_over_and_ends_with_0(self):
        with Cluster() as cluster:
            cluster.start()
            leader = cluster.leader_of(KV)
            others = [node for node in cluster.nodes if node is not leader]
            recorders = [history.Recorder(number) for number in range(4)]

            def work(number, stopped):
                client = Rotating(others, number)
                while not stopped.is_set():
                    recorders[number].put(client, "key", f"{len(recorders[number].operations)}")

            threads = Threads(len(recorders), work)
            wait_until(lambda: all(len(r.operations) > 50 for r in recorders), 30, "some load")
            code, seconds = leader.terminate()
            after = [len(r.operations) for r in recorders]
            wait_until(lambda: all(len(r.operations) > n + 50 for r, n in zip(recorders, after)),
                       30, "writes go on")
            threads.stop()
            gap = history.longest_gap_s(recorders)
            print(f"\n      ended with {code} after {seconds:.2f} s; no write for {gap:.2f} s")
            self.assertEqual(code, 0)
            self.assertLess(seconds, STOP_MAX_S)
            self.assertLess(gap, GAP_MAX_S, "handed over, not waited for an election timeout")
            self.assertIn(cluster.leader_of(KV), others)

    def test_a_stopped_node_comes_back_with_its_data(self):
        with Cluster(1) as cluster:
            cluster.start()
            node = cluster.nodes[0]
            client = node.client()
            self.assertEqual(client.request("PUT", "/kv/v1/k", b"value").status, 200)
            client.close()
            self.assertEqual(node.terminate()[0], 0)
            cluster.start()
            self.assertEqual(client.request("GET", "/kv/v1/k").body, b"value")
            client.close()


if __name__ == "__main__":
    unittest.main()
