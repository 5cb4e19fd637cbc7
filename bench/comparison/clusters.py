"""clusters: three nodes of etcd or of Troupe on loopback, started empty and ended by their pids."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

NODES = (1, 2, 3)
READY_SECONDS = 30
STOP_SECONDS = 20
LOOPBACK = "127.0.0.1"
PORTS = range(18000, 31000)
ETCD_QUOTA_BYTES = 8 << 30  # of history; by default etcd refuses writes beyond 2 GiB
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """Ports that were free a moment ago, all different: they are held together. Below those that
    the kernel takes for outgoing connections: a node that is down must find its own free again."""
    held = []
    while len(held) < count:
        with contextlib.suppress(OSError):
            held.append(socket.create_server((LOOPBACK, random.choice(PORTS))))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def answers(url, posted=None):
    """The body of a 200, else None."""
    try:
        with urllib.request.urlopen(url, posted, timeout=2) as answer:
            return answer.read()
    except (OSError, urllib.error.URLError):
        return None


def cpu_microseconds(pid):
    """User and system time of a process so far."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = stat[stat.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000 // TICKS_A_SECOND


def bytes_written(pid):
    for line in pathlib.Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


class Cluster:
    """What etcd and Troupe have in common. A subclass gives command(), is_ready(), leads()."""

    def __init__(self, programs, directory, options=(), homes=None):
        """`homes`: where each node lives when not on loopback, see tests/process/network.py."""
        self.programs = programs
        self.directory = directory
        self.options = list(options)
        self.homes = homes or {}
        ports = free_ports(2 * len(NODES))
        self.peer_ports = dict(zip(NODES, ports))
        self.client_ports = dict(zip(NODES, ports[len(NODES):]))
        self.processes = {}

    def peer_address(self, node):
        host = self.homes[node].peer_host if self.homes else LOOPBACK
        return f"{host}:{self.peer_ports[node]}"

    def client_address(self, node):
        host = self.homes[node].http_host if self.homes else LOOPBACK
        return f"{host}:{self.client_ports[node]}"

    @property
    def endpoints(self):
        return [self.client_address(n) for n in NODES]

    @property
    def peer_endpoints(self):
        return [self.peer_address(n) for n in NODES]

    def log(self, node):
        return self.directory / f"node-{node}.log"

    def __enter__(self):
        self.directory.mkdir(parents=True)
        try:
            for node in NODES:
                self.start(node)
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def start(self, node):
        prefix = self.homes[node].prefix if self.homes else []
        with open(self.log(node), "ab") as log:
            self.processes[node] = subprocess.Popen(
                [str(part) for part in [*prefix, *self.command(node)]], stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def kill(self, node):
        """By -9: it tells nobody."""
        self.processes[node].kill()
        self.processes[node].wait()

    def end(self, node):
        """As an operator ends it."""
        self.processes[node].send_signal(signal.SIGTERM)
        self.processes[node].wait(STOP_SECONDS)

    def pid(self, node):
        return self.processes[node].pid

    def leader(self):
        """The node that leads; waits for there to be one."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            for node in NODES:
                if self.processes[node].poll() is None and self.leads(node):
                    return node
            time.sleep(0.02)
        raise SystemExit(f"no leader within {READY_SECONDS} s")

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def wait_ready(self):
        end = time.monotonic() + READY_SECONDS
        while not all(self.is_ready(node) for node in NODES):
            for node, process in self.processes.items():
                if process.poll() is not None:
                    raise SystemExit(f"node {node} ended:\n{self.last_words(node)}")
            if time.monotonic() > end:
                raise SystemExit(f"not ready within {READY_SECONDS} s:\n{self.last_words(1)}")
            time.sleep(0.05)

    def last_words(self, node):
        return "\n".join(self.log(node).read_text(errors="replace").splitlines()[-15:])

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def usage(self):
        """What all nodes have used since they started."""
        pids = [process.pid for process in self.processes.values()]
        return {"cpu_us": sum(map(cpu_microseconds, pids)),
                "bytes_written": sum(map(bytes_written, pids))}


class Etcd(Cluster):
    def command(self, node):
        peer = f"http://{self.peer_address(node)}"
        client = f"http://{self.client_address(node)}"
        members = ",".join(f"n{n}=http://{self.peer_address(n)}" for n in NODES)
        return [self.programs.etcd, "--name", f"n{node}", "--data-dir",
                self.directory / f"node-{node}", "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--listen-client-urls", client,
                "--advertise-client-urls", client, "--initial-cluster", members,
                "--initial-cluster-state", "new", "--log-level", "warn", "--logger", "zap",
                "--quota-backend-bytes", str(ETCD_QUOTA_BYTES), *self.options]

    def is_ready(self, node):
        body = answers(f"http://{self.client_address(node)}/health")
        return body is not None and json.loads(body).get("health") == "true"

    def leads(self, node):
        body = answers(f"http://{self.client_address(node)}/v3/maintenance/status", b"{}")
        status = json.loads(body) if body else {}
        return "leader" in status and status["leader"] == status["header"]["member_id"]


class Troupe(Cluster):
    def command(self, node):
        members = ",".join(f"{n}={self.peer_address(n)}" for n in NODES)
        return [self.programs.trouped, "--node-id", node, "--members", members,
                "--http", self.client_address(node),
                "--data-dir", self.data(node), *self.options]

    def data(self, node):
        return self.directory / f"node-{node}"

    def is_ready(self, node):
        return answers(f"http://{self.client_address(node)}/health/ready") is not None

    def group(self, node):
        """What the node says of the key-value group, None when it says nothing."""
        body = answers(f"http://{self.client_address(node)}/admin/v1/groups/kv")
        return json.loads(body) if body else None

    def leads(self, node):
        group = self.group(node)
        return group is not None and group["role"] == "leader"
