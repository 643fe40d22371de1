// Partial presence in NOTIFYs (RFC 5263): what is kept for it, how long, and that a watcher who applies what it is told
// sees what the others see.
#include "engine/presence/partial_presence.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

#include "engine/presence/pidf_diff.h"
#include "tests/support/composed_presentity.h"
#include "tests/support/shard_bench.h"
#include "tests/support/xml_patch.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string tuple(const std::string& id, const std::string& text) {
  return "<tuple id=\"" + id + "\"><status><basic>open</basic></status><contact>sip:" + id +
         "@a-name-that-is-long-enough-for-a-patch.example.com</contact><note>" + text + "</note></tuple>";
}

// One presentity's documents and what is kept of them, without a shard around it.
class Kept : public testing::Test {
 protected:
  Kept() {
    config_.domains = {{.name = "example.com", .authenticate = false}};
    environment_.partitions = &partitions_;
    environment_.config = &config_;
    environment_.hashes = support::bench_hashes();
    environment_.documents = &arena_;
  }
  void SetUp() override {
    core_.emplace(environment_);
    partial_.emplace(*core_);
  }
  void TearDown() override {
    document_.release(core_->texts);
    before_.release(core_->texts);
    EXPECT_EQ(core_->texts.used(), 0u);
  }

  // The document is another one from now on.
  void change(const std::string& text) {
    partial_->end(document_, before_);
    presentity_.publish_elements(1, tuple("desk", text));
    document_ = DocumentRef::try_make(core_->texts, {.body = presentity_.compose()});
    ASSERT_FALSE(document_.is_null());
    partial_->follow(document_, before_);
    EXPECT_TRUE(before_.is_null());
  }
  // Tells a watcher who has `acknowledged`, and who then has what is returned. Whether it was told by a patch.
  bool tell(uint32_t& acknowledged) {
    const DocumentRef& chosen = partial_->choose(document_, acknowledged);
    EXPECT_NE(document_.serial(), 0u);
    EXPECT_EQ(chosen.serial(), document_.serial());
    acknowledged = chosen.serial();
    return &chosen != &document_;
  }
  uint64_t patches() const { return core_->counters.get(Counter::kPatchesWritten); }

  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  std::pmr::unsynchronized_pool_resource arena_;
  ShardEnvironment environment_;
  std::optional<Core> core_;
  std::optional<PartialPresence> partial_;
  support::ComposedPresentity presentity_;
  DocumentRef document_, before_;
};
using PartialPresenceTest = Kept;

TEST_F(PartialPresenceTest, OnePatchForAllWhoHaveTheDocumentBefore) {
  change("1");
  uint32_t bob = 0, carol = 0, dave = 0;
  EXPECT_FALSE(tell(bob));
  EXPECT_FALSE(tell(carol));
  EXPECT_EQ(bob, carol);
  change("2");
  EXPECT_TRUE(tell(bob));
  EXPECT_TRUE(tell(carol));
  EXPECT_FALSE(tell(dave));
  EXPECT_EQ(patches(), 1u);
  // Once more: those who have it are told just that, all by one document.
  EXPECT_TRUE(tell(bob));
  const uint64_t used = core_->texts.used();
  EXPECT_TRUE(tell(carol));
  EXPECT_EQ(core_->texts.used(), used);
  EXPECT_EQ(patches(), 1u);
  change("3");
  uint32_t late = bob - 1;
  EXPECT_FALSE(tell(late));
  EXPECT_TRUE(tell(bob));
  EXPECT_EQ(patches(), 2u);
}

TEST_F(PartialPresenceTest, KeepsNothingForNobody) {
  change("1");
  const uint64_t one = core_->texts.used();
  change("2");
  EXPECT_EQ(core_->texts.used(), one);
  uint32_t bob = 0;
  tell(bob);
  change("3");
  EXPECT_EQ(core_->texts.used(), 2 * one);
  // The patch is there, and what it was made from is not.
  EXPECT_TRUE(tell(bob));
  EXPECT_LT(core_->texts.used(), 2 * one);
  // Nobody takes it any more: after the next document that nobody was told there is one again.
  change("4");
  change("5");
  EXPECT_EQ(core_->texts.used(), one);
}

TEST_F(PartialPresenceTest, AWatcherSkipsDocumentsThatNobodyComposed) {
  change("1");
  uint32_t bob = 0;
  tell(bob);
  partial_->end(document_, before_);
  partial_->end(document_, before_);
  change("2");
  EXPECT_TRUE(tell(bob));
}

TEST_F(PartialPresenceTest, WithoutRoomForAPatchEverythingIsTold) {
  change("1");
  uint32_t bob = 0, carol = 0;
  tell(bob);
  tell(carol);
  change("2");
  // Fills what is left but for less than a patch takes; what the old document had is its own size.
  std::vector<Text> filling;
  for (size_t bytes = config_.limits.document_bytes_max; bytes >= 16; bytes /= 2) {
    for (Text text = core_->texts.try_allocate(bytes, TextStore::Claim::kPromised); text;
         text = core_->texts.try_allocate(bytes, TextStore::Claim::kPromised)) {
      filling.push_back(text);
    }
  }
  DocumentRef held = document_.head().before.share();
  EXPECT_FALSE(tell(bob));
  EXPECT_FALSE(tell(carol));
  EXPECT_EQ(patches(), 0u);
  held.release(core_->texts);
  for (Text& text : filling) core_->texts.release(text);
}

