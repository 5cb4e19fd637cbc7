#include "codec/raft_codec.hpp"

#include <utility>
#include <variant>

#include "codec/entry_form.hpp"
#include "codec/invariant.hpp"
#include "codec/packing.hpp"
#include "codec/tape.hpp"

namespace troupe::codec {
namespace {

// On the wire: never renumber. Not the variant's index, which changes with an edit of message.hpp.
enum class message_type : std::uint8_t {
  append_request = 1,
  append_response = 2,
  vote_request = 3,
  vote_response = 4,
  heartbeat_request = 5,
  heartbeat_response = 6,
  install_snapshot = 7,
  timeout_now = 8,
  read_index_request = 9,
  read_index_response = 10,
};

constexpr std::uint32_t envelope_fields = 5;  // group, from, to, term, type
constexpr std::size_t message_tokens_max =
    16 + configuration_tokens_max + entry_tokens_max * std::size_t{append_entries_max};

// Opens the message's array and packs the envelope, then the body follows field by field.
class body_packer {
 public:
  body_packer(string_packer& p, raft::group_id group, const raft::message& m)
      : p_(p), group_(group), m_(m) {}

  void operator()(const raft::append_request& b) {
    if (b.entries.size() > append_entries_max) {
      broken_invariant("an append request holds more than append_entries_max entries");
    }
    open(message_type::append_request, 4);
    fields(b.previous_index, b.previous_term, b.commit);
    p_.pack_array(static_cast<std::uint32_t>(b.entries.size()));
    for (const raft::entry_ptr& e : b.entries) {
      pack_entry(p_, *e);
    }
  }
  void operator()(const raft::append_response& b) {
    open(message_type::append_response, 5);
    fields(b.accepted, b.matched, b.rejected_index, b.hint_index, b.hint_term);
  }
  void operator()(const raft::vote_request& b) {
    open(message_type::vote_request, 4);
    fields(b.pre_vote, b.forced, b.last_index, b.last_term);
  }
  void operator()(const raft::vote_response& b) {
    open(message_type::vote_response, 2);
    fields(b.pre_vote, b.granted);
  }
  void operator()(const raft::heartbeat_request& b) {
    open(message_type::heartbeat_request, 3);
    fields(b.commit, b.round, b.quiesce);
  }
  void operator()(const raft::heartbeat_response& b) {
    open(message_type::heartbeat_response, 2);
    fields(b.round, b.quiesced);
  }
  void operator()(const raft::install_snapshot& b) {
    open(message_type::install_snapshot, 4);
    fields(b.point.index, b.point.term);
    pack_configuration(p_, b.point.peers);
    pack_binary(p_, b.source.view());
  }
  void operator()(const raft::timeout_now&) { open(message_type::timeout_now, 0); }
  void operator()(const raft::read_index_request& b) {
    open(message_type::read_index_request, 1);
    fields(b.id);
  }
  void operator()(const raft::read_index_response& b) {
    open(message_type::read_index_response, 2);
    fields(b.id, b.index);
  }

 private:
  void open(message_type type, std::uint32_t body_fields) {
    p_.pack_array(envelope_fields + body_fields);
    fields(group_, m_.from, m_.to, m_.term);
    p_.pack_uint8(static_cast<std::uint8_t>(type));
  }
  template <class... Fields>
  void fields(Fields... values) {
    (pack(p_, values), ...);
  }

