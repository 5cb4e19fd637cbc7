"""troupectl against nodes that fail on demand: what is asked again, and what never is."""

import socket
import unittest

from ctl import ctl
from fake_node import FakeNode

VERSION = (200, b'{"version":17}')
NO_LEADER = (503, b'{"code":"no_leader","message":"kv has none","retriable":true}')
UNKNOWN = (504, b'{"code":"outcome_unknown","message":"timed out","retriable":false}')
MISMATCH = (412, b'{"code":"version_mismatch","message":"it is 18","retriable":false}')


def dead_endpoint():
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def put(endpoints, **more):
    return ctl(endpoints, "kv", "put", "a/b", "x", **more)


class Failover(unittest.TestCase):
    def test_a_dead_endpoint_is_passed_over(self):
        with FakeNode([VERSION]) as node:
            done = put(f"{dead_endpoint()},{node.address}")
        self.assertEqual((done.returncode, done.stdout), (0, b"version 17\n"))

    def test_a_retriable_refusal_is_asked_elsewhere(self):
        with FakeNode([NO_LEADER]) as first, FakeNode([VERSION]) as second:
            done = put(f"{first.address},{second.address}")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(first.requests), 1)

    def test_an_election_is_waited_for(self):
        with FakeNode([NO_LEADER, NO_LEADER, VERSION]) as node:
            done = put(node.address)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(node.requests), 3)

    def test_a_lasting_retriable_refusal_ends_with_3(self):
        with FakeNode([NO_LEADER]) as node:
            done = put(node.address, timeout="0.5")
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"no_leader: kv has none", done.stderr)

    def test_no_endpoint_at_all_ends_with_3(self):
        self.assertEqual(put(dead_endpoint()).returncode, 3)

    def test_a_sent_write_without_answer_is_not_sent_again(self):
        with FakeNode([None]) as first, FakeNode([VERSION]) as second:
            done = put(f"{first.address},{second.address}")
        self.assertEqual(done.returncode, 4)
        self.assertEqual(second.requests, [])

    def test_an_unknown_outcome_is_not_sent_again(self):
        with FakeNode([UNKNOWN]) as first, FakeNode([VERSION]) as second:
            done = put(f"{first.address},{second.address}")
        self.assertEqual(done.returncode, 4)
        self.assertEqual(second.requests, [])

    def test_a_read_without_answer_is_asked_elsewhere(self):
        with FakeNode([None]) as first, FakeNode([(200, b"value")]) as second:
            done = ctl(f"{first.address},{second.address}", "kv", "get", "k")
        self.assertEqual((done.returncode, done.stdout), (0, b"value"))

    def test_a_mismatch_is_final(self):
        with FakeNode([MISMATCH]) as first, FakeNode([VERSION]) as second:
            done = ctl(f"{first.address},{second.address}", "kv", "put", "k", "v",
                       "--if-version", "17")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"version_mismatch: it is 18", done.stderr)
        self.assertEqual(first.requests[0][3]["If-Match"], '"17"')
        self.assertEqual(second.requests, [])

    def test_usage_errors_end_with_2(self):
        for arguments in (["kv"], ["kv", "put"], ["fly"], ["--output", "xml", "status"]):
            self.assertEqual(ctl("127.0.0.1:1", *arguments).returncode, 2, arguments)
        self.assertEqual(ctl("nowhere", "status").returncode, 2)

    def test_keys_and_values_travel_byte_for_byte(self):
        with FakeNode([VERSION]) as node:
            ctl(node.address, "kv", "put", "a/b c?", "-", stdin=b"\x00\xff\n")
            ctl(node.address, "kv", "put", "empty", "")
        self.assertEqual(node.requests[0][1], "/kv/v1/a%2Fb%20c%3F")
        self.assertEqual(node.requests[0][2], b"\x00\xff\n")
        self.assertEqual(node.requests[1][2], b"")

    def test_a_list_goes_over_pages(self):
        pages = [(200, b'{"items":[{"key":"a%2Fb","version":7,"value":"eA=="}],"next":"a%2Fc"}'),
                 (200, b'{"items":[{"key":"a%2Fc","version":12,"value":"eQ=="}],"next":null}')]
        with FakeNode(pages) as node:
            done = ctl(node.address, "kv", "list", "--prefix", "a/")
        self.assertEqual(done.stdout, b"KEY  VERSION  VALUE\na/b        7  x\na/c       12  y\n")
        self.assertEqual(node.requests[1][1], "/kv/v1?prefix=a%2F&limit=99&from=a%2Fc")

    def test_an_answer_of_another_form_is_said_so(self):
        for body in (b"<html>", b"{}", b"[1]"):
            with FakeNode([(200, body)]) as node:
                done = put(node.address)
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stderr.startswith(b"troupectl: "))


if __name__ == "__main__":
    unittest.main()
