// What the player of interaction scripts does not let pass.
#include <catch2/catch.hpp>

#include "tests/raft/script/player.hpp"

using namespace troupe::raft::script;

namespace {

std::string printed(const std::string& text) {
  return print_script(play_script(text).script);
}

bool is_sound(const std::string& commands) {
  return play_script(commands).is_sound;
}

const std::string three = "add-nodes 3 voters=(1,2,3) index=10\n----\n\n";

}  // namespace

TEST_CASE("a script is printed as it was read, with what its commands print") {
  const std::string text =
      "# Why.\nlog-level none\n----\nok\n\n"
      "add-nodes 1 voters=(1)\n----\nok\n\n# Behind.\n";
  const auto p = play_script(text);
  CHECK(p.is_sound);
  CHECK(p.differences.empty());
  CHECK(print_script(p.script) == text);
}

TEST_CASE("a difference names the command and both outputs") {
  const auto p = play_script("log-level none\n----\nnot ok\n");
  CHECK(p.is_sound);
  CHECK(p.differences == "line 1: log-level none\n- not ok\n+ ok\n");
}

TEST_CASE("a command without an expected output differs") {
  const auto p = play_script("log-level none\n");
  CHECK_THAT(p.differences, Catch::Contains("there is no ----"));
}

TEST_CASE("an output with empty lines stands between doubled lines") {
  const auto script = parse_script("a\n----\n----\none\n\ntwo\n----\n----\n\nb\n----\nok\n");
  REQUIRE(script.blocks.size() == 2);
  CHECK(script.blocks[0].expected == "one\n\ntwo\n");
  CHECK(print_script(script) == "a\n----\n----\none\n\ntwo\n----\n----\n\nb\n----\nok\n");
  CHECK_THROWS_AS(parse_script("a\n----\n----\none\n\ntwo\n"), script_error);
}

TEST_CASE("what a script says and nobody understands is an error, never ignored") {
  CHECK(is_sound(three + "campaign 1\n----\n"));
  CHECK_FALSE(is_sound("elect 1\n----\n"));
  CHECK_FALSE(is_sound(three + "campaign\n----\n"));
  CHECK_FALSE(is_sound(three + "campaign 4\n----\n"));
  CHECK_FALSE(is_sound(three + "campaign 1 2\n----\n"));
  CHECK_FALSE(is_sound(three + "campaign 1 now=true\n----\n"));
  CHECK_FALSE(is_sound(three + "deliver-msgs 1 type=MsgNews\n----\n"));
  CHECK_FALSE(is_sound(three + "propose-conf-change 1 transition=sudden\nv4\n----\n"));
  CHECK_FALSE(is_sound(three + "propose-conf-change 1\nx4\n----\n"));
  CHECK_FALSE(is_sound(three + "propose-conf-change 1 v1=true\nv4 v5\n----\n"));
  CHECK_FALSE(is_sound("add-nodes 1 voters=(1\n----\n"));
  CHECK_FALSE(is_sound("add-nodes 1 voter=(1)\n----\n"));
  CHECK_FALSE(is_sound("add-nodes 1 voters=(1) inflight=many\n----\n"));
  CHECK_FALSE(is_sound("log-level loud\n----\n"));
}

TEST_CASE("an error of a script is printed even when nothing else is") {
  CHECK_THAT(printed("log-level none\n----\nok\n\nelect 1\n----\n"),
             Catch::Contains("error: script: there is no command \"elect\""));
}

TEST_CASE("what cannot be done is printed and leaves the script in order") {
  const auto p = play_script(three + "stop 1\n----\n\ncampaign 1\n----\n\ncompact 2 11\n----\n");
  CHECK(p.is_sound);
  const auto text = print_script(p.script);
  CHECK_THAT(text, Catch::Contains("error: 1 is down"));
  CHECK_THAT(text, Catch::Contains("error: 11 is not applied, only 10"));
}

TEST_CASE("a script in which a leader forges history breaks an invariant") {
  // Two logs with one entry of term 2 at index 12, behind different ones.
  CHECK_FALSE(
      is_sound("add-nodes 1 voters=(1,2) index=10 log=(1,2)\n----\n\n"
               "add-nodes 1 voters=(1,2) index=10 log=(2,2)\n----\n"));
}
