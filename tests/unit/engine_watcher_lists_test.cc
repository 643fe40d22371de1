// Lists of watchers, put together from full and partial documents as RFC 3858 §4 has it, are what the shard itself says
// of its watchers, whatever happens; and what is kept of them has limits. Single rules stand in tests/rfc/flows/winfo.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "engine/core.h"
#include "tests/support/flow_rules.h"
#include "tests/support/presence_schema.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::rules_document;
using support::Sent;
using support::ShardBench;

constexpr std::string_view kAlice = "alice@example.com";

struct Row {
  std::string watcher, status;
  auto operator<=>(const Row&) const = default;
};

// One who reads the list.
struct Reader {
  std::map<std::string, Row> rows;       // By id.
  int64_t version = -1;
  std::vector<Sent> unanswered;
  int partial = 0, full = 0;

  void take(const std::string& body) {
    ASSERT_EQ(support::presence_schema_fault(body), "") << body;
    static const std::regex head("version=\"0*([0-9]+)\" state=\"([a-z]+)\"");
    static const std::regex watcher("<watcher id=\"(\\w+)\"[^>]* status=\"([a-z]+)\" event=\"[a-z]+\">sip:([^<]+)<");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(body, found, head)) << body;
    ASSERT_EQ(std::stol(found[1]), version + 1) << body;
    ++version;
    const bool is_full = found[2] == "full";
    ++(is_full ? full : partial);
    if (is_full) rows.clear();
    for (std::sregex_iterator it(body.begin(), body.end(), watcher), end; it != end; ++it) {
      rows[(*it)[1]] = {(*it)[3], (*it)[2]};
      if ((*it)[2] == "terminated") rows.erase((*it)[1]);
    }
  }
  std::multiset<Row> seen() const {
    std::multiset<Row> all;
    for (const auto& [id, row] : rows) all.insert(row);
    return all;
  }
};

class WatcherListsTest : public ::testing::Test {
 protected:
  explicit WatcherListsTest(const EngineConfig& config = support::bench_config()) : bench_(config), config_(config) {}

  // In a dialog, if `tag` is its remote tag.
  std::string subscribe(const std::string& from, const std::string& call, int expires, const std::string& package,
                        const std::string& tag = "") {
    const std::string number = std::to_string(++cseq_);
    return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + number +
           "\nFrom: <sip:" + from + "@example.com>;tag=w\nTo: <sip:alice@example.com>" +
           (tag.empty() ? "" : ";tag=" + tag) + "\nCall-ID: " + call + "\nCSeq: " + number +
           " SUBSCRIBE\nContact: <sip:" + from + "@192.0.2.1>\nEvent: " + package +
           "\nExpires: " + std::to_string(expires) + "\n\n";
  }
  static std::string tag_of(const std::string& header) { return header.substr(header.find(";tag=") + 5); }

  void watch(const std::string& watcher, const std::string& call, int expires) {
    take(bench_.send(subscribe(watcher, call, expires, "presence")));
  }
  void read_list(const std::string& call, int expires = 7200) {
    readers_[call];
    take(bench_.send(subscribe("alice", call, expires, "presence.winfo", tags_[call])));
  }
  // Everybody answers at once but those who read the list.
  void take(const std::vector<Sent>& sent) {
    for (const Sent& message : sent) {
      const std::string call = message.header("Call-ID");
      if (!message.text.starts_with("NOTIFY")) {
        if (message.text.starts_with("SIP/2.0 200")) tags_[call] = tag_of(message.header("To"));
        continue;
      }
      if (message.header("Event") == "presence") {
        take(bench_.answer(message));
        continue;
      }
      Reader& reader = readers_[call];
      const bool is_resent = !reader.unanswered.empty() && reader.unanswered.back().text == message.text;
      if (is_resent) continue;
      reader.unanswered.push_back(message);
      reader.take(message.body());
    }
  }
  void answer_all() {
    for (bool some = true; some;) {
      some = false;
      for (auto& [call, reader] : readers_) {
        if (reader.unanswered.empty()) continue;
        some = true;
        const std::vector<Sent> sent = std::exchange(reader.unanswered, {});
        for (const Sent& notify : sent) take(bench_.answer(notify));
      }
    }
  }
  // By what operators are shown.
  std::multiset<Row> truth() {
    std::multiset<Row> all;
    for (const std::string& row : bench_.ask(ControlMessage::Kind::kListWatchers, kAlice)) {
      std::vector<std::string> columns(1);
      for (const char c : row) {
        if (c == '\t') columns.emplace_back();
        else columns.back().push_back(c);
      }
      if (columns[3] == "presence" && columns[2] != "terminated") all.insert({columns[1], columns[2]});
    }
    return all;
  }
  void expect_truth() {
    answer_all();
    const std::multiset<Row> all = truth();
    for (const auto& [call, reader] : readers_) EXPECT_EQ(reader.seen(), all) << call;
  }

