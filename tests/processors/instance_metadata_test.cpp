// What operators lay over instances. nacos-spec E.3, H19, H20.
#include "processors/instance_metadata.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/processors/applied_group.hpp"
#include "tests/processors/recorded_naming.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::processors::naming;
using overlay_group = applied_group<processors::instance_metadata>;

namespace {

constexpr service orders{"public", "DEFAULT_GROUP", "orders"};
constexpr std::string_view first_tag = "10.0.0.1:80:DEFAULT";
constexpr std::string_view second_tag = "10.0.0.2:80:DEFAULT";

constexpr stamp at(std::uint64_t ms) {
  return {ms, 1, raft::node_id{1}};
}

template <class Command>
write_reply write(overlay_group& g, const Command& c) {
  const auto r = g.apply(encode(c));
  REQUIRE(r.error == "");
  return decode_write_reply(r.data).value();
}

overlay_command put(instance_overlay overlay, std::uint64_t ms = 1'000) {
  return {verb_change, orders, first_tag, std::move(overlay), at(ms)};
}

patch_overlays patch(overlay_change change, std::vector<std::string_view> tags = {first_tag}) {
  return {orders, std::move(tags), std::move(change), at(2'000)};
}

overlay_change edited(metadata_edit edit, text_map metadata) {
  overlay_change c;
  c.edit = edit;
  c.metadata = std::move(metadata);
  return c;
}

overlay_reply read(const overlay_group& g, std::string_view tag = first_tag) {
  const auto r = g.ask(encode(get_overlay{{orders, tag}}));
  REQUIRE(r.success);
  return decode_overlay_reply(r.data).value();
}

}  // namespace

TEST_CASE("overlays: ADD and CHANGE put all of it") {
  overlay_group g;
  CHECK_FALSE(read(g).known);
  const instance_overlay overlay{false, 2.5, {{"k", "ü"}}};
  CHECK(write(g, put(overlay)) == write_reply{true, raft::log_index{1}});
  CHECK(read(g) == overlay_reply{true, {overlay, 1'000}});
  auto add = put({true, {}, {{"other", ""}}}, 1'500);
  add.verb = verb_add;
  CHECK(write(g, add).changed);
  CHECK(read(g) == overlay_reply{true, {add.overlay, 1'500}});
}

TEST_CASE("overlays: a write that changes nothing says so, and is stamped all the same") {
  overlay_group g;
  write(g, put({false, 2.5, {}}, 1'000));
  CHECK(write(g, put({false, 2.5, {}}, 5'000)) == write_reply{});
  CHECK(read(g).record.written_ms == 5'000);
}

TEST_CASE("overlays: DELETE is idempotent") {
  overlay_group g;
  auto gone = put({});
  gone.verb = verb_delete;
  CHECK_FALSE(write(g, gone).changed);
  write(g, put({false, {}, {}}));
  CHECK(write(g, gone).changed);
  CHECK(g.keys().empty());
}

TEST_CASE("overlays: a PATCH sets what it names and leaves the rest as it was registered") {
  overlay_group g;
  overlay_change weight;
  weight.weight = 3;
  CHECK(write(g, patch(weight)).changed);
  CHECK(read(g).record == overlay_record{{{}, 3, {}}, 2'000});
  overlay_change off;
  off.enabled = false;
  CHECK(write(g, patch(off)).changed);
  CHECK(read(g).record.overlay == instance_overlay{false, 3, {}});
  CHECK(write(g, patch(off)) == write_reply{});
}

TEST_CASE("overlays: a PATCH replaces, merges and removes metadata") {
  overlay_group g;
  write(g, patch(edited(metadata_edit::merge, {{"a", "1"}, {"b", "2"}})));
  CHECK(read(g).record.overlay.metadata == text_map{{"a", "1"}, {"b", "2"}});
  write(g, patch(edited(metadata_edit::merge, {{"b", "3"}, {"c", "4"}})));
  CHECK(read(g).record.overlay.metadata == text_map{{"a", "1"}, {"b", "3"}, {"c", "4"}});
  write(g, patch(edited(metadata_edit::remove, {{"a", ""}, {"unknown", ""}})));
  CHECK(read(g).record.overlay.metadata == text_map{{"b", "3"}, {"c", "4"}});
  write(g, patch(edited(metadata_edit::replace, {{"d", "5"}})));
  CHECK(read(g).record.overlay.metadata == text_map{{"d", "5"}});
  CHECK_FALSE(write(g, patch(edited(metadata_edit::keep, {{"e", "6"}}))).changed);
  CHECK(read(g).record.overlay.metadata == text_map{{"d", "5"}});
}

TEST_CASE("overlays: one that sets nothing any more is gone, and none comes that sets nothing") {
  overlay_group g;
  CHECK(write(g, patch(edited(metadata_edit::remove, {{"a", ""}}))) == write_reply{});
  CHECK(g.keys().empty());
  write(g, patch(edited(metadata_edit::merge, {{"a", "1"}})));
  CHECK(write(g, patch(edited(metadata_edit::remove, {{"a", ""}}))).changed);
  CHECK(g.keys().empty());

  write(g, put({{}, 3, {{"a", "1"}}}));
  write(g, patch(edited(metadata_edit::remove, {{"a", ""}})));
  CHECK(read(g).record.overlay == instance_overlay{{}, 3, {}});
}

TEST_CASE("overlays: one PATCH is about many instances, all of them or none") {
  overlay_group g;
  const auto merge = edited(metadata_edit::merge, {{"a", "1"}});
  CHECK(write(g, patch(merge, {first_tag, second_tag})).changed);
  CHECK(read(g, second_tag).record.overlay == instance_overlay{{}, {}, {{"a", "1"}}});

  const std::string large(metadata_bytes_max - 1, 'x');
  write(g, patch(edited(metadata_edit::replace, {{"b", large}}), {second_tag}));
  const auto before = g.keys();
  CHECK(g.apply(encode(patch(merge, {first_tag, second_tag}))).error ==
        "Instance metadata operation failed. metadata: 10.0.0.2:80:DEFAULT would have more than "
        "1024 pairs or 8192 bytes");
  CHECK(g.keys() == before);
}

TEST_CASE("overlays: EXPIRE takes what was last written before the cutoff") {
  overlay_group g;
  write(g, put({false, {}, {}}, 1'000));
  const auto expire = [&](std::uint64_t cutoff_ms) {
    return write(
        g, expire_overlays{cutoff_ms, {{orders, second_tag}, {orders, first_tag}}, at(9'000)});
  };
  CHECK_FALSE(expire(1'000).changed);
  CHECK(expire(1'001).changed);
  CHECK_FALSE(expire(1'001).changed);
  CHECK(g.keys().empty());
}

TEST_CASE("overlays: verbs without meaning are refused by name, rubbish with what is wrong") {
  overlay_group g;
  for (const std::string verb : {"QUERY", "add", "HEALTH", ""}) {
    auto c = put({});
    c.verb = verb;
    CHECK(g.apply(encode(c)).error == "Unsupported operation " + verb);
  }
  CHECK(g.apply("").error.rfind("Instance metadata operation failed. payload: ", 0) == 0);
  CHECK(g.ask("rubbish").error.rfind("Instance metadata operation failed. payload: ", 0) == 0);
  const std::vector<std::string> good{
      encode(put({false, 1, {{"a", "b"}}})),
      encode(patch(edited(metadata_edit::merge, {{"a", "b"}}))),
      encode(expire_overlays{1, {{orders, first_tag}}, at(1)}),
  };
  for (const auto& whole : good) {
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      CHECK_FALSE(g.apply(whole.substr(0, cut)).success);
    }
  }
  CHECK(g.keys().empty());
}

TEST_CASE("overlays: every limit holds in apply") {
  overlay_group g;
  const auto refusal = [&](const auto& c) {
    const auto text = g.apply(encode(c)).error;
    const std::string before = "Instance metadata operation failed. ";
    return text.rfind(before, 0) == 0 ? text.substr(before.size()) : text;
  };
  for (const double weight : {-1.0, 10'001.0, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(refusal(put({true, weight, {}})) == "weight: is not between 0 and 10000");
    overlay_change change;
    change.weight = weight;
    CHECK(refusal(patch(change)) == "weight: is not between 0 and 10000");
  }
  const text_map large{{"", std::string(8'193, 'x')}};
  CHECK(refusal(put({true, 1, large})) == "metadata: has more than 8192 bytes");
  CHECK(refusal(patch(edited(metadata_edit::merge, large))) ==
        "metadata: has more than 8192 bytes");
  const std::string long_tag(641, 'x');
  auto c = put({});
  c.tag = long_tag;
  CHECK(refusal(c) == "tag: has more than 640 bytes");
  c.tag = "";
  CHECK(refusal(c) == "tag: is empty");
  CHECK(refusal(patch({}, std::vector<std::string_view>(1'001, "t"))) ==
        "tags: has more than 1000 elements");
  const std::vector<overlay_name> names(1'025, {orders, first_tag});
  CHECK(refusal(expire_overlays{1, names, at(1)}) == "overlays: has more than 1024 elements");
  CHECK(g.keys().empty());
}

TEST_CASE("overlays: observers hear what is committed, and all of it when the state is opened") {
  overlay_group g;
  const auto seen = std::make_shared<recorded_naming>();
  g.processor().observe(seen);
  write(g, put({false, 2.5, {{"a", "b"}}}));
  using lines = std::vector<std::string>;
  const std::string name = "overlay public/DEFAULT_GROUP@@orders 10.0.0.1:80:DEFAULT";
  const std::string record = name + ": disabled weight 2.5, a=b";
  CHECK(seen->take() == lines{record, "committed"});
  g.load();
  CHECK(seen->take() == lines{"overlays begin", record, "overlays loaded", "committed"});
  write(g, expire_overlays{2'000, {{orders, first_tag}}, at(1)});
  CHECK(seen->take() == lines{name + " erased", "committed"});
}

TEST_CASE("overlays: the same entries, poison among them, give the same state and answers") {
  overlay_group one;
  overlay_group two;
  for (unsigned i = 0; i < 300; ++i) {
    const auto tag = "10.0.0." + std::to_string(i % 7) + ":80:DEFAULT";
    overlay_command c{i % 5 == 0 ? verb_delete : verb_change, orders, tag, {}, at(1'000 + i)};
    c.overlay.weight = i % 3;
    auto edit = edited(i % 4 == 1 ? metadata_edit::remove : metadata_edit::merge,
                       {{"k" + std::to_string(i % 3), std::to_string(i)}});
    auto bytes = i % 11 == 0  ? encode(expire_overlays{900 + i, {{orders, tag}}, at(i)})
                 : i % 2 == 0 ? encode(c)
                              : encode(patch(edit, {tag, first_tag}));
    if (i % 13 == 0) bytes.resize(bytes.size() / 2);
    const auto first = one.apply(bytes);
    const auto second = two.apply(bytes);
    CHECK(first.success == (i % 13 != 0));
    CHECK(first.data == second.data);
    CHECK(first.error == second.error);
  }
  CHECK(one.keys() == two.keys());
  CHECK(one.keys().size() > 3);
}

TEST_CASE("on disk: the key of an overlay, do not change") {
  overlay_group g;
  write(g, overlay_command{verb_add, {"n", "g", "s"}, "i:8:c", {true, {}, {}}, at(7)});
  REQUIRE(g.keys().size() == 1);
  CHECK(hex(g.keys().begin()->first) ==
        "696e00670073"
        "00693a383a63");
}
