#include "parsers/address.h"

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/take_params.h"

namespace vedette::parsers {
namespace {

// display-name of tokens, up to the "<". Bytes above ASCII are taken too: unquoted UTF-8 names are wrong,
// but people have them. False, and nothing taken, when no "<" follows.
bool take_display_tokens(Cursor& cursor, std::string_view& out) {
  Cursor probe = cursor;
  const char* mark = probe.position();
  std::string_view name;
  while (!probe.at('<')) {
    const char* word = probe.position();
    while (!probe.at_end() && (is(kTokenChar, probe.rest().front()) || (probe.rest().front() & 0x80) != 0)) {
      probe.take(probe.rest().front());
    }
    if (probe.position() == word) return false;
    name = probe.since(mark);
    probe.skip_lws();
  }
  cursor = probe;
  out = name;
  return true;
}

// name-addr = [ display-name ] LAQUOT addr-spec RAQUOT. RFC 4475 §3.1.2.14: no white space within < >.
ParseError take_bracketed(Cursor& cursor, Address& out) {
  std::string_view text;
  cursor.take('<');
  if (!cursor.take_until('>', text)) return ParseError::kAddress;
  cursor.take('>');
  return parse_uri(text, out.uri);
}

// RFC 3261 §20: without < > a ";" begins header parameters, and a URI with "?" or "," must not stand so.
ParseError take_addr_spec(Cursor& cursor, Address& out) {
  const char* mark = cursor.position();
  while (cursor.at(kVisibleChar) && !cursor.at(';') && !cursor.at(',') && !cursor.at('?')) {
    cursor.take(cursor.rest().front());
  }
  const std::string_view text = cursor.since(mark);
  if (text.find(':') == std::string_view::npos || cursor.at('?')) return ParseError::kAddress;
  return parse_uri(text, out.uri);
}

ParseError take_target(Cursor& cursor, Address& out) {
  if (cursor.at('"')) {
    const char* mark = cursor.position();
    std::string_view inside;
    if (const ParseError error = cursor.take_quoted(inside); error != ParseError::kOk) return error;
    out.display_name = cursor.since(mark);
    cursor.skip_lws();
    return cursor.at('<') ? take_bracketed(cursor, out) : ParseError::kAddress;
  }
  if (take_display_tokens(cursor, out.display_name)) return take_bracketed(cursor, out);
  return take_addr_spec(cursor, out);
}

// RFC 3261 §7.3.1: a parameter stands once; §25.1: tag-param = "tag" EQUAL token.
ParseError keep_param(const Param& param, Address& out) {
  if (!equal_ignoring_case(param.name, "tag")) return ParseError::kOk;
  const bool is_token = !param.quoted && !param.value.empty() && all(kTokenChar, param.value);
  if (!out.tag.empty() || !is_token) return ParseError::kAddress;
  out.tag = param.value;
  return ParseError::kOk;
}

bool take_wildcard(Cursor& cursor) {
  Cursor probe = cursor;
  if (!probe.take('*')) return false;
  Cursor after = probe;
  after.skip_lws();
  if (!after.at_end() && !after.at(',')) return false;
  cursor = probe;
  return true;
}

ParseError take_address(Cursor& cursor, Address& out) {
  const char* mark = cursor.position();
  if (take_wildcard(cursor)) {
    out.text = cursor.since(mark);
    out.wildcard = true;
    return ParseError::kOk;
  }
  if (const ParseError error = take_target(cursor, out); error != ParseError::kOk) return error;
  const auto keep = [&out](const Param& param) { return keep_param(param, out); };
  if (const ParseError error = take_params(cursor, out.params, keep); error != ParseError::kOk) return error;
  out.text = cursor.since(mark);
  return ParseError::kOk;
}

}  // namespace

ParseError parse_address_of_any_shape(std::string_view value, Address& out) {
  out = {};
  Cursor cursor(value);
  cursor.skip_lws();
  if (const ParseError error = take_address(cursor, out); error != ParseError::kOk) return error;
  cursor.skip_lws();
  return cursor.at_end() && !out.wildcard ? ParseError::kOk : ParseError::kAddress;
}

ParseError next_address_of_any_shape(std::string_view& rest, Address& out) {
  out = {};
  Cursor cursor(rest);
  cursor.skip_lws();
  rest = {};
  if (cursor.at_end()) return ParseError::kEmpty;
  if (const ParseError error = take_address(cursor, out); error != ParseError::kOk) return error;
  return finish_element(cursor, rest) ? ParseError::kOk : ParseError::kAddress;
}

}  // namespace vedette::parsers
