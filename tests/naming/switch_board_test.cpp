// The switches of one node: agreed on, or turned here alone.
#include "naming/switch_board.hpp"

#include <catch2/catch.hpp>

using namespace troupe::naming;

TEST_CASE("a board has the defaults until it is told, and then what it is told") {
  switch_board board;
  CHECK(*board.now() == switches{});
  switches all;
  all.check_times = 5;
  board.agreed(std::make_shared<const switches>(all));
  CHECK(board.now()->check_times == 5);
}

TEST_CASE("a switch that is turned on one node holds until the cluster agrees on something") {
  switch_board board;
  CHECK(board.turn_here("pushEnabled", "false"));
  CHECK_FALSE(board.now()->push_enabled);
  CHECK(board.turn_here("healthCheckTimes", "7"));
  CHECK_FALSE(board.now()->push_enabled);
  board.agreed(std::make_shared<const switches>());
  CHECK(*board.now() == switches{});
}

TEST_CASE("a switch that may not be turned so changes nothing and nobody hears of it") {
  switch_board board;
  int heard = 0;
  board.watch([&](const switches_ptr&) { ++heard; });
  const auto turned = board.turn_here("pushEnabled", "perhaps");
  REQUIRE_FALSE(turned);
  CHECK(turned.error() == "the value of pushEnabled is neither true nor false");
  CHECK(*board.now() == switches{});
  CHECK(heard == 0);
}

TEST_CASE("who watches a board sees what it shows") {
  switch_board board;
  std::vector<std::uint32_t> heard;
  board.watch([&](const switches_ptr& all) {
    CHECK(board.now() == all);
    heard.push_back(all->check_times);
  });
  CHECK(board.turn_here("healthCheckTimes", "7"));
  board.agreed(std::make_shared<const switches>());
  CHECK(heard == std::vector<std::uint32_t>{7, 3});
}
