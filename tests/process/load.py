"""Clients that write as fast as they can, each on its own thread, until they are told to stop."""

import random
import threading

from catalogue import register
from http_client import DONE, Client, kv_target


class Rotating:
    """A client that goes to the next node when its connection breaks or the node cannot help."""

    def __init__(self, nodes, first):
        self.ports = [node.http_port for node in nodes]
        self.at = first % len(self.ports)
        self.client = Client(self.ports[self.at])

    def request(self, *arguments):
        answer = self.client.request(*arguments)
        if answer.outcome() != DONE:
            self.rotate()
        return answer

    def rotate(self):
        self.client.close()
        self.at = (self.at + 1) % len(self.ports)
        self.client = Client(self.ports[self.at])

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
        return sum(len(instances) for instances in self.acknowledged.values())


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