// A watcher of the shard: takes what it is told as RFC 5263 says.
struct Watcher {
  std::string document;     // As <pidf-full> or as <presence>.
  int64_t version = -1;
  uint64_t patched = 0;

  void take(const Sent& notify) {
    const std::string body = notify.body();
    if (notify.header("Content-Type") == "application/pidf+xml") {
      document = body;
      return;
    }
    ASSERT_EQ(notify.header("Content-Type"), "application/pidf-diff+xml");
    const int64_t told = std::stoll(body.substr(body.find(" version=\"0") + 10));
    if (body.find("<p:pidf-full") != std::string::npos) {
      ASSERT_GT(told, version);
      document = body;
    } else {
      ASSERT_EQ(told, version + 1) << "a patch of something that it does not have";
      const support::PatchedXml patched_document = support::apply_xml_patch(document, body);
      ASSERT_EQ(patched_document.fault, "") << document << "\n" << body;
      document = patched_document.text;
      ++patched;
    }
    version = told;
  }
  // What is in it, whatever the root.
  std::string elements() const {
    const std::string canonical = support::canonical_xml(document);
    return canonical.substr(canonical.find('>') + 1);
  }
};

std::string subscribe(const std::string& who, const std::string& accept) {
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + who + "\nFrom: <sip:" +
         who + "@example.com>;tag=" + who + "\nTo: <sip:alice@example.com>\nCall-ID: " + who +
         "@192.0.2.1\nCSeq: 1 SUBSCRIBE\nContact: <sip:" + who +
         "@192.0.2.1>\nEvent: presence\nExpires: 3600\nAccept: " + accept + "\n\n";
}

std::string publish(int number, int cseq, const std::string& body, const std::string& if_match) {
  const std::string device = "d" + std::to_string(number), count = std::to_string(cseq);
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7:507" + std::to_string(number) +
         ";branch=z9hG4bK" + device + count + "\nFrom: <sip:alice@example.com>;tag=" + device +
         "\nTo: <sip:alice@example.com>\nCall-ID: " + device + "@192.0.2.7\nCSeq: " + count +
         " PUBLISH\nEvent: presence\nExpires: 3600\n" + (if_match.empty() ? "" : "SIP-If-Match: " + if_match + "\n") +
         "Content-Type: application/pidf+xml\n\n" + body;
}

TEST(PartialPresence, WhoAppliesWhatItIsToldSeesWhatOthersSee) {
  EngineConfig config = support::bench_config();
  config.pace.interval.fill(Duration());
  uint64_t patched = 0;
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    ShardBench bench(config);
    Watcher plain, partial;
    std::vector<Sent> open;   // NOTIFYs that were not answered.
    const auto take = [&](const std::vector<Sent>& sent) {
      for (const Sent& message : sent) {
        if (message.text.starts_with("NOTIFY ")) open.push_back(message);
      }
    };
    const auto answer_one = [&](bool may_refuse) {
      const Sent notify = open[random() % open.size()];
      std::erase_if(open, [&](const Sent& other) { return other.text == notify.text; });
      Watcher& watcher = notify.first_line().find("sip:partial@") != std::string::npos ? partial : plain;
      if (may_refuse && random() % 5 == 0) return take(bench.answer(notify, "503 Busy", "Retry-After: 10\n"));
      watcher.take(notify);
      take(bench.answer(notify));
    };
    take(bench.send(subscribe("plain", "application/pidf+xml")));
    take(bench.send(subscribe("partial", "application/pidf-diff+xml")));
    std::string etags[3];
    for (int step = 1; step <= 60; ++step) {
      const size_t device = random() % 3;
      std::string body(parsers::kPresenceOpen);
      body.append("sip:alice@example.com").append(parsers::kPresenceOpenEnd);
      for (size_t i = random() % 3 + 1; i > 0; --i) {
        body += tuple("t" + std::to_string(i), std::to_string(random() % 3));
      }
      body.append(parsers::kPresenceClose);
      const auto sent = bench.send(publish(static_cast<int>(device), step, body, etags[device]), "192.0.2.7");
      ASSERT_EQ(sent[0].first_line(), "SIP/2.0 200 OK");
      etags[device] = sent[0].header("SIP-ETag");
      take(sent);
      while (!open.empty() && random() % 4 != 0) answer_one(true);
      if (random() % 8 == 0) take(bench.advance(Duration::seconds(10)));
    }
    while (!open.empty()) answer_one(false);
    take(bench.advance(Duration::seconds(10)));
    while (!open.empty()) answer_one(false);
    EXPECT_EQ(partial.elements(), plain.elements()) << seed;
    EXPECT_EQ(bench.subscriptions(), 2u);
    bench.check();
    patched += partial.patched;
  }
  EXPECT_GT(patched, 200u);
}

}  // namespace
}  // namespace vedette::engine
