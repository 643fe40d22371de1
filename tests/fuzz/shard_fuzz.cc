// Any bytes as the fate of two shards: each byte chooses what happens next (requests, answers to NOTIFYs, damage,
// hand-off, operators' questions, jumps in time) under tiny limits, so that every edge is met. After each door the
// shard walks its own records; in the end everybody falls silent, and nothing may be left: no subscription, no
// byte of the arena. One input, one world; virtual time.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/partition.h"
#include "engine/shard.h"
#include "parsers/pres_rules.h"
#include "tests/sim/fake_hashes.h"

namespace {

using namespace vedette::engine;

constexpr unsigned kShards = 2;
constexpr size_t kOperationsMax = 600;
constexpr size_t kSlots = 6;
constexpr std::string_view kBody =
    "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:u0@open.test\">"
    "<tuple id=\"t1\"><status><basic>open</basic></status><note>here</note></tuple></presence>";

void expect(bool good) {
  if (!good) std::abort();
}

// The input, taken from the front; zeros when it is used up.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : rest_(bytes) {}
  bool is_empty() const { return rest_.empty(); }
  unsigned byte() {
    if (rest_.empty()) return 0;
    const unsigned value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  template <typename T, size_t N>
  const T& one_of(const std::array<T, N>& table) {
    return table[byte() % N];
  }
  std::string_view take(size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

// The arena: counts what is out.
class CountingMemory : public std::pmr::memory_resource {
 public:
  size_t out = 0;

 private:
  void* do_allocate(size_t bytes, size_t alignment) override {
    out += bytes;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, size_t bytes, size_t alignment) override {
    out -= bytes;
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

std::string_view line_with(std::string_view message, std::string_view name) {
  const size_t at = message.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos) return {};
  return message.substr(at + 2, message.find("\r\n", at + 2) - at - 2);
}

class World {
 public:
  explicit World(Choices& choices) : choices_(choices) {
    config_.domains = {{.name = "locked.test"}, {.name = "open.test", .authenticate = false}};
    config_.domains[1].identity = static_cast<IdentityPolicy>(choices.byte() % 3);
    config_.users = {{.aor = "u0@locked.test", .has_md5 = true, .has_sha256 = true}};
    Limits& limits = config_.limits;
    limits.presentities_max = 4;
    limits.subscriptions_max = 1 + choices.byte() % 6;
    limits.publications_max = 3;
    limits.hard_states_max = 2;
    limits.bindings_max = 3;
    limits.server_transactions_max = 4;
    limits.replay_windows_max = 4;
    limits.connections_max = 2;
    limits.document_bytes_max = 1'200 + 24 * choices.byte();
    limits.subscriptions_per_presentity_max = 3;
    limits.subscriptions_per_watcher_max = choices.byte() % 4;
    limits.subscriptions_per_connection_max = choices.byte() % 4;
    limits.counted_watchers_max = 2;
    limits.filters_per_watcher_max = choices.byte() % 3;
    limits.publications_per_presentity_max = 2;
    limits.bindings_per_aor_max = 2;
    limits.timers_per_turn_max = 1 + choices.byte() % 4;
    limits.notifies_per_turn_max = 1 + choices.byte() % 4;
    for (uint16_t i = 0; i < kShards; ++i) {
      ShardEnvironment environment;
      environment.index = {i};
      environment.partitions = &partitions_;
      environment.config = &config_;
      environment.hashes = vedette::sim::fake_hashes();
      environment.random_seed.fill(static_cast<uint8_t>(i + 1));
      environment.documents = &memory_[i];
      shards_[i] = std::make_unique<Shard>(environment);
    }
    for (size_t i = 0; i < kSlots; ++i) {
      buffers_[i].resize(limits.datagram_bytes_max);
      slots_[i].bytes = buffers_[i].data();
      slots_[i].capacity = limits.datagram_bytes_max;
    }
  }

  void step() {
    switch (choices_.byte() % 16) {
      case 0: return arrive(std::string(choices_.take(choices_.byte() * 4)));
      case 1: return pass(choices_.one_of(kJumps));
      case 2: return pass(choices_.one_of(kJumps));
      case 3: return damage();
      case 4: return ask();
      case 5: return last_.empty() ? void() : arrive(last_);        // A retransmission.
      case 6:
      case 7:
      case 8: return answer();
      case 9: return lose_connection();
      default: return arrive(request());
    }
  }

  // Nobody says anything any more: rules and hard state are removed, all subscriptions end, all publications and
  // bindings expire.
  void fall_silent() {
    unverified_.clear();
    for (const std::string_view aor : {"u0@open.test", "u1@open.test", "u2@open.test"}) {
      for (const auto kind : {ControlMessage::Kind::kRemoveRules, ControlMessage::Kind::kRemoveHardState}) {
        ControlMessage message;
        message.kind = kind;
        name(aor, message);
        tell(message);
      }
    }
    for (int i = 0; i < 4; ++i) pass(Duration::seconds(3'600));
    for (unsigned i = 0; i < kShards; ++i) {
      expect(shards_[i]->subscription_count() == 0);
      expect(memory_[i].out == 0);
    }
  }

 private:
  static constexpr uint32_t kConnections = 4;
  static constexpr std::array<Duration, 7> kJumps = {
      Duration::milliseconds(1), Duration::milliseconds(500), Duration::seconds(4),   Duration::seconds(33),
      Duration::seconds(61),     Duration::seconds(1'801),    Duration::seconds(3'601)};
  static constexpr std::array<std::string_view, 6> kMethods = {"SUBSCRIBE", "PUBLISH", "REGISTER",
                                                               "SUBSCRIBE", "OPTIONS", "INVITE"};
  static constexpr std::array<std::string_view, 3> kFilters = {
      "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'><filter id='a'><what><exclude>//note</exclude></what>"
      "</filter></filter-set>",
      "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'><filter id='a'><what><include>//basic</include></what>"
      "</filter></filter-set>",
      "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'><filter id='a' remove='true'/></filter-set>"};
  // The last one holds for some minutes of the world, which begins at the same time.
  static constexpr std::array<std::string_view, 3> kHardStates = {
      kBody,
      "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='a'><tuple id='t1'><status><basic>closed</basic></status>"
      "<contact>mailto:u0@open.test</contact></tuple><note>away</note></presence>",
      "<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:d='urn:ietf:params:xml:ns:pidf:data-model' "
      "xmlns:o='urn:oma:xml:prs:pidf:oma-pres' entity='a'><d:person id='p'><o:overriding-willingness><o:basic>closed"
      "</o:basic></o:overriding-willingness></d:person></presence>"};
  static constexpr std::array<std::string_view, 5> kRules = {
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'/>",
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'><rule id='a'>"
      "<actions><p:sub-handling>allow</p:sub-handling></actions><transformations><p:provide-services><p:all-services/>"
      "</p:provide-services></transformations></rule></ruleset>",
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'><rule id='a'>"
      "<actions><p:sub-handling>confirm</p:sub-handling></actions></rule><rule id='b'><conditions><identity>"
      "<one id='sip:u1@open.test'/></identity></conditions><actions><p:sub-handling>allow</p:sub-handling></actions>"
      "<transformations><p:provide-services><p:all-services/></p:provide-services><p:provide-all-attributes/>"
      "</transformations></rule></ruleset>",
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'><rule id='a'>"
      "<actions><p:sub-handling>polite-block</p:sub-handling></actions></rule></ruleset>",
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'><rule id='a'>"
      "<conditions><validity><from>2027-01-15T08:00:30Z</from><until>2027-01-15T08:30:00Z</until></validity>"
      "</conditions>"
      "<actions><p:sub-handling>allow</p:sub-handling></actions></rule></ruleset>"};
  static constexpr std::array<std::string_view, 6> kExpires = {"", "0", "3600", "60", "1", "4294967295"};
  static constexpr std::array<std::string_view, 8> kAnswers = {"200 OK",     "200 OK", "481 Gone",    "408 Late",
                                                               "503 Not now", "489 No", "100 Trying", "302 Moved"};

  std::string user() { return "u" + std::to_string(choices_.byte() % 3); }
  std::string_view domain() { return choices_.byte() % 8 == 0 ? "locked.test" : "open.test"; }

  std::string request() {
    const std::string_view method = choices_.one_of(kMethods);
    const std::string device = std::to_string(1 + choices_.byte() % 3);
    std::string subject = "sip:" + user() + "@" + std::string(domain());
    const unsigned known = choices_.byte();
    const bool again = known % 2 == 1;          // In a dialog, or under an entity tag.
    const bool in_dialog = again && method == "SUBSCRIBE" && !dialogs_.empty();
    const bool tagged = again && method == "PUBLISH" && !tags_.empty();
    if (tagged) subject = tags_[known / 2 % tags_.size()].first;
    // Some watchers are of another domain, which signs for most of them.
    const std::string_view home = known % 5 == 0 ? "else.test" : "open.test";
    const std::string sender = method == "SUBSCRIBE" ? "sip:" + user() + "@" + std::string(home) : subject;
    ++number_;
    std::string text = std::string(method) + " " + (method == "REGISTER" ? "sip:open.test" : subject) + " SIP/2.0\r\n";
    text += "Via: SIP/2.0/UDP 192.0.2." + device + ":5060;rport;branch=z9hG4bK" + std::to_string(number_) + "\r\n";
    if (in_dialog) {
      text += dialogs_[known / 2 % dialogs_.size()];
    } else {
      text += "From: <" + sender + ">;tag=" + device + "\r\nTo: <" + subject + ">\r\n";
      text += "Call-ID: " + device + "-" + std::to_string(number_) + "\r\n";
    }
    text += "CSeq: " + std::to_string(number_) + " " + std::string(method) + "\r\n";
    text += choices_.byte() % 16 == 0 ? "Contact: *\r\n" : "Contact: " + contact(sender, device) + "\r\n";
    if (method == "SUBSCRIBE" || method == "PUBLISH") text += "Event: presence\r\n";
    // Half of the watchers take partial presence.
    if (method == "SUBSCRIBE" && known % 8 < 4) text += "Accept: application/pidf-diff+xml\r\n";
    if (method == "SUBSCRIBE") text += condition(known);
    if (known % 7 != 0) text += "y: a.b." + std::string(86, 'A') + ";info=<https://c.test/a>\r\n";
    const std::string_view expires = choices_.one_of(kExpires);
    if (!expires.empty()) text += "Expires: " + std::string(expires) + "\r\n";
    std::string_view body;
    // Some have a filter, the same or another, or give it up.
    if (method == "SUBSCRIBE" && known % 32 < 12) {
      body = kFilters[known % kFilters.size()];
      text += "Content-Type: application/simple-filter+xml\r\n";
    }
    if (method == "PUBLISH") {
      if (tagged) text += "SIP-If-Match: " + tags_[known / 2 % tags_.size()].second + "\r\n";
      if (known % 3 != 1) body = kBody;
      if (!body.empty()) text += "Content-Type: application/pidf+xml\r\n";
    }
    return text + "Max-Forwards: 70\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

  // Plain, or through the bindings here: a GRUU, an address of record.
  std::string contact(const std::string& sender, const std::string& device) {
    switch (choices_.byte() % 4) {
      case 0: return "<" + sender + ";gr=urn:uuid:00000000-0000-0000-0000-00000000000" + device + ">";
      case 1:
        return "<sip:x@192.0.2." + device +
               ">;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-00000000000" + device + ">\"";
      default: return "<sip:x@192.0.2." + device + ":5060>";
    }
  }

  void arrive(std::string bytes) {
    last_ = bytes;
    Flow flow;
    flow.local = {IpAddress::v4(0xc0000201), 5060};
    const unsigned way = choices_.byte();
    flow.remote = {IpAddress::v4(0xc0000200 + 1 + way % 3), 5060};
    if (way % 4 == 3) {
      flow.transport = Transport::kTcp;
      flow.connection = 1 + way / 4 % kConnections;
    }
    const unsigned at = choices_.byte() % kShards;
    Outbox out(slots_);
    const DatagramFate fate = shards_[at]->on_datagram(now_, {bytes, flow}, out);
    expect(!fate.hand_off || (fate.owner.value != at && fate.owner.value < kShards && out.committed().empty()));
    expect(!fate.verify || (!fate.hand_off && out.committed().empty()));
    drain(at, out);
    if (fate.verify) unverified_.push_back({at, bytes, flow});
    if (fate.hand_off) {
      Outbox peer_out(slots_);
      const unsigned owner = fate.owner.value;
      const bool verify = shards_[owner]->on_peer(now_, {PeerKind::kDatagram, bytes, flow}, peer_out).verify;
      if (verify) unverified_.push_back({owner, bytes, flow});
      drain(owner, peer_out);
    }
    if (way % 3 != 0 || unverified_.size() > 3) give_verdict();
  }

  // What was verified comes back, soon or late.
  void give_verdict() {
    if (unverified_.empty()) return;
    const Unverified request = std::move(unverified_.front());
    unverified_.pop_front();
    const Reason verdict = choices_.byte() % 4 == 0 ? Reason::kInvalidIdentity : Reason::kNone;
    Outbox out(slots_);
    const DatagramFate fate =
        shards_[request.shard]->on_peer(now_, {PeerKind::kVerified, request.bytes, request.flow, verdict}, out);
    expect(!fate.hand_off && !fate.verify);
    drain(request.shard, out);
  }

  // RFC 5839: a quarter of the watchers have what some NOTIFY showed, or want nothing.
  std::string condition(unsigned known) const {
    if (known % 16 >= 4) return {};
    if (known % 16 == 0 || notifies_.empty()) return "Suppress-If-Match: *\r\n";
    const std::string& notify = notifies_[notifies_.size() - 1 - known / 16 % notifies_.size()];
    const std::string_view tag = line_with(notify, "SIP-ETag");
    return tag.empty() ? std::string() : "Suppress-If-Match:" + std::string(tag.substr(tag.find(':') + 1)) + "\r\n";
  }

  void lose_connection() {
    const Flow flow = {.transport = Transport::kTcp, .connection = 1 + choices_.byte() % kConnections};
    for (unsigned i = 0; i < kShards; ++i) {
      Outbox out(slots_);
      shards_[i]->on_peer(now_, {PeerKind::kConnectionLost, {}, flow}, out);
      drain(i, out);
    }
  }

  void damage() {
    std::string text = choices_.byte() % 2 == 0 || notifies_.empty() ? request() : notifies_.back();
    for (unsigned changes = choices_.byte() % 8; changes > 0; --changes) {
      text[(choices_.byte() * 256 + choices_.byte()) % text.size()] = static_cast<char>(choices_.byte());
    }
    if (choices_.byte() % 4 == 0) text.resize(text.size() - choices_.byte() % text.size());
    arrive(text);
  }

  void answer() {
    if (notifies_.empty()) return;
    const unsigned choice = choices_.byte();        // Most often the newest.
    const std::string& notify = notifies_[choice < 160 ? notifies_.size() - 1 : choice % notifies_.size()];
    std::string text = "SIP/2.0 " + std::string(choices_.one_of(kAnswers)) + "\r\n";
    for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
      text += std::string(line_with(notify, name)) + "\r\n";
    }
    if (choices_.byte() % 4 == 0) text += "Retry-After: 5\r\n";
    arrive(text + "Content-Length: 0\r\n\r\n");
  }

  void ask() {
    ControlMessage message;
    constexpr auto kQuiesce = static_cast<unsigned>(ControlMessage::Kind::kQuiesce);  // Not from this on.
    message.kind = static_cast<ControlMessage::Kind>(choices_.byte() % kQuiesce);
    message.end_reason = static_cast<EndReason>(choices_.byte() % static_cast<unsigned>(EndReason::kCount));
    message.query = number_;
    const std::string aor = user() + "@open.test";
    const bool loads = message.kind >= ControlMessage::Kind::kLoadRules &&
                       message.kind <= ControlMessage::Kind::kShowHardState;
    if (loads || choices_.byte() % 2 == 0) name(aor, message);
    std::array<char, vedette::parsers::kRuleSetBytesMax> compiled;
    if (message.kind == ControlMessage::Kind::kLoadRules) {
      message.rules.bytes = compiled.data();
      message.rules.rule_set_length =
          static_cast<uint32_t>(vedette::parsers::compile_rules(choices_.one_of(kRules), compiled).length);
      expect(message.rules.rule_set_length > 0);
    }
    std::vector<char> text;
    if (message.kind == ControlMessage::Kind::kSetHardState) take_hard_state(message.hard_state, text);
    tell(message);
  }

  // `text` is what is lent.
  void take_hard_state(LentHardState& hard_state, std::vector<char>& text) {
    std::array<char, 4'096> normalised;
    vedette::parsers::PidfDocument read;
    const std::string_view document = choices_.one_of(kHardStates);
    expect(vedette::parsers::normalise_pidf(document, normalised, read) == vedette::parsers::ParseError::kOk);
    text.resize(PublishedState::text_bytes(read));
    hard_state.state = PublishedState::write(read, {normalised.data(), read.length}, text.data());
    hard_state.document_bytes = static_cast<uint32_t>(document.size());
    hard_state.lifetime_seconds = choices_.byte() * 8U;
  }

  static void name(std::string_view aor, ControlMessage& message) {
    message.aor_length = static_cast<uint16_t>(aor.size());
    aor.copy(message.aor.data(), aor.size());
  }

  // What is about somebody goes to his shard alone, as control sends it.
  void tell(const ControlMessage& message) {
    const std::string_view aor(message.aor.data(), message.aor_length);
    for (unsigned at = 0; at < kShards; ++at) {
      if (!aor.empty() && partitions_.owner(partition_of_aor(aor)).value != at) continue;
      Outbox out(slots_);
      shards_[at]->on_control(now_, message, out);
      drain(at, out);
    }
  }

  // Time goes on, from one deadline to the next.
  void pass(Duration duration) {
    const Instant until = now_ + duration;
    for (unsigned turns = 0;; ++turns) {
      expect(turns < 100'000);          // A shard that always has something to do never gets anything done.
      Instant next = Instant::never();
      for (const auto& shard : shards_) next = std::min(next, shard->next_deadline());
      if (next > until) break;
      now_ = std::max(now_, next);
      for (unsigned at = 0; at < kShards; ++at) {
        Outbox out(slots_);
        shards_[at]->on_time(now_, out);
        drain(at, out);
      }
    }
    now_ = until;
  }

  void drain(unsigned at, const Outbox& out) {
    shards_[at]->check_invariants();
    std::vector<std::pair<OutSlot, std::string>> peers;
    for (const OutSlot& slot : out.committed()) {
      expect(slot.length <= slot.capacity);
      std::string bytes(slot.bytes, slot.length);
      if (slot.kind == OutKind::kDatagram) learn(bytes);
      if (slot.kind == OutKind::kPeer) peers.emplace_back(slot, std::move(bytes));
    }
    for (const auto& [slot, bytes] : peers) {
      expect(slot.shard.value < kShards);
      Outbox peer_out(slots_);
      shards_[slot.shard.value]->on_peer(now_, {slot.peer_kind, bytes, slot.flow}, peer_out);
      drain(slot.shard.value, peer_out);
    }
  }

  // What a client keeps of what it gets.
  void learn(const std::string& bytes) {
    if (bytes.starts_with("NOTIFY")) {
      notifies_.push_back(bytes);
      if (notifies_.size() > 6) notifies_.pop_front();
      return;
    }
    if (!bytes.starts_with("SIP/2.0 200")) return;
    const std::string_view to = line_with(bytes, "To"), tag = line_with(bytes, "SIP-ETag");
    if (!tag.empty() && to.starts_with("To: <")) {
      tags_.emplace_back(to.substr(5, to.find('>') - 5), tag.substr(10));
      if (tags_.size() > 3) tags_.pop_front();
    } else if (line_with(bytes, "CSeq").ends_with("SUBSCRIBE")) {
      std::string dialog;
      for (const std::string_view name : {"From", "To", "Call-ID"}) {
        dialog += std::string(line_with(bytes, name)) + "\r\n";
      }
      dialogs_.push_back(std::move(dialog));
      if (dialogs_.size() > 4) dialogs_.pop_front();
    }
  }

  Choices& choices_;
  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(kShards);
  std::array<CountingMemory, kShards> memory_;
  std::array<std::unique_ptr<Shard>, kShards> shards_;
  std::array<std::vector<char>, kSlots> buffers_;
  std::array<OutSlot, kSlots> slots_;
  Instant now_ = Instant::from_unix_seconds(1'800'000'000);
  unsigned number_ = 0;
  std::string last_;
  struct Unverified {
    unsigned shard;
    std::string bytes;
    Flow flow;
  };
  std::deque<Unverified> unverified_;
  std::deque<std::string> notifies_;
  std::deque<std::string> dialogs_;                              // From, To and Call-ID, as header fields.
  std::deque<std::pair<std::string, std::string>> tags_;         // Of whom, and the entity tag.
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  Choices choices({reinterpret_cast<const char*>(bytes), length});
  World world(choices);
  for (size_t i = 0; i < kOperationsMax && !choices.is_empty(); ++i) world.step();
  world.fall_silent();
  return 0;
}
