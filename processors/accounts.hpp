// accounts: the part of the configuration group that keeps users, their roles and what roles are
// permitted. Knows nothing of HTTP, tokens and requests; passwords reach it as hashes only.
// nacos-spec C.9, E.5; account_messages.hpp says what it understands.
//
// Uses the keys of its group that begin with 'u' (users), 'o' (roles of users) and 'p'
// (permissions of roles).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "processors/account_observer.hpp"
#include "processors/configuration_part.hpp"

namespace troupe::processors {

class accounts final : public configuration_part {
 public:
  explicit accounts(std::shared_ptr<auth::account_observer> told = nullptr)
      : told_(std::move(told)) {}

  [[nodiscard]] bool understands(std::string_view verb) const override;
  reply apply(const command& entry, persistence::state_batch& batch) override;
  [[nodiscard]] reply query(std::string_view request,
                            const persistence::state_view& view) const override;
  [[nodiscard]] bool query_may_scan(std::string_view) const override { return true; }
  void loaded(const persistence::state_view& view) override;
  void committed() override;

 private:
  reply change(const auth::user_command& c, raft::log_index index, persistence::state_batch& batch);
  reply change(const auth::role_command& c, raft::log_index index, persistence::state_batch& batch);
  reply change(const auth::permission_command& c, raft::log_index index,
               persistence::state_batch& batch);

  reply put_user(const auth::user_command& c, raft::log_index index,
                 persistence::state_batch& batch);
  reply first_administrator(const auth::user_command& c, raft::log_index index,
                            persistence::state_batch& batch);
  reply remove_user(std::string_view user, persistence::state_batch& batch);
  reply bind(const auth::role_command& c, persistence::state_batch& batch);
  reply remove_role(std::string_view role, persistence::state_batch& batch);

  void write_user(std::string_view user, const auth::user_record& r,
                  persistence::state_batch& batch);
  void write_binding(std::string_view user, std::string_view role, persistence::state_batch& batch);
  bool erase_binding(std::string_view user, std::string_view role, persistence::state_batch& batch);
  bool erase_permission(const std::string& name, persistence::state_batch& batch);

  std::shared_ptr<auth::account_observer> told_;
  /// What apply wrote and the observer does not know yet.
  std::vector<std::function<void(auth::account_observer&)>> news_;
};

}  // namespace troupe::processors
