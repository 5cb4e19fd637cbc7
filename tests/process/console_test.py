"""The console in a real browser, against three nodes, one of which dies.

TROUPE_SCREENSHOTS names a directory that keeps what was seen.
"""

import os
import pathlib
import socket
import urllib.parse
import unittest

from browser import Browser
from cluster import Cluster
from http_client import naming_target
from waiting import wait_until

SCREENSHOTS = os.environ.get("TROUPE_SCREENSHOTS")
CONFIGS = "/nacos/v1/cs/configs"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def listening():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


class ConsoleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster(3))
        cls.cluster.start()
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.node = self.cluster.nodes[0]

    def tearDown(self):
        self.assertEqual([e for e in self.browser.errors() if "Failed to load" not in e], [])

    def keep(self, name):
        if SCREENSHOTS:
            self.browser.screenshot(pathlib.Path(SCREENSHOTS) / f"{name}.png")

    def go(self, page, node=None):
        self.browser.open(f"http://{(node or self.node).http_address}/console/#/{page}")

    def ask(self, method, target, body=None, status=200):
        client = self.node.client()
        reply = client.request(method, target, body, FORM)
        client.close()
        self.assertEqual(reply.status, status, reply.body)
        return reply.body.decode()

    def enroll(self, service, port, **more):
        self.ask("POST", naming_target("instance", serviceName=service, ip="127.0.0.1", port=port,
                                       ephemeral="false", **more))

    def publish(self, data_id, content):
        self.ask("POST", CONFIGS, urllib.parse.urlencode(
            {"dataId": data_id, "group": "DEFAULT_GROUP", "content": content, "type": "yaml"}))

    def test_an_instance_that_fails_its_check_is_marked_and_stays(self):
        browser = self.browser
        server, port = listening()
        other, other_port = listening()
        self.addCleanup(other.close)
        for at in (port, other_port):
            self.enroll("database", at, metadata='{"zone":"a"}')
        self.go("services")
        browser.wait_text("main", "database")
        browser.wait_text("tr", "healthy")
        self.go("service/public/DEFAULT_GROUP/database")
        browser.wait_text("main", f"127.0.0.1:{port}")
        self.keep("healthy")

        server.close()
        browser.wait_text("tr.bad", f"127.0.0.1:{port}", 30)  # without a reload
        browser.wait_text("tr.bad", "unhealthy")
        browser.wait_text("tr.bad .why", "refused")
        browser.wait_text("tr.bad", "since")
        self.keep("unhealthy")
        self.go("services")
        browser.wait_text("tr.bad", "1 unhealthy")
        self.keep("services")

    def test_an_instance_is_disabled_weighed_and_deregistered_from_the_page(self):
        browser = self.browser
        server, port = listening()
        self.addCleanup(server.close)
        self.enroll("tended", port)
        self.go("service/public/DEFAULT_GROUP/tended")
        browser.click("td button", "Disable")
        browser.wait_text("dialog", "Disable")
        browser.click("dialog button[type=submit]")
        browser.wait_text("main", "disabled")
        browser.click("td button", "Weight")
        browser.type("dialog input[name=weight]", "3.5")
        browser.click("dialog button[type=submit]")
        browser.wait_text("td", "3.5")
        browser.click("td button", "Deregister")
        browser.click("dialog button[type=submit]")
        browser.wait_text("main", "No instances")

    def test_what_a_dialog_was_left_with_is_not_done(self):
        browser = self.browser
        server, port = listening()
        self.addCleanup(server.close)
        self.enroll("kept", port)
        self.go("service/public/DEFAULT_GROUP/kept")
        browser.click("td button", "Deregister")
        browser.wait_text("dialog", "Deregister")
        browser.press("escape")
        wait_until(lambda: not browser.run("return document.getElementById('dialog').open"), 5,
                   "the dialog closed")
        self.assertIn(f"127.0.0.1:{port}", browser.text("main"))

    def test_a_configuration_is_compared_before_it_is_published_and_has_its_history(self):
        browser = self.browser
        self.publish("app.yaml", "name: shop\nport: 80\nworkers: 4\n")
        self.publish("app.yaml", "name: shop\nport: 8080\nworkers: 4\n")
        self.go("configs")
        browser.click("main a", "app.yaml")
        browser.wait_text("pre.content", "port: 8080")
        browser.click("button", "Edit")
        browser.type("dialog textarea", "name: shop\nport: 8080\nworkers: 16\ntrace: true\n")
        browser.click("dialog button[type=submit]", "Compare")
        browser.wait_text(".diff .added", "workers: 16")
        browser.wait_text(".diff .removed", "workers: 4")
        self.keep("configuration-diff")
        browser.click("dialog button[type=submit]", "Publish")
        browser.wait_text("pre.content", "trace: true")
        self.assertIn("workers: 16", self.ask(
            "GET", CONFIGS + "?dataId=app.yaml&group=DEFAULT_GROUP"))
        browser.wait_text("main table", "created")
        self.keep("configuration-history")

    def test_an_edit_that_somebody_else_was_faster_with_is_refused_and_kept(self):
        browser = self.browser
        self.publish("raced", "a: 1")
        self.go("config/public/DEFAULT_GROUP/raced")
        browser.click("button", "Edit")
        browser.type("dialog textarea", "a: mine")
        self.publish("raced", "a: theirs")
        browser.click("dialog button[type=submit]", "Compare")
        browser.wait_text(".diff .added", "a: mine")
        browser.click("dialog button[type=submit]", "Publish")
        browser.wait_text("dialog .why", "md5")
        browser.press("escape")
        now = self.ask("GET", CONFIGS + "?dataId=raced&group=DEFAULT_GROUP")
        self.assertEqual(now, "a: theirs")

    def test_leadership_is_handed_over_from_the_page(self):
        browser = self.browser
        leader = self.cluster.leader_of("kv")
        target = next(n for n in self.cluster.nodes if n is not leader)
        self.go("group/kv", leader)
        browser.wait_text("main table", "leader")
        self.keep("group")
        row = f"node {target.id}"
        browser.click(f"button[data-focus='transfer {target.id}']")
        browser.wait_text("dialog", row)
        browser.click("dialog button[type=submit]")
        wait_until(lambda: self.cluster.find_leader("kv") is target, 10, "leadership handed over")

    def test_pages_are_reached_by_keyboard_alone(self):
        browser = self.browser
        self.go("services")
        browser.wait_text("h1", "Services")
        for wanted in ("Configurations", "Groups"):
            for _ in range(30):
                if wanted == browser.focused_text():
                    break
                browser.press("tab")
            self.assertEqual(browser.focused_text(), wanted)
            browser.press("enter")
            browser.wait_text("h1", wanted)

    def test_a_group_without_leader_is_shown_until_there_is_one_again(self):
        browser = self.browser
        self.go("groups")
        browser.wait_text("main table", "kv")
        browser.theme("dark")
        self.keep("groups-dark")
        browser.theme("light")
        lost = self.cluster.nodes[1:]
        for node in lost:
            node.kill()
        browser.wait_text(".notice", "no leader", 30)
        self.keep("leader-lost")
        for node in lost:
            node.start()
        self.cluster.wait_ready()
        browser.wait_no_text("main", "have no leader", 30)
