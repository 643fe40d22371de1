// A SIP message as an index into the caller's bytes: start line and header fields in order (RFC 3261 §7).
// Nothing is copied, so a Message lives no longer than its bytes. Values are raw: trimmed of the white
// space around them, but with folds and comments still inside; the typed parsers of this folder take them
// from there. Structure only: whether mandatory headers are present is for the engine to say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/header_id.h"
#include "parsers/method.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Offsets are 16 bits wide, so no message may be longer than this; the engine's own limit is lower.
inline constexpr size_t kMessageBytesMax = 65535;
inline constexpr size_t kHeadersMax = 128;

struct HeaderField {
  HeaderId id = HeaderId::kOther;
  uint8_t next = 0;            // Index of the next field with the same id (not kOther), 0 = none.
  uint16_t name_offset = 0;
  uint16_t name_length = 0;
  uint16_t value_offset = 0;
  uint16_t value_length = 0;
};

class Message {
 public:
  // Known also when the start line is malformed, so that a response is never answered.
  bool is_request() const { return !is_response_; }
  Method method() const { return method_; }                  // Requests; for responses use the CSeq.
  std::string_view method_name() const { return method_name_; }
  std::string_view request_uri() const { return request_uri_; }
  unsigned status() const { return status_; }                // 100 to 699; 0 for a request or a malformed response.
  std::string_view reason_phrase() const { return reason_phrase_; }
  std::string_view body() const { return body_; }
  // All bytes from the start line to the end of the body; what follows them in a datagram is noise.
  std::string_view bytes() const { return bytes_; }
  bool has_content_length() const { return has_content_length_; }

  size_t header_count() const { return header_count_; }
  const HeaderField& header(size_t i) const { return headers_[i]; }
  // The first field with this id or null, then those after it in order of appearance.
  const HeaderField* find(HeaderId id) const;
  const HeaderField* find_next(const HeaderField& field) const;
  // Case-insensitive look-up of a header that has no HeaderId; null when absent.
  const HeaderField* find(std::string_view name) const;
  size_t count(HeaderId id) const;

  std::string_view name(const HeaderField& field) const { return bytes_.substr(field.name_offset, field.name_length); }
  std::string_view value(const HeaderField& field) const {
    return bytes_.substr(field.value_offset, field.value_length);
  }
  // The value of the first field with this id; an empty view (data() == nullptr) when absent.
  std::string_view value(HeaderId id) const;

 private:
  friend class MessageParser;
  std::string_view bytes_, method_name_, request_uri_, reason_phrase_, body_;
  uint16_t status_ = 0;
  Method method_ = Method::kUnknown;
  bool is_response_ = false;
  bool has_content_length_ = false;
  uint8_t header_count_ = 0;
  std::array<uint8_t, static_cast<size_t>(HeaderId::kCount)> first_{};   // 1 + index of the first field, 0 = none
  std::array<HeaderField, kHeadersMax> headers_;
};

// One message from one datagram (RFC 3261 §18.3: without Content-Length the body ends with the datagram;
// with it, bytes beyond it are dropped; with too few bytes kContentLength). Leading line ends are skipped.
// A bare LF ends a line as CRLF does; a CR that ends no line makes its line malformed. The first error is returned,
// and `out` holds all that was understood before and behind it (but for header fields beyond kHeadersMax), so that
// a request can still be answered 400 or 505 when its Via, From, To, Call-ID and CSeq are among it.
ParseError parse_message(std::string_view datagram, Message& out);

// The same for a message that a stream framer has cut out: Content-Length must be there when a body is.
ParseError parse_stream_message(std::string_view message, Message& out);

}  // namespace vedette::parsers
