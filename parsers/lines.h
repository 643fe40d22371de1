// The head of a message as logical lines, folds included (RFC 3261 §7.3.1), and a header line as name and value: for
// the stream framer, and for the lines that are not plain to a kernel. The framer must see the same lines as both: a
// test holds them together.
// A bare LF ends a line as CRLF does; a CR anywhere else makes the line malformed. No state between messages.
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::parsers {

struct Line {
  enum class Kind : unsigned char {
    kHeader,      // Text without its last line end; it may be malformed.
    kEmpty,       // The end of the head.
    kUnfinished,  // The bytes ended before the line did.
  };
  Kind kind = Kind::kUnfinished;
  std::string_view text;
  bool stray_return = false;
};

class LineReader {
 public:
  explicit LineReader(std::string_view text, size_t from = 0) : text_(text), next_(from) {}

  // One physical line: the start line, which cannot be folded.
  Line take_start_line();
  // One logical line.
  Line take_line();
  // Where the next line begins.
  size_t offset() const { return next_; }

 private:
  bool folds() const { return next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\t'); }

  std::string_view text_;
  size_t next_;
};

// header-name HCOLON header-value; `value` without the white space around it. False when malformed.
bool split_header(std::string_view line, std::string_view& name, std::string_view& value);

// Line ends at the front of `text`, which RFC 3261 §7.5 wants ignored there.
size_t count_leading_line_ends(std::string_view text);

}  // namespace vedette::parsers
