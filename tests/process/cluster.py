"""A cluster of real server processes on free loopback ports, with directories of its own.

    with Cluster(3) as cluster:
        cluster.start()
        cluster.leader_of("kv").kill()

Whatever happens, no process and no directory stays behind.
"""

import atexit
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from http_client import Client
from programs import program
from waiting import wait_until

KV = "kv"
NAMING = "naming_persistent_service_v2"
READY_TIMEOUT_S = 30
LOG_LINES_SHOWN = 25
# Below the range that the kernel takes for outgoing connections: a node that is down for a while
# must find its port free again.
PORTS = range(18000, 31000)
LOOPBACK = "127.0.0.1"
_taken = set()


def free_port():
    """A loopback port that nobody listens on, never the same twice."""
    while True:
        port = random.choice(PORTS)
        if port in _taken:
            continue
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        _taken.add(port)
        return port


class Node:
    """One server process, over all its lives; on loopback unless it has a home of its own."""

    def __init__(self, node_id, directory, home=None):
        self.id = node_id
        self.peer_host = home.peer_host if home else LOOPBACK
        self.http_host = home.http_host if home else LOOPBACK
        self.prefix = home.prefix if home else []  # what starts the server there
        self.peer_port = free_port()
        self.http_port = free_port()
        self.directory = pathlib.Path(directory)
        self.data = self.directory / f"data-{node_id}"
        self.log = self.directory / f"node-{node_id}.log"
        self.members = ""
        self.flags = []
        self.process = None
        self.started_at = None

    @property
    def peer_address(self):
        return f"{self.peer_host}:{self.peer_port}"

    @property
    def http_address(self):
        return f"{self.http_host}:{self.http_port}"

    def command(self, *more):
        """With the signal that the kernel sends when the thread ends that started the process:
        nodes are started on the main thread, so none outlives the tests, however they end."""
        return [*self.prefix, "setpriv", "--pdeathsig", "KILL", program("trouped"),
                "--node-id", str(self.id),
                "--members", self.members, "--http", self.http_address,
                "--data-dir", str(self.data), *self.flags, *more]

    def start(self, *more):
        with open(self.log, "ab") as log:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(self.command(*more), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        _running.add(self)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9, and waits until the process is gone."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        _running.discard(self)

    def terminate(self, timeout_s=10):
        """SIGTERM; the exit code and the seconds it took."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout_s)
        _running.discard(self)
        return code, time.monotonic() - begin

    def lose_data(self):
        """As when the disk is replaced; the node must not run."""
        shutil.rmtree(self.data)

    def client(self, timeout_s=15):
        return Client(self.http_port, timeout_s, self.http_host)

    def get_json(self, target):
        client = self.client(5)
        try:
            return client.get_json(target)
        finally:
            client.close()

    def is_ready(self):
        if not self.is_running():
            raise AssertionError(f"node {self.id} ended by itself with {self.process.returncode}")
        return self.get_json("/health/ready") is not None

    def group(self, name):
        """What the node shows of a group, or None."""
        return self.get_json("/admin/v1/groups/" + name)

    def rss_bytes(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def log_tail(self, lines=LOG_LINES_SHOWN):
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


_running = set()


@atexit.register
def _kill_all():
    for node in list(_running):
        node.kill()


class Cluster:
    def __init__(self, size=3, flags=(), homes=None):
        """`homes` ({id: Home}): where nodes live that are not on loopback."""
        self.directory = tempfile.mkdtemp(prefix="troupe-test-")
        self.nodes = [Node(i, self.directory, (homes or {}).get(i)) for i in range(1, size + 1)]
        members = ",".join(f"{node.id}={node.peer_address}" for node in self.nodes)
        for node in self.nodes:
            node.members = members
            node.flags = list(flags)

    def add_node(self, *flags):
        """A node that is not started yet; it knows the present ones and waits to be added."""
        node = Node(len(self.nodes) + 1, self.directory)
        node.members = f"{self.nodes[0].members},{node.id}={node.peer_address}"
        node.flags = ["--join", *flags]
        self.nodes.append(node)
        return node

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if failed is not None:
            self.show_logs()
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def show_logs(self):
        for node in self.nodes:
            print(f"--- log of node {node.id}\n{node.log_tail()}", file=sys.stderr)

    def start(self):
        for node in self.nodes:
            node.start()
        self.wait_ready()

    def kill_all(self):
        """All at once, as when the power goes."""
        for node in self.nodes:
            node.process.kill()
        for node in self.nodes:
            node.kill()

    def wait_ready(self, nodes=None, timeout_s=READY_TIMEOUT_S):
        for node in nodes or self.nodes:
            wait_until(node.is_ready, timeout_s, f"node {node.id} ready")

    def running(self):
        return [node for node in self.nodes if node.is_running()]

    def endpoints(self):
        return ",".join(node.http_address for node in self.nodes)

    def find_leader(self, group):
        """The running node that says it leads, in the newest term if several do; or None."""
        leaders = []
        for node in self.running():
            seen = node.group(group)
            if seen is not None and seen["role"] == "leader":
                leaders.append((seen["term"], node.id, node))
        return max(leaders)[2] if leaders else None

    def leader_of(self, group, timeout_s=READY_TIMEOUT_S):
        return wait_until(lambda: self.find_leader(group), timeout_s, f"a leader of {group}")

    def transfer(self, group, to, timeout_s=READY_TIMEOUT_S):
        """Hands `group` to node `to`, and waits until it leads and everyone says so."""

        def settled():
            views = [node.group(group) for node in self.running()]
            if all(v and v["leader"] and v["leader"]["id"] == to.id for v in views):
                return True
            client = self.leader_of(group).client()
            client.request("POST", f"/admin/v1/groups/{group}/transfer", f'{{"to":"{to.id}"}}',
                           {"Content-Type": "application/json"})
            client.close()
            return False

        wait_until(settled, timeout_s, f"{group} led by node {to.id}")
