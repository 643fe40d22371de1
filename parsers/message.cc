// Start line, header fields and body: plain lines are left to a kernel, the others are read here one by one. The values
// stay raw for the typed parsers.
// The first error is the one that is returned; indexing goes on behind it, so that a malformed request can
// still be answered.
#include "parsers/message.h"

#include <algorithm>

#include "parsers/chars.h"
#include "parsers/lines.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/start_line.h"

namespace vedette::parsers {
namespace {

// RFC 3261 §7.3.1: only header fields whose grammar is a list may stand more than once. User-Agent and Server
// are left out, because nothing depends on them; Content-Length has an error of its own.
constexpr uint64_t kSingleIds = [] {
  uint64_t ids = 0;
  for (const HeaderId id :
       {HeaderId::kFrom, HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq, HeaderId::kMaxForwards,
        HeaderId::kContentType, HeaderId::kEvent, HeaderId::kExpires, HeaderId::kMinExpires,
        HeaderId::kSubscriptionState, HeaderId::kSipEtag, HeaderId::kSipIfMatch, HeaderId::kRetryAfter,
        HeaderId::kDate, HeaderId::kSuppressIfMatch}) {
    ids |= uint64_t{1} << static_cast<size_t>(id);
  }
  return ids;
}();

// One of at most four digits, as most lengths have: without a call.
[[gnu::always_inline]] inline bool read_short_number(std::string_view text, uint64_t& out) {
  if (text.empty() || text.size() > 4) return false;
  unsigned value = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  out = value;
  return true;
}

bool is_empty_line(std::string_view text, size_t begin) {
  return text.size() - begin >= 2 && text[begin] == '\r' && text[begin + 1] == '\n';
}

enum class Source : unsigned char { kDatagram, kStream };

}  // namespace

class MessageParser {
 public:
  [[gnu::always_inline]] static ParseError parse(std::string_view text, Source source, const Kernel& kernel,
                                                 Message& out);

 private:
  MessageParser(Message& out, Source source, const Kernel& kernel) : out_(out), kernel_(kernel), source_(source) {}

  [[gnu::always_inline]] static bool take_plain_body(size_t begin, Message& out);
  ParseError parse_odd(size_t begin);
  void note(ParseError error) {
    if (error_ == ParseError::kOk) error_ = error;
  }
  size_t read_start_line();
  size_t read_head(size_t begin);
  void read_header(const Line& line);
  void read_content_length(const HeaderField& field);
  void cut_body(size_t begin);

