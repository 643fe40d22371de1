// What the load generator takes by itself: NOTIFYs come by its own wire from another core, as from an engine that needs
// no time for them, and are read, accounted for and answered. An engine that it is to measure has to need more. Prints
// nanoseconds of each; "storm_bench DIALOGS SECONDS".
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "dataplane/cpus.h"
#include "dataplane/eal.h"
#include "dataplane/headers.h"
#include "dataplane/packet_meta.h"
#include "engine/control/crypto.h"
#include "tools/storm/ring_wire.h"
#include "tools/storm/session.h"

namespace vedette::storm {
namespace {

constexpr unsigned kBurst = 32;
constexpr unsigned kBuffers = 4'095, kUnderWay = 1'024;
constexpr uint64_t kCheckedEach = 64;            // The wire looks at as many checksums.
constexpr uint32_t kTurnsPerLook = 1'000;
constexpr uint32_t kContacts = 10, kFanOut = 100;

constexpr std::string_view kHead =
    "NOTIFY sip:u00000005-0x5581d0@10.0.1.5:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.255.255.254:5060;branch=z9hG4bKv2f10000003c00079f40c17a\r\n"
    "From: <sip:u00000006@example.com>;tag=2f11a6c5f60faec35a1\r\n"
    "To: <sip:u00000005@example.com>;tag=0123456789abcdef\r\n"
    "Call-ID: ################\r\n"
    "Max-Forwards: 70\r\n"
    "Event: presence\r\n"
    "Contact: <sip:10.255.255.254:5060>\r\n"
    "Server: vedette\r\n"
    "CSeq: ??????? NOTIFY\r\n"
    "Subscription-State: active;expires=3599\r\n"
    "SIP-ETag: 7f6e5d4c3b2a1908\r\n"
    "Content-Type: application/pidf+xml\r\n"
    "Content-Length: 700\r\n\r\n";

// Tells the watchers of one presentity after the other, again and again, and throws the answers away.
class Notifier {
 public:
  explicit Notifier(uint32_t presentities)
      : presentities_(presentities),
        pool_(rte_pktmbuf_pool_create("notifier", kBuffers, 0, dataplane::kPacketPrivateBytes,
                                      RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY)),
        in_(rte_ring_lookup("storm_in0")),
        out_(rte_ring_lookup("storm_out0")),
        text_(kHead) {
    if (pool_ == nullptr || in_ == nullptr || out_ == nullptr) throw std::runtime_error("no pool or no rings");
    std::array<char, 1'024> body;
    parsers::Writer writer(body.data(), body.size());
    write_document(7, 700, "sip:u00000006@example.com", writer);
    text_ += writer.text();
  }
  void run() {
    while (!stop_.load(std::memory_order_relaxed)) turn();
  }
  void stop() { stop_.store(true, std::memory_order_relaxed); }

 private:
  void turn() {
    std::array<rte_mbuf*, kBurst> frames;
    const unsigned taken =
        rte_ring_dequeue_burst(in_, reinterpret_cast<void**>(frames.data()), kBurst, nullptr);
    rte_pktmbuf_free_bulk(frames.data(), taken);
    answered_ += taken;
    if (sent_ + kBurst - answered_ > kUnderWay || rte_ring_free_count(out_) < kBurst) return;
    if (rte_pktmbuf_alloc_bulk(pool_, frames.data(), kBurst) != 0) return;
    for (rte_mbuf* const frame : frames) write(frame);
    rte_ring_enqueue_burst(out_, reinterpret_cast<void**>(frames.data()), kBurst, nullptr);
  }
  // Of the next dialog. A presentity's are of users who are as many apart as there are presentities, and ten of each of
  // these groups watch it as another of their contacts.
  uint32_t next_number() {
    const auto place = static_cast<uint32_t>(sent_ % kFanOut);
    const uint32_t presentity = scattered(sent_ / kFanOut, presentities_);
    const uint32_t contact = place % kContacts, group = place / kContacts;
    const auto behind = static_cast<uint32_t>((1 + contact * uint64_t{scattered(1, presentities_)}) % presentities_);
    const uint32_t watcher = (presentity + presentities_ - behind) % presentities_ + group * presentities_;
    return watcher * kContacts + contact;
  }
  void write(rte_mbuf* frame) {
    static const size_t call_id = kHead.find('#'), cseq = kHead.find('?');
    const uint32_t number = next_number();
    char* const payload = rte_pktmbuf_mtod_offset(frame, char*, kHeaders);
    std::memcpy(payload, text_.data(), text_.size());
    parsers::Writer token(payload + call_id, 16);
    write_token(token, number, kDialogSalt);
    parsers::Writer count(payload + cseq, 7);
    count.put_uint(1'000'000 + sent_ / (uint64_t{presentities_} * kFanOut));
    const dataplane::Envelope envelope{.local = {engine::IpAddress::v4(0x0afffffe), 5060},
                                       .remote = {engine::IpAddress::v4(0x0a000100 + number / kContacts), 5060},
                                       .source = {{2, 0, 0, 0, 0, 1}},
                                       .destination = {{2, 0, 0, 0, 0, 2}},
                                       .ipv4_id = 0,
                                       .checksum_by_port = sent_ % kCheckedEach != 0};
    dataplane::write_headers(payload, text_.size(), envelope);
    frame->data_len = static_cast<uint16_t>(kHeaders + text_.size());
    frame->pkt_len = frame->data_len;
    ++sent_;
  }