  string_packer& p_;
  raft::group_id group_;
  const raft::message& m_;
};

template <class Number>
Number take(cursor& c, const char* field) {
  return Number{c.number(field)};
}

raft::append_request take_append_request(cursor& c, const std::shared_ptr<const void>& owner) {
  raft::append_request b;
  b.previous_index = take<raft::log_index>(c, "append_request.previous_index");
  b.previous_term = take<raft::term>(c, "append_request.previous_term");
  b.commit = take<raft::log_index>(c, "append_request.commit");
  const std::uint32_t count = c.array("append_request.entries", 0, append_entries_max);
  b.entries.reserve(count);
  raft::log_index wanted = b.previous_index;
  for (std::uint32_t i = 0; i < count; ++i) {
    raft::entry_ptr e = take_entry(c, owner);
    if (!c.ok()) {
      break;
    }
    wanted = next(wanted);
    if (e->index != wanted) {
      c.refuse("append_request.entries",
               "index " + to_string(e->index) + " stands where " + to_string(wanted) + " must");
      break;
    }
    b.entries.push_back(std::move(e));
  }
  return b;
}

raft::append_response take_append_response(cursor& c) {
  raft::append_response b;
  b.accepted = c.boolean("append_response.accepted");
  b.matched = take<raft::log_index>(c, "append_response.matched");
  b.rejected_index = take<raft::log_index>(c, "append_response.rejected_index");
  b.hint_index = take<raft::log_index>(c, "append_response.hint_index");
  b.hint_term = take<raft::term>(c, "append_response.hint_term");
  return b;
}

raft::vote_request take_vote_request(cursor& c) {
  raft::vote_request b;
  b.pre_vote = c.boolean("vote_request.pre_vote");
  b.forced = c.boolean("vote_request.forced");
  b.last_index = take<raft::log_index>(c, "vote_request.last_index");
  b.last_term = take<raft::term>(c, "vote_request.last_term");
  return b;
}

raft::vote_response take_vote_response(cursor& c) {
  raft::vote_response b;
  b.pre_vote = c.boolean("vote_response.pre_vote");
  b.granted = c.boolean("vote_response.granted");
  return b;
}

raft::heartbeat_request take_heartbeat_request(cursor& c) {
  raft::heartbeat_request b;
  b.commit = take<raft::log_index>(c, "heartbeat_request.commit");
  b.round = take<raft::read_round>(c, "heartbeat_request.round");
  b.quiesce = c.boolean("heartbeat_request.quiesce");
  return b;
}

raft::heartbeat_response take_heartbeat_response(cursor& c) {
  raft::heartbeat_response b;
  b.round = take<raft::read_round>(c, "heartbeat_response.round");
  b.quiesced = c.boolean("heartbeat_response.quiesced");
  return b;
}

raft::install_snapshot take_install_snapshot(cursor& c, const std::shared_ptr<const void>& owner) {
  raft::install_snapshot b;
  b.point.index = take<raft::log_index>(c, "install_snapshot.index");
  b.point.term = take<raft::term>(c, "install_snapshot.term");
  b.point.peers = take_configuration(c);
  b.source = part_of(owner, c.binary("install_snapshot.source"));
  return b;
}

raft::read_index_response take_read_index_response(cursor& c) {
  raft::read_index_response b;
  b.id = take<raft::read_id>(c, "read_index_response.id");
  b.index = take<raft::log_index>(c, "read_index_response.index");
  return b;
}

/// How many fields the body of this type has; the message's array says how many there are.
std::uint32_t body_fields(message_type type) {
  switch (type) {
    case message_type::append_request:
      return 4;
    case message_type::append_response:
      return 5;
    case message_type::vote_request:
      return 4;
    case message_type::vote_response:
      return 2;
    case message_type::heartbeat_request:
      return 3;
    case message_type::heartbeat_response:
      return 2;
    case message_type::install_snapshot:
      return 4;
    case message_type::timeout_now:
      return 0;
    case message_type::read_index_request:
      return 1;
    case message_type::read_index_response:
      return 2;
  }
  return UINT32_MAX;  // no such type: no array has so many fields
}

void take_body(cursor& c, message_type type, const std::shared_ptr<const void>& owner,
               raft::message_body& to) {
  switch (type) {
    case message_type::append_request:
      to = take_append_request(c, owner);
      return;
    case message_type::append_response:
      to = take_append_response(c);
      return;
    case message_type::vote_request:
      to = take_vote_request(c);
      return;
    case message_type::vote_response:
      to = take_vote_response(c);
      return;
    case message_type::heartbeat_request:
      to = take_heartbeat_request(c);
      return;
    case message_type::heartbeat_response:
      to = take_heartbeat_response(c);
      return;
    case message_type::install_snapshot:
      to = take_install_snapshot(c, owner);
      return;
    case message_type::timeout_now:
      to = raft::timeout_now{};
      return;
    case message_type::read_index_request:
      to = raft::read_index_request{take<raft::read_id>(c, "read_index_request.id")};
      return;
    case message_type::read_index_response:
      to = take_read_index_response(c);
      return;
  }
}

void take_message(cursor& c, const std::shared_ptr<const void>& owner, group_message& to) {
  const std::uint32_t fields = c.array("message", envelope_fields, envelope_fields + 5);
  to.group = take<raft::group_id>(c, "message.group");
  to.message.from = take<raft::node_id>(c, "message.from");
  to.message.to = take<raft::node_id>(c, "message.to");
  to.message.term = take<raft::term>(c, "message.term");
  const auto type = static_cast<message_type>(c.number("message.type", 10));
  if (!c.ok()) {
    return;
  }
  if (to.group.is_none() || to.message.from.is_none() || to.message.to.is_none()) {
    c.refuse("message", "group, from and to must not be 0");
  } else if (fields - envelope_fields != body_fields(type)) {
    c.refuse("message", "no message of type " + std::to_string(static_cast<int>(type)) + " has " +
                            std::to_string(fields) + " fields");
  } else {
    take_body(c, type, owner, to.message.body);
  }
}

}  // namespace

void append_message(raft::group_id group, const raft::message& m, std::string& out) {
  string_sink sink{out};
  string_packer p(sink);
  std::visit(body_packer(p, group, m), m.body);
}

raft::expected<std::vector<group_message>, decode_error> decode_messages(const raft::bytes& body) {
  const auto refused = [](std::size_t at, const decode_error& why) {
    return raft::unexpected(decode_error{"message " + std::to_string(at) + ": " + why.what});
  };
  std::vector<group_message> messages;
  const auto owner = std::make_shared<const raft::bytes>(body);
  tape fields;
  for (std::size_t offset = 0; offset < body.size();) {
    const std::size_t at = messages.size();
    if (at == frame_messages_max) {
      return refused(at, {"at most " + std::to_string(frame_messages_max) + " in a frame"});
    }
    if (auto parsed = fields.parse(body.view(), offset, message_tokens_max); !parsed) {
      return refused(at, parsed.error());
    }
    cursor c(fields);
    take_message(c, owner, messages.emplace_back());
    if (!c.ok()) {
      return refused(at, c.error());
    }
  }
  return messages;
}

}  // namespace troupe::codec
