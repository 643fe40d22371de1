// The registrar against a naive model: random REGISTERs to two AORs under tiny limits, and after each one the
// bindings must be those that the model has, all or nothing. Prints the seed of a run that differs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory_resource>
#include <random>
#include <string>
#include <vector>

#include "engine/control/crypto.h"
#include "engine/core.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {
namespace {

struct ModelBinding {
  std::string instance;
  std::string call_id;
  uint32_t cseq = 0;
  int64_t expires_at = 0;
};
using ModelAor = std::map<std::string, ModelBinding>;   // By contact; the contacts of this test differ as URIs.

struct Wish {
  std::string contact;
  std::string instance;
  uint32_t expires = 0;
};

constexpr uint32_t kPerAor = 3;
constexpr uint32_t kPool = 5;

class World {
 public:
  explicit World(uint32_t seed) : random_(seed), core_(environment()), registrar_(core_) {}

  void step() {
    seconds_ += pick(20) == 0 ? 100 : pick(3);
    const size_t who = pick(2);
    if (pick(8) == 0) {
      const uint32_t gone = expire(now(), heads_[who]);
      EXPECT_EQ(gone, std::erase_if(model_[who], [&](auto& b) { return b.second.expires_at <= seconds_; }));
    } else {
      send(who);
    }
    compare();
  }
  void finish() {
    for (uint32_t& head : heads_) expire(Instant::never(), head);
    EXPECT_EQ(registrar_.size(), 0u);
    EXPECT_EQ(core_.texts.used(), 0u);
  }
  uint32_t accepted() const { return accepted_; }

