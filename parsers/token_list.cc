#include "parsers/token_list.h"

#include "parsers/cursor.h"
#include "parsers/param.h"

namespace vedette::parsers {

ParseError next_token(std::string_view& rest, std::string_view& out) {
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
    TokenList tokens(message.value(*field));
    std::string_view listed;
    while (tokens.next(listed) != ParseError::kEmpty) {
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
