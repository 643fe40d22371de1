// A shard's arena that is fragmented says so by null: live bytes far below its limit, and yet no room. Found by
// review: the sizes of dialog lines drift, and survivors of each size pin their slabs.
// What a shard makes of null is a 503 (engine/text_store.h).
#include <gtest/gtest.h>

#include <vector>

#include "dataplane/arena.h"
#include "engine/text_store.h"

namespace vedette::dataplane {
namespace {

TEST(ArenaTest, FragmentedItRefusesAndLivesOn) {
  constexpr uint64_t kBytes = 16 << 20;
  Arena arena(kBytes);
  engine::TextStore store(&arena, Arena::try_allocate, kBytes);
  std::vector<engine::Text> survivors;
  bool refused_below_limit = false;
  for (const size_t size : {600u, 730u, 860u, 990u, 1'120u, 1'250u, 1'400u, 1'600u, 1'900u}) {
    std::vector<engine::Text> round;
    while (true) {
      const engine::Text text = store.try_allocate(size, engine::TextStore::Claim::kPromised);
      if (!text) break;
      round.push_back(text);
    }
    refused_below_limit |= store.used() + size + 64 < kBytes;
    for (size_t i = 0; i < round.size(); ++i) {
      if (i % 16 == 0) {
        survivors.push_back(round[i]);
      } else {
        store.release(round[i]);
      }
    }
  }
  EXPECT_TRUE(refused_below_limit) << "jemalloc has become better; this test no longer shows anything";
  for (engine::Text& text : survivors) store.release(text);
  EXPECT_EQ(store.used(), 0u);
  EXPECT_TRUE(store.try_allocate(600, engine::TextStore::Claim::kNew)) << "what was freed is given again";
}

}  // namespace
}  // namespace vedette::dataplane
