"""build: everything that a comparison runs, installed and built."""

import collections
import os
import shutil
import subprocess
import sys

Programs = collections.namedtuple(
    "Programs", "etcd etcd_load trouped troupe_bench troupe_bench_node")

GO_BUILD_SECONDS = 600
# They install and build for ./run and ./test, too.
SCRIPTS = ("set -u; TROUPE_ROOT=$PWD; "
           ". scripts/say.sh; . scripts/packages.sh; . scripts/build.sh; ")


def shell(root, command):
    """`command` may use the functions of scripts/. What it prints."""
    done = subprocess.run(["bash", "-c", SCRIPTS + command], cwd=root, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", file=sys.stderr)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return done.stdout


def install(root, args, package_list):
    """What the list of scripts/ names and this machine lacks. A service that Debian would start is
    none of our business: ours have their own ports."""
    if not args.no_install:
        shell(root, f"install_packages {package_list}")
    elif missing := shell(root, f"missing_packages {package_list}").split():
        raise SystemExit(f"missing packages: {' '.join(missing)}")


def build_etcd_load(root, output):
    """In Go's old way, from packages' sources only: nothing is downloaded."""
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                "GOCACHE": str(output.parent / "go-cache")}
    subprocess.run(["go", "build", "-o", str(output), "./bench/etcd_load"], check=True, cwd=root,
                   stdout=sys.stderr, env=os.environ | settings, stdin=subprocess.DEVNULL,
                   timeout=GO_BUILD_SECONDS)


def build_troupe(root, preset):
    """The server and every program that loads or watches it: apps/troupe_bench_main.cpp, …"""
    mains = (root / "apps").glob("troupe_bench*_main.cpp")
    loads = sorted(main.name.removesuffix("_main.cpp").replace("_", "-") for main in mains)
    shell(root, f"build {preset} trouped {' '.join(loads)}")


def prepare(root, args, etcd=True, troupe=True):
    """Installs and builds what is measured, as far as `args` allow it."""
    apps = root / "build" / args.preset / "apps"
    etcd_load = root / "build" / "etcd_load"
    if etcd:
        install(root, args, "packages-bench.txt")
        if not args.no_build:
            etcd_load.parent.mkdir(exist_ok=True)
            build_etcd_load(root, etcd_load)
    if troupe and not args.no_build:
        install(root, args, "packages.txt")
        build_troupe(root, args.preset)
    return Programs(shutil.which(args.etcd_program) or args.etcd_program, etcd_load,
                    apps / "trouped", apps / "troupe-bench", apps / "troupe-bench-node")


def first_line(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False)
    except OSError:
        return "?"
    return done.stdout.splitlines()[0] if done.stdout else "?"


def commit(root):
    """What stands in docs/ is no part of a build: bench/all itself writes there."""
    git = ["git", "-C", str(root)]
    is_changed = first_line([*git, "status", "--porcelain", "--", ".", ":!docs"]) != "?"
    return first_line([*git, "describe", "--always"]) + ("-dirty" if is_changed else "")


def versions(root, args):
    return {"etcd": first_line([args.etcd_program, "--version"]),
            "go": first_line(["go", "version"]),
            "troupe": commit(root),
            "preset": args.preset}
