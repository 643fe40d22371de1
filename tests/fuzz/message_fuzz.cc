// Any bytes as a datagram and as a stream: nothing is read beyond their end, every view lies within them, and what
// the typed parsers make of each header field's value holds together. One input, no state.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/framer.h"
#include "parsers/media_type.h"
#include "parsers/message.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/subscription_state.h"
#include "parsers/token_list.h"
#include "parsers/uri.h"
#include "parsers/via.h"
#include "tests/support/guarded_bytes.h"

namespace {

using namespace vedette::parsers;

constexpr size_t kInputBytesMax = 70'000;     // Above kMessageBytesMax.

void expect(bool good) {
  if (!good) std::abort();
}

void expect_within(std::string_view part, std::string_view whole) {
  if (part.data() == nullptr) return;
  expect(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void try_uri(std::string_view text) {
  Uri uri;
  if (parse_uri(text, uri) != ParseError::kOk) return;
  for (const std::string_view part : {uri.user, uri.password, uri.host, uri.params, uri.headers}) {
    expect_within(part, text);
  }
  equal_uris(uri, uri);
  std::string_view rest = uri.params;
  Param param;
  while (next_uri_param(rest, param)) expect_within(param.name, text);

  // The canonical address of record of a canonical address of record is itself.
  std::array<char, 512> aor;
  size_t length = 0;
  if (uri.scheme == UriScheme::kTel || write_canonical_aor(uri, aor.data(), aor.size(), length) != ParseError::kOk) {
    return;
  }
  const std::string once(aor.data(), length);
  const std::string again = "sip:" + once;
  expect(parse_uri(again, uri) == ParseError::kOk);
  expect(write_canonical_aor(uri, aor.data(), aor.size(), length) == ParseError::kOk);
  expect(std::string_view(aor.data(), length) == once);
}

// A list parser takes something off its list at each step, or ends.
template <typename Element>
void try_list(std::string_view value, ParseError (*next)(std::string_view&, Element&)) {
  std::string_view rest = value;
  Element element;
  while (next(rest, element) == ParseError::kOk) {
    expect(rest.size() < value.size());
    value = rest;
  }
}

void try_value(std::string_view value) {
  Address address;
  if (parse_address(value, address) == ParseError::kOk) {
    expect_within(address.tag, value);
    try_uri(address.uri.text);
  }
  try_list<Address>(value, next_address);
  try_list<Via>(value, next_via);
  try_list<MediaType>(value, next_media_range);
  try_list<std::string_view>(value, next_token);
  AuthParams auth;
  if (parse_auth_params(value, auth) == ParseError::kOk) expect_within(auth.response, value);
  CSeq cseq;
  parse_cseq(value, cseq);
  check_call_id(value);
  Event event;
  if (parse_event(value, event) == ParseError::kOk) expect_within(event.package, value);
  SubscriptionState state;
  parse_subscription_state(value, state);
  uint32_t seconds = 0;
  parse_delta_seconds(value, seconds);
  try_uri(value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  static Message message;
  if (length > kInputBytesMax) return 0;
  const std::string_view input = guarded.copy({reinterpret_cast<const char*>(bytes), length});

  const ParseError error = parse_message(input, message);
  if (error == ParseError::kOk) {
    expect_within(message.body(), input);
    expect_within(message.request_uri(), input);
    try_uri(message.request_uri());
  }
  for (size_t i = 0; i < message.header_count(); ++i) {
    const HeaderField& field = message.header(i);
    expect_within(message.name(field), input);
    expect_within(message.value(field), input);
    try_value(message.value(field));
  }

  std::string_view stream = input;
  Frame frame;
  while (!stream.empty() && find_frame(stream, 16'384, frame) == ParseError::kOk) {
    expect(frame.skip + frame.length > 0 && frame.skip + frame.length <= stream.size());
    parse_stream_message(stream.substr(frame.skip, frame.length), message);
    stream.remove_prefix(frame.skip + frame.length);
  }
  return 0;
}
