// See stream_connection.h. On its thread only.
#include "engine/control/stream_connection.h"

#include <netinet/tcp.h>

#include <array>
#include <boost/asio/error.hpp>

#include "engine/control/asio_endpoint.h"

namespace vedette::control {

using boost::system::error_code;
using parsers::Frame;
using parsers::ParseError;
using std::chrono::steady_clock;

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kPing = "\r\n\r\n";
// What the kernel holds for a peer that does not read; it would let that grow to megabytes.
constexpr int kUnsentBytesMax = 65'536;
using UnsentMax = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

// RFC 3261 §17: each request but ACK has a final answer.
bool wants_answer(std::string_view message) { return !message.starts_with("SIP/") && !message.starts_with("ACK "); }
bool is_final_answer(std::string_view message) {
  return message.starts_with("SIP/2.0 ") && !message.starts_with("SIP/2.0 1");
}

// What waits takes room besides its bytes: of answers to pings most of it.
size_t cost_of(const StreamOutput& message) { return message.bytes.size() + sizeof message; }

bool is_over(const std::optional<SteadyTime>& since, engine::Duration max, SteadyTime now) {
  return since && now - *since > std::chrono::milliseconds(max.to_milliseconds());
}

}  // namespace

StreamConnection::StreamConnection(StreamOwner& owner, std::unique_ptr<ByteStream> stream, const engine::Flow& flow)
    : owner_(owner), stream_(std::move(stream)), flow_(flow), last_active_(steady_clock::now()) {}

void StreamConnection::accept(SteadyTime now) {
  opening_since_ = now;
  stream_->async_shake_hands([self = shared_from_this()](error_code error) {
    if (self->has_ended_) return;
    if (error) return self->end(self->stream_->why_no_handshake(error));
    const SteadyTime opened = steady_clock::now();
    // Who comes has something to say.
    self->message_since_ = opened;
    self->on_opened(opened);
  });
}

void StreamConnection::open(SteadyTime now) {
  is_ours_ = true;
  opening_since_ = now;
  stream_->socket().async_connect(to_asio(flow_.remote), [self = shared_from_this()](error_code error) {
    if (self->has_ended_) return;
    if (error) return self->end(StreamCounter::kOpenFailed);
    self->stream_->async_shake_hands([self](error_code failed) {
      if (self->has_ended_) return;
      if (failed) return self->end(self->stream_->why_no_handshake(failed));
      self->on_opened(steady_clock::now());
    });
  });
}

void StreamConnection::on_opened(SteadyTime now) {
  opening_since_.reset();
  is_open_ = true;
  last_active_ = now;
  error_code ignored;
  stream_->socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  stream_->socket().set_option(UnsentMax(kUnsentBytesMax), ignored);
  owner_.on_open(*this);
  read();
  write(now);
}

void StreamConnection::read() {
  stream_->async_ready([self = shared_from_this()](error_code error) {
    if (self->has_ended_) return;
    if (error) return self->end(self->stream_->why_ended(error));
    self->on_ready(steady_clock::now());
  });
}

void StreamConnection::on_ready(SteadyTime now) {
  std::array<char, kReadBytes> room;
  error_code error;
  const size_t bytes = stream_->read(room, error);
  if (error == boost::asio::error::eof) return on_peer_end(now);
  if (error) return end(stream_->why_ended(error));
  // RFC 6455 §5.4: the frame that ends a message may be empty.
  if (bytes == 0 && !(stream_->keeps_messages_apart() && stream_->ends_message())) return read();
  last_active_ = now;
  pinged_since_.reset();
  // Who is cut off is not heard any more.
  if (says_farewell_) return read();
  in_.append(room.data(), bytes);
  take_frames(now);
}

// He may have closed his half alone: what he asked before is answered.
void StreamConnection::on_peer_end(SteadyTime now) {
  if (answers_due_ == 0 || !stream_->ends_by_halves()) return end(StreamCounter::kClosedByPeer);
  half_closed_since_ = now;
  message_since_.reset();
}

void StreamConnection::go_on(SteadyTime now) {
  if (!has_ended_ && waiting_) take_frames(now);
}

ParseError StreamConnection::find_frame(Frame& out) {
  if (!stream_->keeps_messages_apart()) {
    return parsers::find_frame(unread(), owner_.config().message_bytes_max, progress_, out);
  }
  const std::string_view message = unread();
  if (message.empty() || !stream_->ends_message()) return ParseError::kIncomplete;
  // RFC 5626 §3.5.1: those who cannot ping by WebSocket do as on any stream.
  if (message == kPing || message == kLineEnd) {
    out = {message == kPing ? Frame::Kind::kPing : Frame::Kind::kPong, message.size(), 0};
  } else {
    out = {Frame::Kind::kMessage, 0, message.size()};
  }
  return ParseError::kOk;
}

void StreamConnection::take_frames(SteadyTime now) {
  bool has_taken = false;
  for (;;) {
    Frame frame;
    if (waiting_) {
      frame = *waiting_;
    } else {
      const ParseError error = find_frame(frame);
      if (error == ParseError::kIncomplete) break;
      if (error != ParseError::kOk) return lose_framing(now, error, frame);
    }
    if (!take_frame(now, frame)) {
      // It is the shard's time that passes now, not the peer's.
      waiting_ = frame;
      message_since_.reset();
      return;
    }
    if (has_ended_) return;
    waiting_.reset();
    taken_ += frame.skip + frame.length;
    has_taken = true;
  }
  in_.erase(0, taken_);
  taken_ = 0;
  if (in_.empty()) in_ = std::string();  // A connection that is silent keeps no room.
  // A line end alone may be the answer to a ping (RFC 5626 §4.4.1), and then nothing follows.
  const bool has_begun = !in_.empty() && in_ != kLineEnd;
  if (has_taken) message_since_.reset();
  if (has_begun && !message_since_) message_since_ = now;
  read();
}