  ShardBench bench_;
  EngineConfig config_;
  std::map<std::string, Reader> readers_;
  std::map<std::string, std::string> tags_;    // By Call-ID.
  int cseq_ = 0;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.watcher << " " << row.status; }

EngineConfig small_config(uint32_t changes, uint32_t datagram) {
  EngineConfig config = support::bench_config();
  config.limits.watcher_changes_per_presentity_max = changes;
  config.limits.datagram_bytes_max = datagram;
  config.limits.dialog_bytes_max = 600;
  config.limits.waiting_watchers_per_presentity_max = 3;
  config.limits.waiting_watcher_seconds = 200;
  config.limits.timers_per_turn_max = 4;
  config.limits.notifies_per_turn_max = 3;
  return config;
}

class RandomWatchersTest : public WatcherListsTest {
 protected:
  explicit RandomWatchersTest(const EngineConfig& config) : WatcherListsTest(config) {}

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  std::string someone() { return "w" + std::to_string(below(8)); }
  void load_rules() {
    std::vector<std::string> rules;
    static const char* const kHandlings[] = {"allow ", "confirm ", "confirm ", "block ", "polite-block "};
    for (int i = 0; i < 8; ++i) {
      rules.push_back(kHandlings[below(5)] + std::string("w") + std::to_string(i) + "@example.com");
      if (rules.back().starts_with("allow")) rules.back() += " : everything";
    }
    take(bench_.load_rules(kAlice, below(6) == 0 ? "" : rules_document(rules)));
  }
  void act() {
    switch (below(10)) {
      case 0: return load_rules();
      case 1: return watch(someone(), "fetch" + std::to_string(cseq_), 0);
      case 2:
      case 3:
      case 4: {
        const std::string watcher = someone();
        calls_.push_back(watcher + "-" + std::to_string(cseq_));
        return watch(watcher, calls_.back(), static_cast<int>(10 + below(200)));
      }
      case 5: {
        if (calls_.empty()) return;
        const std::string call = calls_[below(static_cast<unsigned>(calls_.size()))];
        return take(bench_.send(subscribe(call.substr(0, 2), call, below(2) == 0 ? 0 : 60, "presence", tags_[call])));
      }
      case 6:
        answer_all();
        return take(bench_.advance(Duration::seconds(below(25))));
      case 7: return take(bench_.advance(Duration::milliseconds(below(400))));
      case 8: return answer_all();
      default: return upset();
    }
  }
  // A reader asks for everything again, or cannot take what it is told now.
  void upset() {
    const std::string call = below(2) == 0 ? "a" : "b";
    Reader& reader = readers_[call];
    if (below(2) == 0 || reader.unanswered.empty()) return read_list(call);
    const Sent notify = reader.unanswered.back();
    reader.unanswered.clear();
    take(bench_.answer(notify, "503 Busy", "Retry-After: 1\n"));
  }
  void live(unsigned seed) {
    random_.seed(seed);
    for (const char* call : {"a", "b"}) read_list(call);
    for (int i = 0; i < 400; ++i) {
      act();
      bench_.check();
      if (i % 40 == 39) {
        answer_all();
        take(bench_.advance(Duration::milliseconds(1100)));
        expect_truth();
      }
      if (testing::Test::HasFailure()) break;
    }
    for (const auto& [call, reader] : readers_) {
      EXPECT_GT(reader.partial, 30) << call;
      EXPECT_GT(reader.full, 3) << call;
    }
    EXPECT_GT(bench_.count(Counter::kWatchersWaiting), 0u);
    EXPECT_GT(bench_.count(Counter::kWaitingWatchersApproved) + bench_.count(Counter::kWaitingWatchersRejected), 0u);
  }

