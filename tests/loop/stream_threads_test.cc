// Connections on two threads and the rings to two workers, all of them at work at once: connections come, flood, shake
// hands, are lost and opened, while an operator asks and has certificates read anew. Run under ThreadSanitizer, too.
#include "engine/control/stream_threads.h"

#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <spdlog/sinks/null_sink.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dataplane/eal.h"
#include "dataplane/packet_meta.h"
#include "dataplane/stream_rings.h"
#include "engine/partition.h"
#include "tests/support/certificate_file.h"
#include "tests/unit/control_tls_peer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kThreads = 2;
constexpr unsigned kWorkers = 2;
constexpr std::string_view kAnswer = "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";

// What DPDK's pools do between threads is done in a library that ThreadSanitizer does not see into. A lock around it
// shows what it does.
std::mutex pool_lock;
rte_mempool_enqueue_t put_back = nullptr;
rte_mempool_dequeue_t take_out = nullptr;

void show_pool(const rte_mempool* pool) {
  rte_mempool_ops* ops = rte_mempool_get_ops(pool->ops_index);
  if (put_back != nullptr) return;
  put_back = ops->enqueue;
  take_out = ops->dequeue;
  ops->enqueue = [](rte_mempool* from, void* const* objects, unsigned count) {
    const std::lock_guard lock(pool_lock);
    return put_back(from, objects, count);
  };
  ops->dequeue = [](rte_mempool* from, void** objects, unsigned count) {
    const std::lock_guard lock(pool_lock);
    return take_out(from, objects, count);
  };
}

