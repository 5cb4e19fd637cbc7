"""The one place where tests wait: for a condition, with a deadline."""

import time

POLL_S = 0.02


def wait_until(condition, timeout_s, what):
    """Returns the first true value of `condition()`; fails after `timeout_s`, saying `what`."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what}")
        time.sleep(POLL_S)
