"""machine: what a measurement was made on, and how fast its disk syncs at the moment."""

import os
import pathlib
import platform
import statistics
import tempfile
import time

SYNCS = 100


def sync_milliseconds(directory):
    """Median time of fdatasync after appending 2 KiB: what every design here waits for."""
    took = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        for _ in range(SYNCS):
            os.write(file.fileno(), b"x" * 2048)
            began = time.monotonic()
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - began) * 1e3)
    return round(statistics.median(took), 3)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gib():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def mount_of(directory):
    """(device, type of file system) that `directory` lies on."""
    path = str(pathlib.Path(directory).resolve())
    best = ("", "?", "?")
    for line in pathlib.Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        device, point, kind = line.split()[:3]
        if (path + "/").startswith(point.rstrip("/") + "/") and len(point) > len(best[0]):
            best = (point, device, kind)
    return best[1:]


def describe(directory):
    device, kind = mount_of(directory)
    return {"processor": processor(), "cores": os.cpu_count(), "memory_gib": memory_gib(),
            "kernel": platform.release(), "disk": device, "file_system": kind,
            "sync_ms": sync_milliseconds(directory), "load_average": os.getloadavg()[0]}
