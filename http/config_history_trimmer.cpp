#include "http/config_history_trimmer.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "processors/configuration.hpp"
#include "processors/configuration_messages.hpp"

namespace troupe::http {

namespace {

namespace asio = boost::asio;
namespace cfg = processors::config;

const std::string group_name(processors::configuration::group_name);

bool leads(const node_status& node) {
  return std::any_of(node.groups.begin(), node.groups.end(), [](const group_status& g) {
    return g.name == group_name && g.core.soft.role == raft::role::leader;
  });
}

}  // namespace

config_history_trimmer::config_history_trimmer(asio::io_context& io,
                                               std::shared_ptr<cluster_view> view,
                                               history_retention retention)
    : view_(std::move(view)),
      retention_(std::move(retention)),
      strand_(asio::make_strand(io)),
      timer_(strand_) {}

std::shared_ptr<config_history_trimmer> config_history_trimmer::start(
    asio::io_context& io, std::shared_ptr<cluster_view> view, history_retention retention) {
  const std::shared_ptr<config_history_trimmer> trimmer(
      new config_history_trimmer(io, std::move(view), std::move(retention)));
  asio::post(trimmer->strand_, [trimmer] { trimmer->wait(); });
  return trimmer;
}

void config_history_trimmer::stop() {
  asio::post(strand_, [self = shared_from_this()] {
    self->stopped_ = true;
    self->timer_.cancel();
  });
}

void config_history_trimmer::wait() {
  if (stopped_) return;
  timer_.expires_after(retention_.look_every);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code) { self->look(); });
}

void config_history_trimmer::look() {
  if (stopped_) return;
  view_->status([self = shared_from_this()](const node_status& node) {
    asio::post(self->strand_, [self, is_leader = leads(node)] {
      const auto now = self->retention_.now_ms();
      const auto every = static_cast<std::uint64_t>(self->retention_.trim_every.count());
      const auto kept =
          static_cast<std::uint64_t>(std::chrono::milliseconds(self->retention_.kept).count());
      const bool is_due = !self->trimmed_ms_ || now - *self->trimmed_ms_ >= every;
      if (!is_leader || !is_due || now < kept) return self->wait();
      self->trimmed_ms_ = now;
      self->trim(0, now - kept);
    });
  });
}

void config_history_trimmer::trim(std::uint64_t from_ms, std::uint64_t before_ms) {
  if (stopped_) return;
  view_->group(group_name)
      .propose(raft::bytes(cfg::encode(cfg::history_trim{from_ms, before_ms})), {},
               [self = shared_from_this(), before_ms](const result& r) {
                 const auto done =
                     r ? cfg::decode_trim_reply(r->data.view()) : cfg::decode_trim_reply({});
                 asio::post(self->strand_, [self, before_ms, ok = done.has_value(),
                                            reply = done ? *done : cfg::trim_reply{}] {
                   // What failed is tried again at the next look: trimming twice does no harm.
                   if (!ok) self->trimmed_ms_.reset();
                   ok&& reply.more ? self->trim(reply.reached_ms, before_ms) : self->wait();
                 });
               });
}

}  // namespace troupe::http
