// A position in a raw header field value and the lexical rules that all typed parsers share: white space
// with folds (LWS), tokens, quoted strings, comments (RFC 3261 §25.1). Never reads beyond the value.
// Used by the parsers of this folder only. Not shared between threads.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/chars.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : begin_(text.data()), next_(begin_), end_(begin_ + text.size()) {}

  bool at_end() const { return next_ == end_; }
  bool at(char c) const { return next_ != end_ && *next_ == c; }
  bool at(CharClass wanted) const { return next_ != end_ && is(wanted, *next_); }
  const char* position() const { return next_; }
  std::string_view rest() const { return {next_, static_cast<size_t>(end_ - next_)}; }
  // What has been taken since `mark`, an earlier position().
  std::string_view since(const char* mark) const { return {mark, static_cast<size_t>(next_ - mark)}; }

  bool take(char c) {
    if (!at(c)) return false;
    ++next_;
    return true;
  }
  std::string_view take_all(CharClass wanted) {
    const char* mark = next_;
    next_ = skip(wanted, begin_, next_, end_);
    return since(mark);
  }
  // Numbers are short: a digit at a time.
  std::string_view take_digits() {
    const char* mark = next_;
    while (at(kDigitChar)) ++next_;
    return since(mark);
  }
  // Everything before the first `stop`, or false and nothing taken when there is none.
  bool take_until(char stop, std::string_view& out) {
    const char* const found =
        find_first(begin_, next_, end_, [stop](Bytes16 bytes) { return mask_equal(bytes, stop); });
    if (found == end_) return false;
    out = {next_, static_cast<size_t>(found - next_)};
    next_ = found;
    return true;
  }

  // SP, HTAB and folds: a line end counts only when SP or HTAB follows it.
  void skip_lws() {
    if (next_ == end_ || !is_low(*next_)) return;
    if (*next_ == ' ' && end_ - next_ > 1 && !is_low(next_[1])) {
      ++next_;
      return;
    }
    skip_some_lws();
  }
  // *LWS c *LWS, the shape of EQUAL, SLASH, COLON and their like.
  bool take_separator(char c) {
    const char* const mark = next_;
    skip_lws();
    if (!take(c)) {
      next_ = mark;
      return false;
    }
    skip_lws();
    return true;
  }
  // quoted-string, at its opening quote; `inside` comes without quotes and with its escapes.
  ParseError take_quoted(std::string_view& inside);
  // comment, at its "("; nested ones are skipped with it. False when it does not end.
  bool skip_comment();

 private:
  void skip_some_lws() { next_ = find_behind_lws(next_, end_); }
  static const char* find_behind_lws(const char* next, const char* end);

  const char* begin_;
  const char* next_;
  const char* end_;
};

// After an element of a comma-separated list: moves `rest` to the next element. A comma that nothing
// follows stays in `rest`, so that the next call meets the empty element. False when neither a comma nor
// the end is there.
inline bool finish_element(Cursor cursor, std::string_view& rest) {
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
