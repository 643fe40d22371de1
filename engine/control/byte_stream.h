// The bytes of one connection, whatever carries them: TCP as it is, TLS over it, WebSocket over either. Handlers run on
// its own thread, each once, never within the call that was given them; when the socket is closed, with an error.
// Whoever has the stream keeps it until they have run.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/control/stream_counters.h"

namespace vedette::control {

class ByteStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnDone = std::function<void(boost::system::error_code)>;

  virtual ~ByteStream() = default;
  virtual Socket& socket() = 0;  // Connected by the caller.
  // What stands before the first byte: nothing, or a handshake, in the role that the stream was made for.
  virtual void async_shake_hands(OnDone done) = 0;
  // Waits for something to read, without room for it: most connections are silent most of the time. There may be
  // nothing all the same.
  virtual void async_ready(OnDone done) = 0;
  // What has arrived, as far as there is room. 0 without an error: nothing now. The end is error::eof.
  virtual size_t read(std::span<char> room, boost::system::error_code& error) = 0;
  // All of them. They stay where they are until `done`.
  virtual void async_write(const std::vector<boost::asio::const_buffer>& bytes, OnDone done) = 0;
  virtual void end_writing(OnDone done) = 0;  // The peer sees the end of what we send.
  // Whether a peer that has said its end may still be written to.
  virtual bool ends_by_halves() const { return false; }

  // Whether messages come one by one (RFC 7118 §5); else their lengths say where they end.
  virtual bool keeps_messages_apart() const { return false; }
  // If so: whether what was read() last is the end of one.
  virtual bool ends_message() const { return false; }
  // If so: asks the peer whether it is there, and whether it has shown that since the last call, but by what is read.
  virtual void async_ping(OnDone done) {
    boost::asio::post(socket().get_executor(), [done = std::move(done)] { done({}); });
  }
  virtual bool take_sign_of_life() { return false; }

  // After the handshake: the SIP domains that the peer's certificate proves (RFC 5922 §7.1), if it showed one.
  virtual std::vector<std::string> proved_domains() const { return {}; }

  // What async_shake_hands(), and what async_ready() and read() said, as counters.
  virtual StreamCounter why_no_handshake(const boost::system::error_code& /*error*/) const {
    return StreamCounter::kOpenFailed;
  }
  virtual StreamCounter why_ended(const boost::system::error_code& error) const {
    return error == boost::asio::error::eof ? StreamCounter::kClosedByPeer : StreamCounter::kBroken;
  }
};

std::unique_ptr<ByteStream> make_tcp_stream(ByteStream::Socket socket);

}  // namespace vedette::control
