#include "parsers/uri.h"

#include "parsers/cursor.h"
#include "parsers/escaped.h"
#include "parsers/host.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

// 1*( class / escaped ), or nothing at all.
bool all_or_escaped(CharClass wanted, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (is(wanted, text[i])) continue;
    if (text[i] != '%' || text.size() - i < 3) return false;
    if (!is(kHexChar, text[i + 1]) || !is(kHexChar, text[i + 2])) return false;
    i += 2;
  }
  return true;
}

// Both halves of name["=" value], where a value that "=" announces must not be empty.
bool is_pair(std::string_view pair, CharClass wanted) {
  const size_t equal = pair.find('=');
  const std::string_view name = pair.substr(0, equal);
  if (name.empty() || !all_or_escaped(wanted, name)) return false;
  if (equal == std::string_view::npos) return true;
  const std::string_view value = pair.substr(equal + 1);
  return !value.empty() && all_or_escaped(wanted, value);
}

// RFC 3261 §19.1.1, RFC 3966 §3: no parameter may stand twice. kUriParamsMax keeps this cheap.
bool stands_before(std::string_view all_params, std::string_view rest, std::string_view name) {
  std::string_view before = all_params.substr(0, all_params.size() - rest.size());
  Param param;
  while (next_uri_param(before, param)) {
    if (param.name.data() == name.data()) return false;
    if (equal_escaped(param.name, name, Case::kIgnored)) return true;
  }
  return false;
}

ParseError check_uri_params(std::string_view params) {
  std::string_view rest = params;
  Param param;
  for (size_t count = 0; !rest.empty(); ++count) {
    if (count == kUriParamsMax) return ParseError::kParamsTooMany;
    const std::string_view pair = rest.substr(1, rest.substr(1).find(';'));
    if (!is_pair(pair, kUriParamChar)) return ParseError::kUri;
    next_uri_param(rest, param);
    if (stands_before(params, rest, param.name)) return ParseError::kUri;
  }
  return ParseError::kOk;
}

// RFC 3261 §25.1: headers = "?" header *( "&" header ), header = hname "=" hvalue, hvalue may be empty.
ParseError check_uri_headers(std::string_view headers) {
  for (size_t count = 0; !headers.empty(); ++count) {
    if (count == kUriParamsMax) return ParseError::kParamsTooMany;
    headers.remove_prefix(1);
    const std::string_view header = headers.substr(0, headers.find('&'));
    const size_t equal = header.find('=');
    if (equal == 0 || equal == std::string_view::npos) return ParseError::kUri;
    if (!all_or_escaped(kUriHeaderChar, header.substr(0, equal))) return ParseError::kUri;
    if (!all_or_escaped(kUriHeaderChar, header.substr(equal + 1))) return ParseError::kUri;
    headers.remove_prefix(header.size());
  }
  return ParseError::kOk;
}

// userinfo of sip, sips and pres: everything before the "@", which can stand nowhere else unescaped.
ParseError take_userinfo(std::string_view& rest, Uri& out) {
  const size_t at = rest.find('@');
  if (at == std::string_view::npos) return ParseError::kOk;
  const std::string_view userinfo = rest.substr(0, at);
  const size_t colon = userinfo.find(':');
  out.user = userinfo.substr(0, colon);
  out.has_user = true;
  if (out.user.empty() || !all_or_escaped(kUserChar, out.user)) return ParseError::kUri;
  if (colon != std::string_view::npos) {
    out.password = userinfo.substr(colon + 1);
    if (!all_or_escaped(kPasswordChar, out.password)) return ParseError::kUri;
  }
  rest.remove_prefix(at + 1);
  return ParseError::kOk;
}

// The rest of a URI behind its hostport, split where the headers begin.
void split_tail(std::string_view tail, Uri& out) {
  const size_t question = tail.find('?');
  if (question != 0) out.params = tail.substr(0, question);
  if (question != std::string_view::npos) out.headers = tail.substr(question);
}

