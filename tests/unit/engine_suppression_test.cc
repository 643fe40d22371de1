// Conditional notification (RFC 5839): what is left out, and that whoever uses it ends with what all others see. The
// rules one by one are flows (tests/rfc/flows/rfc5839).
#include "engine/presence/suppression.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/presence/entity_tag.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

TEST(EntityTag, IsOursByteByByte) {
  uint64_t tag = 0;
  EXPECT_TRUE(read_entity_tag("0123456789abcdef", tag));
  EXPECT_EQ(tag, 0x0123456789abcdefu);
  for (const char* other : {"", "*", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"}) {
    EXPECT_FALSE(read_entity_tag(other, tag)) << other;
  }
  EXPECT_NE(partial_entity_tag(tag), tag);
  EXPECT_EQ(partial_entity_tag(partial_entity_tag(tag)), tag);
}

// A tag is a field of a record that hot caches are made of: it lies with the document, not with its watchers.
TEST(EntityTag, CostsASubscriptionNothing) { EXPECT_LE(sizeof(Subscription), 176u); }

TEST(DocumentRef, HasTheLinesThatANotifyEndsIn) {
  std::pmr::unsynchronized_pool_resource arena;
  TextStore texts(&arena, nullptr, 1 << 16);
  DocumentRef whole = DocumentRef::try_make(
      texts, {.body = "<a/>", .media_type = "application/pidf+xml", .entity_tag = 0xfedcba9876543210});
  EXPECT_EQ(whole.view(), "<a/>");
  EXPECT_EQ(whole.lines_and_view(),
            "SIP-ETag: fedcba9876543210\r\nContent-Type: application/pidf+xml\r\nContent-Length: 4\r\n\r\n<a/>");
  DocumentRef patch = DocumentRef::try_make(
      texts, {.body = "<b/>", .media_type = "b", .entity_tag = whole.entity_tag(), .is_partial = true});
  EXPECT_EQ(patch.entity_tag(), whole.entity_tag());
  EXPECT_EQ(patch.lines_and_view().find("fedcba9876543210"), std::string_view::npos);
  whole.release(texts);
  patch.release(texts);
  EXPECT_EQ(texts.used(), 0u);
}

std::string publish(const std::string& note, const std::string& etag) {
  const std::string body = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:alice@example.com\"><tuple "
                           "id=\"desk\"><status><basic>open</basic></status><note>" + note +
                           "</note></tuple></presence>";
  static int number = 0;
  ++number;
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" + std::to_string(number) +
         "\nFrom: <sip:alice@example.com>;tag=a\nTo: <sip:alice@example.com>\nCall-ID: p@192.0.2.7\nCSeq: " +
         std::to_string(number) + " PUBLISH\nEvent: presence\nExpires: 3600\n" +
         (etag.empty() ? "" : "SIP-If-Match: " + etag + "\n") + "Content-Type: application/pidf+xml\n\n" + body;
}

// Bob, who says now and then what he has, and gets it in every way that there is.
class Bob {
 public:
  explicit Bob(unsigned seed) : random_(seed), bench_(config()) {}

  void live(int steps) {
    subscribe("");
    for (int i = 0; i < steps; ++i) step();
    // The network is well again, and bob awake.
    is_sound_ = true;
    while (!waiting_.empty()) answer();
    subscribe(condition_ == "*" ? "" : tag_);
    for (int i = 0; i < 4; ++i) pass(Duration::seconds(40));
    hear(bench_.load_rules("alice@example.com", ""));
    pass(Duration::seconds(40));
    const auto fetched = bench_.send(
        "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bKc\nFrom: "
        "<sip:carol@example.com>;tag=c\nTo: <sip:alice@example.com>\nCall-ID: c\nCSeq: 1 SUBSCRIBE\nContact: "
        "<sip:carol@192.0.2.3>\nEvent: presence\nExpires: 0\n\n", "192.0.2.3");
    ASSERT_EQ(fetched.size(), 2u);
    EXPECT_EQ(has_, fetched[1].body());
    bench_.answer(fetched[1]);
  }
  uint64_t count(Counter counter) const { return bench_.count(counter); }

 private:
  static EngineConfig config() {
    EngineConfig config = support::bench_config();
    config.pace.interval.fill(Duration::seconds(5));
    return config;
  }
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  void step() {
    static constexpr std::array<const char*, 4> kRules = {
        "", "<actions><p:sub-handling>allow</p:sub-handling></actions><transformations><p:provide-services>"
            "<p:all-services/></p:provide-services></transformations>",
        "<actions><p:sub-handling>confirm</p:sub-handling></actions>",
        "<actions><p:sub-handling>polite-block</p:sub-handling></actions>"};
    switch (below(8)) {
      case 0:
      case 1: {
        const auto sent = bench_.send(publish("note " + std::to_string(below(3)), etag_), "192.0.2.7");
        etag_ = sent.at(0).header("SIP-ETag");
        return hear({sent.begin() + 1, sent.end()});
      }
      case 2: {
        const std::string rules = kRules[below(kRules.size())];
        return hear(bench_.load_rules(
            "alice@example.com",
            rules.empty() ? "" : "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' "
                                 "xmlns:p='urn:ietf:params:xml:ns:pres-rules'><rule id='a'>" + rules +
                                 "</rule></ruleset>"));
      }
      case 3:
      case 4: {
        const unsigned how = below(8);
        return subscribe(how == 0 ? "*" : how == 1 ? "b4cf7" : how == 2 ? "" : tag_);
      }
      case 5: return pass(Duration::milliseconds(below(9000)));
      default: return answer();
    }
  }

  void subscribe(const std::string& condition) {
    if (!waiting_.empty()) answer();
    // A new dialog, sometimes, after the one before it has been left or forgotten.
    const bool leaves = !to_tag_.empty() && below(6) == 0;
    const bool is_new = to_tag_.empty();
    if (is_new) {
      ++dialogs_;
      cseq_ = 0;
    }
    ++cseq_;
    condition_ = condition;
    // What is on its way comes after what he says, and the state after that.
    const bool is_overtaken = !waiting_.empty() && waiting_.front().header("SIP-ETag") != condition;
    if (is_overtaken && condition != "*") condition_.clear();
    const auto known = known_.find(condition);
    const auto sent = bench_.send(
        "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKb" +
            std::to_string(dialogs_) + "." + std::to_string(cseq_) + "\nFrom: <sip:bob@example.com>;tag=b" +
            "\nTo: <sip:alice@example.com>" + (is_new ? "" : ";tag=" + to_tag_) + "\nCall-ID: b" +
            std::to_string(dialogs_) + "\nCSeq: " + std::to_string(cseq_) +
            " SUBSCRIBE\nContact: <sip:bob@192.0.2.1>\nEvent: presence\nExpires: " + (leaves ? "0" : "3600") + "\n" +
            (condition.empty() ? "" : "Suppress-If-Match: " + condition + "\n") + "\n");
    const std::string status = sent.at(0).first_line().substr(8, 3);
    if (status == "481" && !is_new) {
      // He answered nothing for too long.
      to_tag_.clear();
      return subscribe("");
    }
    ASSERT_TRUE(status == "200" || (status == "204" && !is_new && !condition.empty())) << sent.at(0).text;
    if (status == "204") {
      if (known != known_.end()) has_ = known->second;
      EXPECT_EQ(sent.size(), 1u);
    }
    const std::string to = sent[0].header("To");
    if (is_new) to_tag_ = to.substr(to.find(";tag=") + 5);
    hear({sent.begin() + 1, sent.end()});
    if (leaves) {
      while (!waiting_.empty()) answer();
      to_tag_.clear();
      subscribe(below(2) == 0 ? tag_ : "");
    }
  }

  void pass(Duration time) { hear(bench_.advance(time)); }

  // A NOTIFY is read when it comes, and answered later, or with a failure.
  void hear(const std::vector<Sent>& sent) {
    for (const Sent& notify : sent) {
      ASSERT_TRUE(notify.first_line().starts_with("NOTIFY ")) << notify.text;
      // Resent: it was read.
      if (!heard_.insert(notify.header("Call-ID") + " " + notify.header("CSeq")).second) continue;
      const std::string tag = notify.header("SIP-ETag");
      ASSERT_EQ(tag.size(), 16u) << notify.text;
      if (notify.body().empty()) {
        EXPECT_EQ(notify.header("Content-Type"), "");
        const bool is_nothing = !known_.contains(tag);
        // RFC 5839 §6.2: the body is left out for who has it, or wants none.
        EXPECT_TRUE(is_nothing || tag == condition_ || condition_ == "*") << notify.text;
        if (!is_nothing && tag == condition_) has_ = known_[tag];
        if (tag != condition_ && condition_ != "*") condition_.clear();
      } else {
        EXPECT_NE(tag, condition_) << "what bob has is sent again\n" << notify.text;
        // A tag stands for one document.
        EXPECT_EQ(known_.try_emplace(tag, notify.body()).first->second, notify.body());
        has_ = notify.body();
        // The condition was not met, or is over.
        if (condition_ != "*") condition_.clear();
        tag_ = tag;
      }
      waiting_.push_back(notify);
    }
    while (is_sound_ && !waiting_.empty()) answer();
  }

  void answer() {
    if (waiting_.empty()) return;
    const Sent notify = waiting_.front();
    waiting_.erase(waiting_.begin());
    hear(bench_.answer(notify, is_sound_ || below(4) != 0 ? "200 OK" : "503 Not now", ""));
  }

  std::mt19937 random_;
  ShardBench bench_;
  std::map<std::string, std::string> known_;   // Documents by their tags.
  std::string has_, tag_, condition_, etag_, to_tag_;
  std::vector<Sent> waiting_;
  std::set<std::string> heard_;
  unsigned dialogs_ = 0, cseq_ = 0;
  bool is_sound_ = false;
};

TEST(SuppressionTest, WhoeverSaysWhatItHasEndsWithWhatTheOthersSee) {
  uint64_t suppressed = 0, bodies = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Bob bob(seed);
    bob.live(60);
    if (HasFailure()) return;
    suppressed += bob.count(Counter::kNotifiesSuppressed);
    bodies += bob.count(Counter::kNotifyBodiesSuppressed);
  }
  EXPECT_GT(suppressed, 1000u);
  EXPECT_GT(bodies, 300u);
}

}  // namespace
}  // namespace vedette::engine
