"""Where the programs under test are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("TROUPE_BUILD", ROOT / "build" / "release"))


def program(name):
    """The path of a built program; TROUPED, TROUPECTL, … name another one."""
    chosen = os.environ.get(name.upper())
    if chosen:
        return chosen
    for folder in ("apps", "tests", "tests/linearizability", "bench"):
        path = BUILD / folder / name
        if path.is_file():
            return str(path)
    raise AssertionError(f"{name} is not built under {BUILD}; run ./run build")
