// The other end of a stream connection, and the streams themselves on a clock that the test sets forward: real sockets
// on the loopback interface, fake workers in place of the shards. One thread.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>

#include "engine/control/streams.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {

// A socket that never blocks. What came is kept in `heard`.
class StreamPeer {
 public:
  explicit StreamPeer(int descriptor) : descriptor_(descriptor) {}
  StreamPeer(StreamPeer&& other) noexcept
      : heard(std::move(other.heard)), is_over(other.is_over), descriptor_(std::exchange(other.descriptor_, -1)) {}
  StreamPeer& operator=(StreamPeer&&) = delete;
  ~StreamPeer() { close(); }

  static StreamPeer connect_v4(uint16_t port, const char* from = "127.0.0.1") {
    StreamPeer peer(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in local{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {inet_addr(from)}, .sin_zero = {}};
    sockaddr_in remote = local;
    remote.sin_port = htons(port);
    remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(peer.descriptor_, reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    EXPECT_TRUE(::connect(peer.descriptor_, reinterpret_cast<sockaddr*>(&remote), sizeof remote) == 0 ||
                errno == EINPROGRESS);
    return peer;
  }
  static StreamPeer connect_v6(uint16_t port) {
    StreamPeer peer(socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in6 remote{};
    remote.sin6_family = AF_INET6;
    remote.sin6_port = htons(port);
    remote.sin6_addr = in6addr_loopback;
    EXPECT_TRUE(::connect(peer.descriptor_, reinterpret_cast<sockaddr*>(&remote), sizeof remote) == 0 ||
                errno == EINPROGRESS);
    return peer;
  }

  // As much as the kernel takes: how many bytes.
  size_t send(std::string_view bytes) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent > 0 ? static_cast<size_t>(sent) : 0;
  }
  void listen_to_it() {
    char piece[65'536];
    ssize_t got = 0;
    while ((got = recv(descriptor_, piece, sizeof piece, 0)) > 0) heard.append(piece, static_cast<size_t>(got));
    if (got == 0 || (errno != EAGAIN && errno != ENOTCONN)) is_over = true;
  }
  void shrink_room() {
    const int bytes = 4'096;
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  // The other end sees an error, not an end.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }
  // It says no more, and listens still.
  void end_writing() { shutdown(descriptor_, SHUT_WR); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

  std::string heard;
  bool is_over = false;     // The other end has closed it.

 private:
  int descriptor_;
};

// The connections of as many threads as the configuration says, all on the test's own thread.
class AllStreams {
 public:
  AllStreams(boost::asio::io_context& context, const StreamConfig& config, Workers& workers, Log& log)
      : log_(log), shared_(config) {
    for (unsigned thread = 0; thread < config.threads; ++thread) {
      threads_.push_back(std::make_unique<Streams>(context, shared_, thread, workers, log));
    }
  }
  void on_turn(SteadyTime now) {
    for (const auto& thread : threads_) thread->on_turn(now);
  }
  void close() {
    for (const auto& thread : threads_) thread->close();
  }
  void reload_certificates() { shared_.tls.reload(log_); }
  StreamCounters counters() const {
    StreamCounters sum;
    for (const auto& thread : threads_) sum.add(thread->counters());
    return sum;
  }
  size_t connections() const { return shared_.places.connections(); }
  std::vector<StreamProof> proofs(size_t max) const { return shared_.routes.proofs(max); }
  uint16_t port(size_t listener) const { return threads_[0]->port(listener); }

 private:
  Log& log_;
  StreamShared shared_;
  std::vector<std::unique_ptr<Streams>> threads_;
};

// Each test with connections on one thread, and on several.
class StreamsTest : public testing::TestWithParam<unsigned> {
 protected:
  StreamsTest() {
    config_.tcp_listen = {loopback(0), loopback_v6(0)};
    config_.threads = workers_.stream_threads = GetParam();
  }
  ~StreamsTest() override {
    if (streams_ == nullptr) return;
    streams_->close();
    turn();      // What one has for another reaches it.
    streams_.reset();
    context_.poll();
  }

  static engine::Endpoint loopback(uint16_t port) { return {engine::IpAddress::v4(0x7f000001), port}; }
  static engine::Endpoint loopback_v6(uint16_t port) {
    engine::Endpoint endpoint{.port = port};
    EXPECT_TRUE(engine::IpAddress::parse("::1", endpoint.address));
    return endpoint;
  }

  // After the test's own wishes in config_.
  void start() { streams_ = std::make_unique<AllStreams>(context_, config_, workers_, log_); }
  StreamPeer connect(const char* from = "127.0.0.1") { return StreamPeer::connect_v4(streams_->port(0), from); }

  void turn() {
    context_.restart();
    context_.poll();
    streams_->on_turn(now());
  }
  SteadyTime now() const { return std::chrono::steady_clock::now() + ahead_; }
  // Turns until it holds; false after three seconds.
  template <typename Holds>
  bool becomes(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      turn();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
  }
  bool hears(StreamPeer& peer, std::string_view text) {
    return becomes([&] {
      peer.listen_to_it();
      return peer.heard.find(text) != std::string::npos;
    });
  }
  bool is_ended(StreamPeer& peer) {
    return becomes([&] {
      peer.listen_to_it();
      return peer.is_over;
    });
  }
  // Everything that is under way arrives.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      turn();
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  void pass(std::chrono::milliseconds time) { ahead_ += time; }
  bool counts(StreamCounter counter, uint64_t value) {
    return becomes([&] { return streams_->counters().get(counter) >= value; }) &&
           streams_->counters().get(counter) == value;
  }
  bool shards_have(size_t messages) {
    return becomes([&] { return workers_.to_shards.size() >= messages; }) && workers_.to_shards.size() == messages;
  }

  // The n-th message that a client might send, and that a shard might.
  static std::string request(int number, std::string_view body = "") {
    return "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK" + std::to_string(number) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
  static std::string answer(int number) {
    return "SIP/2.0 200 OK\r\nCSeq: " + std::to_string(number) + " OPTIONS\r\nContent-Length: 0\r\n\r\n";
  }
  // Of `partition`, which the worker partition mod 3 has.
  static std::string notify(unsigned partition, std::string_view body = "") {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%0*x", static_cast<int>(engine::kPartitionDigits), partition);
    return "NOTIFY sip:bob@127.0.0.1;transport=tcp SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=" +
           std::string(engine::kBranchPrefix) + digits + "00000000000000000000\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

  boost::asio::io_context context_;
  StreamConfig config_;
  FakeWorkers workers_{3, nullptr};
  std::ostringstream lines_;
  Log log_{LogFormat::kText, LogLevel::kDebug, std::make_shared<spdlog::sinks::ostream_sink_st>(lines_)};
  std::chrono::milliseconds ahead_{};
  std::unique_ptr<AllStreams> streams_;
};

// Has connections opened to a listening socket of the test.
class StreamOpeningTest : public StreamsTest {
 protected:
  StreamOpeningTest() : acceptor_(context_, {boost::asio::ip::address_v4::any(), 0}) { acceptor_.non_blocking(true); }
  engine::Flow flow_there() const {
    return {.transport = engine::Transport::kTcp,
            .may_open = true,
            .local = loopback(5'060),
            .remote = loopback(acceptor_.local_endpoint().port())};
  }
  // The connection that was opened.
  StreamPeer take() {
    int taken = -1;
    EXPECT_TRUE(becomes([&] {
      taken = accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      return taken >= 0;
    }));
    return StreamPeer(taken);
  }
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace vedette::control
