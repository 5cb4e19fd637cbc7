"""clusters: three nodes of etcd or of Troupe on loopback, started empty and ended by their pids."""

import json
import os
import pathlib
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
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """Ports that were free a moment ago, all different: they are held together."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def answers(url):
    """The body of a 200, else None."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
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
    """What etcd and Troupe have in common. A subclass gives command(), is_ready()."""

    def __init__(self, programs, directory):
        self.programs = programs
        self.directory = directory
        ports = free_ports(2 * len(NODES))
        self.peer_ports = dict(zip(NODES, ports))
        self.client_ports = dict(zip(NODES, ports[len(NODES):]))
        self.processes = {}

    @property
    def endpoints(self):
        return [f"127.0.0.1:{self.client_ports[n]}" for n in NODES]

    @property
    def peer_endpoints(self):
        return [f"127.0.0.1:{self.peer_ports[n]}" for n in NODES]

    def log(self, node):
        return self.directory / f"node-{node}.log"

    def __enter__(self):
        self.directory.mkdir(parents=True)
        try:
            for node in NODES:
                with open(self.log(node), "wb") as log:
                    self.processes[node] = subprocess.Popen(
                        [str(part) for part in self.command(node)], stdin=subprocess.DEVNULL,
                        stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

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
        peer = f"http://127.0.0.1:{self.peer_ports[node]}"
        client = f"http://127.0.0.1:{self.client_ports[node]}"
        members = ",".join(f"n{n}=http://127.0.0.1:{self.peer_ports[n]}" for n in NODES)
        return [self.programs.etcd, "--name", f"n{node}", "--data-dir",
                self.directory / f"node-{node}", "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--listen-client-urls", client,
                "--advertise-client-urls", client, "--initial-cluster", members,
                "--initial-cluster-state", "new", "--log-level", "warn", "--logger", "zap"]

    def is_ready(self, node):
        body = answers(f"http://127.0.0.1:{self.client_ports[node]}/health")
        return body is not None and json.loads(body).get("health") == "true"


class Troupe(Cluster):
    def command(self, node):
        members = ",".join(f"{n}=127.0.0.1:{self.peer_ports[n]}" for n in NODES)
        return [self.programs.trouped, "--node-id", node, "--members", members,
                "--http", f"127.0.0.1:{self.client_ports[node]}",
                "--data-dir", self.directory / f"node-{node}"]

    def is_ready(self, node):
        return answers(f"http://127.0.0.1:{self.client_ports[node]}/health/ready") is not None
