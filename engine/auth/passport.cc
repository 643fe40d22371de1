#include "engine/auth/passport.h"

#include <algorithm>
#include <array>

#include "parsers/base64url.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::UriScheme;
using parsers::Writer;

constexpr size_t kJsonBytesMax = 1'400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_separator(char c) { return c == '-' || c == '.' || c == '(' || c == ')'; }

// RFC 8224 §8.1: tel, user=phone, or a user part that is an international number.
bool is_telephone_number(const parsers::Uri& uri) {
  parsers::Param user;
  if (uri.scheme == UriScheme::kTel) return true;
  if (parsers::find_uri_param(uri, "user", user) && parsers::equal_ignoring_case(user.value, "phone")) return true;
  if (!uri.user.starts_with('+') || uri.user.size() < 2) return false;
  return std::all_of(uri.user.begin() + 1, uri.user.end(), [](char c) { return is_digit(c) || is_separator(c); });
}

// §8.3: no visual separators, no "+" in front; digits, and "#" and "*", are left. Parameters do not count.
bool write_number(std::string_view user, Writer& writer) {
  user = user.substr(0, user.find(';'));
  if (user.starts_with('+')) user.remove_prefix(1);
  for (const char c : user) {
    if (is_separator(c)) continue;
    if (!is_digit(c) && c != '#' && c != '*') return false;
    writer.put(c);
  }
  return true;
}

// RFC 8259 §7. Control characters stand in no URI that has been parsed.
void put_json_text(Writer& writer, std::string_view text) {
  writer.put('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') writer.put('\\');
    writer.put(c);
  }
  writer.put('"');
}

std::string_view kind_of(const PassportParty& party) { return party.is_number() ? "tn" : "uri"; }

template <typename Write>
void put_encoded(Writer& writer, Write write) {
  std::array<char, kJsonBytesMax> json;
  Writer inner(json.data(), json.size());
  write(inner);
  if (inner.overflowed()) {
    writer.try_take(SIZE_MAX);
  } else {
    parsers::put_base64url(writer, inner.text());
  }
}

}  // namespace

PassportParty::PassportParty(const parsers::Uri& uri) : is_number_(is_telephone_number(uri)) {
  Writer writer(bytes_, sizeof bytes_);
  if (is_number_) {
    if (write_number(uri.user, writer) && !writer.overflowed()) length_ = writer.length();
    return;
  }
  const CanonicalAor aor(uri);
  if (aor.empty()) return;
  for (const char c : uri.scheme_name) writer.put(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  writer.put(':').put(aor.view());
  if (!writer.overflowed()) length_ = writer.length();
}

bool PassportParty::operator==(const PassportParty& other) const {
  return is_number_ == other.is_number_ && view() == other.view();
}

// RFC 8225 §4.
void write_passport_header(const Passport& passport, Writer& writer) {
  writer.put(R"({"alg":"ES256","typ":"passport","x5u":)");
  put_json_text(writer, passport.x5u);
  writer.put('}');
}

// RFC 8225 §5.
void write_passport_payload(const Passport& passport, Writer& writer) {
  writer.put(R"({"dest":{")").put(kind_of(passport.dest)).put(R"(":[)");
  put_json_text(writer, passport.dest.view());
  writer.put(R"(]},"iat":)").put_uint(static_cast<uint64_t>(passport.iat));
  writer.put(R"(,"orig":{")").put(kind_of(passport.orig)).put(R"(":)");
  put_json_text(writer, passport.orig.view());
  writer.put("}}");
}

void write_signing_input(const Passport& passport, Writer& writer) {
  put_encoded(writer, [&](Writer& json) { write_passport_header(passport, json); });
  writer.put('.');
  put_encoded(writer, [&](Writer& json) { write_passport_payload(passport, json); });
}

}  // namespace vedette::engine
