"""Every command of troupectl, against a real cluster."""

import base64
import unittest

from cluster import KV, NAMING, Cluster
from ctl import ctl, ctl_json
from waiting import wait_until

INSTANCE = ("--service", "orders", "--ip", "10.0.0.1", "--port", "3306")


class CtlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.__exit__, None)
        cls.cluster.start()
        cls.endpoints = cls.cluster.endpoints()

    def run_ctl(self, *arguments, code=0, stdin=b""):
        """What a command prints, once it ended with `code`."""
        done = ctl(self.endpoints, *arguments, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        if code != 0:
            self.assertTrue(done.stderr.startswith(b"troupectl: "), done.stderr)
        return done.stdout

    def json(self, *arguments):
        return ctl_json(self.endpoints, *arguments)

    def test_status(self):
        lines = self.run_ctl("status").decode().splitlines()
        self.assertTrue(lines[0].startswith("ENDPOINT"))
        self.assertEqual(sum(line.endswith("ready") for line in lines), 3)
        status = self.json("status")
        self.assertEqual([node["node"]["id"] for node in status["nodes"]], [1, 2, 3])

    def test_group_list(self):
        names = [group["name"] for group in self.json("group", "list")["groups"]]
        self.assertIn(KV, names)
        self.assertIn(NAMING.encode(), self.run_ctl("group", "list"))

    def test_group_show_has_the_leaders_view(self):
        group = self.json("group", "show", KV)
        self.assertEqual(group["role"], "leader")
        self.assertTrue(all(member["match"] is not None for member in group["members"]))
        self.assertIn(b"MEMBER", self.run_ctl("group", "show", KV))
        self.run_ctl("group", "show", "nowhere", code=1)

    def test_leader_transfer(self):
        for node in self.cluster.nodes[:2]:
            to = str(node.id) if node.id == 1 else node.peer_address
            self.run_ctl("leader", "transfer", KV, "--to", to)
            wait_until(lambda: self.cluster.leader_of(KV) is node, 10, f"{KV} led by {node.id}")
        self.run_ctl("leader", "transfer", KV, "--to", "9", code=1)
        self.run_ctl("leader", "transfer", "nowhere", "--to", "1", code=1)

    def test_kv_put_get_delete(self):
        version = self.json("kv", "put", "a/b", "first")["version"]
        self.assertEqual(self.run_ctl("kv", "get", "a/b"), b"first")
        self.assertEqual(self.json("kv", "get", "a/b"),
                         {"key": "a%2Fb", "version": version,
                          "value": base64.b64encode(b"first").decode()})
        self.assertEqual(self.run_ctl("kv", "delete", "a/b"), b"deleted\n")
        self.assertEqual(self.run_ctl("kv", "delete", "a/b"), b"was absent\n")
        self.run_ctl("kv", "get", "a/b", code=1)

    def test_kv_values_are_bytes(self):
        value = bytes(range(256)) * 1000
        self.run_ctl("kv", "put", "bytes", "-", stdin=value)
        self.assertEqual(self.run_ctl("kv", "get", "bytes"), value)
        self.run_ctl("kv", "put", "empty", "")
        self.assertEqual(self.run_ctl("kv", "get", "empty"), b"")

    def test_kv_conditions(self):
        version = self.json("kv", "put", "c", "1", "--if-absent")["version"]
        self.run_ctl("kv", "put", "c", "2", "--if-absent", code=1)
        self.run_ctl("kv", "put", "c", "2", "--if-version", str(version))
        self.run_ctl("kv", "put", "c", "3", "--if-version", str(version), code=1)
        self.run_ctl("kv", "delete", "c", "--if-version", str(version), code=1)
        self.assertEqual(self.run_ctl("kv", "get", "c"), b"2")

    def test_kv_list(self):
        for i in range(5):
            self.run_ctl("kv", "put", f"list/{i}", f"v{i}")
        lines = self.run_ctl("kv", "list", "--prefix", "list/").decode().splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:]], [f"list/{i}" for i in range(5)])
        items = self.json("kv", "list", "--prefix", "list/", "--limit", "2")["items"]
        self.assertEqual([item["key"] for item in items], ["list%2F0", "list%2F1"])

    def test_instances(self):
        done = self.run_ctl("instance", "register", *INSTANCE, "--weight", "2.5",
                            "--metadata", "zone=a", "--metadata", "rack=7")
        self.assertEqual(done, b"registered\n")
        listing = ("instance", "list", "--service", "orders")
        found = wait_until(lambda: self.json(*listing)["instances"], 10, "it is listed")
        self.assertEqual((found[0]["ip"], found[0]["port"], found[0]["weight"]),
                         ("10.0.0.1", 3306, 2.5))
        self.assertEqual(found[0]["metadata"], {"zone": "a", "rack": "7"})
        self.assertIn(b"rack=7,zone=a", self.run_ctl(*listing))
        self.assertEqual(self.run_ctl("instance", "deregister", *INSTANCE), b"deregistered\n")
        wait_until(lambda: not self.json(*listing)["instances"], 10, "it is gone")

    def test_a_bad_instance_is_refused(self):
        self.run_ctl("instance", "register", "--service", "@@", "--ip", "10.0.0.1", "--port", "1",
                     code=1)


class DeadEndpointTest(unittest.TestCase):
    def test_commands_work_while_the_first_endpoint_is_dead(self):
        with Cluster() as cluster:
            cluster.start()
            cluster.nodes[0].kill()
            endpoints = cluster.endpoints()
            self.assertEqual(ctl(endpoints, "kv", "put", "k", "v").returncode, 0)
            self.assertEqual(ctl(endpoints, "kv", "get", "k").stdout, b"v")
            self.assertEqual(ctl(endpoints, "instance", "register", *INSTANCE).returncode, 0)
            status = ctl(endpoints, "status")
            self.assertEqual(status.returncode, 0)
            self.assertIn(b"unreachable", status.stdout)
            self.assertEqual(ctl(endpoints, "group", "show", KV).returncode, 0)


if __name__ == "__main__":
    unittest.main()
