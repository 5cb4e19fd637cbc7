"""What clients did and saw, in the form that troupe_check_history reads: a JSON object a line.

Requests that surely did not happen are left out; so are reads without an answer: they say nothing.
"""

import json
import subprocess
import time

from http_client import UNKNOWN, kv_target
from programs import program

CHECK_TIMEOUT_S = 300


class Recorder:
    """Does operations for one client and remembers them; belongs to one thread."""

    def __init__(self, number):
        self.number = number
        self.operations = []

    def put(self, client, key, value):
        return self._write(client, "PUT", "put", key, value, {}, None)

    def compare_and_set(self, client, key, value, expected):
        """Writes over version `expected`; None expects that there is no value."""
        condition = {"If-None-Match": "*"} if expected is None else {"If-Match": f'"{expected}"'}
        return self._write(client, "PUT", "cas", key, value, condition, expected)

    def get(self, client, key):
        begin = time.monotonic_ns()
        answer = client.request("GET", kv_target(key))
        end = time.monotonic_ns()
        if answer.status in (200, 404):
            observed = answer.body.decode() if answer.status == 200 else None
            self._add(key, "get", begin, end, ok=True, observed=observed, version=answer.version())
        return answer

    def _write(self, client, method, name, key, value, headers, expected):
        begin = time.monotonic_ns()
        answer = client.request(method, kv_target(key), value.encode(), headers)
        end = time.monotonic_ns()
        if answer.status == 200:
            self._add(key, name, begin, end, value=value, expected=expected, ok=True,
                      version=answer.json()["version"])
        elif answer.status == 412:
            self._add(key, name, begin, end, value=value, expected=expected, ok=False,
                      version=answer.version())
        elif answer.outcome() == UNKNOWN:
            self._add(key, name, begin, None, value=value, expected=expected)
        return answer

    def _add(self, key, name, begin, end, **fields):
        operation = {"key": key, "client": self.number, "op": name, "value": None,
                     "expected": None, "ok": None, "observed": None, "version": None,
                     "start_ns": begin, "end_ns": end}
        self.operations.append(operation | fields)


def save(path, recorders):
    with open(path, "w", encoding="ascii") as file:
        for recorder in recorders:
            for operation in recorder.operations:
                file.write(json.dumps(operation) + "\n")


def count(recorders):
    """How many operations there are of each kind and result, as one line."""
    counts = {}
    for recorder in recorders:
        for operation in recorder.operations:
            result = {True: "ok", False: "mismatch", None: "unknown"}[operation["ok"]]
            name = operation["op"] + " " + result
            counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def longest_gap_s(recorders, begin_ns=0, end_ns=None):
    """The longest time in which no write was acknowledged, if it overlaps the given span."""
    ends = sorted(operation["end_ns"] for recorder in recorders
                  for operation in recorder.operations
                  if operation["op"] != "get" and operation["ok"])
    return max((later - earlier for earlier, later in zip(ends, ends[1:])
                if later > begin_ns and (end_ns is None or earlier < end_ns)), default=0) / 1e9


def check(path):
    """Fails unless the history is linearizable; also when nothing could be concluded."""
    done = subprocess.run([program("troupe_check_history"), str(path)], capture_output=True,
                          text=True, timeout=CHECK_TIMEOUT_S, check=False)
    assert done.returncode == 0, f"{path}: {done.stdout}{done.stderr}"
