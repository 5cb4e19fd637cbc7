#!/usr/bin/env python3
"""Copies the core, the simulation and the sessions into a build directory, with the defects of
defects.py.

plant.py ROOT DESTINATION. Each snippet must stand in its file exactly once: when the code has moved
on, the build fails here, and the defect is to be planted anew.
"""

import pathlib
import sys

from defects import DEFECTS

COPIED = ("raft/*.[ch]pp", "tests/simulation/*.[ch]pp", "persistence/sessions.cpp")
INCLUDE = '#include "tests/mutation/planted.hpp"\n'


def plant(name, path, text, original, replacement):
    found = text.count(original)
    if found != 1:
        sys.exit(f"plant.py: {name}: the snippet stands {found} times in {path}:\n{original}")
    return text.replace(original, replacement.replace("PLANTED", f'planted::is_on("{name}")'))


def with_include(text):
    """Behind the pragma of a header; in front of everything in a source."""
    if "#pragma once\n" in text:
        return text.replace("#pragma once\n", "#pragma once\n" + INCLUDE, 1)
    return INCLUDE + text


def write_if_changed(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    root, destination = map(pathlib.Path, sys.argv[1:3])
    texts = {}
    for pattern in COPIED:
        for path in sorted(root.glob(pattern)):
            texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
    changed = set()
    for defect in DEFECTS:
        for path, original, replacement in defect.changes:
            texts[path] = plant(defect.name, path, texts[path], original, replacement)
            changed.add(path)
    for path, text in texts.items():
        write_if_changed(destination / path, with_include(text) if path in changed else text)
    names = "".join(f'"{defect.name}",\n' for defect in DEFECTS)
    write_if_changed(destination / "planted_names.inc", names)


if __name__ == "__main__":
    main()
