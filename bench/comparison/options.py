"""options: what every benchmark of this folder can be told, and how it tells what it found."""

import argparse
import contextlib
import json
import pathlib
import shutil
import statistics
import tempfile

from . import build, machine

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Where things lie on the machine that measured: of no use to a reader.
PATHS = ("directory", "etcd_program", "program", "apps")


def parser_for(description):
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--etcd-program", default="etcd", help="the etcd to start (default: the one in PATH)")
    add("--preset", default="release", help="CMake preset to build and measure (default release)")
    add("--directory", default=str(ROOT / "build"), help="where data goes (default build/)")
    add("--no-install", action="store_true", help="fail rather than install packages")
    add("--no-build", action="store_true", help="measure what is built already")
    add("--output", choices=("text", "json"), default="text")
    return parser


@contextlib.contextmanager
def data_directory(args, name):
    """A directory for the data of one run, removed behind it."""
    pathlib.Path(args.directory).mkdir(parents=True, exist_ok=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=args.directory))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def tell(args, found, text):
    """Prints what was found: all of it as JSON, or `text`."""
    if args.output == "text":
        print(text)
        return
    conditions = {name: value for name, value in vars(args).items() if name not in PATHS}
    print(json.dumps({"machine": machine.describe(args.directory),
                      "versions": build.versions(ROOT, args), "conditions": conditions} | found,
                     indent=2))


def spread(values):
    """Of several rounds: the median, and how far they lie apart."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
