#include "parsers/lines.h"

#include "parsers/chars.h"
#include "parsers/scan.h"

namespace vedette::parsers {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  const size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return text.substr(0, 0);
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
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

bool split_header(const Line& line, std::string_view& name, std::string_view& value) {
  if (line.stray_return) return false;
  size_t end = 0;
  while (end < line.text.size() && is(kTokenChar, line.text[end])) ++end;
  size_t colon = end;
  while (colon < line.text.size() && is(kSpaceChar, line.text[colon])) ++colon;
  if (end == 0 || colon == line.text.size() || line.text[colon] != ':') return false;
  name = line.text.substr(0, end);
  value = trimmed(line.text.substr(colon + 1));
  return true;
}

size_t count_leading_line_ends(std::string_view text) {
  const size_t first = text.find_first_not_of("\r\n");
  return first == std::string_view::npos ? text.size() : first;
}

}  // namespace vedette::parsers
