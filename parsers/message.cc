// Structure of a message: lines to start line, index and body. The values stay raw for the typed parsers.
// The first error is the one that is returned; indexing goes on behind it, so that a malformed request can
// still be answered.
#include "parsers/message.h"

#include "parsers/lines.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/start_line.h"

namespace vedette::parsers {
namespace {

// RFC 3261 §7.3.1: only header fields whose grammar is a list may stand more than once. User-Agent and Server
// are left out, because nothing depends on them; Content-Length has an error of its own.
bool is_single(HeaderId id) {
  switch (id) {
    case HeaderId::kFrom:
    case HeaderId::kTo:
    case HeaderId::kCallId:
    case HeaderId::kCSeq:
    case HeaderId::kMaxForwards:
    case HeaderId::kContentType:
    case HeaderId::kEvent:
    case HeaderId::kExpires:
    case HeaderId::kMinExpires:
    case HeaderId::kSubscriptionState:
    case HeaderId::kSipEtag:
    case HeaderId::kSipIfMatch:
    case HeaderId::kRetryAfter:
    case HeaderId::kDate:
      return true;
    default:
      return false;
  }
}

enum class Source : unsigned char { kDatagram, kStream };

}  // namespace

class MessageParser {
 public:
  MessageParser(Message& out, Source source) : out_(out), source_(source) {}

  ParseError parse(std::string_view text);

 private:
  void note(ParseError error) {
    if (error_ == ParseError::kOk) error_ = error;
  }
  void read_start_line(const Line& line);
  void read_headers(LineReader& reader);
  void add_header(const Line& line);
  void link(HeaderId id, size_t index);
  void read_content_length(std::string_view value);
  void cut_body(size_t begin);

  Message& out_;
  const Source source_;
  ParseError error_ = ParseError::kOk;
  size_t content_length_ = 0;
  std::array<uint8_t, static_cast<size_t>(HeaderId::kCount)>
      last_{};  // 1 + index of the last field of each id.
};

ParseError MessageParser::parse(std::string_view text) {
  out_.bytes_ = out_.method_name_ = out_.request_uri_ = out_.reason_phrase_ = out_.body_ = {};
  out_.status_ = 0;
  out_.is_response_ = false;
  out_.method_ = Method::kUnknown;
  out_.has_content_length_ = false;
  out_.header_count_ = 0;
  out_.first_.fill(0);
  text.remove_prefix(count_leading_line_ends(text));
  if (text.empty()) return ParseError::kEmpty;
  if (text.size() > kMessageBytesMax) return ParseError::kMessageTooLong;
  out_.bytes_ = text;
  LineReader reader(text);
  const Line start = reader.take_start_line();
  read_start_line(start);
  if (start.kind == Line::Kind::kHeader) read_headers(reader);
  return error_;
}

void MessageParser::read_start_line(const Line& line) {
  StartLine start;
  note(parse_start_line(line.text, start));
  if (line.kind == Line::Kind::kUnfinished || line.stray_return) note(ParseError::kStartLine);
  out_.is_response_ = start.is_response;
  out_.status_ = start.status;
  out_.method_ = start.method;
  out_.method_name_ = start.method_name;
  out_.request_uri_ = start.request_uri;
  out_.reason_phrase_ = start.reason_phrase;
}

void MessageParser::read_headers(LineReader& reader) {
  while (true) {
    const Line line = reader.take_line();
    switch (line.kind) {
      case Line::Kind::kUnfinished:
        return note(ParseError::kHeaderEnd);
      case Line::Kind::kEmpty:
        return cut_body(reader.offset());
      case Line::Kind::kHeader:
        add_header(line);
        break;
    }
  }
}

void MessageParser::add_header(const Line& line) {
  std::string_view name;
  std::string_view value;
  if (!split_header(line, name, value)) return note(ParseError::kHeaderSyntax);
  if (out_.header_count_ == kHeadersMax) return note(ParseError::kHeadersTooMany);
  const size_t index = out_.header_count_++;
  HeaderField& field = out_.headers_[index];
  field.id = parse_header_name(name);
  field.next = 0;
  field.name_offset = static_cast<uint16_t>(name.data() - out_.bytes_.data());
  field.name_length = static_cast<uint16_t>(name.size());
  field.value_offset = static_cast<uint16_t>(value.data() - out_.bytes_.data());
  field.value_length = static_cast<uint16_t>(value.size());
  if (field.id == HeaderId::kOther) return;
  link(field.id, index);
  if (field.id == HeaderId::kContentLength) read_content_length(value);
}

void MessageParser::link(HeaderId id, size_t index) {
  uint8_t& last = last_[static_cast<size_t>(id)];
  if (last == 0) {
    out_.first_[static_cast<size_t>(id)] = static_cast<uint8_t>(index + 1);
  } else {
    out_.headers_[last - 1u].next = static_cast<uint8_t>(index);
    if (is_single(id)) note(ParseError::kSingleHeader);
  }
  last = static_cast<uint8_t>(index + 1);
}

// RFC 4475 §3.3.9: two lengths that differ leave the end of the message unknown; the same one twice does not.
void MessageParser::read_content_length(std::string_view value) {
  uint64_t length = 0;
  if (parse_uint(value, UINT32_MAX, length) != ParseError::kOk) return note(ParseError::kContentLength);
  if (out_.has_content_length_ && length != content_length_) note(ParseError::kContentLength);
  out_.has_content_length_ = true;
  content_length_ = length;
}

void MessageParser::cut_body(size_t begin) {
  const size_t available = out_.bytes_.size() - begin;
  if (!out_.has_content_length_) {
    // RFC 3261 §18.3: the body of a datagram ends with it; on a stream a body must say its length.
    if (source_ == Source::kStream && available > 0) note(ParseError::kContentLength);
    content_length_ = available;
  }
  if (content_length_ > available) return note(ParseError::kContentLength);
  out_.bytes_ = out_.bytes_.substr(0, begin + content_length_);
  out_.body_ = out_.bytes_.substr(begin);
}

const HeaderField* Message::find(HeaderId id) const {
  const uint8_t first = first_[static_cast<size_t>(id)];
  return first == 0 ? nullptr : &headers_[first - 1u];
}

const HeaderField* Message::find_next(const HeaderField& field) const {
  return field.next == 0 ? nullptr : &headers_[field.next];
}

const HeaderField* Message::find(std::string_view name) const {
  for (size_t i = 0; i < header_count_; ++i) {
    if (equal_ignoring_case(this->name(headers_[i]), name)) return &headers_[i];
  }
  return nullptr;
}

size_t Message::count(HeaderId id) const {
  size_t count = 0;
  for (const HeaderField* field = find(id); field != nullptr; field = find_next(*field)) ++count;
  return count;
}

std::string_view Message::value(HeaderId id) const {
  const HeaderField* field = find(id);
  return field == nullptr ? std::string_view() : value(*field);
}

ParseError parse_message(std::string_view datagram, Message& out) {
  return MessageParser(out, Source::kDatagram).parse(datagram);
}

ParseError parse_stream_message(std::string_view message, Message& out) {
  return MessageParser(out, Source::kStream).parse(message);
}

}  // namespace vedette::parsers
