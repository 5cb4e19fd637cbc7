"""Nacos's interface byte for byte: each table of tests/nacos/ against a node of its own."""

import pathlib
import unittest

import nacos_table
from cluster import Cluster
from programs import ROOT

TABLES = ROOT / "tests" / "nacos"


class NacosTableTest(unittest.TestCase):
    def play(self, name):
        turns = nacos_table.read(TABLES / f"{name}.table")
        with Cluster(1) as cluster:
            cluster.start()
            client = cluster.nodes[0].client()
            wrong = []
            for turn in turns:
                reply = client.request(turn.method, turn.target, turn.body, turn.headers)
                wrong += [f"{turn}\n    {what}" for what in nacos_table.differences(turn, reply)]
            client.close()
        print(f"\n      {len(turns)} answers")
        if wrong:
            self.fail(f"{len(wrong)} of {len(turns)} differ:\n  " + "\n  ".join(wrong))


def _add_a_test_for_each_table():
    for path in sorted(pathlib.Path(TABLES).glob("*.table")):
        def test(self, name=path.stem):
            self.play(name)
        setattr(NacosTableTest, f"test_{path.stem}_is_answered_byte_for_byte", test)


_add_a_test_for_each_table()