  static constexpr size_t kHeaders = dataplane::kEthernetBytes + dataplane::kIpv4Bytes + dataplane::kUdpBytes;
  const uint32_t presentities_;
  rte_mempool* pool_;
  rte_ring* in_;
  rte_ring* out_;
  std::string text_;
  uint64_t sent_ = 0, answered_ = 0;
  std::atomic<bool> stop_ = false;
};

struct Run {
  uint64_t notifies = 0;
  double seconds = 0, busy = 0;
};

Run run_for(double seconds, Session& session) {
  using Clock = std::chrono::steady_clock;
  const auto nanoseconds = [](Clock::duration d) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
  };
  const Clock::time_point began = Clock::now();
  Clock::time_point turned = began;
  Nanoseconds busy = 0;
  session.forget_counts();
  while (std::chrono::duration<double>(turned - began).count() < seconds) {
    for (uint32_t i = 0; i < kTurnsPerLook; ++i) {
      const Clock::time_point now = Clock::now();
      const size_t taken = session.turn(nanoseconds(now.time_since_epoch()));
      const Clock::time_point then = Clock::now();
      if (taken > 0) busy += nanoseconds(then - now);
      turned = then;
    }
  }
  return {session.counts().notifies, std::chrono::duration<double>(turned - began).count(), static_cast<double>(busy)};
}

int run(uint32_t dialogs, double seconds) {
  dataplane::DataplaneConfig config;
  config.memory_mb = 512;
  config.huge_pages = dataplane::HugePages::kNever;
  dataplane::start_eal(config, uint64_t{512} << 20);
  Plan plan;
  plan.population = {.users = dialogs / kContacts, .presentities = dialogs / kFanOut, .contacts = kContacts};
  RingWire wire(RingShape{});
  wire.connect({{2, 0, 0, 0, 0, 1}});
  Session session(plan, wire, control::openssl_hashes());
  Notifier notifier(plan.population.presentities);
  const std::vector<unsigned> cpus = dataplane::allowed_cpus();
  std::thread thread([&] {
    rte_thread_register();
    if (cpus.size() > 1) dataplane::run_on({cpus.back()});
    notifier.run();
    rte_thread_unregister();
  });
  if (cpus.size() > 1) dataplane::run_on({cpus.front()});
  run_for(seconds / 10, session);
  const Run result = run_for(seconds, session);
  const Counts counts = session.counts();
  notifier.stop();
  thread.join();
  const double count = static_cast<double>(result.notifies);
  std::printf("%u dialogs: %.0f NOTIFYs/s, %.0f ns of the generator each, at work %.0f %% of the time\n", dialogs,
              count / result.seconds, result.busy / count, result.busy / result.seconds / 1e7);
  const bool held = counts.notifies_answered == counts.notifies && counts.notifies_out_of_order == 0 &&
                    counts.notifies_skipped == 0 && wire.damaged() == 0 && result.notifies > 0;
  if (!held) std::fprintf(stderr, "storm_bench: not all of them were taken for what they are\n");
  return held ? 0 : 1;
}

}  // namespace
}  // namespace vedette::storm

int main(int argc, char** argv) {
  const auto dialogs = static_cast<uint32_t>(argc > 1 ? std::atol(argv[1]) : 10'000);
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  if (dialogs < 1'000 || seconds <= 0) {
    std::fprintf(stderr, "storm_bench [DIALOGS (at least 1000)] [SECONDS]\n");
    return 2;
  }
  return vedette::storm::run(dialogs, seconds);
}
