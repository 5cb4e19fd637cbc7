"""Clients that put, get, and compare and set, on few keys, and remember what they saw."""

import random

import history
from load import Rotating, Threads
from waiting import wait_until

PROGRESS_TIMEOUT_S = 30


class Clients:
    """`count` clients over `nodes`, each on its own thread, until stop().

    `patience` (timeout_ms, seconds) bounds a request: at the node, and for a silent node. Clients
    that share keys with others begin to count behind them, at `first`: no value is written twice.
    """

    def __init__(self, nodes, count=16, keys=5, patience=None, reads=0.4, first=0,
                 consistency="linearizable"):
        self.nodes = nodes
        self.keys = [f"key-{i}" for i in range(keys)]
        self.reads = reads
        self.patience = patience
        self.consistency = consistency
        self.recorders = [history.Recorder(first + i) for i in range(count)]
        self.threads = Threads(count, self._work)

    def _client(self, number):
        asked = f"?consistency={self.consistency}"
        if self.patience is None:
            return Rotating(self.nodes, number, suffix=asked)
        timeout_ms, timeout_s = self.patience
        return Rotating(self.nodes, number, timeout_s, f"{asked}&timeout_ms={timeout_ms}")

    def _work(self, index, stopped):
        client = self._client(index)
        recorder = self.recorders[index]
        number = recorder.number
        choice = random.Random(number)
        versions = {}
        writes = 0
        while not stopped.is_set():
            key = choice.choice(self.keys)
            writes += 1
            answer = self._operate(recorder, client, key, f"{number}-{writes}", versions, choice)
            if answer.status in (200, 404, 412):
                versions[key] = answer.version()
            else:
                stopped.wait(0.01)
        client.close()

    def _operate(self, recorder, client, key, value, versions, choice):
        kind = choice.random()
        if kind < self.reads:
            return recorder.get(client, key)
        if kind < self.reads + 0.3:
            return recorder.put(client, key, value)
        return recorder.compare_and_set(client, key, value, versions.get(key))

    def acknowledged_writes(self):
        return sum(1 for recorder in self.recorders for operation in list(recorder.operations)
                   if operation["op"] != "get" and operation["ok"])

    def wait_for_progress(self):
        """Waits until some more writes were acknowledged."""
        before = self.acknowledged_writes()
        wait_until(lambda: self.acknowledged_writes() > before + len(self.recorders),
                   PROGRESS_TIMEOUT_S, "writes go on")

    def stop(self):
        self.threads.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
