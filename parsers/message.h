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
#include "parsers/kernel.h"
#include "parsers/line_index.h"
#include "parsers/method.h"
#include "parsers/parse_error.h"
#include "parsers/start_line.h"

namespace vedette::parsers {

class Message {
 public:
  // Known also when the start line is malformed, so that a response is never answered.
  bool is_request() const { return !start_.is_response; }
  Method method() const { return start_.method; }            // Requests; for responses use the CSeq.
  std::string_view method_name() const { return start_.method_name; }
  std::string_view request_uri() const { return start_.request_uri; }
  unsigned status() const { return start_.status; }          // 100 to 699; 0 for a request or a malformed response.
  std::string_view reason_phrase() const { return start_.reason_phrase; }
  std::string_view body() const { return body_; }
  // All bytes from the start line to the end of the body; what follows them in a datagram is noise.
  std::string_view bytes() const { return bytes_; }
  bool has_content_length() const { return has_content_length_; }

  size_t header_count() const { return index_.tally.count; }
  const HeaderField& header(size_t i) const { return index_.fields[i]; }
  HeaderId header_id(size_t i) const { return index_.ids[i]; }
  // The first field with this id (not kOther) or null, then those after it in order of appearance.
  const HeaderField* find(HeaderId id) const {
    if (!has(index_.tally.seen, id)) return nullptr;
    return has(index_.tally.repeated, id) ? find_from(0, id) : &index_.fields[index_.last[static_cast<size_t>(id)]];
  }
  const HeaderField* find_next(const HeaderField& field) const {
    const auto at = static_cast<size_t>(&field - index_.fields.data());
    return has(index_.tally.repeated, index_.ids[at]) ? find_from(at + 1, index_.ids[at]) : nullptr;
  }
  // Case-insensitive look-up of a header that has no HeaderId; null when absent.
  const HeaderField* find(std::string_view name) const;
  size_t count(HeaderId id) const {
    if (!has(index_.tally.seen, id)) return 0;
    return has(index_.tally.repeated, id) ? count_repeated(id) : 1;
  }

  std::string_view name(const HeaderField& field) const;
  std::string_view value(const HeaderField& field) const {
    return {bytes_.data() + field.value_offset, size_t{field.value_end} - field.value_offset};
  }
  // The value of the first field with this id; an empty view (data() == nullptr) when absent.
  std::string_view value(HeaderId id) const {
    const HeaderField* field = find(id);
    return field == nullptr ? std::string_view() : value(*field);
  }

 private:
  friend class MessageParser;
  static bool has(uint64_t ids, HeaderId id) { return (ids >> static_cast<size_t>(id) & 1) != 0; }
  const HeaderField* find_from(size_t begin, HeaderId id) const;
  size_t count_repeated(HeaderId id) const;

  StartLine start_;
  std::string_view bytes_, body_;
  bool has_content_length_ = false;
  HeaderIndex index_;
};

// One message from one datagram (RFC 3261 §18.3: without Content-Length the body ends with the datagram;
// with it, bytes beyond it are dropped; with too few bytes kContentLength). Leading line ends are skipped.
// A bare LF ends a line as CRLF does; a CR that ends no line makes its line malformed. The first error is
// returned, those of lines before those of header fields, and `out` holds all that was understood before and
// behind it (but for header fields beyond kHeadersMax), so that a request can still be answered 400 or 505
// when its Via, From, To, Call-ID and CSeq are among it. `kernel` is for tests.
ParseError parse_message(std::string_view datagram, Message& out, const Kernel& kernel = best_kernel());

// The same for a message that a stream framer has cut out: Content-Length must be there (RFC 3261 §18.3).
ParseError parse_stream_message(std::string_view message, Message& out,
                                const Kernel& kernel = best_kernel());

}  // namespace vedette::parsers
