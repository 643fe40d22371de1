#include "parsers/message_summary.h"

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/uri.h"
#include "parsers/writer.h"

namespace vedette::parsers {
namespace {

// Takes a line off, without its end and the white space before that.
std::string_view take_line(std::string_view& rest) {
  const size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  const size_t last = line.find_last_not_of(" \t\r");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// name HCOLON: gives the value behind it. Nothing in it is a control character.
bool split(std::string_view line, std::string_view& name, std::string_view& value) {
  Cursor cursor(line);
  name = cursor.take_all(kTokenChar);
  if (name.empty() || !cursor.take_separator(':')) return false;
  value = cursor.rest();
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\t') return false;
  }
  return true;
}

bool take_count(Cursor& cursor) { return !cursor.take_digits().empty(); }

// newmsgs SLASH oldmsgs.
bool take_counts(Cursor& cursor) { return take_count(cursor) && cursor.take_separator('/') && take_count(cursor); }

// msg-summary-line = message-context-class HCOLON newmsgs SLASH oldmsgs
//                    [ LPAREN new-urgentmsgs SLASH old-urgentmsgs RPAREN ]
bool are_counts(std::string_view value) {
  Cursor cursor(value);
  if (!take_counts(cursor)) return false;
  cursor.skip_lws();
  if (cursor.at_end()) return true;
  return cursor.take_separator('(') && take_counts(cursor) && cursor.take_separator(')') && cursor.at_end();
}

}  // namespace

ParseError normalise_message_summary(std::string_view body, std::span<char> out, PidfDocument& document) {
  document.clear();
  Writer writer(out.data(), out.size());
  std::string_view name;
  std::string_view value;
  bool is_first = true;
  bool may_name_account = true;
  bool in_messages = false;
  for (std::string_view rest = body; !rest.empty(); is_first = false) {
    const std::string_view line = take_line(rest);
    if (!is_first && line.empty()) {
      in_messages = true;
      continue;
    }
    // RFC 3842 §3.5: the first NOTIFY must not have the header fields of messages, and later ones only those of new
    // ones; watchers are told how many there are.
    if (!in_messages) writer.put(line).put("\r\n");
    if (!split(line, name, value)) return ParseError::kBody;
    if (is_first) {
      const bool waiting = equal_ignoring_case(value, "yes");
      if (!equal_ignoring_case(name, "Messages-Waiting") || (!waiting && !equal_ignoring_case(value, "no"))) {
        return ParseError::kBody;
      }
    } else if (!in_messages) {
      Uri account;
      const bool is_account = may_name_account && equal_ignoring_case(name, "Message-Account");
      may_name_account = false;
      if (is_account ? parse_uri(value, account) != ParseError::kOk : !are_counts(value)) return ParseError::kBody;
    }
  }
  if (is_first) return ParseError::kBody;
  if (writer.overflowed()) return ParseError::kXmlTooLarge;
  document.fragments[0] = {};
  document.fragments[0].length = static_cast<uint32_t>(writer.length());
  document.count = 1;
  document.length = writer.length();
  return ParseError::kOk;
}

}  // namespace vedette::parsers
