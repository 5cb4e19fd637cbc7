"""troupectl member against nodes that fail on demand: what is tried again, and what is said."""

import json
import unittest

from ctl import ctl
from fake_node import FakeNode

COMMITTED = (200, b'{"committed":true}')


def shown(*roles, joint=False, committed=True, role="leader"):
    """GET …/members: `roles` are those of the members 1, 2, …; None is nobody."""
    members = [{"id": i, "address": f"h:{i}", "role": each, "match": 7, "next": 8,
                "state": "replicate", "active": True}
               for i, each in enumerate(roles, 1) if each is not None]
    return (200, json.dumps({"group": "kv", "leader": None, "role": role, "joint": joint,
                             "committed": committed, "members": members}).encode())


def error(status, code, retriable=False):
    return (status, json.dumps({"code": code, "message": "so it is",
                                "retriable": retriable}).encode())


VOTERS = shown("voter", "voter", "voter")
GROUPS = (200, b'{"node":1,"groups":[{"name":"kv"},{"name":"strings"}]}')


class Member(unittest.TestCase):
    def run_ctl(self, answers, *arguments, code=0, timeout="10"):
        """What was printed, and the bodies that were posted."""
        with FakeNode(answers) as node:
            done = ctl(node.address, *arguments, timeout=timeout)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        self.stderr = done.stderr.decode()
        self.targets = [path for _, path, _, _ in node.requests]
        posted = [json.loads(body) for method, _, body, _ in node.requests if method == "POST"]
        return done.stdout.decode(), posted

    def test_a_node_is_added_as_a_learner(self):
        said, posted = self.run_ctl([VOTERS, COMMITTED], "member", "add", "4", "h:4",
                                    "--group", "kv")
        self.assertEqual(said, "kv: added 4 as a learner\n")
        self.assertEqual(posted, [{"changes": [{"op": "add", "id": 4, "address": "h:4"}]}])

    def test_a_node_is_added_as_a_voter_when_asked(self):
        said, posted = self.run_ctl([VOTERS, COMMITTED], "member", "add", "4", "h:4", "--voter",
                                    "--group", "kv")
        self.assertEqual(said, "kv: added 4 as a voter\n")
        self.assertTrue(posted[0]["changes"][0]["voter"])

    def test_all_groups_are_changed_when_none_is_named(self):
        answers = [GROUPS, VOTERS, COMMITTED, VOTERS, COMMITTED]
        said, posted = self.run_ctl(answers, "member", "remove", "1")
        self.assertEqual(said, "kv: removed 1\nstrings: removed 1\n")
        self.assertEqual(posted, [{"changes": [{"op": "remove", "id": 1}]}] * 2)
        self.assertEqual([path for path in self.targets if "strings" in path],
                         ["/admin/v1/groups/strings/members"] * 2)

    def test_a_change_under_way_is_waited_for(self):
        answers = [VOTERS, error(409, "change_pending"), VOTERS, error(503, "no_leader", True),
                   COMMITTED]
        said, posted = self.run_ctl(answers, "member", "demote", "2", "--group", "kv")
        self.assertEqual(said, "kv: demoted 2\n")
        self.assertEqual(len(posted), 3)

    def test_promotion_waits_until_the_learner_has_caught_up(self):
        learner = shown("voter", "learner")
        answers = [shown("voter"), shown("voter"), COMMITTED, learner, error(409, "not_caught_up"),
                   learner, error(409, "not_caught_up"), learner, COMMITTED]
        said, posted = self.run_ctl(answers, "member", "add", "2", "h:2", "--promote",
                                    "--group", "kv")
        self.assertEqual(said, "kv: added 2, which votes now\n")
        self.assertEqual([each["changes"][0]["op"] for each in posted],
                         ["add", "promote", "promote", "promote"])

    def test_a_learner_that_does_not_catch_up_ends_with_3(self):
        answers = [shown("voter", "learner"), error(409, "not_caught_up"),
                   shown("voter", "learner"), error(409, "not_caught_up"),
                   shown("voter", "learner"), error(409, "not_caught_up")]
        said, posted = self.run_ctl(answers, "member", "promote", "2", "--group", "kv", code=3,
                                    timeout="0.25")
        self.assertEqual(said, "kv: failed: not_caught_up: so it is\n")
        self.assertGreater(len(posted), 1)

    def test_after_an_unknown_outcome_the_group_is_looked_at(self):
        answers = [VOTERS, error(504, "outcome_unknown"), shown("voter", "voter")]
        said, posted = self.run_ctl(answers, "member", "remove", "3", "--group", "kv")
        self.assertEqual(said, "kv: removed 3\n")
        self.assertEqual(len(posted), 1)

    def test_what_is_not_committed_is_asked_for_again(self):
        answers = [VOTERS, error(504, "outcome_unknown"),
                   shown("voter", "voter", committed=False), error(409, "change_pending"),
                   shown("voter", "voter")]
        said, posted = self.run_ctl(answers, "member", "remove", "3", "--group", "kv")
        self.assertEqual((said, len(posted)), ("kv: removed 3\n", 2))

    def test_a_node_that_is_gone_after_an_unknown_outcome_was_removed(self):
        elsewhere = shown("voter", "voter", "voter", role="follower")
        answers = [elsewhere, elsewhere, error(504, "outcome_unknown"), elsewhere, elsewhere,
                   error(404, "unknown_peer")]
        said, _ = self.run_ctl(answers, "member", "remove", "3", "--group", "kv")
        self.assertEqual(said, "kv: removed 3\n")

    def test_an_outcome_that_stays_unknown_ends_with_4(self):
        answers = [VOTERS, error(504, "outcome_unknown"), VOTERS, error(409, "change_pending")] * 9
        self.run_ctl(answers, "member", "remove", "3", "--group", "kv", code=4, timeout="0.35")

    def test_what_is_so_already_is_not_asked_for(self):
        said, posted = self.run_ctl([VOTERS], "member", "promote", "2", "--group", "kv")
        self.assertEqual((said, posted), ("kv: nothing to do\n", []))
        self.assertEqual(self.run_ctl([VOTERS], "member", "leave-joint", "--group", "kv")[0],
                         "kv: nothing to do\n")

    def test_a_followers_view_does_not_prove_that_there_is_nothing_to_do(self):
        follower = shown("voter", "voter", role="follower")
        _, posted = self.run_ctl([follower, follower, COMMITTED], "member", "promote", "3",
                                 "--group", "kv")
        self.assertEqual(len(posted), 1)

    def test_a_refusal_is_final_and_the_other_groups_go_on(self):
        answers = [GROUPS, VOTERS, error(400, "invalid_argument"), VOTERS, COMMITTED]
        said, posted = self.run_ctl(answers, "member", "remove", "1", code=1)
        self.assertEqual(said, "kv: failed: invalid_argument: so it is\nstrings: removed 1\n")
        self.assertIn("not done in every group: invalid_argument", self.stderr)
        self.assertEqual(len(posted), 2)

    def test_json_has_a_result_for_each_group(self):
        answers = [GROUPS, VOTERS, error(400, "invalid_argument"), VOTERS, COMMITTED]
        said, _ = self.run_ctl(answers, "--output", "json", "member", "remove", "1", code=1)
        self.assertEqual(json.loads(said), {"groups": [
            {"group": "kv", "result": "failed", "error": "invalid_argument: so it is"},
            {"group": "strings", "result": "done", "error": None}]})

    def test_several_changes_go_in_one_request(self):
        answers = [VOTERS, COMMITTED]
        said, posted = self.run_ctl(answers, "member", "change", "add-voter:4@h:4", "remove:1",
                                    "--transition", "explicit", "--group", "kv")
        self.assertEqual(said, "kv: changed add-voter:4@h:4 remove:1; joint until: "
                               "troupectl member leave-joint\n")
        self.assertEqual(posted, [{"transition": "explicit", "changes": [
            {"op": "add", "id": 4, "address": "h:4", "voter": True}, {"op": "remove", "id": 1}]}])

    def test_a_joint_configuration_is_left(self):
        joint = shown("outgoing", "voter", joint=True)
        said, posted = self.run_ctl([joint, COMMITTED], "member", "leave-joint", "--group", "kv")
        self.assertEqual((said, posted), ("kv: left\n", [{"changes": []}]))

    def test_members_are_listed(self):
        listed = shown("voter", "learner", joint=True)
        said, _ = self.run_ctl([listed], "member", "list", "--group", "kv")
        self.assertEqual(said.splitlines()[1].split(),
                         ["kv", "(joint)", "1", "h:1", "voter", "replicate", "7", "8", "yes"])
        said, _ = self.run_ctl([listed], "--output", "json", "member", "list", "--group", "kv")
        self.assertEqual(json.loads(said), {"groups": [json.loads(listed[1])]})

    def test_usage_errors_end_with_2(self):
        for arguments in (["member"], ["member", "add", "4"], ["member", "add", "0", "h:4"],
                          ["member", "add", "4", "h:4", "--voter", "--promote"],
                          ["member", "change"], ["member", "change", "kill:4"],
                          ["member", "change", "remove:4", "--transition", "slow"],
                          ["member", "remove", "9223372036854775808"]):
            self.assertEqual(ctl("127.0.0.1:1", *arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main()
