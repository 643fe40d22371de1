#include "tests/support/naive_message.h"

#include "parsers/message.h"

namespace vedette::support {

using parsers::HeaderId;
using parsers::ParseError;

namespace {

constexpr std::string_view kTokenMarks = "-.!%*_+`'~";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         kTokenMarks.find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}
bool is_number(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}
bool is_white(char c) { return c == ' ' || c == '\t'; }

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// RFC 3261 §7.3.3 and the compact forms of RFC 6665 §8.4 and RFC 8224 §4.
HeaderId id_of(std::string_view name) {
  constexpr std::string_view kLetters = "cefiklmotuvy";
  constexpr HeaderId kCompact[] = {HeaderId::kContentType, HeaderId::kContentEncoding, HeaderId::kFrom,
                                   HeaderId::kCallId,      HeaderId::kSupported,       HeaderId::kContentLength,
                                   HeaderId::kContact,     HeaderId::kEvent,           HeaderId::kTo,
                                   HeaderId::kAllowEvents, HeaderId::kVia,             HeaderId::kIdentity};
  static const auto kLongNames = [] {
    std::vector<std::string> names;
    for (unsigned i = 0; i < static_cast<unsigned>(HeaderId::kCount); ++i) {
      names.push_back(in_lower_case(to_string(static_cast<HeaderId>(i))));
    }
    return names;
  }();
  const std::string lower = in_lower_case(name);
  if (lower.size() == 1 && kLetters.find(lower[0]) != std::string_view::npos) return kCompact[kLetters.find(lower[0])];
  for (size_t i = 1; i < kLongNames.size(); ++i) {
    if (lower == kLongNames[i]) return static_cast<HeaderId>(i);
  }
  return HeaderId::kOther;
}

bool stands_once(HeaderId id) {
  for (const HeaderId single :
       {HeaderId::kFrom, HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq, HeaderId::kMaxForwards,
        HeaderId::kContentType, HeaderId::kEvent, HeaderId::kExpires, HeaderId::kMinExpires,
        HeaderId::kSubscriptionState, HeaderId::kSipEtag, HeaderId::kSipIfMatch, HeaderId::kRetryAfter,
        HeaderId::kDate, HeaderId::kSuppressIfMatch}) {
    if (id == single) return true;
  }
  return false;
}

ParseError error_of_version(std::string_view text) {
  const std::string lower = in_lower_case(text);
  if (lower == "sip/2.0") return ParseError::kOk;
  const size_t dot = lower.find('.');
  if (!lower.starts_with("sip/") || dot == std::string::npos) return ParseError::kStartLine;
  const bool has_digits = is_number(lower.substr(4, dot - 4)) && is_number(lower.substr(dot + 1));
  return has_digits ? ParseError::kVersion : ParseError::kStartLine;
}

class NaiveReader {
 public:
  explicit NaiveReader(std::string_view text) : text_(text) {}

  NaiveMessage read() {
    while (!text_.empty() && (text_[0] == '\r' || text_[0] == '\n')) text_.remove_prefix(1);
    if (text_.empty()) {
      note(ParseError::kEmpty);
    } else if (text_.size() > parsers::kMessageBytesMax) {
      note(ParseError::kMessageTooLong);
    } else {
      const bool ends = read_lines();
      check_fields();
      if (ends) read_body();
    }
    return std::move(out_);
  }

 private:
  struct Line {
    std::string text;          // Without its line end.
    bool is_whole = false;     // It has one.
    bool has_stray = false;    // A CR somewhere else.
  };

  void note(ParseError error) {
    if (out_.error == ParseError::kOk) out_.error = error;
  }

  Line take_line() {
    Line line;
    while (next_ < text_.size()) {
      const char c = text_[next_++];
      if (c == '\n') {
        line.is_whole = true;
        break;
      }
      line.text += c;
    }
    if (line.is_whole && line.text.ends_with('\r')) line.text.pop_back();
    line.has_stray = line.text.find('\r') != std::string::npos;
    return line;
  }

