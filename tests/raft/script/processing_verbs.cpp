// Outputs are taken, queues worked on, messages delivered.
#include "tests/raft/script/describe.hpp"
#include "tests/raft/script/verbs.hpp"

namespace troupe::raft::script {

namespace {

/// With several members each gets a heading.
template <class Action>
void for_each(stage& s, command& c, const Action& action) {
  const auto ids = c.take_ids();
  c.finish();
  for (const node_id id : ids) {
    if (ids.size() == 1) {
      action(s.at(id));
      continue;
    }
    s.out.info("> " + to_string(id));
    const transcript::indented in(s.out);
    action(s.at(id));
  }
}

void process_ready(stage& s, command& c) {
  for_each(s, c, [&s](member& m) { s.process_output(m); });
}

void process_append_thread(stage& s, command& c) {
  for_each(s, c, [&s](member& m) {
    if (!s.process_append(m)) {
      s.out.answer("no append work to perform");
    }
  });
}

void process_apply_thread(stage& s, command& c) {
  for_each(s, c, [&s](member& m) {
    if (!s.process_apply(m)) {
      s.out.answer("no apply work to perform");
    }
  });
}

void deliver_msgs(stage& s, command& c) {
  const auto to = c.take_ids();
  const auto dropped = c.take_numbers("drop");
  const auto type = c.take_value("type").value_or("");
  const auto from = c.take_number_of("from");
  const bool keep = c.take_flag("keep").value_or(false);
  c.finish();
  if (!type.empty()) {
    require_type(type);
  }
  const auto sender = from ? std::optional{node_id{*from}} : std::nullopt;
  std::size_t count = 0;
  for (const node_id id : to) {
    static_cast<void>(s.at(id));
    count += s.deliver({id, type, sender}, keep);
  }
  for (const auto id : dropped) {
    count += s.drop({node_id{id}, type, sender});
  }
  if (count == 0) {
    s.out.answer("no messages");
  }
}

void stabilize(stage& s, command& c) {
  auto ids = c.take_ids();
  const auto level = c.take_value("log-level");
  c.finish();
  const auto before = s.out.level();
  if (level) {
    s.out.set_level(transcript::loudness_of(*level));
  }
  s.stabilize(ids.empty() ? s.ids() : ids);
  s.out.set_level(before);
}

constexpr verb verbs[] = {
    {"process-ready", process_ready},
    {"process-append-thread", process_append_thread},
    {"process-apply-thread", process_apply_thread},
    {"deliver-msgs", deliver_msgs},
    {"stabilize", stabilize},
};

}  // namespace

std::span<const verb> processing_verbs() {
  return verbs;
}

}  // namespace troupe::raft::script
