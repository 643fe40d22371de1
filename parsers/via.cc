#include "parsers/via.h"

#include "parsers/cursor.h"
#include "parsers/host.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/take_params.h"

namespace vedette::parsers {
namespace {

ViaTransport parse_transport(std::string_view token) {
  if (equal_ignoring_case(token, "UDP")) return ViaTransport::kUdp;
  if (equal_ignoring_case(token, "TCP")) return ViaTransport::kTcp;
  if (equal_ignoring_case(token, "TLS")) return ViaTransport::kTls;
  if (equal_ignoring_case(token, "SCTP")) return ViaTransport::kSctp;
  if (equal_ignoring_case(token, "WS")) return ViaTransport::kWs;
  if (equal_ignoring_case(token, "WSS")) return ViaTransport::kWss;
  return ViaTransport::kOther;
}

// sent-protocol = protocol-name SLASH protocol-version SLASH transport.
bool take_sent_protocol(Cursor& cursor, Via& out) {
  if (cursor.take_all(kTokenChar).empty() || !cursor.take_separator('/')) return false;
  if (cursor.take_all(kTokenChar).empty() || !cursor.take_separator('/')) return false;
  const std::string_view transport = cursor.take_all(kTokenChar);
  out.transport = parse_transport(transport);
  return !transport.empty();
}

// An IPv6 address that came without its brackets: two colons or more make it one.
bool take_bare_ipv6(Cursor& cursor, Via& out) {
  Cursor probe = cursor;
  const std::string_view text = probe.take_all(kParamValueChar);
  Ipv6Bytes address;
  if (!parse_ipv6(text, address)) return false;
  out.host = text;
  cursor = probe;
  return true;
}

// sent-by = host [ COLON port ], where COLON may have white space around it.
ParseError take_sent_by(Cursor& cursor, Via& out) {
  const char* mark = cursor.position();
  if (!take_bare_ipv6(cursor, out)) {
    if (const ParseError error = take_host(cursor, out.host); error != ParseError::kOk) return error;
    if (cursor.take_separator(':')) {
      if (const ParseError error = take_port(cursor, out.port); error != ParseError::kOk) return error;
      if (out.port == 0) return ParseError::kPort;
    }
  }
  out.sent_by = cursor.since(mark);
  return ParseError::kOk;
}

// Nothing sticks to the sent-by, so that it is all of it.
bool ends_here(Cursor cursor) {
  cursor.skip_lws();
  return cursor.at_end() || cursor.at(';') || cursor.at(',');
}

// RFC 3261 §7.3.1: no parameter may appear twice; held here for those that routing depends on.
ParseError keep_param(const Param& param, Via& out) {
  if (equal_ignoring_case(param.name, "branch")) {
    if (!out.branch.empty() || param.quoted || !all(kTokenChar, param.value)) return ParseError::kVia;
    out.branch = param.value;
    return out.branch.empty() ? ParseError::kVia : ParseError::kOk;
  }
  if (equal_ignoring_case(param.name, "received")) {
    if (!out.received.empty() || param.quoted || param.value.empty()) return ParseError::kVia;
    out.received = param.value;
  }
  if (equal_ignoring_case(param.name, "rport")) {
    if (out.has_rport) return ParseError::kVia;
    uint64_t port = 0;
    if (param.has_value && (param.quoted || parse_uint(param.value, 65535, port) != ParseError::kOk)) {
      return ParseError::kVia;
    }
    out.has_rport = true;
    out.rport = static_cast<uint16_t>(port);
  }
  return ParseError::kOk;
}

}  // namespace

ParseError next_via_of_any_shape(std::string_view& rest, Via& out) {
  out = {};
  Cursor cursor(rest);
  cursor.skip_lws();
  rest = {};
  if (cursor.at_end()) return ParseError::kEmpty;
  const char* mark = cursor.position();
  if (!take_sent_protocol(cursor, out)) return ParseError::kVia;
  const char* gap = cursor.position();
  cursor.skip_lws();
  if (cursor.position() == gap) return ParseError::kVia;
  if (const ParseError error = take_sent_by(cursor, out); error != ParseError::kOk) return error;
  if (!ends_here(cursor)) return ParseError::kVia;
  const auto keep = [&out](const Param& param) { return keep_param(param, out); };
  const ParseError error = take_params(cursor, out.params, keep);
  out.text = cursor.since(mark);
  if (error != ParseError::kOk) return error;
  return finish_element(cursor, rest) ? ParseError::kOk : ParseError::kVia;
}

}  // namespace vedette::parsers
