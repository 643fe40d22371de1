#include "parsers/lines.h"

#include <cstring>

#include "parsers/chars.h"

namespace vedette::parsers {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  const size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return text.substr(0, 0);
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

struct LineEnd {
  size_t feed = std::string_view::npos;  // Where the LF stands; npos when there is none.
  bool stray_return = false;             // A CR stands before it that is not part of this line end.
};

// The first line end at or after `from`.
LineEnd find_line_end(std::string_view text, size_t from) {
  LineEnd end;
  if (from >= text.size()) return end;
  const char* begin = text.data() + from;
  const void* feed = std::memchr(begin, '\n', text.size() - from);
  if (feed == nullptr) return end;
  end.feed = static_cast<size_t>(static_cast<const char*>(feed) - text.data());
  size_t length = end.feed - from;
  if (length > 0 && text[end.feed - 1] == '\r') --length;
  end.stray_return = length > 0 && std::memchr(begin, '\r', length) != nullptr;
  return end;
}

}  // namespace

Line LineReader::take_start_line() {
  Line line;
  const size_t begin = next_;
  const LineEnd end = find_line_end(text_, begin);
  if (end.feed == std::string_view::npos) {
    line.text = text_.substr(begin);
    next_ = text_.size();
    return line;
  }
  next_ = end.feed + 1;
  line.text = text_.substr(begin, end.feed - begin);
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  line.kind = line.text.empty() ? Line::Kind::kEmpty : Line::Kind::kHeader;
  line.stray_return = end.stray_return;
  return line;
}

Line LineReader::take_line() {
  const size_t begin = next_;
  Line line = take_start_line();
  while (line.kind == Line::Kind::kHeader && folds()) {
    const Line fold = take_start_line();
    line.stray_return |= fold.stray_return;
    line.text =
        text_.substr(begin, static_cast<size_t>(fold.text.data() - text_.data()) + fold.text.size() - begin);
    if (fold.kind == Line::Kind::kUnfinished) line.kind = fold.kind;
  }
  return line;
}

bool split_header(std::string_view line, std::string_view& name, std::string_view& value) {
  size_t end = 0;
  while (end < line.size() && is(kTokenChar, line[end])) ++end;
  size_t colon = end;
  while (colon < line.size() && is(kSpaceChar, line[colon])) ++colon;
  if (end == 0 || colon == line.size() || line[colon] != ':') return false;
  name = line.substr(0, end);
  value = trimmed(line.substr(colon + 1));
  return true;
}

size_t count_leading_line_ends(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && (text[count] == '\r' || text[count] == '\n')) ++count;
  return count;
}

}  // namespace vedette::parsers
