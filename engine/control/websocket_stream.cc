// See websocket_stream.h. On its thread only.
#include "engine/control/websocket_stream.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <utility>

#include "engine/control/websocket_carrier.h"
#include "parsers/xml_chars.h"

namespace vedette::control {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr const char* kSubprotocol = "sip";
constexpr uint32_t kUpgradeBytesMax = 8'192;

bool is_http(const error_code& error) {
  return error.category() == http::make_error_code(http::error::bad_method).category();
}

class WebSocketStream final : public ByteStream {
 public:
  WebSocketStream(std::unique_ptr<ByteStream> carrier, const WebSocketRules& rules)
      : carrier_(std::move(carrier)), origins_(rules.origins), messages_(*carrier_) {
    messages_.read_message_max(rules.message_bytes_max);
    messages_.auto_fragment(false);
    messages_.control_callback([this](websocket::frame_type, beast::string_view) { has_shown_life_ = true; });
    messages_.set_option(websocket::stream_base::decorator([](websocket::response_type& answer) {
      // RFC 7118 §4.1: "the WebSocket handshake response from the server" names the sub-protocol, too.
      answer.set(http::field::sec_websocket_protocol, kSubprotocol);
      answer.erase(http::field::server);
    }));
  }

  Socket& socket() override { return carrier_->socket(); }

  void async_shake_hands(OnDone done) override {
    carrier_->async_shake_hands([this, done = std::move(done)](error_code error) {
      error ? done(error) : read_upgrade(done);
    });
  }

  void async_ready(OnDone done) override {
    if (arrived_.size() > 0) return boost::asio::post(socket().get_executor(), [done = std::move(done)] { done({}); });
    messages_.async_read_some(arrived_, 0, [done = std::move(done)](error_code error, size_t) { done(error); });
  }

  size_t read(std::span<char> room, error_code& /*error*/) override {
    const boost::asio::const_buffer bytes = arrived_.data();
    const size_t taken = std::min(room.size(), bytes.size());
    std::copy_n(static_cast<const char*>(bytes.data()), taken, room.data());
    arrived_.consume(taken);
    return taken;
  }
  bool keeps_messages_apart() const override { return true; }
  bool ends_message() const override { return arrived_.size() == 0 && messages_.is_message_done(); }

  void async_write(const std::vector<boost::asio::const_buffer>& bytes, OnDone done) override {
    writing_ = bytes;
    written_ = 0;
    write(done);
  }

  void end_writing(OnDone done) override {
    messages_.async_close(websocket::close_code::normal, [done = std::move(done)](error_code error) { done(error); });
  }

  void async_ping(OnDone done) override {
    messages_.async_ping({}, [done = std::move(done)](error_code error) { done(error); });
  }
  bool take_sign_of_life() override { return std::exchange(has_shown_life_, false); }

  StreamCounter why_no_handshake(const error_code& error) const override {
    return refused_ ? *refused_ : carrier_->why_no_handshake(error);
  }
  StreamCounter why_ended(const error_code& error) const override {
    if (error == websocket::error::closed) return StreamCounter::kClosedByPeer;
    if (error == websocket::error::message_too_big) return StreamCounter::kMessageTooLong;
    const bool is_ours = error.category() == websocket::make_error_code(websocket::error::closed).category();
    return is_ours ? StreamCounter::kFramingLost : carrier_->why_ended(error);
  }

 private:
  using Request = http::request_parser<http::empty_body>;
  struct Refusal {
    StreamCounter counter;
    http::status status;
    const char* why;
  };

  void read_upgrade(const OnDone& done) {
    request_ = std::make_unique<Request>();
    request_->header_limit(kUpgradeBytesMax);
    arrived_.max_size(kUpgradeBytesMax);
    http::async_read_header(messages_.next_layer(), arrived_, *request_, [this, done](error_code error, size_t) {
      if (error && !is_http(error) && error != http::error::buffer_overflow) return done(error);
      if (error == http::error::end_of_stream) return done(boost::asio::error::eof);
      on_upgrade(error, done);
    });
  }