// Workers without ports: each request is answered, by the worker that it came to, and followed by a NOTIFY that the
// other one sends.
class RingWorkers final : public Workers {
 public:
  RingWorkers(const dataplane::DataplaneConfig& config, const dataplane::Buffers& buffers)
      : buffers_(buffers),
        rings_({config.workers, config.stream_threads, config.stream_ring_size, "streamin", "streamout"}, buffers) {
    show_pool(buffers.packets());
    for (unsigned worker = 0; worker < kWorkers; ++worker) threads_.emplace_back([this, worker] { work(worker); });
  }
  ~RingWorkers() override {
    has_to_stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  unsigned count() const override { return kWorkers; }
  bool try_send(unsigned, const engine::ControlMessage&) override { return false; }
  bool try_receive(unsigned, dataplane::ControlRecord&) override { return false; }
  dataplane::FateCounts fates(unsigned) const override { return {}; }
  dataplane::FateCounts service_fates() const override { return {}; }
  std::vector<dataplane::PortStatus> ports() const override { return {}; }
  uint64_t memory_bytes() const override { return 0; }
  dataplane::PortRules drop_at_ports(const engine::AddressPrefix&) override { return {}; }
  void admit_at_ports(const engine::AddressPrefix&) override {}
  void service() override {}
  bool try_to_shard(dataplane::StreamWay way, const dataplane::StreamMessage& message) override {
    return rings_.try_to_worker(way, message);
  }
  bool try_from_shard(dataplane::StreamWay way, std::string& bytes, engine::Flow& flow) override {
    return rings_.try_from_worker(way, bytes, flow);
  }
  bool try_take_unverified(unsigned, std::string&, engine::Flow&) override { return false; }
  bool try_give_verdict(unsigned, const dataplane::StreamMessage&) override { return false; }

  // Without a connection, for one that is to be opened; by that worker's thread, soon.
  void notify_there(unsigned worker, const engine::Flow& flow) {
    const std::lock_guard lock(orders_lock_);
    orders_[worker].push_back(flow);
  }

  std::atomic<unsigned> requests = 0, losses = 0, undeliverable = 0;

 private:
  void work(unsigned worker) {
    while (!has_to_stop_) {
      size_t done = follow_orders(worker);
      for (unsigned thread = 0; thread < kThreads; ++thread) {
        std::array<rte_mbuf*, 16> taken;
        const size_t count = rings_.take({worker, thread}, taken);
        for (size_t i = 0; i < count; ++i) serve(worker, taken[i]);
        done += count;
      }
      if (done == 0) std::this_thread::yield();
    }
  }
  size_t follow_orders(unsigned worker) {
    std::vector<engine::Flow> flows;
    {
      const std::lock_guard lock(orders_lock_);
      flows.swap(orders_[worker]);
    }
    for (const engine::Flow& flow : flows) give(worker, flow, notify_of(worker));
    return flows.size();
  }
  void serve(unsigned worker, rte_mbuf* message) {
    const dataplane::PacketMeta meta = dataplane::meta_of(message);
    rte_pktmbuf_free(message);
    if (meta.kind == dataplane::HandOffKind::kDatagram) {
      EXPECT_EQ(meta.flow.connection / kThreads % kWorkers, worker);
      ++requests;
      give(worker, meta.flow, kAnswer);
      notify_there(1 - worker, meta.flow);
    } else {
      ++(meta.peer_kind == engine::PeerKind::kConnectionLost ? losses : undeliverable);
    }
  }
  void give(unsigned worker, const engine::Flow& flow, std::string_view bytes) {
    rte_mbuf* message = rte_pktmbuf_alloc(buffers_.packets());
    ASSERT_NE(message, nullptr);
    std::copy(bytes.begin(), bytes.end(), rte_pktmbuf_append(message, static_cast<uint16_t>(bytes.size())));
    dataplane::meta_of(message).flow = flow;
    // As a shard does: a NOTIFY waits for room.
    while (rings_.room(worker) == 0 && !has_to_stop_) std::this_thread::yield();
    if (!rings_.try_give(worker, message)) rte_pktmbuf_free(message);
  }
  static std::string notify_of(unsigned worker) {
    // Of a partition that this worker has.
    return "NOTIFY sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=" +
           std::string(engine::kBranchPrefix) + "00" + std::to_string(worker) +
           "00000000000000000000\r\nContent-Length: 0\r\n\r\n";
  }

  const dataplane::Buffers& buffers_;
  dataplane::StreamRings rings_;
  std::atomic<bool> has_to_stop_ = false;
  std::mutex orders_lock_;
  std::array<std::vector<engine::Flow>, kWorkers> orders_;
  std::vector<std::thread> threads_;
};

class StreamThreadsTest : public testing::Test {
 protected:
  StreamThreadsTest() {
    dataplane_.workers = kWorkers;
    dataplane_.stream_threads = config_.threads = kThreads;
    dataplane_.stream_ring_size = 64;
    dataplane_.mbufs_per_worker = 512;
    dataplane_.huge_pages = dataplane::HugePages::kNever;
    dataplane_.memory_mb = 128;
    dataplane_.ports = {{.name = "none"}};
    dataplane::start_eal(dataplane_, 0);
    folder_ = std::filesystem::path(testing::TempDir()) / ("vedette-threads-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    config_.tls_certificates = {{(folder_ / "chain.pem").string(), (folder_ / "key.pem").string()}};
    EXPECT_TRUE(support::write_certificate(config_.tls_certificates[0], "example.com", 1));
    const engine::Endpoint anywhere{engine::IpAddress::v4(0x7f000001), 0};
    config_.tcp_listen = config_.tls_listen = {anywhere};
    config_.connections_per_peer_max = 1'000;
    buffers_.emplace(dataplane::BufferShape::of(dataplane_, 2'000));
    workers_ = std::make_unique<RingWorkers>(dataplane_, *buffers_);
    threads_ = std::make_unique<StreamThreads>(config_, *workers_, log_);
    threads_->start();
  }
  ~StreamThreadsTest() override {
    threads_.reset();
    workers_.reset();
    std::filesystem::remove_all(folder_);
  }

  StreamPeer connect() { return StreamPeer::connect_v4(threads_->streams(0).port(0)); }
  static size_t count_of(const std::string& text, std::string_view what) {
    size_t count = 0;
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++count;
    return count;
  }
  // What an operator does, meanwhile.
  void ask() {
    std::this_thread::sleep_for(500us);
    if (threads_ == nullptr) return;
    static_cast<void>(threads_->proofs(10));
    static_cast<void>(threads_->counters());
  }
  bool becomes(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      ask();
    }
    return true;
  }
  static std::string requests(unsigned count) {
    std::string out;
    for (unsigned i = 0; i < count; ++i) {
      out += "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK" + std::to_string(i) +
             "\r\nContent-Length: 0\r\n\r\n";
    }
    return out;
  }

  std::filesystem::path folder_;
  dataplane::DataplaneConfig dataplane_;
  StreamConfig config_;
  Log log_{LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_mt>()};
  std::optional<dataplane::Buffers> buffers_;
  std::unique_ptr<RingWorkers> workers_;
  std::unique_ptr<StreamThreads> threads_;
};

TEST_F(StreamThreadsTest, ConnectionsComeFloodAndGo) {
  constexpr unsigned kRounds = 3, kPeers = 24, kRequests = 60;
  for (unsigned round = 0; round < kRounds; ++round) {
    std::vector<StreamPeer> peers;
    for (unsigned i = 0; i < kPeers; ++i) peers.push_back(connect());
    ASSERT_TRUE(becomes([&] { return threads_->connections() == kPeers; }));
    const std::string flood = requests(kRequests);
    for (StreamPeer& peer : peers) ASSERT_EQ(peer.send(flood), flood.size());
    // More than the rings hold: who finds no room is not read until there is some.
    for (StreamPeer& peer : peers) {
      EXPECT_TRUE(becomes([&] {
        peer.listen_to_it();
        return count_of(peer.heard, kAnswer) == kRequests && count_of(peer.heard, "NOTIFY ") == kRequests;
      }));
      EXPECT_FALSE(peer.is_over);
    }
    // Some say their end, some are reset.
    for (unsigned i = 0; i < kPeers; ++i) i % 2 == 0 ? peers[i].close() : peers[i].reset();
    ASSERT_TRUE(becomes([&] { return threads_->connections() == 0; }));
  }
  EXPECT_EQ(workers_->requests, kRounds * kPeers * kRequests);
  EXPECT_TRUE(becomes([&] { return workers_->losses == kWorkers * kRounds * kPeers; })) << "each worker hears of each";
  const StreamCounters counters = threads_->counters();
  EXPECT_EQ(counters.get(StreamCounter::kMessagesIn), kRounds * kPeers * kRequests);
  EXPECT_EQ(counters.get(StreamCounter::kMessagesOut), 2 * kRounds * kPeers * kRequests);
}

// RFC 8446 §2.2: with a ticket of one thread it is gone on with on the other.
TEST_F(StreamThreadsTest, HandshakesAreOfOneEngineWhileCertificatesAreReadAnew) {
  const auto shake_hands = [&](SSL_SESSION* session) {
    auto peer = std::make_unique<TlsPeer>(StreamPeer::connect_v4(threads_->streams(0).port(1)), TLS1_3_VERSION);
    if (session != nullptr) SSL_set_session(peer->session(), session);
    peer->write(requests(1));     // Begins the handshake.
    EXPECT_TRUE(becomes([&] {
      peer->go_on();
      peer->wire.send(peer->take_records());
      return peer->has_shaken_hands();
    }));
    peer->write(requests(1));
    EXPECT_TRUE(becomes([&] {
      peer->wire.send(peer->take_records());
      peer->go_on();
      return peer->heard.find(kAnswer) != std::string::npos;
    }));
    return peer;
  };
  for (const bool are_read_anew : {false, true}) {
    const auto first = shake_hands(nullptr);
    const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> session(SSL_get1_session(first->session()),
                                                                            SSL_SESSION_free);
    if (are_read_anew) threads_->reload_certificates();
    unsigned resumed = 0;
    for (unsigned i = 0; i < 16; ++i) resumed += SSL_session_reused(shake_hands(session.get())->session());
    EXPECT_EQ(resumed, are_read_anew ? 0U : 16U);
  }
  std::vector<std::unique_ptr<TlsPeer>> peers;
  for (unsigned i = 0; i < 16; ++i) {
    threads_->reload_certificates();
    peers.push_back(shake_hands(nullptr));
  }
  EXPECT_TRUE(becomes([&] { return threads_->connections() == peers.size(); }));
  EXPECT_EQ(threads_->counters().get(StreamCounter::kTlsHandshakes), 2U * 17 + 16);
}

TEST_F(StreamThreadsTest, OneConnectionIsOpenedForWhatComesToBoth) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
  acceptor.non_blocking(true);
  engine::Flow flow{.transport = engine::Transport::kTcp, .may_open = true};
  flow.remote = {engine::IpAddress::v4(0x7f000001), acceptor.local_endpoint().port()};
  flow.local.address = flow.remote.address;
  std::vector<StreamPeer> taken;
  for (unsigned round = 1; round <= 10; ++round) {
    for (unsigned i = 0; i < 20; ++i) {
      flow.connection = 1'000'000 + i / 2;    // Both threads', by both workers.
      workers_->notify_there(i % 2, flow);
    }
    EXPECT_TRUE(becomes([&] {
      const int there = accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (there >= 0) taken.emplace_back(there);
      if (taken.size() < round) return false;
      taken.back().listen_to_it();
      return count_of(taken.back().heard, "NOTIFY ") == 20;
    }));
    EXPECT_EQ(threads_->connections(), 1U);
    taken.back().close();
    ASSERT_TRUE(becomes([&] { return threads_->connections() == 0; }));
  }
  EXPECT_EQ(threads_->counters().get(StreamCounter::kOpened), 10U);
  EXPECT_EQ(workers_->undeliverable, 0U);
}

// A stop in the midst of it all.
TEST_F(StreamThreadsTest, StopsWhileAllAreAtWork) {
  std::vector<StreamPeer> peers;
  for (unsigned i = 0; i < 24; ++i) peers.push_back(connect());
  for (StreamPeer& peer : peers) peer.send(requests(60));
  ASSERT_TRUE(becomes([&] { return workers_->requests > 0; }));
  threads_->stop();
  EXPECT_EQ(threads_->connections(), 0U);
  threads_.reset();      // With those that had been taken and not looked at.
  for (StreamPeer& peer : peers) {
    EXPECT_TRUE(becomes([&] {
      peer.listen_to_it();
      return peer.is_over;
    }));
  }
}

}  // namespace
}  // namespace vedette::control
