// A byte stream (byte_stream.h) as Boost.Beast wants what is below a WebSocket: an AsyncReadStream and
// AsyncWriteStream. The byte stream outlives every operation. On its thread only.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "engine/control/byte_stream.h"

namespace vedette::control {

class WebSocketCarrier {
 public:
  using executor_type = ByteStream::Socket::executor_type;

  explicit WebSocketCarrier(ByteStream& bytes) : bytes_(bytes) {}

  executor_type get_executor() { return bytes_.socket().get_executor(); }
  ByteStream& bytes() { return bytes_; }

  // At least one byte, or an error; nothing for no room.
  template <typename Room, typename Token>
  auto async_read_some(const Room& room, Token&& token) {
    return boost::asio::async_initiate<Token, OnBytes>(
        [this](auto&& handler, const Room& into) {
          boost::asio::mutable_buffer first;
          for (auto at = boost::asio::buffer_sequence_begin(into); at != boost::asio::buffer_sequence_end(into); ++at) {
            if (first.size() == 0) first = *at;
          }
          this->read(first, shared(std::forward<decltype(handler)>(handler)));
        },
        token, room);
  }

  // All of them.
  template <typename Bytes, typename Token>
  auto async_write_some(const Bytes& bytes, Token&& token) {
    return boost::asio::async_initiate<Token, OnBytes>(
        [this](auto&& handler, const Bytes& from) {
          const std::vector<boost::asio::const_buffer> all(boost::asio::buffer_sequence_begin(from),
                                                           boost::asio::buffer_sequence_end(from));
          const auto written = shared(std::forward<decltype(handler)>(handler));
          bytes_.async_write(all, [written, length = boost::asio::buffer_size(from)](Error error) {
            (*written)(error, error ? 0 : length);
          });
        },
        token, bytes);
  }

 private:
  using Error = boost::system::error_code;
  using OnBytes = void(Error, size_t);

  // What Boost hands over can be moved and not copied, as std::function would.
  template <typename Handler>
  static auto shared(Handler&& handler) {
    return std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  }

  template <typename Handler>
  void read(boost::asio::mutable_buffer room, std::shared_ptr<Handler> handler) {
    if (room.size() == 0) return boost::asio::post(get_executor(), [handler] { (*handler)(Error(), 0); });
    bytes_.async_ready([this, room, handler](Error error) {
      size_t length = 0;
      if (!error) length = bytes_.read({static_cast<char*>(room.data()), room.size()}, error);
      if (!error && length == 0) return read(room, handler);   // It was ready for nothing.
      (*handler)(error, length);
    });
  }

  ByteStream& bytes_;
};

// What Boost.Beast asks of such a stream where a WebSocket ends, found by the argument's namespace.
inline void teardown(boost::beast::role_type /*role*/, WebSocketCarrier& carrier, boost::system::error_code& error) {
  carrier.bytes().socket().shutdown(ByteStream::Socket::shutdown_send, error);
}

template <typename Handler>
void async_teardown(boost::beast::role_type /*role*/, WebSocketCarrier& carrier, Handler&& handler) {
  const auto ended = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  carrier.bytes().end_writing([ended](boost::system::error_code error) { (*ended)(error); });
}

inline void beast_close_socket(WebSocketCarrier& carrier) {
  boost::system::error_code ignored;
  carrier.bytes().socket().close(ignored);
}

}  // namespace vedette::control
