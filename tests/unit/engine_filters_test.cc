// The filters of a shard: each kept once, as long as somebody has it, and applied once to a document.
#include "engine/presence/filters.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "parsers/event_filter.h"
#include "tests/support/composed_presentity.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

class FiltersTest : public testing::Test {
 protected:
  FiltersTest() {
    config_.domains = {{.name = "example.com", .authenticate = false}};
    config_.limits.filters_max = 2;
    environment_.partitions = &partitions_;
    environment_.config = &config_;
    environment_.hashes = support::bench_hashes();
    environment_.documents = &arena_;
  }
  void SetUp() override {
    core_.emplace(environment_);
    filters_.emplace(*core_);
  }
  void TearDown() override {
    EXPECT_EQ(core_->filters.size(), 0u);
    EXPECT_EQ(core_->texts.used(), 0u);
  }

  static std::string compiled(const std::string& selector) {
    std::array<char, parsers::kFilterBytesMax> out;
    const parsers::FilterReport report = parsers::compile_event_filter(
        "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'><filter id='a'><what>" + selector +
            "</what></filter></filter-set>",
        {.package = "presence", .aor = "alice@example.com"}, out);
    EXPECT_EQ(report.error, parsers::FilterError::kOk);
    return {out.data(), report.length};
  }
  DocumentRef composed(const std::string& elements) {
    support::ComposedPresentity alice;
    EXPECT_TRUE(alice.publish_elements(1, elements));
    return DocumentRef::try_make(core_->texts, {.body = alice.compose()});
  }

  std::string_view apply(const DocumentRef& document, uint16_t filter) {
    return filters_->apply(PackageId::kPresence, document, filter).view();
  }

  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  std::pmr::unsynchronized_pool_resource arena_;
  ShardEnvironment environment_;
  std::optional<Core> core_;
  std::optional<Filters> filters_;
};

constexpr const char* kBob = "bob@example.com";
constexpr const char* kTuple = "<tuple id=\"a\"><status><basic>open</basic></status><note>here</note></tuple>";

TEST_F(FiltersTest, WhatAWatcherMadeIsHisWhoeverHasIt) {
  config_.limits.filters_per_watcher_max = 1;
  core_.emplace(environment_);
  filters_.emplace(*core_);
  uint16_t first = kNoFilter, shared = kNoFilter, second = kNoFilter;
  ASSERT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), kBob, first), Reason::kNone);
  ASSERT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), "carol@example.com", shared), Reason::kNone);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kBob, second), Reason::kWatcherFiltersFull);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), "carol@example.com", second), Reason::kNone)
      << "it was not she who made the other one";
  filters_->leave(second);
  filters_->leave(first);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kBob, second), Reason::kWatcherFiltersFull)
      << "his is there as long as she has it";
  filters_->leave(shared);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kBob, second), Reason::kNone);
  // In the place of what would leave for it.
  uint16_t next = second;
  EXPECT_EQ(filters_->try_enter(compiled("<include>//basic</include>"), kBob, next), Reason::kNone);
  filters_->leave(second);
  filters_->leave(next);
  uint16_t anybodys = kNoFilter, another = kNoFilter;
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kAnonymousAor, anybodys), Reason::kNone);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//basic</include>"), kAnonymousAor, another), Reason::kNone);
  filters_->leave(anybodys);
  filters_->leave(another);
  EXPECT_EQ(core_->filters_by_maker.size(), 0u);
}

TEST_F(FiltersTest, EqualOnesAreOneUntilNobodyHasIt) {
  uint16_t bob = kNoFilter, carol = kNoFilter, dave = kNoFilter, erin = kNoFilter;
  EXPECT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), kBob, bob), Reason::kNone);
  EXPECT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), kBob, carol), Reason::kNone);
  EXPECT_EQ(bob, carol);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kBob, dave), Reason::kNone);
  EXPECT_NE(dave, bob);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//basic</include>"), kBob, erin), Reason::kFiltersFull);
  EXPECT_EQ(erin, kNoFilter);
  filters_->leave(bob);
  EXPECT_EQ(bob, kNoFilter);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//basic</include>"), kBob, erin), Reason::kFiltersFull);
  filters_->leave(carol);
  EXPECT_EQ(filters_->try_enter(compiled("<include>//basic</include>"), kBob, erin), Reason::kNone);
  filters_->leave(dave);
  filters_->leave(erin);
  filters_->leave(erin);    // It has none: nothing happens.
}

TEST_F(FiltersTest, IsAppliedOnceToADocument) {
  uint16_t without_note = kNoFilter, note = kNoFilter;
  ASSERT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), kBob, without_note), Reason::kNone);
  ASSERT_EQ(filters_->try_enter(compiled("<include>//note</include>"), kBob, note), Reason::kNone);
  DocumentRef document = composed(kTuple);
  const std::string first(apply(document, without_note));
  EXPECT_NE(first.find("<tuple id=\"a\"><status><basic>open</basic></status></tuple>"), std::string::npos) << first;
  EXPECT_EQ(apply(document, without_note), first);
  EXPECT_EQ(core_->counters.get(Counter::kDocumentsFiltered), 1u);
  EXPECT_NE(apply(document, note), first);
  EXPECT_EQ(apply(document, without_note), first);
  EXPECT_EQ(core_->counters.get(Counter::kDocumentsFiltered), 2u);
  // Another one under the same number is another one.
  filters_->leave(without_note);
  uint16_t status = kNoFilter;
  ASSERT_EQ(filters_->try_enter(compiled("<include>//status</include><exclude>//basic</exclude>"), kBob, status),
            Reason::kNone);
  EXPECT_NE(apply(document, status), first);
  filters_->leave(note);
  filters_->leave(status);
  document.release(core_->texts);
}

TEST_F(FiltersTest, WhatHasTooManyElementsIsShownWhole) {
  uint16_t filter = kNoFilter;
  ASSERT_EQ(filters_->try_enter(compiled("<exclude>//note</exclude>"), kBob, filter), Reason::kNone);
  support::ComposedPresentity alice;
  for (uint32_t number = 1; number <= 2; ++number) {
    std::string elements = "<x:y xmlns:x=\"urn:x\">";
    for (int i = 0; i < 600; ++i) elements += "<x:z/>";
    ASSERT_TRUE(alice.publish_elements(number, elements + "</x:y>"));
  }
  DocumentRef document = DocumentRef::try_make(core_->texts, {.body = alice.compose()});
  EXPECT_EQ(apply(document, filter), document.view());
  EXPECT_EQ(core_->counters.get(Counter::kDocumentsNotFiltered), 1u);
  filters_->leave(filter);
  document.release(core_->texts);
}

}  // namespace
}  // namespace vedette::engine