bool StreamConnection::take_frame(SteadyTime now, const Frame& frame) {
  switch (frame.kind) {
    case Frame::Kind::kPing:
      // RFC 5626 §4.4.1: two line ends are answered by one.
      owner_.count(StreamCounter::kPings);
      send(now, {flow_, std::string(kLineEnd)});
      return true;
    case Frame::Kind::kPong: return true;
    case Frame::Kind::kMessage: break;
  }
  if (!owner_.try_deliver(*this, unread().substr(frame.skip, frame.length))) return false;
  on_delivered(unread().substr(frame.skip, frame.length));
  return true;
}

void StreamConnection::on_delivered(std::string_view message) {
  has_delivered_ = true;
  if (wants_answer(message)) ++answers_due_;
  owner_.count(StreamCounter::kMessagesIn);
}

// The head alone, where it is whole, tells the shard what to answer: 513, or 400 (RFC 4475 §3.1.2.3).
void StreamConnection::lose_framing(SteadyTime now, ParseError error, const Frame& head) {
  const auto why =
      error == ParseError::kMessageTooLong ? StreamCounter::kMessageTooLong : StreamCounter::kFramingLost;
  const bool will_be_answered =
      head.length > 0 && owner_.try_deliver(*this, unread().substr(head.skip, head.length));
  if (!will_be_answered) return end(why);
  on_delivered(unread().substr(head.skip, head.length));
  owner_.count(why);
  // Closed at once, with bytes unread, the kernel would take the answer back from the peer.
  says_farewell_ = true;
  farewell_since_ = now;
  message_since_.reset();
  in_.clear();
  taken_ = 0;
  read();
}

void StreamConnection::send(SteadyTime now, StreamOutput message) {
  out_bytes_ += cost_of(message);
  out_.push_back(std::move(message));
  if (out_bytes_ > owner_.config().write_bytes_max) return end(StreamCounter::kWriteQueueFull);
  write(now);
}

void StreamConnection::write(SteadyTime now) {
  if (!is_open_ || has_ended_ || writing_ > 0 || out_.empty()) return;
  std::vector<boost::asio::const_buffer> bytes;
  writing_ = std::min(out_.size(), kWrittenAtOnceMax);
  for (size_t i = 0; i < writing_; ++i) bytes.push_back(boost::asio::buffer(out_[i].bytes));
  writing_since_ = now;
  stream_->async_write(bytes, [self = shared_from_this()](error_code error) {
    if (self->has_ended_) return;
    if (error) return self->end(StreamCounter::kBroken);
    self->on_written(steady_clock::now());
  });
}

void StreamConnection::on_written(SteadyTime now) {
  for (; writing_ > 0; --writing_) {
    out_bytes_ -= cost_of(out_.front());
    if (is_final_answer(out_.front().bytes) && answers_due_ > 0) --answers_due_;
    if (out_.front().bytes != kLineEnd) owner_.count(StreamCounter::kMessagesOut);
    out_.pop_front();
  }
  writing_since_.reset();
  last_active_ = now;
  if (half_closed_since_ && answers_due_ == 0 && out_.empty()) return end(StreamCounter::kClosedByPeer);
  if (says_farewell_ && out_.empty()) stream_->end_writing([self = shared_from_this()](error_code) {});
  write(now);
}

void StreamConnection::check_time(SteadyTime now) {
  const StreamConfig& config = owner_.config();
  if (shakes_hands() && !is_ours_) {
    if (is_over(opening_since_, config.handshake_time_max, now)) return end(StreamCounter::kHandshakeTooSlow);
  } else if (is_over(opening_since_, config.opening_time_max, now)) {
    return end(StreamCounter::kOpenTooSlow);
  }
  if (is_over(writing_since_, config.write_time_max, now)) return end(StreamCounter::kWriteTooSlow);
  if (is_over(message_since_, config.message_time_max, now)) return end(StreamCounter::kMessageTooSlow);
  if (is_over(half_closed_since_, config.half_closed_max, now)) return end(StreamCounter::kHalfClosed);
  if (farewell_since_ && now - *farewell_since_ > kFarewellTime) return end({});
  if (!is_open_) return;
  if (stream_->keeps_messages_apart()) ask_for_life(now);
  if (!has_ended_ && is_over(last_active_, config.idle_max, now)) end(StreamCounter::kIdle);
}

// RFC 7118 §6: pages of a browser cannot ping, and do not always say that they are gone.
void StreamConnection::ask_for_life(SteadyTime now) {
  if (stream_->take_sign_of_life()) {
    last_active_ = now;
    pinged_since_.reset();
  }
  const engine::Duration interval = owner_.config().ping_interval;
  if (is_over(pinged_since_, interval, now)) return end(StreamCounter::kNoPong);
  if (pinged_since_ || !is_over(last_active_, interval, now)) return;
  pinged_since_ = now;
  stream_->async_ping([self = shared_from_this()](error_code) {});
}

void StreamConnection::end(std::optional<StreamCounter> why) {
  if (has_ended_) return;
  has_ended_ = true;
  if (why && !says_farewell_) owner_.count(*why);
  // RFC 8446 §6.1: "Each party MUST send a "close_notify" alert before closing its write side of the connection".
  if (is_open_) stream_->end_writing([self = shared_from_this()](error_code) {});
  error_code ignored;
  stream_->socket().close(ignored);
  // What is being written stays where it is until its handler has run.
  owner_.on_end(*this, why, out_);
}

}  // namespace vedette::control
