"""build: everything that a comparison runs, installed and built."""

import collections
import os
import shutil
import subprocess
import sys

Programs = collections.namedtuple(
    "Programs", "etcd etcd_load trouped troupe_bench troupe_bench_node")

# etcd, and what its load needs: Go, and etcd's client as Debian packages it.
PACKAGES = {"etcd-server": "/usr/bin/etcd", "golang-go": "/usr/bin/go",
            "golang-etcd-server-dev": "/usr/share/gocode/src/go.etcd.io/etcd/clientv3"}


def install(args, packages):
    """`packages`: by name the file that proves them."""
    missing = [package for package, proof in packages.items() if not os.path.exists(proof)]
    if not missing:
        return
    if args.no_install:
        raise SystemExit(f"missing packages: {' '.join(missing)}")
    print(f"installing {' '.join(missing)}", file=sys.stderr)
    quiet = {"check": True, "stdout": sys.stderr,
             "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    # A service that Debian would start is none of our business: ours have their own ports.
    subprocess.run(["apt-get", "update", "-q"], **quiet)
    subprocess.run(["apt-get", "install", "-yq", "--no-install-recommends"] + missing, **quiet)


def build_etcd_load(root, output):
    """In Go's old way, from packages' sources only: nothing is downloaded."""
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                "GOCACHE": str(output.parent / "go-cache")}
    subprocess.run(["go", "build", "-o", str(output), "./bench/etcd_load"], check=True, cwd=root,
                   stdout=sys.stderr, env=os.environ | settings)


def build_troupe(root, preset):
    for command in (["cmake", "--preset", preset],
                    ["cmake", "--build", "--preset", preset, "-j", str(os.cpu_count()),
                     "--target", "trouped", "troupe-bench", "troupe-bench-node"]):
        subprocess.run(command, check=True, cwd=root, stdout=sys.stderr)


def prepare(root, args, etcd=True, troupe=True):
    """Installs and builds what is measured, as far as `args` allow it."""
    apps = root / "build" / args.preset / "apps"
    etcd_load = root / "build" / "etcd_load"
    if etcd:
        install(args, PACKAGES)
        if not args.no_build:
            etcd_load.parent.mkdir(exist_ok=True)
            build_etcd_load(root, etcd_load)
    if troupe and not args.no_build:
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


def versions(root, args):
    return {"etcd": first_line([args.etcd_program, "--version"]),
            "go": first_line(["go", "version"]),
            "troupe": first_line(["git", "-C", str(root), "describe", "--always", "--dirty"]),
            "preset": args.preset}
