// Any request with Identity (RFC 8224), up to where a signature would be looked at. The input's lines are
// From, To, Date and Identity; or in place of the last one header and payload of a PASSporT as JSON, which
// are put into base64url here. What is made of a request to be verified has to be JSON that says what it
// says, and holds as the full form of it.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/auth/identity.h"
#include "engine/control/full_passport.h"
#include "parsers/base64url.h"

namespace {

using namespace vedette;
using Json = nlohmann::json;

constexpr engine::Instant kNow = engine::Instant::from_unix_seconds(1'800'000'000);
constexpr engine::Duration kFreshness = engine::Duration::seconds(60);
constexpr std::string_view kInfo = "https://certs.example.net/a.pem";

void expect(bool holds, const char* law, std::string_view seen) {
  if (holds) return;
  std::fprintf(stderr, "%s: %.*s\n", law, static_cast<int>(seen.size()), seen.data());
  std::abort();
}

std::string encoded(std::string_view bytes) {
  std::string out(bytes.size() * 2 + 4, '\0');
  parsers::Writer writer(out.data(), out.size());
  parsers::put_base64url(writer, bytes);
  return std::string(writer.text());
}

Json decoded(std::string_view part) {
  std::string bytes(part.size(), '\0');
  size_t length = 0;
  expect(parsers::decode_base64url(part, bytes.data(), bytes.size(), length), "what is signed is base64url", part);
  return Json::parse(bytes.data(), bytes.data() + length, nullptr, false);
}

std::string full_value(std::string_view both, std::string_view info) {
  return std::string(both) + '.' + std::string(engine::kIdentitySignatureBytes, 'A') + ";info=<" + std::string(info) +
         ">;alg=ES256";
}

std::string_view take_line(std::string_view& rest) {
  const size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

struct Lines {
  std::string_view from, to, date;
};

// False when it is no request that a shard would look at.
bool read(const Lines& lines, const std::string& identity, std::string& bytes, parsers::Message& message,
          engine::Request& request) {
  bytes = "SUBSCRIBE sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: " +
          std::string(lines.from) + "\r\nTo: " + std::string(lines.to) + "\r\nCall-ID: c\r\nCSeq: 1 SUBSCRIBE\r\n" +
          (lines.date.empty() ? "" : "Date: " + std::string(lines.date) + "\r\n") + "Identity: " + identity +
          "\r\nContent-Length: 0\r\n\r\n";
  const parsers::ParseError error = parsers::parse_message(bytes, message);
  return error == parsers::ParseError::kOk && message.is_request() &&
         engine::read_request(message, error, engine::Flow(), request) == engine::Reason::kNone;
}

// The claim's own PASSporT in the full form is believed.
void expect_it_holds(const Lines& lines, const engine::IdentityClaim& claim, std::string_view both) {
  std::string bytes;
  parsers::Message message;
  engine::Request request;
  if (!read(lines, full_value(both, claim.passport.x5u), bytes, message, request)) return;
  engine::judge_identities(request, kNow, kFreshness, [&](const engine::IdentityClaim& full) {
    expect(control::check_full_passport(full, kNow, kFreshness) == engine::Reason::kNone,
           "what is made of a request holds for it", full.identity.payload);
    return engine::Reason::kInvalidIdentity;
  });
}

void check(const Lines& lines, engine::IdentityClaim claim) {
  // Both are called for whatever it says; what they say of it is theirs.
  static_cast<void>(control::check_full_passport(claim, kNow, kFreshness));
  claim.passport.iat = kNow.unix_seconds();
  std::array<char, engine::kSigningInputBytesMax> out;
  parsers::Writer writer(out.data(), out.size());
  engine::write_signing_input(claim.passport, writer);
  if (writer.overflowed()) return;
  const std::string_view both = writer.text();
  const size_t dot = both.find('.');
  expect(dot != std::string_view::npos, "header and payload have a dot between them", both);
  const Json header = decoded(both.substr(0, dot)), payload = decoded(both.substr(dot + 1));
  // JSON is UTF-8 (RFC 8259 §8.1), which URIs that somebody else wrote need not be.
  if (header.is_discarded() || payload.is_discarded()) {
    for (const std::string_view part : {claim.passport.x5u, claim.passport.orig.view(), claim.passport.dest.view()}) {
      for (const char c : part) {
        if (static_cast<unsigned char>(c) >= 0x80) return;
      }
    }
    expect(false, "what is signed is JSON", both);
  }
  expect(header.at("x5u").get<std::string>() == claim.passport.x5u, "x5u is info", both);
  expect(payload.at("iat").get<int64_t>() == kNow.unix_seconds(), "iat is Date", both);
  const auto& orig = payload.at("orig").at(claim.passport.orig.is_number() ? "tn" : "uri");
  expect(orig.get<std::string>() == claim.passport.orig.view(), "orig is From", both);
  if (dot <= engine::kIdentityPartBytesMax && both.size() - dot - 1 <= engine::kIdentityPartBytesMax) {
    expect_it_holds(lines, claim, both);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  std::string_view rest(reinterpret_cast<const char*>(bytes), length);
  const Lines lines{take_line(rest), take_line(rest), take_line(rest)};
  std::string value(take_line(rest));
  if (value.starts_with('{')) value = full_value(encoded(value) + '.' + encoded(take_line(rest)), kInfo);
  std::string text;
  static parsers::Message message;
  engine::Request request;
  if (!read(lines, value, text, message, request)) return 0;
  const engine::Reason reason =
      engine::judge_identities(request, kNow, kFreshness, [&](const engine::IdentityClaim& claim) {
        check(lines, claim);
        return engine::Reason::kNone;
      });
  static_cast<void>(reason);
  return 0;
}