  std::minstd_rand random_;
  std::vector<std::string> calls_;
};

class AmpleTest : public RandomWatchersTest {
 protected:
  AmpleTest() : RandomWatchersTest(small_config(64, 16'384)) {}
};
class ShortLogTest : public RandomWatchersTest {
 protected:
  ShortLogTest() : RandomWatchersTest(small_config(2, 16'384)) {}
};
class LongListTest : public RandomWatchersTest {
 protected:
  LongListTest() : RandomWatchersTest(small_config(64, 2'048)) {}
};

TEST_F(AmpleTest, AListIsWhatThereIs) {
  live(1);
  EXPECT_EQ(bench_.count(Counter::kWatcherListsContinued), 0u);
  EXPECT_EQ(bench_.count(Counter::kWatcherChangesForgotten), 0u);
}
TEST_F(ShortLogTest, AListIsWhatThereIsThoughChangesAreForgotten) {
  live(2);
  EXPECT_GT(bench_.count(Counter::kWatcherChangesForgotten), 0u);
}
TEST_F(LongListTest, AListIsWhatThereIsThoughItIsLong) {
  live(3);
  EXPECT_GT(bench_.count(Counter::kWatcherListsContinued), 0u);
}

TEST_F(WatcherListsTest, AThousandWatchersAreListedInSomeDocuments) {
  for (int i = 0; i < 1000; ++i) watch("watcher" + std::to_string(i), "c" + std::to_string(i), 3600);
  read_list("a");
  expect_truth();
  EXPECT_EQ(readers_["a"].rows.size(), 1000u);
  EXPECT_EQ(readers_["a"].full, 1);
  EXPECT_EQ(bench_.count(Counter::kWatcherListsContinued), static_cast<uint64_t>(readers_["a"].partial));
  EXPECT_LT(readers_["a"].partial, 20);
  // A fetch has one NOTIFY.
  read_list("fetch", 0);
  EXPECT_EQ(bench_.count(Counter::kWatcherListsCut), 1u);
  EXPECT_GT(readers_["fetch"].rows.size(), 50u);
}

class FullShardTest : public WatcherListsTest {
 protected:
  static EngineConfig config() {
    EngineConfig config = support::bench_config();
    config.limits.watcher_changes_max = 1;
    config.limits.waiting_watchers_max = 1;
    return config;
  }
  FullShardTest() : WatcherListsTest(config()) {}
};

TEST_F(FullShardTest, LimitsOfAShardAreMetAndCounted) {
  bench_.load_rules(kAlice, rules_document({"confirm *"}));
  read_list("a");
  answer_all();
  watch("bob", "b1", 20);
  watch("carol", "c1", 20);
  // Bob's is on its way, Carol's has no room behind it.
  EXPECT_EQ(bench_.count(Counter::kWatcherChangesForgotten), 1u);
  expect_truth();
  EXPECT_EQ(readers_["a"].full, 2);
  take(bench_.advance(Duration::milliseconds(20'100)));
  EXPECT_EQ(bench_.count(Counter::kWatchersWaiting), 1u);
  EXPECT_EQ(bench_.count(Counter::kWaitingWatchersForgotten), 1u);
  expect_truth();
  const std::vector<std::string> watchers = bench_.ask(ControlMessage::Kind::kListWatchers, kAlice);
  ASSERT_EQ(watchers.size(), 2u);
  EXPECT_EQ(watchers[1],
            "alice@example.com\tbob@example.com\twaiting\tpresence\t604800\t\t\t\t\t0\t0\tconfirm\t"
            "\t\t\t\t\t\t\t\ta decision");
}

class BusyWatcherTest : public WatcherListsTest {
 protected:
  static EngineConfig config() {
    EngineConfig config = support::bench_config();
    config.limits.waiting_watchers_per_watcher_max = 2;
    return config;
  }
  BusyWatcherTest() : WatcherListsTest(config()) {}
  void fetch(const std::string& watcher, const std::string& aor) {
    std::string text = subscribe(watcher, "c" + std::to_string(cseq_), 0, "presence");
    for (size_t at; (at = text.find("alice@example.com")) != std::string::npos;) text.replace(at, 17, aor);
    take(bench_.send(text));
  }
};

TEST_F(BusyWatcherTest, OneWatcherWaitsForSoManyAndNoMore) {
  for (const std::string aor : {"p1@example.com", "p2@example.com", "p3@example.com"}) {
    bench_.load_rules(aor, rules_document({"confirm *"}));
    fetch("bob", aor);
  }
  EXPECT_EQ(bench_.count(Counter::kWatchersWaiting), 2u);
  EXPECT_EQ(bench_.count(Counter::kWaitingWatchersTooMany), 1u);
  // For one of them again, and others are none of his.
  fetch("bob", "p2@example.com");
  fetch("carol", "p3@example.com");
  EXPECT_EQ(bench_.count(Counter::kWatchersWaiting), 4u);
  EXPECT_EQ(bench_.count(Counter::kWaitingWatchersTooMany), 1u);
  // Once he is decided on there is room.
  bench_.load_rules("p1@example.com", rules_document({"block *"}));
  fetch("bob", "p3@example.com");
  EXPECT_EQ(bench_.count(Counter::kWatchersWaiting), 5u);
  EXPECT_EQ(bench_.ask(ControlMessage::Kind::kListWatchers, "p3@example.com").size(), 2u);
  bench_.end_watchers("p3@example.com", EndReason::kRejected);
  EXPECT_TRUE(bench_.ask(ControlMessage::Kind::kListWatchers, "p3@example.com").empty());
  const std::string summary = bench_.ask(ControlMessage::Kind::kSummary)[0];
  EXPECT_TRUE(summary.ends_with("\t1")) << summary;
}

// What was kept is given back: nobody who waited, nothing that was not told, is left over.
TEST_F(WatcherListsTest, NothingIsLeftOver) {
  const std::string before = bench_.ask(ControlMessage::Kind::kSummary)[0];
  bench_.load_rules(kAlice, rules_document({"confirm *"}));
  read_list("a", 600);
  for (int i = 0; i < 40; ++i) watch("watcher" + std::to_string(i), "c" + std::to_string(i), i % 2 == 0 ? 0 : 60);
  take(bench_.advance(Duration::seconds(20)));
  take(bench_.advance(Duration::seconds(700)));
  bench_.load_rules(kAlice, "");
  take(bench_.advance(Duration::seconds(60)));
  bench_.check();
  EXPECT_EQ(bench_.ask(ControlMessage::Kind::kSummary)[0], before);
}

TEST_F(WatcherListsTest, RecordsAreSmall) {
  EXPECT_EQ(sizeof(Subscription), 160u);
  EXPECT_EQ(sizeof(Presentity), 96u);
  EXPECT_LE(sizeof(WatcherChange), 56u);
  EXPECT_LE(sizeof(WaitingWatcher), 64u);
}

}  // namespace
}  // namespace vedette::engine
