// The bytes of one connection, whatever carries them: TCP as it is, or TLS over it. Handlers run on the control
// thread, each once, never within the call that was given them; when the socket is closed, with an error.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace vedette::control {

class ByteStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using OnDone = std::function<void(boost::system::error_code)>;

  virtual ~ByteStream() = default;
  virtual Socket& socket() = 0;  // Connected by the caller.
  // What stands before the first byte: nothing, or a handshake as the one who was called.
  virtual void async_accept(OnDone done) = 0;
  // Waits for something to read, without room for it: most connections are silent most of the time. There may be
  // nothing all the same.
  virtual void async_ready(OnDone done) = 0;
  // What has arrived, as far as there is room. 0 without an error: nothing now. The end is error::eof.
  virtual size_t read(std::span<char> room, boost::system::error_code& error) = 0;
  // All of them. They stay where they are until `done`.
  virtual void async_write(const std::vector<boost::asio::const_buffer>& bytes, OnDone done) = 0;
  virtual void end_writing() = 0;  // The peer sees the end of what we send.
};

std::unique_ptr<ByteStream> make_tcp_stream(ByteStream::Socket socket);

}  // namespace vedette::control
