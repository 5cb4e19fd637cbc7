#!/usr/bin/env python3
"""The house style as a test: prints what breaks it, and each folder's longest file and function.

tidy.py [ROOT] ends with 1 when something breaks a rule that exceptions.txt does not excuse.
"""

import collections
import pathlib
import re
import sys

import functions

HERE = pathlib.Path(__file__).resolve().parent
# A folder includes only what stands left of it, and itself.
ARROW = ["raft", "codec", "persistence", "actors", "groups", "processors", "naming", "http",
         "apps"]
FOLDERS = ARROW + ["examples", "bench", "tests", "scripts", "cmake", "web"]
CPP = {".hpp", ".cpp"}
CODE = CPP | {".py", ".sh"}
TEXT = CODE | {".cmake", ".js", ".css", ".html"}
LINE_CHARACTERS_MAX = 100
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
IMPURE = re.compile(r'#\s*include\s*[<"](caf|rocksdb|msgpack|spdlog|thread|mutex|random|chrono)')
# The name of a test: the first literals that a macro of Catch is given, behind a fixture's class.
TEST_NAME = re.compile(r'\b(?:TEMPLATE_\w*)?(?:TEST_CASE|SCENARIO)\w*\s*\([^()"{};]*'
                       r'((?:"(?:\\.|[^"\\\n])*"\s*)+)')
DRAWERS = {"util", "utils", "common", "helper", "helpers", "manager", "impl", "misc"}

Broken = collections.namedtuple("Broken", "rule path line what")


class File:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.folder = self.path.split("/")[0]
        self.name = path.name
        self.stem = path.stem
        self.suffix = path.suffix
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()


def files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in TEXT and path.is_file() and "__pycache__" not in path.parts:
                yield File(root, path)


def each_include(file):
    """(line number, bracket, path) of each include."""
    for number, line in enumerate(file.lines, 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1], found[2]


def arrow(file):
    """An include may point to the left only."""
    if file.suffix not in CPP or file.folder not in ARROW:
        return
    allowed = ARROW[:ARROW.index(file.folder) + 1]
    for number, bracket, included in each_include(file):
        target = included.split("/")[0]
        if target in ARROW and target not in allowed:
            yield Broken("arrow", file.path, number, f"{file.folder} must not include {included}")
        if bracket == '"' and "/" not in included:
            yield Broken("arrow", file.path, number, f'"{included}" names no folder')


def public_only(file):
    """Examples are what a user of the library would write."""
    if file.suffix not in CPP or file.folder != "examples":
        return
    for number, bracket, included in each_include(file):
        if included.split("/")[0] in ARROW:
            yield Broken("public", file.path, number, f"{included} must be <troupe/{included}>")


def purity(file):
    """The core knows neither libraries nor clocks, threads and chance."""
    if file.folder != "raft":
        return
    for number, line in enumerate(file.lines, 1):
        if IMPURE.search(line):
            yield Broken("purity", file.path, number, line.strip())


def lines(file):
    for number, line in enumerate(file.lines, 1):
        if "\t" in line:
            yield Broken("tab", file.path, number, "has a tab")
        if line != line.rstrip():
            yield Broken("blank", file.path, number, "ends with blanks")
        if file.suffix in CODE and len(line) > LINE_CHARACTERS_MAX:
            yield Broken("line", file.path, number, f"{len(line)} characters")


def ending(file):
    if file.text and not file.text.endswith("\n"):
        yield Broken("blank", file.path, len(file.lines), "does not end with a newline")


def name(file):
    if DRAWERS & set(re.split(r"[._-]", file.stem.lower())):
        yield Broken("name", file.path, 1, "names a drawer, not a thing")


def opening(file):
    if file.suffix == ".hpp" and not (file.lines and file.lines[0].startswith("// ")):
        yield Broken("opening", file.path, 1, "must open with its role and its ignorance")


def file_length(file):
    if len(file.lines) > FILE_LINES_MAX and file.folder != "web":
        yield Broken("file", file.path, 1, f"{len(file.lines)} lines")


def function_lengths(file):
    for function in functions.of(file):
        if function.length > FUNCTION_LINES_MAX:
            yield Broken("function", f"{file.path}:{function.name}", function.line,
                         f"{function.length} lines")


def test_names(file):
    """Catch hands names to CMake as a list: a semicolon makes two of one, which run nothing and
    pass, a bracket joins all that follow, a backslash escapes what stands behind it."""
    if file.suffix not in CPP or file.folder != "tests":
        return
    for found in TEST_NAME.finditer(file.text):
        signs = sorted(set(found[1]) & set("[];\\"))
        if signs:
            line = file.text.count("\n", 0, found.start(1)) + 1
            yield Broken("test-name", file.path, line, f"has {' '.join(signs)}, a sign of CMake's")


RULES = (arrow, public_only, purity, lines, ending, name, opening, file_length, function_lengths,
         test_names)


def exceptions():
    """{(rule, path): reason}; a line is `rule path reason…`."""
    found = {}
    for line in (HERE / "exceptions.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            rule, path, reason = line.split(maxsplit=2)
            found[rule, path] = reason
    return found


def check(all_files):
    """What is broken and not excused; an exception that excuses nothing is broken, too."""
    excused = exceptions()
    unused = set(excused)
    for file in all_files:
        for rule in RULES:
            for broken in rule(file):
                unused.discard((broken.rule, broken.path))
                if (broken.rule, broken.path) not in excused:
                    yield broken
    for rule, path in sorted(unused):
        yield Broken("exception", "tests/tidy/exceptions.txt", 0, f"{rule} {path} excuses nothing")


def print_longest(all_files):
    print(f"{'folder':<12} {'longest file':<48} {'longest function'}")
    for folder in FOLDERS:
        inside = [file for file in all_files if file.folder == folder]
        if not inside:
            continue
        longest = max(inside, key=lambda file: len(file.lines))
        lengths = [(f.length, f.name) for file in inside for f in functions.of(file)]
        length, function = max(lengths, default=(0, "-"))
        print(f"{folder:<12} {len(longest.lines):>4} {longest.path:<43} {length:>4} {function}")


def main():
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE.parents[1]
    all_files = list(files(root))
    print_longest(all_files)
    broken = list(check(all_files))
    for rule, path, line, what in broken:
        print(f"{path}:{line}: {rule}: {what}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
