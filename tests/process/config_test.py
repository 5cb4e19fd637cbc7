"""Configurations on real processes: the largest one travels and survives, a change on one node ends
the polls on another, and compare-and-set decides once for the whole cluster."""

import concurrent.futures
import hashlib
import unittest
import urllib.parse

from cluster import Cluster
from http_client import UNKNOWN
from waiting import wait_until

CONFIG = "nacos_config"
CONFIGS = "/nacos/v1/cs/configs"
LISTENER = CONFIGS + "/listener"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CONTENT_BYTES_MAX = 10 * 1024 * 1024
CHANGE_TIMEOUT_S = 20
WRITERS = 8


def md5(content):
    return hashlib.md5(content.encode()).hexdigest()


def form(**parameters):
    return urllib.parse.urlencode(parameters)


def target(data_id, **more):
    return CONFIGS + "?" + form(dataId=data_id, group="g", **more)


def publish(node, data_id, content, **headers):
    client = node.client(60)
    try:
        body = form(dataId=data_id, group="g", content=content)
        return client.request("POST", CONFIGS, body, {**FORM, **headers})
    finally:
        client.close()


def get(node, data_id, **more):
    client = node.client(60)
    try:
        return client.request("GET", target(data_id, **more))
    finally:
        client.close()


def poll(node, data_id, digest):
    """The body of the answer, which may take long."""
    client = node.client(60)
    try:
        lines = f"{data_id}\x02g\x02{digest}\x01"
        answer = client.request("POST", LISTENER, form(**{"Listening-Configs": lines}),
                                {**FORM, "Long-Pulling-Timeout": "60000"})
        return answer.body.decode()
    finally:
        client.close()


def listeners(node, data_id):
    return node.get_json(LISTENER + "?" + form(dataId=data_id, group="g")) or {}


def add_one(node):
    """Reads what stands and publishes one more over it, until that is acknowledged. How many times
    it may have happened besides."""
    unknown = 0
    while True:
        seen = get(node, "count", consistency="linearizable")
        if seen.status != 200:
            continue
        value = seen.body.decode()
        answer = publish(node, "count", str(int(value) + 1), casMd5=md5(value))
        if answer.body == b"true":
            return unknown
        unknown += b"Cas publish fail" not in answer.body and answer.outcome() == UNKNOWN


class ConfigTest(unittest.TestCase):
    def test_the_largest_configuration_reaches_every_node_and_survives(self):
        content = "x" * CONTENT_BYTES_MAX
        with Cluster() as cluster:
            cluster.start()
            leader = cluster.leader_of(CONFIG)
            follower = next(n for n in cluster.nodes if n is not leader)
            answer = publish(follower, "large", content)
            self.assertEqual((answer.status, answer.body), (200, b"true"))
            self.check_everywhere(cluster, content)
            again = get(follower, "large", consistency="linearizable")
            self.assertEqual(again.headers["Content-MD5"], md5(content))
            cluster.kill_all()
            cluster.start()
            self.check_everywhere(cluster, content)

    def check_everywhere(self, cluster, content):
        for node in cluster.nodes:
            wait_until(lambda n=node: get(n, "large").body.decode() == content, CHANGE_TIMEOUT_S,
                       f"node {node.id} has the largest configuration")

    def test_a_change_on_one_node_ends_polls_on_the_others(self):
        with Cluster() as cluster, concurrent.futures.ThreadPoolExecutor() as pool:
            cluster.start()
            self.assertEqual(publish(cluster.nodes[0], "watched", "1").body, b"true")
            for node in cluster.nodes:
                wait_until(lambda n=node: get(n, "watched").status == 200, CHANGE_TIMEOUT_S,
                           f"node {node.id} knows the configuration")
            polls = [pool.submit(poll, node, "watched", md5("1")) for node in cluster.nodes]
            for node in cluster.nodes:
                wait_until(lambda n=node: listeners(n, "watched")["lisentersGroupkeyStatus"],
                           CHANGE_TIMEOUT_S, f"a poll hangs on node {node.id}")
            self.assertEqual(publish(cluster.nodes[2], "watched", "2").body, b"true")
            for waiting in polls:
                self.assertEqual(waiting.result(CHANGE_TIMEOUT_S), "watched%02g%01\n")

    def test_compare_and_set_is_decided_once_for_the_cluster(self):
        with Cluster() as cluster, concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            cluster.start()
            self.assertEqual(publish(cluster.nodes[0], "count", "0").body, b"true")

            added = [pool.submit(add_one, cluster.nodes[i % 3]) for i in range(3 * WRITERS)]
            unknown = sum(one.result(120) for one in added)
            final = get(cluster.nodes[0], "count", consistency="linearizable")
            self.assertIn(int(final.body), range(len(added), len(added) + unknown + 1))


if __name__ == "__main__":
    unittest.main()
