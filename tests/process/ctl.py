"""Runs troupectl."""

import json
import os
import subprocess

from programs import program

TIMEOUT_S = 60


def ctl(endpoints, *arguments, stdin=b"", timeout="10"):
    """The finished process, with stdout and stderr as bytes."""
    environment = dict(os.environ, TROUPE_ENDPOINTS=endpoints)
    return subprocess.run([program("troupectl"), "--timeout", timeout, *arguments], input=stdin,
                          env=environment, capture_output=True, timeout=TIMEOUT_S, check=False)


def ctl_json(endpoints, *arguments):
    """What a command prints with --output json; it must succeed."""
    done = ctl(endpoints, "--output", "json", *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
