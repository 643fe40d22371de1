#include "parsers/scan.h"

#include <cstring>

namespace vedette::parsers {

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

}  // namespace vedette::parsers
