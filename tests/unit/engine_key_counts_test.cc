// Counts of keys, held to a map.
#include "engine/base/key_counts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/base/keyed_hash.h"

namespace vedette::engine {
namespace {

TEST(KeyCounts, AgreesWithAMap) {
  constexpr uint32_t kKeysMax = 50;
  const KeyedHash hash({1, 2});
  KeyCounts counts(kKeysMax);
  std::map<uint64_t, uint32_t> model;
  std::mt19937 words(3);
  uint64_t total = 0;
  unsigned refused = 0;
  for (int step = 0; step < 100'000; ++step) {
    const uint64_t key = words() % 80;
    const auto found = model.find(key);
    // Now and then more come than go, then more go.
    const bool comes = words() % 10 < (step / 1'000 % 2 == 0 ? 7u : 3u);
    if (comes) {
      const bool has_room = found != model.end() || model.size() < kKeysMax;
      EXPECT_EQ(counts.try_add(hash(key)), has_room);
      if (has_room) ++model[key], ++total;
      refused += has_room ? 0 : 1;
    } else if (found != model.end()) {
      counts.remove(hash(key));
      --total;
      if (--found->second == 0) model.erase(found);
    }
    for (uint64_t each = 0; each < 80; ++each) {
      ASSERT_EQ(counts.count(hash(each)), model.contains(each) ? model[each] : 0) << "step " << step;
    }
    ASSERT_EQ(counts.size(), model.size());
    ASSERT_EQ(counts.total(), total);
  }
  EXPECT_GT(refused, 100u);
}

// All of them begin to be looked for at one place, which is the last of the table.
TEST(KeyCounts, KeysOfOnePlaceAreFoundBehindOneAnother) {
  KeyCounts counts(12);
  const auto key = [](uint64_t number) { return number << 40 | uint64_t{0xf} << 28; };
  for (uint64_t i = 1; i <= 12; ++i) EXPECT_TRUE(counts.try_add(key(i)));
  EXPECT_FALSE(counts.try_add(key(13)));
  for (uint64_t i = 1; i <= 12; i += 2) counts.remove(key(i));
  for (uint64_t i = 1; i <= 12; ++i) EXPECT_EQ(counts.count(key(i)), i % 2 == 0 ? 1u : 0u) << i;
}

TEST(KeyCounts, WithoutKeysItCountsNothing) {
  KeyCounts counts(0);
  EXPECT_FALSE(counts.try_add(7));
  EXPECT_EQ(counts.count(7), 0u);
  EXPECT_EQ(KeyCounts::bytes(0), 8u);
}

TEST(KeyCountsDeathTest, WhatWasNotAddedIsNotRemoved) {
  KeyCounts counts(4);
  EXPECT_DEATH(counts.remove(7), "");
}

}  // namespace
}  // namespace vedette::engine