  Message& out_;
  const Kernel& kernel_;
  const Source source_;
  ParseError error_ = ParseError::kOk;
  size_t content_length_ = 0;
};

// What nearly every message goes through: none of it is kept in memory for what few need.
inline ParseError MessageParser::parse(std::string_view text, Source source, const Kernel& kernel, Message& out) {
  out.body_ = {};
  out.has_content_length_ = false;
  out.index_.tally = {};
  if (text.empty() || is_low(text.front())) text.remove_prefix(count_leading_line_ends(text));
  if (text.empty() || text.size() > kMessageBytesMax) {
    out.bytes_ = text.substr(0, 0);
    out.start_ = {};
    return text.empty() ? ParseError::kEmpty : ParseError::kMessageTooLong;
  }
  out.bytes_ = text;
  const size_t begin = kernel.index_plain_head(text, out.start_, out.index_);
  if (begin != 0 && is_empty_line(text, begin) && take_plain_body(begin + 2, out)) return ParseError::kOk;
  return MessageParser(out, source, kernel).parse_odd(begin);
}

// Behind a plain head. False when it is still to be found out how long the body is, or what is wrong.
inline bool MessageParser::take_plain_body(size_t begin, Message& out) {
  const HeaderIndex& index = out.index_;
  constexpr auto kLength = static_cast<size_t>(HeaderId::kContentLength);
  constexpr uint64_t kLengthBit = uint64_t{1} << kLength;
  if ((index.tally.repeated & (kSingleIds | kLengthBit)) != 0 || (index.tally.seen & kLengthBit) == 0) return false;
  const std::string_view text = out.value(index.fields[index.last[kLength]]);
  uint64_t length = 0;
  if (!read_short_number(text, length) || length > out.bytes_.size() - begin) return false;
  out.has_content_length_ = true;
  out.body_ = {out.bytes_.data() + begin, length};
  out.bytes_ = {out.bytes_.data(), begin + length};
  return true;
}

// From a line on that is not plain; 0: the start line.
[[gnu::noinline]] ParseError MessageParser::parse_odd(size_t begin) {
  const size_t head_end = read_head(begin);
  if ((out_.index_.tally.repeated & kSingleIds) != 0) note(ParseError::kSingleHeader);
  const HeaderField* field = out_.find(HeaderId::kContentLength);
  for (; field != nullptr; field = out_.find_next(*field)) read_content_length(*field);
  if (head_end <= out_.bytes_.size()) cut_body(head_end);
  return error_;
}

// Gives the offset of what stands behind the start line.
size_t MessageParser::read_start_line() {
  LineReader reader(out_.bytes_);
  const Line line = reader.take_start_line();
  note(parse_start_line(line.text, out_.start_));
  if (line.kind == Line::Kind::kUnfinished || line.stray_return) note(ParseError::kStartLine);
  return reader.offset();
}

// Gives the offset of the body, or npos when the head does not end.
size_t MessageParser::read_head(size_t begin) {
  const std::string_view text = out_.bytes_;
  if (begin == 0) begin = kernel_.index_plain_lines(text, read_start_line(), LookAhead::kFar, out_.index_);
  while (!is_empty_line(text, begin)) {
    LineReader reader(text, begin);
    const Line line = reader.take_line();
    if (line.kind == Line::Kind::kEmpty) return reader.offset();
    if (line.kind == Line::Kind::kUnfinished) {
      note(ParseError::kHeaderEnd);
      return std::string_view::npos;
    }
    read_header(line);
    begin = kernel_.index_plain_lines(text, reader.offset(), LookAhead::kNear, out_.index_);
  }
  return begin + 2;
}

// A line that is not plain: see Kernel.
void MessageParser::read_header(const Line& line) {
  std::string_view name;
  std::string_view value;
  if (line.stray_return || !split_header(line.text, name, value)) return note(ParseError::kHeaderSyntax);
  if (out_.index_.tally.count == kHeadersMax) return note(ParseError::kHeadersTooMany);
  const auto offset = [this](std::string_view part) { return static_cast<uint16_t>(part.data() - out_.bytes_.data()); };
  out_.index_.add(parse_header_name(name), {.name_offset = offset(name),
                                            .value_offset = offset(value),
                                            .value_end = static_cast<uint16_t>(offset(value) + value.size())});
}

// RFC 4475 §3.3.9: two lengths that differ leave the end of the message unknown; the same one twice does not.
void MessageParser::read_content_length(const HeaderField& field) {
  uint64_t length = 0;
  if (parse_uint(out_.value(field), UINT32_MAX, length) != ParseError::kOk) return note(ParseError::kContentLength);
  if (out_.has_content_length_ && length != content_length_) note(ParseError::kContentLength);
  out_.has_content_length_ = true;
  content_length_ = length;
}

void MessageParser::cut_body(size_t begin) {
  const size_t available = out_.bytes_.size() - begin;
  if (!out_.has_content_length_) {
    // RFC 3261 §18.3: the body of a datagram ends with it; on a stream each message must say how long its body is.
    if (source_ == Source::kStream) note(ParseError::kContentLength);
    content_length_ = available;
  }
  if (content_length_ > available) return note(ParseError::kContentLength);
  out_.bytes_ = out_.bytes_.substr(0, begin + content_length_);
  out_.body_ = out_.bytes_.substr(begin);
}

const HeaderField* Message::find_from(size_t begin, HeaderId id) const {
  const HeaderId* const end = index_.ids.data() + index_.tally.count;
  const HeaderId* const found = std::find(index_.ids.data() + begin, end, id);
  return found == end ? nullptr : &index_.fields[static_cast<size_t>(found - index_.ids.data())];
}

std::string_view Message::name(const HeaderField& field) const {
  // A colon ends it, or white space before that.
  const char* const begin = bytes_.data() + field.name_offset;
  const char* end = begin;
  while (is(kTokenChar, *end)) ++end;
  return {begin, static_cast<size_t>(end - begin)};
}

const HeaderField* Message::find(std::string_view name) const {
  for (size_t i = 0; i < header_count(); ++i) {
    if (equal_ignoring_case(this->name(header(i)), name)) return &header(i);
  }
  return nullptr;
}

size_t Message::count_repeated(HeaderId id) const {
  size_t count = 0;
  for (const HeaderField* field = find(id); field != nullptr; field = find_next(*field)) ++count;
  return count;
}

ParseError parse_message(std::string_view datagram, Message& out, const Kernel& kernel) {
  return MessageParser::parse(datagram, Source::kDatagram, kernel, out);
}

ParseError parse_stream_message(std::string_view message, Message& out, const Kernel& kernel) {
  return MessageParser::parse(message, Source::kStream, kernel, out);
}

}  // namespace vedette::parsers
