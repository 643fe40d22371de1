// The law of the celebrity: while a change of state goes out to 200,000 watchers, everybody else on the same shard is
// served as if nothing were. One shard with the limits of production, its worker's turns played by hand: bursts of
// datagrams in, a lent Outbox out. Time passes by turns alone.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard.h"
#include "tests/sim/fake_hashes.h"

namespace vedette::sim {
namespace {

using namespace engine;

constexpr uint32_t kWatchers = 200'000;
constexpr size_t kSlots = 64;                  // What a worker lends (dataplane/out_buffers.h),
constexpr size_t kBurst = 4 * 32;              // and takes in a turn, from its port and from three other workers.
constexpr Duration kTurnLasts = Duration::microseconds(20);
constexpr uint64_t kTurnsMax = 3;              // "The same turn or the next few."
constexpr std::string_view kStar = "star@example.com";
constexpr std::string_view kFriend = "friend@example.com";

EngineConfig make_celebrity_config() {
  EngineConfig config;
  config.domains = {Domain{.name = "example.com", .authenticate = false}};
  config.limits.subscriptions_per_presentity_max = kWatchers + 1;
  config.pace.interval.fill(Duration());       // All at once, which is worst.
  // All of them are behind one address, and nobody proves himself.
  config.limits.source_requests_per_second = config.limits.source_responses_per_second = 0;
  config.limits.stranger_requests_per_second = 0;
  return config;
}

std::string_view line_of(std::string_view message, std::string_view name) {
  const size_t at = message.find(name);
  return at == std::string_view::npos ? std::string_view() : message.substr(at, message.find("\r\n", at + 2) - at);
}

std::string answer_to(std::string_view notify) {
  std::string answer = "SIP/2.0 200 OK";
  for (const std::string_view name : {"\r\nVia: ", "\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: ", "\r\nCSeq: "}) {
    answer += line_of(notify, name);
  }
  return answer + "\r\nContent-Length: 0\r\n\r\n";
}

class CelebrityTest : public ::testing::Test {
 protected:
  CelebrityTest() {
    environment_.partitions = &partitions_;
    environment_.config = &config_;
    environment_.hashes = fake_hashes();
    environment_.documents = &arena_;
    shard_ = std::make_unique<Shard>(environment_);
    flow_ = {.local = {IpAddress::v4(0x0a000001), 5060}, .remote = {IpAddress::v4(0x0a000002), 5060}};
    buffers_.resize(kSlots * config_.limits.datagram_bytes_max);
    for (size_t i = 0; i < kSlots; ++i) {
      slots_.push_back({.bytes = &buffers_[i * config_.limits.datagram_bytes_max],
                        .capacity = config_.limits.datagram_bytes_max});
    }
  }

