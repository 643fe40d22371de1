// See full_passport.h.
#include "engine/control/full_passport.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "parsers/base64url.h"

namespace vedette::control {
namespace {

using engine::PassportParty;
using engine::Reason;
using Json = nlohmann::json;

// Discarded when it is none.
Json read_part(std::string_view encoded) {
  std::array<char, engine::kIdentityPartBytesMax> bytes;
  size_t length = 0;
  if (!parsers::decode_base64url(encoded, bytes.data(), bytes.size(), length)) return Json(Json::value_t::discarded);
  return Json::parse(bytes.data(), bytes.data() + length, nullptr, false);
}

bool has_text(const Json& object, const char* name, std::string_view wanted) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() && at->get_ref<const std::string&>() == wanted;
}

// RFC 8225 §4; RFC 8224 §6.2, step 2: info and x5u are the same.
bool is_header_of(const Json& header, const engine::IdentityClaim& claim) {
  return header.is_object() && has_text(header, "typ", "passport") && has_text(header, "alg", "ES256") &&
         has_text(header, "x5u", claim.identity.info) && !header.contains("ppt") && !header.contains("crit");
}

bool is_party(const Json& value, const PassportParty& wanted) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  if (wanted.is_number()) return text == wanted.view();
  parsers::Uri uri;
  return parsers::parse_uri(text, uri) == parsers::ParseError::kOk && PassportParty(uri) == wanted;
}

// {"uri":"sip:alice@example.com"}, or {"tn":"12155551212"}.
bool is_orig(const Json& payload, const PassportParty& wanted) {
  const auto orig = payload.find("orig");
  if (orig == payload.end() || !orig->is_object() || orig->size() != 1) return false;
  const auto value = orig->find(wanted.is_number() ? "tn" : "uri");
  return value != orig->end() && is_party(*value, wanted);
}

// {"uri":["sip:alice@example.com"]}: one of them.
bool is_dest(const Json& payload, const PassportParty& wanted) {
  const auto dest = payload.find("dest");
  if (dest == payload.end() || !dest->is_object()) return false;
  const auto values = dest->find(wanted.is_number() ? "tn" : "uri");
  if (values == dest->end() || !values->is_array()) return false;
  return std::any_of(values->begin(), values->end(), [&](const Json& value) { return is_party(value, wanted); });
}

}  // namespace

Reason check_full_passport(const engine::IdentityClaim& claim, engine::Instant now, engine::Duration freshness) {
  const Json header = read_part(claim.identity.header);
  const Json payload = read_part(claim.identity.payload);
  if (!is_header_of(header, claim) || !payload.is_object()) return Reason::kInvalidIdentity;
  if (!is_orig(payload, claim.passport.orig) || !is_dest(payload, claim.passport.dest)) {
    return Reason::kInvalidIdentity;
  }
  const auto iat = payload.find("iat");
  if (iat == payload.end() || !iat->is_number_integer()) return Reason::kInvalidIdentity;
  // RFC 8224 §6.2, step 4: where Date says otherwise, iat counts, which is signed.
  const int64_t seconds = iat->is_number_unsigned() && iat->get<uint64_t>() > INT64_MAX / 2 ? 0 : iat->get<int64_t>();
  if (seconds < 0) return Reason::kStaleDate;
  return engine::is_fresh(now, seconds, freshness) ? Reason::kNone : Reason::kStaleDate;
}

}  // namespace vedette::control
