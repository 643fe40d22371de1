// What a shard costs by itself, without any port: PUBLISH with a fan-out of F, every NOTIFY rendered, timed, answered
// and matched. items/s are acknowledged NOTIFYs. The end-to-end bench, with poll loop and ports, is another one.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/shard_bench.h"

namespace vedette {
namespace {

using namespace engine;

constexpr size_t kSlots = 64;

class Lane {
 public:
  // Each of `presentities` has so many watchers. Those who came one after another watch different ones, so what is told
  // of one lies far apart.
  Lane(unsigned presentities, unsigned watchers) : etags_(presentities) {
    config_.domains = {Domain{.name = "example.com", .authenticate = false}};
    config_.pace.interval.fill(Duration());
    // One address stands for all watchers. Its buckets are looked up all the same.
    config_.limits.source_requests_per_second = config_.limits.source_responses_per_second = 0;
    config_.limits.stranger_requests_per_second = 0;
    Limits& limits = config_.limits;
    const uint32_t subscriptions = presentities * watchers;
    limits.subscriptions_max = std::max(limits.subscriptions_max, subscriptions);
    limits.document_bytes_max += uint64_t{subscriptions} * 1'024;
    environment_.partitions = &partitions_;
    environment_.config = &config_;
    environment_.hashes = support::bench_hashes();
    environment_.documents = &arena_;
    shard_ = std::make_unique<Shard>(environment_);
    for (auto& buffer : buffers_) buffer.resize(config_.limits.datagram_bytes_max);
    for (size_t i = 0; i < kSlots; ++i) {
      slots_[i].bytes = buffers_[i].data();
      slots_[i].capacity = static_cast<uint32_t>(buffers_[i].size());
    }
    for (unsigned i = 0; i < subscriptions; ++i) {
      const std::string n = std::to_string(i), aor = aor_of(i % presentities);
      deliver("SUBSCRIBE " + aor + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKw" + n +
              "\r\nMax-Forwards: 70\r\nFrom: <sip:w" + n + "@example.com>;tag=t" + n +
              "\r\nTo: <" + aor + ">\r\nCall-ID: c" + n +
              "@192.0.2.1\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:w" + n +
              "@192.0.2.1>\r\nEvent: presence\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n");
      acknowledge_all();
    }
  }

  // One change of state; the number of NOTIFYs that were acknowledged for it.
  uint64_t publish() {
    const bool open = ++version_ / etags_.size() % 2 == 0;
    // Another one each time, far from the one before: any number of them is prime to this one.
    presentity_ = (presentity_ + 1'000'003) % etags_.size();
    const std::string aor = aor_of(presentity_);
    const std::string body =
        std::string(
            "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "
            "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
            "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" "
            "entity=\"" + aor + "\"><tuple id=\"t1\"><status><basic>") +
        (open ? "open" : "closed") +
        "</basic></status><contact priority=\"0.8\">sip:alice@example.com</contact><note "
        "xml:lang=\"en\">Somewhere"
        "</note></tuple><dm:person "
        "id=\"p1\"><rpid:activities><rpid:away/></rpid:activities></dm:person></presence>";
    const std::string& etag = etags_[presentity_];
    const std::string match = etag.empty() ? "" : "SIP-If-Match: " + etag + "\r\n";
    deliver("PUBLISH " + aor + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" +
            std::to_string(version_) + "\r\nMax-Forwards: 70\r\nFrom: <" + aor + ">;tag=p\r\nTo: <" + aor +
            ">\r\nCall-ID: p@192.0.2.7\r\nCSeq: " + std::to_string(version_) +
            " PUBLISH\r\nEvent: presence\r\n" + match +
            "Content-Type: application/pidf+xml\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return acknowledge_all();
  }

  const Counters& counters() const { return shard_->counters(); }

 private:
  static std::string aor_of(size_t presentity) { return "sip:alice" + std::to_string(presentity) + "@example.com"; }

  void deliver(const std::string& text) {
    Outbox out(slots_);
    shard_->on_datagram(now_, {text, flow_}, out);
    const auto committed = out.committed();
    if (committed.empty()) return;
    const std::string_view answer(committed[0].bytes, committed[0].length);
    const size_t at = answer.find("SIP-ETag: ");
    if (at != std::string_view::npos) etags_[presentity_] = answer.substr(at + 10, answer.find('\r', at) - at - 10);
  }

  uint64_t acknowledge_all() {
    uint64_t acknowledged = 0;
    while (shard_->next_deadline() <= now_) {
      Outbox out(slots_);
      shard_->on_time(now_, out);
      for (const OutSlot& slot : out.committed()) write_answer(slot);
      for (size_t i = 0; i < out.committed().size(); ++i, ++acknowledged) {
        Outbox none(std::span<OutSlot>{});
        shard_->on_datagram(now_, {answers_[i], flow_}, none);
      }
      answers_.resize(std::min<size_t>(answers_.size(), kSlots));
      next_answer_ = 0;
      now_ = now_ + Duration::microseconds(1);
    }
    return acknowledged;
  }

  // The 200 of a NOTIFY, into a buffer that is used again: the watchers' cost is part of what is timed.
  void write_answer(const OutSlot& slot) {
    if (next_answer_ == answers_.size()) answers_.emplace_back();
    std::string& answer = answers_[next_answer_++];
    const std::string_view notify(slot.bytes, slot.length);
    answer.assign("SIP/2.0 200 OK");
    for (const std::string_view name : {"\r\nVia: ", "\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: ", "\r\nCSeq: "}) {
      const size_t at = notify.find(name);
      answer.append(notify.substr(at, notify.find("\r\n", at + 2) - at));
    }
    answer.append("\r\nContent-Length: 0\r\n\r\n");
  }

  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  ShardEnvironment environment_;
  std::pmr::unsynchronized_pool_resource arena_;
  std::unique_ptr<Shard> shard_;
  Flow flow_ = support::bench_flow("192.0.2.1");
  Instant now_ = Instant::from_unix_seconds(1'800'000'000);
  std::array<std::vector<char>, kSlots> buffers_;
  std::array<OutSlot, kSlots> slots_;
  std::vector<std::string> answers_;
  size_t next_answer_ = 0;
  uint64_t version_ = 0;
  std::vector<std::string> etags_;
  size_t presentity_ = 0;
};

void BM_PublishAndNotify(benchmark::State& state) {
  Lane lane(static_cast<unsigned>(state.range(0)), static_cast<unsigned>(state.range(1)));
  uint64_t acknowledged = 0;
  for (auto _ : state) acknowledged += lane.publish();
  state.SetItemsProcessed(static_cast<int64_t>(acknowledged));
  if (lane.counters().get(Counter::kNotifiesAcknowledged) < acknowledged) state.SkipWithError("NOTIFYs were lost");
}
BENCHMARK(BM_PublishAndNotify)
    ->ArgNames({"presentities", "fan_out"})
    ->ArgsProduct({{1}, {1, 10, 100, 1'000, 10'000}})
    ->Args({100, 100});
// A million subscribe first, which takes seconds: they do it once.
BENCHMARK(BM_PublishAndNotify)->ArgNames({"presentities", "fan_out"})->Args({10'000, 100})->Iterations(10'000);

}  // namespace
}  // namespace vedette