// RFC 3261 §19.1.1: [ userinfo ] hostport uri-parameters [ headers ].
ParseError parse_sip(std::string_view rest, Uri& out) {
  if (const ParseError error = take_userinfo(rest, out); error != ParseError::kOk) return error;
  Cursor cursor(rest);
  HostPort hostport;
  if (const ParseError error = take_hostport(cursor, hostport); error != ParseError::kOk) return error;
  out.host = hostport.host;
  out.port = hostport.port;
  out.has_port = hostport.has_port;
  if (!cursor.at_end() && !cursor.at(';') && !cursor.at('?')) return ParseError::kUri;
  split_tail(cursor.rest(), out);
  if (const ParseError error = check_uri_params(out.params); error != ParseError::kOk) return error;
  return check_uri_headers(out.headers);
}

// RFC 3859 A.2: a mailbox and headers. Mail addresses have neither password nor port nor parameters.
ParseError parse_pres(std::string_view rest, Uri& out) {
  if (const ParseError error = take_userinfo(rest, out); error != ParseError::kOk) return error;
  if (!out.has_user || out.password.data() != nullptr) return ParseError::kUri;
  Cursor cursor(rest);
  if (const ParseError error = take_host(cursor, out.host); error != ParseError::kOk) return error;
  if (!cursor.at_end() && !cursor.at('?')) return ParseError::kUri;
  split_tail(cursor.rest(), out);
  return check_uri_headers(out.headers);
}

// RFC 3966 §3: global-number *par / local-number *par context *par.
ParseError parse_tel(std::string_view rest, Uri& out) {
  out.user = rest.substr(0, rest.find(';'));
  out.has_user = true;
  out.params = rest.substr(out.user.size());
  const bool is_global = out.user.starts_with('+');
  bool has_digit = false;
  for (const char c : out.user.substr(is_global ? 1 : 0)) {
    if (is(kSeparatorChar, c)) continue;
    const bool is_digit = is_global ? is(kDigitChar, c) : is(kHexChar, c) || c == '*' || c == '#';
    if (!is_digit) return ParseError::kUri;
    has_digit = true;
  }
  if (!has_digit) return ParseError::kUri;
  if (const ParseError error = check_uri_params(out.params); error != ParseError::kOk) return error;
  // §5.1.5: a local number without its context means nothing to anybody else.
  Param context;
  const bool has_context = find_uri_param(out, "phone-context", context) && context.has_value;
  return is_global || has_context ? ParseError::kOk : ParseError::kUri;
}

UriScheme known_scheme(std::string_view name) {
  if (equal_ignoring_case(name, "sip")) return UriScheme::kSip;
  if (equal_ignoring_case(name, "sips")) return UriScheme::kSips;
  if (equal_ignoring_case(name, "tel")) return UriScheme::kTel;
  if (equal_ignoring_case(name, "pres")) return UriScheme::kPres;
  return UriScheme::kOther;
}

}  // namespace

ParseError parse_uri_of_any_shape(std::string_view text, Uri& out) {
  out = {};
  out.text = text;
  Cursor cursor(text);
  if (!cursor.at(kAlphaChar)) return ParseError::kUri;
  out.scheme_name = cursor.take_all(kSchemeChar);
  if (!cursor.take(':')) return ParseError::kUri;
  out.scheme = known_scheme(out.scheme_name);
  const std::string_view rest = cursor.rest();
  switch (out.scheme) {
    case UriScheme::kSip:
    case UriScheme::kSips:
      return parse_sip(rest, out);
    case UriScheme::kTel:
      return parse_tel(rest, out);
    case UriScheme::kPres:
      return parse_pres(rest, out);
    case UriScheme::kOther:
      break;
  }
  out.user = rest;
  return rest.empty() || !all(kVisibleChar, rest) ? ParseError::kUri : ParseError::kOk;
}

bool next_uri_param(std::string_view& rest, Param& out) {
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  const std::string_view pair = rest.substr(0, rest.find(';'));
  rest.remove_prefix(pair.size());
  const size_t equal = pair.find('=');
  out = {};
  out.name = pair.substr(0, equal);
  out.has_value = equal != std::string_view::npos;
  if (out.has_value) out.value = pair.substr(equal + 1);
  return true;
}

bool find_uri_param(const Uri& uri, std::string_view name, Param& out) {
  std::string_view rest = uri.params;
  while (next_uri_param(rest, out)) {
    if (equal_escaped(out.name, name, Case::kIgnored)) return true;
  }
  return false;
}

}  // namespace vedette::parsers
