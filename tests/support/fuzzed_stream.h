// One stream connection (engine/control/stream_connection.h) for fuzz targets: its peer's bytes come cut up as the
// input wants, the shards have no room now and then, the peer may be deaf. What is delivered and what the peer hears is
// kept. Laws that hold of all: a message is no longer than allowed, nothing is delivered after the end, who says
// nothing more is closed by time alone, and nothing of a connection is left then. A pair of local sockets; one thread.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/control/stream_connection.h"
#include "parsers/message.h"

namespace vedette::support {

inline void expect(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", law);
  std::abort();
}

// How many bytes come at a time: all at once (0), one by one (1), or as the seed has it.
class Pieces {
 public:
  explicit Pieces(unsigned seed) : seed_(seed), state_(seed * 2654435761U) {}
  size_t next(size_t waiting) {
    if (seed_ == 0) return waiting;
    if (seed_ == 1) return std::min<size_t>(waiting, 1);
    state_ = state_ * 1664525U + 1013904223U;
    return std::min<size_t>(waiting, 1 + (state_ >> 24) * (state_ >> 16 & 7) / 7);
  }

 private:
  unsigned seed_;
  uint32_t state_;
};

struct StreamHabits {
  bool has_room = true;      // Else every other message has to wait for the shard.
  bool is_answered = false;  // Each message, by kStreamAnswer.
  bool is_deaf = false;      // The peer reads nothing.
};
inline constexpr std::string_view kStreamAnswer = "SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

class FuzzedStream final : public control::StreamOwner {
 public:
  using Socket = control::ByteStream::Socket;
  using Make = std::function<std::unique_ptr<control::ByteStream>(Socket)>;
  static constexpr uint32_t kMessageBytesMax = 2'048;

  FuzzedStream(engine::Transport transport, const Make& make, StreamHabits habits) : habits_(habits) {
    config_.message_bytes_max = kMessageBytesMax;
    int ends[2];
    expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
    peer_ = ends[1];
    if (habits.is_deaf) {
      config_.write_bytes_max = 4'096;
      const int least = 1;
      setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    }
    Socket socket(context());
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);
    const engine::Flow flow{.transport = transport, .connection = 1};
    connection_ = std::make_shared<control::StreamConnection>(*this, make(std::move(socket)), flow);
    connection_->accept(std::chrono::steady_clock::now());
    turn();
  }
  ~FuzzedStream() override { close_peer(); }
  FuzzedStream(const FuzzedStream&) = delete;
  FuzzedStream& operator=(const FuzzedStream&) = delete;

  // False: the other end takes no more.
  bool send(std::string_view bytes, Pieces& pieces) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(peer_, bytes.data(), pieces.next(bytes.size()), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      if (!turn() && sent <= 0) return false;
    }
    return true;
  }

  // The peer says its end, time goes by, and with that everything is over.
  void finish(bool only_half) {
    only_half ? static_cast<void>(shutdown(peer_, SHUT_WR)) : close_peer();
    turn();
    auto now = std::chrono::steady_clock::now();
    for (const int seconds : {3, 11, 31, 31, 31, 3'601, 31, 31}) {
      now += std::chrono::seconds(seconds);
      if (!has_ended) connection_->check_time(now);
      turn();
    }
    expect(has_ended, "a connection that nobody uses lives on");
    expect(counted(control::StreamCounter::kMessagesIn) == delivered.size(), "not each message is counted once");
    const std::weak_ptr<control::StreamConnection> last = connection_;
    connection_.reset();
    turn();
    expect(last.expired(), "a connection that has ended is not let go");
  }

  uint64_t counted(control::StreamCounter counter) const { return counters_.get(counter); }

  std::vector<std::string> delivered;
  std::string heard;              // By the peer.
  bool has_ended = false;

 private:
  static constexpr unsigned kTurnsMax = 100'000;

  static boost::asio::io_context& context() {
    static boost::asio::io_context one{1};
    return one;
  }

  const control::StreamConfig& config() const override { return config_; }
  void count(control::StreamCounter counter) override { counters_.add(counter); }
  bool try_deliver(control::StreamConnection& connection, std::string_view message) override {
    expect(!has_ended, "a message is delivered after the end");
    expect(!message.empty() && message.size() <= kMessageBytesMax, "a message is longer than allowed");
    if (!habits_.has_room && !std::exchange(waits_, !waits_)) return false;
    parsers::Message parsed;
    static_cast<void>(parsers::parse_stream_message(message, parsed));
    delivered.emplace_back(message);
    if (habits_.is_answered) unsent_.push_back({connection.flow(), std::string(kStreamAnswer)});
    return true;
  }
  void on_open(control::StreamConnection& /*connection*/) override {}
  void on_end(control::StreamConnection& /*connection*/, std::optional<control::StreamCounter> /*why*/,
              const std::deque<control::StreamOutput>& /*unsent*/) override {
    expect(!has_ended, "a connection ends twice");
    has_ended = true;
  }

  // Whether anything happened at all.
  bool turn() {
    bool has_moved = false;
    for (unsigned turns = 0;; ++turns) {
      expect(turns < kTurnsMax, "a connection that always has something to do never gets anything done");
      context().restart();
      bool moves = context().poll() > 0;
      moves = listen() || moves;
      while (!unsent_.empty()) {
        if (!has_ended) connection_->send(std::chrono::steady_clock::now(), std::move(unsent_.front()));
        unsent_.pop_front();
        moves = true;
      }
      if (waits_ && !has_ended) {
        connection_->go_on(std::chrono::steady_clock::now());
        moves = true;
      }
      if (!moves) return has_moved;
      has_moved = true;
    }
  }

  bool listen() {
    if (habits_.is_deaf || peer_ < 0) return false;
    char piece[16'384];
    ssize_t got = 0;
    size_t all = 0;
    while ((got = recv(peer_, piece, sizeof piece, 0)) > 0) {
      heard.append(piece, static_cast<size_t>(got));
      all += static_cast<size_t>(got);
    }
    return all > 0;
  }
  void close_peer() {
    if (peer_ >= 0) ::close(std::exchange(peer_, -1));
  }

  const StreamHabits habits_;
  control::StreamConfig config_;
  control::StreamCounters counters_;
  int peer_ = -1;
  bool waits_ = false;            // A message, for room.
  std::deque<control::StreamOutput> unsent_;
  std::shared_ptr<control::StreamConnection> connection_;
};

}  // namespace vedette::support
