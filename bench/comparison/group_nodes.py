"""group_nodes: three processes of troupe-bench-node with many groups, on loopback."""

import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import time

from . import clusters

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ANSWER_SECONDS = 60
POLL_SECONDS = 0.05


def resident_bytes(pid):
    """Memory that the process holds and that no file stands behind."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


class GroupNode:
    """One process. Its lines are read as they come."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, start_new_session=True)
        self.pid = self.process.pid
        self.unread = b""
        self.ready = None

    def line(self, end):
        """The next line, None when there is none by then or ever."""
        while b"\n" not in self.unread:
            wait = end - time.monotonic()
            if wait < 0 or not select.select([self.process.stdout], [], [], wait)[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def wait_ready(self, end):
        """The times that it took, None when it is not ready by then."""
        if self.ready is None:
            line = self.line(end)
            if line is not None and line.startswith("ready "):
                self.ready = json.loads(line.removeprefix("ready "))
        return self.ready

    def status(self):
        self.process.stdin.write(b"status\n")
        self.process.stdin.flush()
        line = self.line(time.monotonic() + ANSWER_SECONDS)
        if line is None:
            raise SystemExit(f"process {self.pid} does not answer")
        return json.loads(line)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self):
        try:
            self.process.wait(clusters.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


class GroupNodes:
    """Started empty; with-statement: ready inside, ended and removed behind it."""

    def __init__(self, program, directory, groups, ready_seconds, options=()):
        self.program = program
        self.directory = directory
        self.groups = groups
        self.ready_seconds = ready_seconds
        self.options = list(options)
        self.ports = dict(zip(clusters.NODES, clusters.free_ports(len(clusters.NODES))))
        self.nodes = {}

    @property
    def endpoints(self):
        return [f"127.0.0.1:{port}" for port in self.ports.values()]

    def command(self, node):
        members = ",".join(f"{n}=127.0.0.1:{port}" for n, port in self.ports.items())
        return [self.program, "--node-id", node, "--members", members, "--data-dir",
                self.directory / f"node-{node}", "--groups", self.groups] + self.options

    def start(self, node):
        with open(self.directory / f"node-{node}.log", "ab") as log:
            self.nodes[node] = GroupNode(self.command(node), log)

    def wait_ready(self):
        """Seconds until the last node was ready."""
        end = time.monotonic() + self.ready_seconds
        for number, node in self.nodes.items():
            if node.wait_ready(end) is None:
                raise SystemExit(f"node {number} is not ready within {self.ready_seconds} s; "
                                 f"its log is in {self.directory}")
        return max(node.ready["ready_ms"] for node in self.nodes.values()) / 1e3

    def settle(self, seconds):
        """Until leaders neither move nor fall silent any more, at most so long."""
        end = time.monotonic() + seconds
        before, now = None, self.statuses()
        while before != now and time.monotonic() < end:
            time.sleep(2)
            before, now = now, self.statuses()
        return now

    def statuses(self):
        return {number: node.status() for number, node in self.nodes.items()}

    def __enter__(self):
        self.directory.mkdir(parents=True)
        try:
            for node in clusters.NODES:
                self.start(node)
            self.start_seconds = self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def stop(self):
        for node in self.nodes.values():
            node.stop()
        for node in self.nodes.values():
            node.wait()