  std::string request(std::string_view method, std::string_view aor, const std::string& call, const std::string& rest) {
    const std::string number = std::to_string(++requests_);
    return std::string(method) + " sip:" + std::string(aor) + " SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK" +
           number + "\r\nMax-Forwards: 70\r\nFrom: <sip:" + call + "@example.com>;tag=" + number +
           "\r\nTo: <sip:" + std::string(aor) + ">\r\nCall-ID: " + call + "\r\nCSeq: " + number + " " +
           std::string(method) + "\r\n" + rest;
  }
  // `watcher` is its number, and its Call-ID.
  std::string subscribe(std::string_view aor, uint32_t watcher) {
    return request("SUBSCRIBE", aor, std::to_string(watcher),
                   "Contact: <sip:10.0.0.2>\r\nEvent: presence\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n");
  }
  std::string publish(std::string_view aor, const std::string& note) {
    std::string& tag = tags_[std::string(aor)];
    const std::string body = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:" + std::string(aor) +
                             "\"><tuple id=\"t\"><status><basic>open</basic></status><note>" + note +
                             "</note></tuple></presence>";
    return request("PUBLISH", aor, "publisher",
                   "Event: presence\r\n" + (tag.empty() ? "" : "SIP-If-Match: " + tag + "\r\n") +
                       "Content-Type: application/pidf+xml\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body);
  }

  // Gives a request to the shard and expects it to be served in this very call.
  void expect_served(const std::string& bytes) {
    std::vector<std::string> answers;
    deliver(bytes, answers);
    ASSERT_EQ(answers.size(), 1u);
    ASSERT_EQ(answers[0].substr(0, 14), "SIP/2.0 200 OK") << answers[0];
    const std::string_view tag = line_of(answers[0], "\r\nSIP-ETag: ");
    const std::string aor(bytes.substr(12, bytes.find(' ', 12) - 12));
    if (!tag.empty()) tags_[aor] = tag.substr(12);
  }
  void deliver(const std::string& bytes, std::vector<std::string>& answers) {
    Outbox out(slots_);
    shard_->on_datagram(now_, {bytes, flow_}, out);
    for (const OutSlot& slot : out.committed()) answers.emplace_back(slot.bytes, slot.length);
  }

  // One turn of the worker: answers that have come, as many as a burst has, then time.
  void turn() {
    std::vector<std::string> none;
    for (; !to_answer_first_.empty(); to_answer_first_.pop_front()) deliver(to_answer_first_.front(), none);
    for (size_t i = 0; answers_flow_ && i < kBurst && !to_answer_.empty(); ++i) {
      deliver(to_answer_.front(), none);
      to_answer_.pop_front();
    }
    EXPECT_TRUE(none.empty());
    Outbox out(slots_);
    if (shard_->next_deadline() <= now_) shard_->on_time(now_, out);
    for (const OutSlot& slot : out.committed()) take_notify({slot.bytes, slot.length});
    now_ = now_ + kTurnLasts;
    ++turns_;
  }
  void take_notify(std::string_view notify) {
    constexpr std::string_view kBegin = "<note>";
    ++notifies_;
    const auto watcher = static_cast<uint32_t>(std::stoul(std::string(line_of(notify, "\r\nCall-ID: ").substr(11))));
    const size_t begin = notify.find(kBegin);
    const size_t end = notify.find("</note>");
    seen_.at(watcher) = begin == std::string_view::npos
                            ? std::string()
                            : std::string(notify.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    // The friend's watcher has a better line than the 200,000.
    if (watcher == kWatchers) {
      to_answer_first_.push_back(answer_to(notify));
    } else {
      to_answer_.push_back(answer_to(notify));
    }
  }
  // Until nobody has to be told anything any more.
  void settle() {
    while (!to_answer_.empty() || !to_answer_first_.empty() || shard_->next_deadline() <= now_) turn();
  }
  void subscribe_all() {
    for (uint32_t watcher = 0; watcher < kWatchers; ++watcher) {
      expect_served(subscribe(kStar, watcher));
      if (watcher % 32 == 0) turn();
      if (HasFatalFailure()) return;
    }
    expect_served(subscribe(kFriend, kWatchers));
    settle();
    ASSERT_EQ(shard_->subscription_count(), kWatchers + 1);
    ASSERT_EQ(notifies_, kWatchers + 1);
  }
  // While the fan-out is under way: the friend's PUBLISH is answered at once, and its watcher told within a few turns.
  void expect_friend_is_served(const std::string& note, uint64_t fan_out_ends_at) {
    expect_served(publish(kFriend, note));
    const uint64_t began = turns_;
    while (seen_[kWatchers] != note && turns_ - began <= kTurnsMax) turn();
    EXPECT_EQ(seen_[kWatchers], note) << "not told within " << kTurnsMax << " turns";
    EXPECT_LT(notifies_, fan_out_ends_at) << "the fan-out is over: nothing was shown";
  }
  uint32_t count_who_see(const std::string& note) const {
    uint32_t count = 0;
    for (uint32_t watcher = 0; watcher < kWatchers; ++watcher) count += seen_[watcher] == note;
    return count;
  }

  EngineConfig config_ = make_celebrity_config();
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  ShardEnvironment environment_;
  std::pmr::unsynchronized_pool_resource arena_;
  std::unique_ptr<Shard> shard_;
  Flow flow_;
  Instant now_ = Instant::from_unix_seconds(1'800'000'000);
  std::vector<char> buffers_;
  std::vector<OutSlot> slots_;
  std::map<std::string, std::string> tags_;       // The entity tag of each AOR's publication.
  std::vector<std::string> seen_ = std::vector<std::string>(kWatchers + 1);     // Each watcher's last note.
  std::deque<std::string> to_answer_, to_answer_first_;             // 200s on their way.
  bool answers_flow_ = true;
  uint64_t requests_ = 0, turns_ = 0, notifies_ = 0;
};

TEST_F(CelebrityTest, OthersAreServedWhileAFanOutGoesOn) {
  subscribe_all();
  if (HasFatalFailure()) return;
  const auto before = notifies_;
  const uint64_t ends_at = before + kWatchers;

  // In the very turn in which it began, and again and again on its way.
  expect_served(publish(kStar, "on stage"));
  expect_friend_is_served("friend 0", ends_at);
  for (int i = 1; i <= 5; ++i) {
    for (int turns = 0; turns < 400; ++turns) turn();
    expect_friend_is_served("friend " + std::to_string(i), ends_at);
  }
  // Somebody new watches the friend, and the star, meanwhile.
  expect_served(subscribe(kFriend, kWatchers));
  seen_[kWatchers].clear();
  for (uint64_t i = 0; i < kTurnsMax; ++i) turn();
  EXPECT_EQ(seen_[kWatchers], "friend 5");
  settle();
  EXPECT_EQ(count_who_see("on stage"), kWatchers);
  // Each is told once: 6 of the friend's changes, one new subscription.
  EXPECT_EQ(notifies_, ends_at + 7);
  shard_->check_invariants();
}

TEST_F(CelebrityTest, OthersAreServedWhileAllAnswerAtOnceToWhatHasChangedAgain) {
  subscribe_all();
  if (HasFatalFailure()) return;
  const uint64_t ends_at = notifies_ + 2 * uint64_t{kWatchers};

  // Nobody's answer comes before all have been told; the state changes again behind their backs.
  answers_flow_ = false;
  expect_served(publish(kStar, "on stage"));
  while (to_answer_.size() < kWatchers) turn();
  expect_served(publish(kStar, "encore"));
  expect_friend_is_served("friend 0", ends_at);
  while (shard_->next_deadline() <= now_) turn();
  // Then they come as fast as they can; each has the newer state sent at once.
  answers_flow_ = true;
  for (int i = 1; i <= 5; ++i) {
    for (int turns = 0; turns < 400; ++turns) turn();
    expect_friend_is_served("friend " + std::to_string(i), ends_at);
  }
  settle();
  EXPECT_EQ(count_who_see("encore"), kWatchers);
  EXPECT_EQ(notifies_, ends_at + 6);
  EXPECT_EQ(shard_->counters().get(Counter::kNotifyRetransmissions), 0u);
  shard_->check_invariants();
}

}  // namespace
}  // namespace vedette::sim
