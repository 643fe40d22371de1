// TCP as it is. On its thread only.
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "engine/control/byte_stream.h"

namespace vedette::control {
namespace {

class TcpStream final : public ByteStream {
 public:
  explicit TcpStream(Socket socket) : socket_(std::move(socket)) {}

  Socket& socket() override { return socket_; }
  void async_shake_hands(OnDone done) override {
    boost::asio::post(socket_.get_executor(), [done = std::move(done)] { done({}); });
  }
  void async_ready(OnDone done) override { socket_.async_wait(Socket::wait_read, std::move(done)); }
  size_t read(std::span<char> room, boost::system::error_code& error) override {
    socket_.non_blocking(true, error);
    if (error) return 0;
    const size_t bytes = socket_.read_some(boost::asio::buffer(room.data(), room.size()), error);
    if (error == boost::asio::error::would_block) error = {};
    return bytes;
  }
  void async_write(const std::vector<boost::asio::const_buffer>& bytes, OnDone done) override {
    boost::asio::async_write(
        socket_, bytes, [done = std::move(done)](boost::system::error_code error, size_t) { done(error); });
  }
  void end_writing(OnDone done) override {
    boost::system::error_code error;
    socket_.shutdown(Socket::shutdown_send, error);
    boost::asio::post(socket_.get_executor(), [done = std::move(done), error] { done(error); });
  }
  bool ends_by_halves() const override { return true; }

 private:
  Socket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> make_tcp_stream(ByteStream::Socket socket) {
  return std::make_unique<TcpStream>(std::move(socket));
}

}  // namespace vedette::control
