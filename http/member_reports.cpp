#include "http/member_reports.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "http/cluster_members.hpp"
#include "http/json_answer.hpp"
#include "http/nacos_version.hpp"
#include "http/server_client.hpp"
#include "processors/configuration.hpp"

namespace troupe::http {

namespace {

constexpr const char* report_target = "/nacos/v1/core/cluster/report";

bool is_member(const node_status& status, raft::node_id node) {
  return std::any_of(status.members.begin(), status.members.end(),
                     [node](const node_address& m) { return m.id == node; });
}

}  // namespace

std::shared_ptr<member_reports> member_reports::open(boost::asio::io_context& io,
                                                     std::shared_ptr<cluster_view> view,
                                                     std::shared_ptr<server_directory> servers,
                                                     member_report_options options) {
  std::shared_ptr<member_reports> made(
      new member_reports(io, std::move(view), std::move(servers), std::move(options)));
  boost::asio::post(made->strand_, [made] { made->wait(); });
  return made;
}

member_reports::member_reports(boost::asio::io_context& io, std::shared_ptr<cluster_view> view,
                               std::shared_ptr<server_directory> servers,
                               member_report_options options)
    : io_(io),
      view_(std::move(view)),
      servers_(std::move(servers)),
      options_(std::move(options)),
      strand_(io.get_executor()),
      timer_(strand_) {}

void member_reports::stop() {
  boost::asio::post(strand_, [self = shared_from_this()] {
    self->stopped_ = true;
    self->timer_.cancel();
  });
}

void member_reports::wait() {
  if (stopped_) return;
  timer_.expires_after(options_.interval);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (!failure && !self->stopped_) self->turn();
  });
}

void member_reports::turn() {
  announce();
  view_->status([self = shared_from_this()](node_status status) {
    boost::asio::post(self->strand_, [self, status = std::move(status)] { self->report(status); });
  });
}

void member_reports::announce() {
  if (!servers_->is_loaded()) return;
  const auto known = servers_->find(options_.node);
  if (known && known->address == options_.http_address && known->version == nacos_version) return;
  const processors::servers::announcement a{options_.node, options_.http_address, nacos_version};
  // Whether it was taken shows in the directory: the next turn looks there.
  view_->group(std::string(processors::configuration::group_name))
      .propose(raft::bytes(processors::servers::encode(a)), {}, [](const result&) {});
}

void member_reports::report(const node_status& status) {
  if (stopped_) return;
  std::vector<known_server> others;
  for (auto& s : servers_->all()) {
    if (s.node != options_.node && is_member(status, s.node)) others.push_back(std::move(s));
  }
  if (others.empty()) return wait();
  // Round and round by node id.
  const auto next = std::find_if(others.begin(), others.end(),
                                 [this](const known_server& s) { return last_ < s.node; });
  const auto& server = next == others.end() ? others.front() : *next;
  last_ = server.node;
  view_->readiness([self = shared_from_this(), server, status](const auto& reasons) {
    const own_view own{status, reasons.empty(), self->options_.now_ms(),
                       self->options_.http_address};
    self->report_to(server, json_answer(self_of(own, *self->servers_).describe()).body);
  });
}

void member_reports::report_to(const known_server& server, std::string body) {
  outgoing_request r{server.address, report_target, {}, std::move(body)};
  if (!options_.identity.first.empty()) r.headers.push_back(options_.identity);
  post_json(io_, std::move(r), options_.patience,
            [self = shared_from_this(), node = server.node](const incoming_answer& a) {
              if (a.what == incoming_answer::outcome::answered && a.status == 200) {
                self->servers_->reached(node, self->options_.now_ms());
              } else {
                self->servers_->missed(node, a.what == incoming_answer::outcome::refused);
              }
              boost::asio::post(self->strand_, [self] { self->wait(); });
            });
}

}  // namespace troupe::http
