// A processor that is a typed CAF actor of one's own, and a group as a typed actor handle: commands
// go in from one actor, are applied by another, on one node or any number of them.
//
// The processor counts words. It could as well talk to other actors: apply_batch may be answered
// later, as it is here while the store asks writers to wait.
//
//   actor_processor
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <troupe/actors/apply_command.hpp>
#include <troupe/groups/actor_processor.hpp>
#include <troupe/groups/group_actor_handle.hpp>
#include <troupe/groups/node.hpp>

using namespace std::chrono_literals;
namespace actors = troupe::actors;
namespace persistence = troupe::persistence;

namespace {

// ---- the processor
// ---------------------------------------------------------------------------------

using words_actor = actors::processor_actor::extend<caf::reacts_to<actors::flush>>;

struct words_state {
  static inline const char* name = "words";
  struct unfinished {
    std::unique_ptr<persistence::state_write> write;
    persistence::applied_change change;
    actors::apply_done done;
    caf::typed_response_promise<actors::apply_done> answer;
  };
  std::optional<unfinished> stalled;
};

using self_pointer = words_actor::stateful_pointer<words_state>;

/// Counts each word of the line; the answer is how often its last word was seen by now.
troupe::reply count_words(const troupe::command& line, persistence::state_batch& batch) {
  std::istringstream words{std::string(line.data.view())};
  std::string seen = "0";
  for (std::string word; words >> word;) {
    seen = std::to_string(std::stoul(batch.get(word).value_or("0")) + 1);
    batch.put(word, seen);
  }
  return troupe::reply::ok(seen);
}

void commit(self_pointer self, words_state::unfinished job) {
  job.done.status = job.write->commit(job.change);
  if (job.done.status.code() == persistence::status_code::stalled) {
    // The store is behind and wrote nothing: only this actor waits, no thread does.
    self->state.stalled = std::move(job);
    self->delayed_send(words_actor(self), 5ms, actors::flush{});
    return;
  }
  job.answer.deliver(std::move(job.done));
}

caf::result<actors::apply_done> apply(self_pointer self, const actors::apply_batch& batch) {
  words_state::unfinished job{batch.data->begin(), batch.change_at(batch.commands.size()), {}, {}};
  for (const auto& c : batch.commands) {
    job.done.replies.push_back(troupe::actors::apply_command(c, *job.write, count_words));
  }
  job.done.applied = job.change.index;
  job.answer = self->make_response_promise<actors::apply_done>();
  auto answer = job.answer;
  commit(self, std::move(job));
  return answer;
}

void answer(actors::query_job& job) {
  const auto view = job.data->view();
  for (auto& query : job.queries) {
    auto count = view->get(query.request.view()).value_or("0");
    if (const auto read = view->read_status(); !read.ok()) {
      query.done->fail(troupe::error_code::storage_failed, read.message());
    } else {
      query.done->answer(troupe::response{troupe::raft::bytes(std::move(count)), {}, {}});
    }
  }
}

words_actor::behavior_type words(self_pointer self) {
  return {
      [=](const actors::apply_batch& batch) { return apply(self, batch); },
      [](actors::query_job& job) { answer(job); },
      [](const actors::leadership& l) {
        std::cout << (l.state.is_leader ? "this node leads" : "this node follows") << "\n";
      },
      [=](actors::flush) {
        if (auto again = std::exchange(self->state.stalled, std::nullopt)) {
          commit(self, std::move(*again));
        }
      },
  };
}

// ---- who uses it
// -----------------------------------------------------------------------------------

/// An actor that sends lines to the group, then asks for a word. Tells `done` the count, or -1.
caf::behavior reader(caf::event_based_actor* self, const troupe::group_actor_handle& group,
                     std::shared_ptr<std::promise<int>> done) {
  const auto failed = [=](const caf::error& e) {
    std::cerr << troupe::failure_of(e).message << "\n";
    done->set_value(-1);
  };
  const auto ask = [=](const troupe::response&) {
    self->request(group, 10s, troupe::group_query{troupe::raft::bytes("the"), {}})
        .then(
            [=](const troupe::response& r) {
              done->set_value(std::stoi(std::string(r.data.view())));
            },
            failed);
  };
  const auto line = "the quick brown fox jumps over the lazy dog";
  self->request(group, 20s, troupe::group_command{troupe::raft::bytes(line), {}}).then(ask, failed);
  return {};
}

std::unique_ptr<troupe::node> start(const std::string& data) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::acceptor probe(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const auto port = probe.local_endpoint().port();
  probe.close();
  troupe::node_options options;
  options.id = troupe::raft::node_id(1);
  options.members[options.id] = "127.0.0.1:" + std::to_string(port);
  options.data_directory = data;
  auto opened = troupe::node::open(options);
  if (!opened) {
    std::cerr << opened.error().setting << ": " << opened.error().message << "\n";
    std::exit(1);
  }
  return std::move(*opened);
}

int count_the(troupe::node& n) {
  // A system of its own: the program's actors do not depend on the node's.
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto group = troupe::spawn_group_actor_handle(system, n.group("words"));
  auto done = std::make_shared<std::promise<int>>();
  system.spawn(reader, group, done);
  return done->get_future().get();
}

}  // namespace

int main() {
  spdlog::set_level(spdlog::level::warn);
  char scratch[] = "/tmp/troupe-words-XXXXXX";
  const std::string data = mkdtemp(scratch);
  auto n = start(data);
  const auto added = troupe::add_actor_processor(
      *n, "words", [](caf::actor_system& system, const auto&) -> actors::processor_actor {
        return system.spawn(words);
      });
  const int count = added.code == troupe::error_code::ok ? count_the(*n) : -1;
  std::cout << "\"the\" was seen " << count << " times\n";
  n.reset();
  std::filesystem::remove_all(data);
  return count == 2 ? 0 : 1;
}
