#include "tests/support/value_readings.h"

#include <array>

#include "parsers/param.h"

namespace vedette::support {

using namespace vedette::parsers;

namespace {

struct DigestField {
  std::string_view name;
  std::string_view AuthParams::*member;
};
constexpr std::array<DigestField, 11> kDigestFields = {{{"username", &AuthParams::username},
                                                        {"realm", &AuthParams::realm},
                                                        {"nonce", &AuthParams::nonce},
                                                        {"uri", &AuthParams::uri},
                                                        {"response", &AuthParams::response},
                                                        {"cnonce", &AuthParams::cnonce},
                                                        {"opaque", &AuthParams::opaque},
                                                        {"algorithm", &AuthParams::algorithm},
                                                        {"qop", &AuthParams::qop},
                                                        {"domain", &AuthParams::domain},
                                                        {"nc", &AuthParams::nc}}};

void add(Reading& out, std::initializer_list<std::string_view> parts) {
  out.parts.insert(out.parts.end(), parts.begin(), parts.end());
}

void count(Reading& out, std::initializer_list<uint64_t> numbers) {
  out.numbers.insert(out.numbers.end(), numbers.begin(), numbers.end());
}

void collect_params(std::string_view params, Reading& out) {
  out.spans.push_back(params);
  Param param;
  while (next_param(params, param) == ParseError::kOk) collect(param, out);
}

}  // namespace

void collect(const Param& param, Reading& out) {
  add(out, {param.name, param.value});
  count(out, {param.has_value, param.quoted});
}

void collect(const Uri& uri, Reading& out) {
  add(out, {uri.scheme_name, uri.user, uri.password, uri.host, uri.params, uri.headers});
  count(out, {static_cast<uint64_t>(uri.scheme), uri.port, uri.has_user, uri.has_port, uri.password.data() != nullptr});
  out.spans.push_back(uri.text);
  std::string_view rest = uri.scheme == UriScheme::kOther ? std::string_view() : uri.params;
  for (Param param; next_uri_param(rest, param);) collect(param, out);
}

void collect(const Address& address, Reading& out) {
  add(out, {address.display_name, address.tag});
  count(out, {address.wildcard});
  out.spans.push_back(address.text);
  if (address.wildcard) return;
  collect(address.uri, out);
  collect_params(address.params, out);
}

void collect(const AuthParams& auth, Reading& out) {
  out.parts.push_back(auth.scheme);
  for (const DigestField& field : kDigestFields) {
    out.parts.push_back(auth.*field.member);
    out.numbers.push_back((auth.*field.member).data() != nullptr);
  }
  count(out, {auth.nonce_count, auth.has_nc, auth.stale, auth.is_digest});
  out.spans.push_back(auth.params);
}

void collect(const CSeq& cseq, Reading& out) {
  add(out, {cseq.method_name});
  count(out, {cseq.number, static_cast<uint64_t>(cseq.method)});
}

void collect(const Event& event, Reading& out) {
  add(out, {event.package, event.id});
  collect_params(event.params, out);
}

void collect(const Identity& identity, Reading& out) {
  add(out, {identity.token, identity.header, identity.payload, identity.signature, identity.info, identity.algorithm,
            identity.type});
}

void collect(const MediaType& media, Reading& out) {
  add(out, {media.type, media.subtype});
  collect_params(media.params, out);
}

void collect(const Number& number, Reading& out) { out.numbers.push_back(number.value); }

void collect(const SubscriptionState& state, Reading& out) {
  add(out, {state.text, state.reason});
  count(out, {static_cast<uint64_t>(state.value), state.has_expires, state.expires, state.has_retry_after,
              state.retry_after});
}

void collect(std::string_view token, Reading& out) { out.parts.push_back(token); }

void collect(const Verdict& verdict, Reading& out) { out.spans.push_back(verdict.text); }

void collect(const Via& via, Reading& out) {
  add(out, {via.sent_by, via.host, via.branch, via.received});
  count(out, {static_cast<uint64_t>(via.transport), via.port, via.has_rport, via.rport});
  out.spans.push_back(via.text);
  collect_params(via.params, out);
}

void write(const Param& param, Writer& writer) {
  writer.put(';').put(param.name);
  if (!param.has_value) return;
  const std::string_view quote = param.quoted ? "\"" : "";
  writer.put('=').put(quote).put(param.value).put(quote);
}

void write(const Uri& uri, Writer& writer) {
  writer.put(uri.scheme_name).put(':').put(uri.user);
  if (uri.scheme == UriScheme::kTel || uri.scheme == UriScheme::kOther) {
    writer.put(uri.params);
    return;
  }
  if (uri.password.data() != nullptr) writer.put(':').put(uri.password);
  if (uri.has_user) writer.put('@');
  writer.put(uri.host);
  if (uri.has_port) writer.put(':').put_uint(uri.port);
  writer.put(uri.params).put(uri.headers);
}

void write(const Address& address, Writer& writer) {
  if (address.wildcard) {
    writer.put('*');
    return;
  }
  writer.put(address.display_name).put('<');
  write(address.uri, writer);
  writer.put('>').put(address.params);
}

void write(const AuthParams& auth, Writer& writer) {
  writer.put(auth.scheme).put(' ');
  if (!auth.is_digest) {
    writer.put(auth.params);
    return;
  }
  writer.put("what-nobody-knows=1");
  for (const DigestField& field : kDigestFields) {
    const std::string_view value = auth.*field.member;
    if (value.data() == nullptr) continue;
    // What stands before it is always there: a quote, an equals sign or white space.
    const std::string_view quote = value.data()[-1] == '"' ? "\"" : "";
    writer.put(',').put(field.name).put('=').put(quote).put(value).put(quote);
  }
  if (auth.stale) writer.put(", stale=true");
}

void write(const CSeq& cseq, Writer& writer) { writer.put_uint(cseq.number).put(' ').put(cseq.method_name); }

void write(const Event& event, Writer& writer) { writer.put(event.package).put(event.params); }

void write(const Identity& identity, Writer& writer) {
  writer.put(identity.token).put(";info=<").put(identity.info).put('>');
  if (!identity.algorithm.empty()) writer.put(";alg=").put(identity.algorithm);
  if (!identity.type.empty()) writer.put(";ppt=").put(identity.type);
}

void write(const MediaType& media, Writer& writer) {
  writer.put(media.type).put('/').put(media.subtype).put(media.params);
}

void write(const Number& number, Writer& writer) { writer.put_uint(number.value); }

void write(const SubscriptionState& state, Writer& writer) {
  writer.put(state.text);
  if (!state.reason.empty()) writer.put(";reason=").put(state.reason);
  if (state.has_expires) writer.put(";expires=").put_uint(state.expires);
  if (state.has_retry_after) writer.put(";retry-after=").put_uint(state.retry_after);
}

void write(std::string_view token, Writer& writer) { writer.put(token); }

void write(const Verdict& verdict, Writer& writer) { writer.put(verdict.text); }

void write(const Via& via, Writer& writer) {
  constexpr std::array<std::string_view, 7> kTransports = {"UDP", "TCP", "TLS", "SCTP", "WS", "WSS", "ELSE"};
  writer.put("SIP/2.0/").put(kTransports[static_cast<size_t>(via.transport)]).put(' ');
  writer.put(via.sent_by).put(via.params);
}

}  // namespace vedette::support
