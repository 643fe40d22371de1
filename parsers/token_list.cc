#include "parsers/token_list.h"

#include <algorithm>
#include <bit>

#include "parsers/cursor.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

// One of less than sixteen characters that ends the list or has a comma at once behind it, one SP at most, and another
// one.
bool next_plain_token(std::string_view& rest, std::string_view& out) {
  const char* const text = rest.data();
  const Bytes16 bytes = rest.size() >= kVectorBytes ? load16(text) : load_short(text, rest.size());
  const uint32_t stops = mask_outside(bytes, set_of(kTokenChar)) | 1u << kVectorBytes;
  const auto length = static_cast<size_t>(std::countr_zero(stops));
  if (length == 0 || length == kVectorBytes) return false;
  size_t next = length;
  if (next != rest.size()) {
    if (text[next++] != ',') return false;
    if (next != rest.size() && text[next] == ' ') ++next;
    if (next == rest.size() || !is(kTokenChar, text[next])) return false;
  }
  out = {text, length};
  rest.remove_prefix(next);
  return true;
}

}  // namespace

ParseError next_token(std::string_view& rest, std::string_view& out) {
  if (!rest.empty() && next_plain_token(rest, out)) return ParseError::kOk;
  out = {};
  if (rest.empty()) return ParseError::kEmpty;
  Cursor cursor(rest);
  // RFC 2616 §2.1, whose lists RFC 3261 §7.3.1 follows: null elements are allowed and mean nothing.
  cursor.skip_lws();
  while (cursor.take(',')) cursor.skip_lws();
  rest = {};
  if (cursor.at_end()) return ParseError::kEmpty;
  out = cursor.take_all(kTokenChar);
  cursor.skip_lws();
  if (!out.empty() && (cursor.at_end() || cursor.at(','))) {
    rest = cursor.rest();
    return ParseError::kOk;
  }
  // The next call goes on behind the malformed element.
  std::string_view skipped;
  out = {};
  if (cursor.take_until(',', skipped)) rest = cursor.rest();
  return ParseError::kToken;
}

bool lists_token(const Message& message, HeaderId id, std::string_view token) {
  for (const HeaderField* field = message.find(id); field != nullptr; field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    std::string_view listed;
    while (next_token(rest, listed) != ParseError::kEmpty) {
      if (equal_ignoring_case(listed, token)) return true;
    }
  }
  return false;
}

ParseError parse_entity_tag(std::string_view value, std::string_view& out) {
  Cursor cursor(value);
  cursor.skip_lws();
  out = cursor.take_all(kTokenChar);
  cursor.skip_lws();
  if (!out.empty() && cursor.at_end()) return ParseError::kOk;
  out = {};
  return ParseError::kEntityTag;
}

}  // namespace vedette::parsers
