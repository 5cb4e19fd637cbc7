"""Clients that write as fast as they can, each on its own thread, until they are told to stop."""

import random
import threading
import urllib.parse

from catalogue import instances, register
from http_client import DONE, kv_target
from waiting import wait_until


class Rotating:
    """A client that goes to the next node when its connection breaks or the node cannot help.

    `nodes` may grow and shrink meanwhile. `suffix` is put behind every target.
    """

    def __init__(self, nodes, first, timeout_s=15, suffix=""):
        self.nodes = nodes
        self.at = first
        self.timeout_s = timeout_s
        self.suffix = suffix
        self.client = self._connect()

    def _connect(self):
        return self.nodes[self.at % len(self.nodes)].client(self.timeout_s)

    def request(self, method, target, *more):
        answer = self.client.request(method, target + self.suffix, *more)
        if answer.outcome() != DONE:
            self.rotate()
        return answer

    def rotate(self):
        self.client.close()
        self.at += 1
        self.client = self._connect()

    def close(self):
        self.client.close()


class Threads:
    """Runs `work(number, stopped)` on each of `count` threads; stop() ends and joins them.

    A thread that fails makes stop() fail.
    """

    def __init__(self, count, work):
        self.stopped = threading.Event()
        self.failure = None
        self.threads = [threading.Thread(target=self._run, args=(work, i), daemon=True)
                        for i in range(count)]
        for thread in self.threads:
            thread.start()

    def _run(self, work, number):
        try:
            work(number, self.stopped)
        except Exception as failed:  # noqa: goes to the test's own thread
            self.failure = failed

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        if self.failure is not None:
            raise self.failure


def all_keys(node, prefix):
    """Every key under `prefix`, linearizably, page by page."""
    keys = set()
    start = ""
    while True:
        target = f"/kv/v1?prefix={prefix}&limit=1000" + (f"&from={start}" if start else "")
        page = wait_until(lambda: node.get_json(target), 10, "a page of keys")
        keys.update(urllib.parse.unquote(item["key"]) for item in page["items"])
        if page["next"] is None:
            return keys
        start = page["next"]


class Registrations:
    """Registers persistent instances; remembers which were acknowledged."""

    def __init__(self, nodes, services, threads=2):
        self.nodes = nodes
        self.services = services
        self.acknowledged = {service: set() for service in services}
        self.threads = Threads(threads, self._work)

    def _work(self, number, stopped):
        client = Rotating(self.nodes, number)
        port = 0
        while not stopped.is_set():
            port += 1
            service = self.services[port % len(self.services)]
            instance = (f"10.{number}.{port >> 8 & 255}.{port & 255}", 1 + port % 60000)
            if register(client, service, *instance).status == 200:
                self.acknowledged[service].add(instance)
            else:
                stopped.wait(0.01)
        client.close()

    def stop(self):
        self.threads.stop()

    def count(self):
        return sum(len(each) for each in self.acknowledged.values())

    def missing_on(self, node):
        """Acknowledged registrations that this node does not show."""
        lost = set()
        for service, acknowledged in self.acknowledged.items():
            lost |= acknowledged - (instances(node, service) or set())
        return lost


class Puts:
    """Puts keys that are never written twice; remembers which were acknowledged."""

    def __init__(self, nodes, prefix, threads=16):
        self.nodes = nodes
        self.prefix = prefix
        self.acknowledged = {}
        self.threads = Threads(threads, self._work)

    def _work(self, number, stopped):
        client = Rotating(self.nodes, number)
        count = 0
        while not stopped.is_set():
            count += 1
            key, value = f"{self.prefix}{number}-{count}", str(random.getrandbits(64))
            if client.request("PUT", kv_target(key), value.encode()).status == 200:
                self.acknowledged[key] = value
            else:
                stopped.wait(0.01)
        client.close()

    def stop(self):
        self.threads.stop()

    def missing_on(self, node):
        """Acknowledged keys that this node does not find."""
        return set(self.acknowledged) - all_keys(node, self.prefix)
