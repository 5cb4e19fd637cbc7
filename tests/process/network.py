"""A network of the test's own, whose paths break on demand: a namespace for each node, and one
for the clients, with two bridges. Nodes talk over the one, clients reach them over the other, so
that a node that no other hears still answers its clients.

A namespace is held by a process that the kernel ends with the thread that made it: nothing stays
behind, however the tests end. Needs root; nothing but iproute2 and util-linux.
"""

import contextlib
import ctypes
import os
import signal
import subprocess

from waiting import wait_until

CLONE_NEWNET = 0x40000000
HOLDER_TIMEOUT_S = 10
NOWHERE = "02:00:00:00:00:ff"  # no interface has it
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sleep", "infinity"],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.prefix = ["nsenter", f"--net={self.path}"]
        try:
            wait_until(self._is_apart, HOLDER_TIMEOUT_S, "a network namespace")
            self.ip("link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise

    def _is_apart(self):
        if self.holder.poll() is not None:
            raise OSError(self.holder.stderr.read().decode().strip())
        return os.readlink(self.path) != os.readlink("/proc/thread-self/ns/net")

    def ip(self, *arguments):
        done = subprocess.run([*self.prefix, "ip", *arguments], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    def close(self):
        self.holder.send_signal(signal.SIGKILL)
        self.holder.wait()
        self.holder.stderr.close()

    @contextlib.contextmanager
    def entered(self):
        """The calling thread is in it, and so are threads and processes that it starts."""
        with open("/proc/thread-self/ns/net", "rb") as back, open(self.path, "rb") as into:
            _enter(into)
            try:
                yield self
            finally:
                _enter(back)


def _enter(namespace):
    if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Home:
    """Where a node lives: what starts it there, and its addresses."""

    def __init__(self, namespace, node_id):
        self.namespace = namespace
        self.prefix = namespace.prefix
        self.peer_host = f"10.77.1.{node_id}"
        self.http_host = f"10.77.2.{node_id}"


class Network:
    """Homes of nodes 1 to `size`. Every path between two nodes can be cut, in each direction."""

    def __init__(self, size):
        self.namespaces = contextlib.ExitStack()
        self.homes = {}
        try:
            self.hub = self._namespace()
            for bridge in ("peers", "clients"):
                self.hub.ip("link", "add", bridge, "type", "bridge")
                self.hub.ip("link", "set", bridge, "up")
            self.hub.ip("address", "add", "10.77.2.254/24", "dev", "clients")
            for node_id in range(1, size + 1):
                self._move_in(node_id)
        except BaseException:
            self.close()
            raise

    def _namespace(self):
        namespace = Namespace()
        self.namespaces.callback(namespace.close)
        return namespace

    def _move_in(self, node_id):
        home = self.homes[node_id] = Home(self._namespace(), node_id)
        for bridge, address in (("peers", home.peer_host), ("clients", home.http_host)):
            port = f"{bridge}-{node_id}"
            self.hub.ip("link", "add", port, "type", "veth", "peer", "name", bridge,
                        "netns", str(home.namespace.holder.pid))
            self.hub.ip("link", "set", port, "master", bridge, "up")
            home.namespace.ip("address", "add", address + "/24", "dev", bridge)
            home.namespace.ip("link", "set", bridge, "up")

    def unplug(self, node_id):
        """No other node reaches it, nor it them; each sees its own link go down, or nothing."""
        self.hub.ip("link", "set", f"peers-{node_id}", "down")

    def plug_in(self, node_id):
        self.hub.ip("link", "set", f"peers-{node_id}", "up")

    def cut(self, sender, receiver):
        """What `sender` sends to `receiver` is lost, silently; the other way is as it was."""
        self.homes[sender].namespace.ip(
            "neighbour", "replace", self.homes[receiver].peer_host, "lladdr", NOWHERE,
            "dev", "peers", "nud", "permanent")

    def heal(self, sender, receiver):
        self.homes[sender].namespace.ip(
            "neighbour", "delete", self.homes[receiver].peer_host, "dev", "peers")

    def close(self):
        self.namespaces.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def why_not():
    """Why this machine cannot make such networks; None when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        Network(1).close()
    except OSError as failed:
        return f"network namespaces cannot be made: {failed}"
    return None
