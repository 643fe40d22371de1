#include "parsers/cursor.h"

#include <cstring>

namespace vedette::parsers {

bool Cursor::take_until(char stop, std::string_view& out) {
  if (at_end()) return false;
  const void* found = std::memchr(next_, stop, static_cast<size_t>(end_ - next_));
  if (found == nullptr) return false;
  const char* mark = next_;
  next_ = static_cast<const char*>(found);
  out = since(mark);
  return true;
}

void Cursor::skip_lws() {
  while (next_ != end_) {
    if (is(kSpaceChar, *next_)) {
      ++next_;
      continue;
    }
    const char* fold = next_;
    if (*fold == '\r') ++fold;
    if (end_ - fold < 2 || fold[0] != '\n' || !is(kSpaceChar, fold[1])) return;
    next_ = fold + 2;
  }
}

bool Cursor::take_separator(char c) {
  const char* mark = next_;
  skip_lws();
  if (!take(c)) {
    next_ = mark;
    return false;
  }
  skip_lws();
  return true;
}

ParseError Cursor::take_quoted(std::string_view& inside) {
  if (!take('"')) return ParseError::kQuotedString;
  const char* mark = next_;
  while (next_ != end_) {
    const char c = *next_;
    if (c == '"') {
      inside = since(mark);
      ++next_;
      return ParseError::kOk;
    }
    if (c == '\\') {
      // RFC 3261 §25.1: quoted-pair takes every ASCII character but CR and LF.
      if (end_ - next_ < 2) return ParseError::kQuotedString;
      const char escaped = next_[1];
      if (escaped == '\r' || escaped == '\n' || (escaped & 0x80) != 0) return ParseError::kQuotedString;
      next_ += 2;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {  // qdtext; bytes of UTF8-NONASCII are taken as they come.
      ++next_;
      continue;
    }
    const char* before = next_;
    skip_lws();
    if (next_ == before) return ParseError::kQuotedString;
  }
  return ParseError::kQuotedString;
}

bool Cursor::skip_comment() {
  size_t depth = 0;
  while (next_ != end_) {
    const char c = *next_++;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) return true;
    if (c == '\\') {
      if (next_ == end_) return false;
      ++next_;
    }
  }
  return false;
}

bool finish_element(Cursor cursor, std::string_view& rest) {
  cursor.skip_lws();
  if (cursor.at_end()) {
    rest = {};
    return true;
  }
  if (!cursor.at(',')) return false;
  Cursor after = cursor;
  after.take(',');
  after.skip_lws();
  rest = after.at_end() ? cursor.rest() : after.rest();
  return true;
}

}  // namespace vedette::parsers