  void on_upgrade(const error_code& error, const OnDone& done) {
    if (const std::optional<Refusal> refusal = find_refusal(error)) return refuse(*refusal, done);
    arrived_ = beast::flat_buffer();
    messages_.async_accept(request_->get(), [this, done](error_code failed) {
      request_.reset();
      done(failed);
    });
  }

  std::optional<Refusal> find_refusal(const error_code& error) const {
    const auto& request = request_->get();
    // RFC 6455 §4.1: the client waits for the answer before it sends anything.
    if (error || arrived_.size() > 0) {
      return Refusal{StreamCounter::kUpgradeMalformed, http::status::bad_request, "That is no upgrade to WebSocket.\n"};
    }
    // RFC 6455 §4.2.1, §4.2.2: anything but version 13 gets that as an answer.
    if (!websocket::is_upgrade(request) || request[http::field::sec_websocket_version] != "13") {
      return Refusal{StreamCounter::kUpgradeMissing, http::status::upgrade_required,
                     "SIP is spoken here, over WebSocket of version 13 (RFC 7118).\n"};
    }
    // RFC 6455 §4.2.2: "If the server does not wish to accept this connection [from that origin], it MUST return an
    // appropriate HTTP error code (e.g., 403 Forbidden)". Who is no browser names none.
    const beast::string_view origin = request[http::field::origin];
    if (!origin.empty() && !origins_.empty() &&
        std::none_of(origins_.begin(), origins_.end(), [&](const auto& one) { return beast::iequals(one, origin); })) {
      return Refusal{StreamCounter::kUpgradeOrigin, http::status::forbidden, "Not for pages of this origin.\n"};
    }
    // RFC 7118 §4.1: "The client MUST include the value "sip" in the Sec-WebSocket-Protocol header field".
    if (!http::token_list(request[http::field::sec_websocket_protocol]).exists(kSubprotocol)) {
      return Refusal{StreamCounter::kUpgradeProtocol, http::status::bad_request,
                     "The sub-protocol \"sip\" is wanted (RFC 7118).\n"};
    }
    return {};
  }

  void refuse(const Refusal& refusal, const OnDone& done) {
    refused_ = refusal.counter;
    using Answer = http::response<http::string_body>;
    const auto answer = std::make_shared<Answer>(refusal.status, 11, refusal.why);
    answer->set(http::field::connection, "close");
    answer->set(http::field::content_type, "text/plain");
    if (refusal.status == http::status::upgrade_required) {
      answer->set(http::field::connection, "close, upgrade");
      answer->set(http::field::upgrade, "websocket");
      answer->set(http::field::sec_websocket_version, "13");
    }
    answer->prepare_payload();
    http::async_write(messages_.next_layer(), *answer, [done, answer](error_code error, size_t) {
      done(error ? error : websocket::make_error_code(websocket::error::upgrade_declined));
    });
  }

  // RFC 7118 §5: each SIP message is one WebSocket message, of text (RFC 6455 §5.6: UTF-8) where it is text.
  void write(const OnDone& done) {
    if (written_ == writing_.size()) return boost::asio::post(socket().get_executor(), [done] { done({}); });
    const boost::asio::const_buffer message = writing_[written_++];
    messages_.text(parsers::is_xml_text({static_cast<const char*>(message.data()), message.size()}));
    messages_.async_write(message, [this, done](error_code error, size_t) { error ? done(error) : write(done); });
  }

  const std::unique_ptr<ByteStream> carrier_;
  const std::vector<std::string>& origins_;
  websocket::stream<WebSocketCarrier, false> messages_;   // Without compression.
  beast::flat_buffer arrived_;
  std::unique_ptr<Request> request_;               // Until it is answered.
  std::optional<StreamCounter> refused_;
  std::vector<boost::asio::const_buffer> writing_;
  size_t written_ = 0;
  bool has_shown_life_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> make_websocket_stream(std::unique_ptr<ByteStream> carrier, const WebSocketRules& rules) {
  return std::make_unique<WebSocketStream>(std::move(carrier), rules);
}

}  // namespace vedette::control
