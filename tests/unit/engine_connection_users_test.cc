// Who depends on which connection, held to a naive model.
#include "engine/connection_users.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace vedette::engine {
namespace {

constexpr uint32_t kUsers = 40;
constexpr uint32_t kConnections = 5;
constexpr uint32_t kCounted = 25;

Flow by(uint32_t connection, bool may_open = false) {
  return {.transport = Transport::kTls, .may_open = may_open, .connection = connection};
}

TEST(ConnectionUsers, WhatCanBeReachedAnotherWayDependsOnNone) {
  const KeyedHash hash({1, 2});
  ConnectionUsers users({kUsers, kConnections}, hash);
  EXPECT_TRUE(users.follow(3, {.connection = 7}));
  EXPECT_EQ(users.connection_of(3), 0U) << "a datagram's";
  EXPECT_TRUE(users.follow(3, by(7)));
  EXPECT_EQ(users.find(7), 3U);
  EXPECT_TRUE(users.follow(3, by(7, true)));
  EXPECT_EQ(users.find(7), kNoIndex);
  EXPECT_EQ(users.connection_of(3), 0U);
}

TEST(ConnectionUsers, AgreesWithSets) {
  const KeyedHash hash({3, 4});
  ConnectionUsers users({kUsers, kConnections, kCounted}, hash);
  std::map<uint32_t, std::set<uint32_t>> model;
  std::map<uint32_t, uint32_t> where;
  std::mt19937 words(5);
  const auto random = [&] { return static_cast<uint32_t>(words()); };
  unsigned refused = 0;
  for (int step = 0; step < 50'000; ++step) {
    const uint32_t user = random() % kUsers;
    const uint32_t connection = 1 + random() % 8;
    if (where.contains(user) && model[where[user]].erase(user) > 0 && model[where[user]].empty()) {
      model.erase(where[user]);
    }
    const bool stays = where.contains(user) && where[user] == connection;
    where.erase(user);
    if (random() % 3 == 0) {
      users.leave(user);
    } else {
      const bool has_room = stays || model.contains(connection) || model.size() < kConnections;
      EXPECT_EQ(users.follow(user, by(connection)), has_room);
      refused += has_room ? 0 : 1;
      if (has_room) {
        model[connection].insert(user);
        where[user] = connection;
      }
    }
    EXPECT_EQ(users.connection_of(user), where.contains(user) ? where[user] : 0);
    for (uint32_t other = 1; other <= 8; ++other) {
      const uint32_t found = users.find(other);
      EXPECT_EQ(found != kNoIndex, model.contains(other));
      if (found != kNoIndex) {
        EXPECT_TRUE(model[other].contains(found));
      }
      const auto members = model.find(other);
      const auto counted = [&] {
        return std::distance(members->second.begin(), members->second.lower_bound(kCounted));
      };
      EXPECT_EQ(users.count(other), members == model.end() ? 0 : counted());
    }
  }
  EXPECT_GT(refused, 100U);
  // Each is found in its turn, and none twice.
  while (!model.empty()) {
    const auto& [connection, members] = *model.begin();
    const uint32_t found = users.find(connection);
    ASSERT_TRUE(members.contains(found));
    users.leave(found);
    model[connection].erase(found);
    if (model[connection].empty()) model.erase(connection);
  }
}

}  // namespace
}  // namespace vedette::engine
