#include "parsers/cursor.h"

namespace vedette::parsers {

const char* Cursor::find_behind_lws(const char* next, const char* end) {
  while (next != end) {
    if (is(kSpaceChar, *next)) {
      ++next;
      continue;
    }
    const char* fold = next;
    if (*fold == '\r') ++fold;
    if (end - fold < 2 || fold[0] != '\n' || !is(kSpaceChar, fold[1])) return next;
    next = fold + 2;
  }
  return next;
}

ParseError Cursor::take_quoted(std::string_view& inside) {
  if (!take('"')) return ParseError::kQuotedString;
  const char* mark = next_;
  // RFC 3261 §25.1: qdtext; bytes of UTF8-NONASCII are taken as they come.
  constexpr char kDelete = 0x7f;
  const auto is_odd = [](Bytes16 bytes) {
    return mask_control(bytes) | mask_equal(bytes, '"') | mask_equal(bytes, '\\') | mask_equal(bytes, kDelete);
  };
  while ((next_ = find_first(begin_, next_, end_, is_odd)) != end_) {
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

}  // namespace vedette::parsers