  // Whether the empty line was there.
  bool read_lines() {
    const Line start = take_line();
    read_start(start.text);
    if (!start.is_whole || start.has_stray) note(ParseError::kStartLine);
    while (start.is_whole) {
      const size_t begin = next_;
      Line line = take_line();
      if (line.is_whole && line.text.empty()) return true;
      size_t end = begin + line.text.size();
      while (line.is_whole && next_ < text_.size() && is_white(text_[next_])) {
        const size_t fold_begin = next_;
        const Line fold = take_line();
        line.is_whole = fold.is_whole;
        line.has_stray |= fold.has_stray;
        end = fold_begin + fold.text.size();
      }
      if (!line.is_whole) {
        note(ParseError::kHeaderEnd);
        return false;
      }
      line.text = text_.substr(begin, end - begin);
      read_field(line);
    }
    return false;
  }

  void read_start(const std::string& line) {
    out_.is_request = in_lower_case(line.substr(0, 4)) != "sip/";
    if (out_.is_request) {
      read_request_line(line);
    } else {
      read_status_line(line);
    }
  }

  void read_request_line(const std::string& line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
      if (c == ' ') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    if (words.size() != 3 || !is_token(words[0]) || words[1].empty()) return note(ParseError::kStartLine);
    for (const char c : words[1]) {
      if (c <= ' ' || c > '~' || c == '<' || c == '>' || c == '"') return note(ParseError::kStartLine);
    }
    out_.method = words[0];
    out_.request_uri = words[1];
    note(error_of_version(words[2]));
  }

  void read_status_line(const std::string& line) {
    const size_t space = line.find(' ');
    if (const ParseError error = error_of_version(line.substr(0, space)); error != ParseError::kOk) return note(error);
    if (space == std::string::npos) return note(ParseError::kStartLine);
    const std::string rest = line.substr(space + 1);
    const std::string code = rest.substr(0, rest.find(' '));
    if (code.size() != 3 || !is_number(code) || code[0] < '1' || code[0] > '6') return note(ParseError::kStatusCode);
    if (rest.size() == code.size()) return note(ParseError::kStartLine);
    out_.status = static_cast<unsigned>(std::stoul(code));
    out_.reason_phrase = rest.substr(4);
  }

  void read_field(const Line& line) {
    const size_t colon = line.text.find(':');
    std::string name = line.text.substr(0, colon);
    while (!name.empty() && is_white(name.back())) name.pop_back();
    if (line.has_stray || colon == std::string::npos || !is_token(name)) return note(ParseError::kHeaderSyntax);
    if (out_.fields.size() == parsers::kHeadersMax) return note(ParseError::kHeadersTooMany);
    std::string value = line.text.substr(colon + 1);
    const auto is_blank = [](char c) { return is_white(c) || c == '\r' || c == '\n'; };
    while (!value.empty() && is_blank(value.back())) value.pop_back();
    while (!value.empty() && is_blank(value.front())) value.erase(0, 1);
    out_.fields.push_back({id_of(name), name, value});
  }

  // Errors of lines come before errors of fields.
  void check_fields() {
    for (size_t i = 0; i < out_.fields.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (out_.fields[i].id == out_.fields[j].id && stands_once(out_.fields[i].id)) note(ParseError::kSingleHeader);
      }
    }
    for (const NaiveField& field : out_.fields) {
      if (field.id == HeaderId::kContentLength) read_length(field.value);
    }
  }

  void read_length(const std::string& value) {
    size_t zeros = 0;
    while (zeros + 1 < value.size() && value[zeros] == '0') ++zeros;
    const std::string digits = value.substr(zeros);
    if (!is_number(value) || digits.size() > 10 || std::stoull(digits) > UINT32_MAX) {
      return note(ParseError::kContentLength);
    }
    const size_t length = std::stoull(digits);
    if (has_length_ && length != length_) note(ParseError::kContentLength);
    has_length_ = true;
    length_ = length;
  }

  void read_body() {
    const size_t available = text_.size() - next_;
    if (has_length_ && length_ > available) return note(ParseError::kContentLength);
    out_.has_body = true;
    out_.body = text_.substr(next_, has_length_ ? length_ : available);
  }

  std::string_view text_;
  size_t next_ = 0;
  bool has_length_ = false;
  size_t length_ = 0;
  NaiveMessage out_;
};

}  // namespace

NaiveMessage read_naively(std::string_view datagram) { return NaiveReader(datagram).read(); }

}  // namespace vedette::support