 private:
  ShardEnvironment environment() {
    config_.registration = {Duration::seconds(10), Duration::seconds(200), Duration::seconds(50), 0};
    config_.limits = {.presentities_max = 2, .subscriptions_max = 1, .publications_max = 1, .bindings_max = kPool,
                      .server_transactions_max = 1, .document_bytes_max = 65'536, .bindings_per_aor_max = kPerAor};
    ShardEnvironment out;
    out.partitions = &partitions_;
    out.config = &config_;
    out.hashes = control::openssl_hashes();
    out.documents = std::pmr::new_delete_resource();
    return out;
  }
  // How many there were.
  uint32_t expire(Instant at, uint32_t& head) {
    uint32_t ended = kNoIndex;
    registrar_.remove_expired(at, head, ended);
    const uint32_t count = registrar_.count(ended);
    registrar_.release(ended);
    return count;
  }
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
  Instant now() const { return Instant::from_unix_seconds(seconds_); }

  void send(size_t who) {
    std::vector<Wish> wishes;
    for (const char* contact : {"sip:a@192.0.2.1", "sip:b@192.0.2.1", "sip:c@192.0.2.1", "sip:d@192.0.2.1"}) {
      if (pick(3) != 0) continue;
      const char* instances[] = {"", "urn:uuid:1", "urn:uuid:2"};
      wishes.push_back({contact, instances[pick(3)], pick(3) == 0 ? 0 : 10 + pick(90)});
    }
    const bool wildcard = pick(15) == 0;
    const std::string call_id = pick(2) == 0 ? "x" : "y";
    const uint32_t cseq = ++cseq_ - pick(3);
    std::string headers = wildcard ? "Contact: *\r\nExpires: 0\r\n" : "";
    for (const Wish& wish : wishes) {
      if (wildcard) break;
      headers += "Contact: <" + wish.contact + ">;expires=" + std::to_string(wish.expires);
      if (!wish.instance.empty()) headers += ";+sip.instance=\"<" + wish.instance + ">\"";
      headers += "\r\n";
    }
    const std::string bytes =
        "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        "From: <sip:u@example.com>;tag=1\r\nTo: <sip:u@example.com>\r\nCall-ID: " + call_id +
        "\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n" + headers + "Content-Length: 0\r\n\r\n";
    parsers::Message message;
    Request request;
    const parsers::ParseError error = parsers::parse_message(bytes, message);
    ASSERT_EQ(read_request(message, error, Flow(), request), Reason::kNone);
    const Reason expected = expect(model_[who], wishes, wildcard, {"", call_id, cseq, 0});
    RegisterPlan plan;
    Reason reason = registrar_.plan(request, heads_[who], plan);
    uint32_t ended = kNoIndex;
    if (reason == Reason::kNone) reason = registrar_.apply(now(), request, plan, heads_[who], ended);
    registrar_.release(ended);
    EXPECT_EQ(reason, expected) << bytes;
    accepted_ += reason == Reason::kNone ? 1 : 0;
  }

  // RFC 3261 §10.3, on a copy that is kept when all went well.
  Reason expect(ModelAor& aor, const std::vector<Wish>& wishes, bool wildcard, const ModelBinding& sender) {
    const auto late = [&](const ModelBinding& b) { return b.call_id == sender.call_id && sender.cseq <= b.cseq; };
    if (wildcard) {
      for (const auto& [contact, binding] : aor) {
        if (late(binding)) return Reason::kBindingConflict;
      }
      aor.clear();
      return Reason::kNone;
    }
    // Whose binding each wish is about: its contact's, else one of its instance that no other wish is about.
    std::map<std::string, std::string> target;   // Contact of the wish → contact of the binding.
    std::vector<std::string> taken;
    for (const Wish& wish : wishes) {
      if (aor.count(wish.contact) != 0) taken.push_back(target[wish.contact] = wish.contact);
    }
    for (const Wish& wish : wishes) {
      if (target.count(wish.contact) != 0 || wish.instance.empty()) continue;
      for (const std::string& contact : order(aor)) {
        if (aor[contact].instance != wish.instance) continue;
        if (std::find(taken.begin(), taken.end(), contact) != taken.end()) continue;
        taken.push_back(target[wish.contact] = contact);
        break;
      }
    }
    for (const auto& [wish, contact] : target) {
      if (late(aor[contact])) return Reason::kBindingConflict;
    }
    ModelAor next = aor;
    for (const auto& [wish, contact] : target) next.erase(contact);
    std::erase_if(next, [&](auto& b) { return b.second.expires_at <= seconds_; });
    uint32_t added = 0;
    for (const Wish& wish : wishes) {
      if (wish.expires == 0) continue;
      added += target.count(wish.contact) == 0 ? 1 : 0;
      next[wish.contact] = {wish.instance, sender.call_id, sender.cseq, seconds_ + wish.expires};
    }
    if (added > 0 && next.size() > kPerAor) return Reason::kAorBindingsFull;
    const size_t others = model_[0].size() + model_[1].size() - aor.size();
    if (added > 0 && others + next.size() > kPool) return Reason::kBindingsFull;
    aor = next;
    return Reason::kNone;
  }

  // The contacts of the model's AOR in the order of the registrar's list, which says who of two equals is found.
  std::vector<std::string> order(const ModelAor& aor) const {
    std::vector<std::string> out;
    registrar_.for_each(heads_[&aor == &model_[0] ? 0 : 1],
                        [&](const Binding& binding, uint32_t) { out.emplace_back(binding.contact()); });
    return out;
  }

  void compare() {
    for (size_t who = 0; who < 2; ++who) {
      ModelAor seen;
      registrar_.for_each(heads_[who], [&](const Binding& binding, uint32_t) {
        seen[std::string(binding.contact())] = {std::string(binding.instance()), "", binding.cseq,
                                                binding.expires_at.unix_seconds()};
      });
      ASSERT_EQ(seen.size(), model_[who].size());
      for (const auto& [contact, binding] : model_[who]) {
        ASSERT_EQ(seen.count(contact), 1u) << contact;
        EXPECT_EQ(seen[contact].instance, binding.instance);
        EXPECT_EQ(seen[contact].cseq, binding.cseq);
        EXPECT_EQ(seen[contact].expires_at, binding.expires_at);
      }
    }
    EXPECT_EQ(registrar_.size(), model_[0].size() + model_[1].size());
  }

  std::mt19937 random_;
  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  Core core_;
  Registrar registrar_;
  int64_t seconds_ = 1'700'000'000;
  uint32_t cseq_ = 10;
  uint32_t heads_[2] = {kNoIndex, kNoIndex};
  ModelAor model_[2];
  uint32_t accepted_ = 0;
};

TEST(RegistrarModel, RandomRegistersChangeWhatTheModelSays) {
  uint32_t accepted = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    for (int i = 0; i < 100; ++i) {
      world.step();
      if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
    world.finish();
    accepted += world.accepted();
  }
  EXPECT_GT(accepted, 5'000u) << "most requests must get far enough to change something";
}

}  // namespace
}  // namespace vedette::engine
