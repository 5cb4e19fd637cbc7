"""The public npm client of Nacos in a process of its own, driven over its standard input."""

import json
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time

from programs import BUILD

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "clients" / "npm"
ANSWER_TIMEOUT_S = 30
INSTALL_TIMEOUT_S = 300


def installed():
    """The directory with the driver and the packages of the lock file, and no others."""
    where = BUILD / "clients" / "npm"
    where.mkdir(parents=True, exist_ok=True)
    lock = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    stamp = where / "installed-lock.json"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, where / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=where,
                       check=True, timeout=INSTALL_TIMEOUT_S, stdout=subprocess.DEVNULL)
        stamp.write_text(lock, encoding="utf-8")
    shutil.copy(SOURCE / "driver.js", where / "driver.js")
    return where


class NpmClient:
    """with NpmClient("127.0.0.1:8101,127.0.0.1:8102") as client: client.call("status")"""

    def __init__(self, servers):
        self.servers = servers
        self.answers = {}
        self.events = queue.Queue()
        self.arrived = threading.Condition()
        self.last_id = 0

    def __enter__(self):
        self.cache = tempfile.mkdtemp(prefix="troupe-npm-")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "node", str(installed() / "driver.js"),
             self.servers, self.cache],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.cache, ignore_errors=True)

    def _read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "event" in told:
                self.events.put((time.monotonic(), told))
                continue
            with self.arrived:
                self.answers[told["id"]] = told
                self.arrived.notify_all()

    def call(self, verb, **arguments):
        """The value that the client's method gives; an AssertionError with its error."""
        self.last_id += 1
        mine = self.last_id
        self.process.stdin.write(json.dumps({"id": mine, "do": verb, **arguments}) + "\n")
        self.process.stdin.flush()
        with self.arrived:
            assert self.arrived.wait_for(lambda: mine in self.answers, ANSWER_TIMEOUT_S), \
                f"{verb}: no answer"
            answer = self.answers.pop(mine)
        assert "error" not in answer, f"{verb}: {answer['error']}"
        return answer["value"]

    def wait_event(self, wanted, what, timeout_s=ANSWER_TIMEOUT_S):
        """The first event that `wanted` takes, and when it came; earlier ones are passed over."""
        end = time.monotonic() + timeout_s
        seen = []
        while True:
            try:
                at, event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not seen: {what}; only {seen[-3:]}") from None
            if wanted(event):
                return at, event
            seen.append(event)
