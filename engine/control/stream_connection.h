// One stream connection: cuts what arrives into messages, answers keep-alives, writes messages in order, and ends
// when a limit is reached. Where messages go is not known here (streams.h). It keeps itself alive through its pending
// operations. On its thread only.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/byte_stream.h"
#include "engine/control/stream_config.h"
#include "engine/control/stream_counters.h"
#include "engine/flow.h"
#include "parsers/framer.h"

namespace vedette::control {

class StreamConnection;
using SteadyTime = std::chrono::steady_clock::time_point;

// A message on its way to a peer.
struct StreamOutput {
  engine::Flow flow;
  std::string bytes;
};

// What a connection needs of the one who has them all.
class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  virtual const StreamConfig& config() const = 0;
  virtual void count(StreamCounter counter) = 0;
  // False: there is no room for it now. Then go_on() is called when there may be.
  virtual bool try_deliver(StreamConnection& connection, std::string_view message) = 0;
  virtual void on_open(StreamConnection& connection) = 0;
  // Once, when it has ended. `why` has been counted, if there is anything to count; `unsent`: what was not or not
  // wholly written.
  virtual void on_end(StreamConnection& connection, std::optional<StreamCounter> why,
                      const std::deque<StreamOutput>& unsent) = 0;
};

class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  // `flow`: of what arrives by it; flow.connection is its number. The owner lives as long as handlers run.
  StreamConnection(StreamOwner& owner, std::unique_ptr<ByteStream> stream, const engine::Flow& flow);

  const engine::Flow& flow() const { return flow_; }
  bool is_open() const { return is_open_; }
  // Whether something stands before the first message: TLS, an upgrade to WebSocket.
  bool shakes_hands() const { return flow_.transport != engine::Transport::kTcp; }
  bool is_ours() const { return is_ours_; }               // We opened it.
  // The SIP domains that its peer has proved (RFC 5922), and those of a [[peer]] among them, in order: places as in
  // flow().peer, which is the first.
  std::vector<std::string> proved_domains() const { return stream_->proved_domains(); }
  void speak_for(std::vector<uint16_t> peers) {
    flow_.peer = peers.front() & engine::kPeersMax;
    peers_ = std::move(peers);
  }
  const std::vector<uint16_t>& peers() const { return peers_; }
  bool has_delivered() const { return has_delivered_; }   // Any message.

  void accept(SteadyTime now);               // Its socket is connected: the peer opened it.
  void open(SteadyTime now);                 // Connects its socket to flow.remote, and shakes hands.
  void send(SteadyTime now, StreamOutput message);
  void go_on(SteadyTime now);                // After try_deliver() had no room.
  void check_time(SteadyTime now);           // Now and then: ends it when a limit of time is reached.
  // `why` is counted; nothing when that has been done.
  void end(std::optional<StreamCounter> why);

 private:
  static constexpr size_t kReadBytes = 16'384;
  static constexpr size_t kWrittenAtOnceMax = 16;
  // How long a peer that is cut off may take to read why.
  static constexpr std::chrono::seconds kFarewellTime{2};

  void on_opened(SteadyTime now);
  void read();
  void on_peer_end(SteadyTime now);
  void on_ready(SteadyTime now);
  parsers::ParseError find_frame(parsers::Frame& out);
  void take_frames(SteadyTime now);
  bool take_frame(SteadyTime now, const parsers::Frame& frame);
  void on_delivered(std::string_view message);
  void lose_framing(SteadyTime now, parsers::ParseError error, const parsers::Frame& head);
  void write(SteadyTime now);
  void on_written(SteadyTime now);
  void ask_for_life(SteadyTime now);
  std::string_view unread() const { return std::string_view(in_).substr(taken_); }

  StreamOwner& owner_;
  std::unique_ptr<ByteStream> stream_;
  engine::Flow flow_;
  std::vector<uint16_t> peers_;
  bool is_ours_ = false, is_open_ = false, has_ended_ = false, has_delivered_ = false;
  // The peer has been cut off: it gets an answer, what it still sends is thrown away.
  bool says_farewell_ = false;

  std::string in_;                           // Arrived: at most a message and one read.
  size_t taken_ = 0;                         // Of in_.
  parsers::FrameProgress progress_;
  std::optional<parsers::Frame> waiting_;    // Found, but there was no room for it.

  uint64_t answers_due_ = 0;                 // Requests delivered whose final answers have not been written.
  std::deque<StreamOutput> out_;             // The first written_ are with the kernel.
  size_t out_bytes_ = 0, writing_ = 0;

  SteadyTime last_active_;
  std::optional<SteadyTime> opening_since_, message_since_, writing_since_, farewell_since_, half_closed_since_;
  std::optional<SteadyTime> pinged_since_;
};

}  // namespace vedette::control
