// Any bytes as a datagram: nothing is read beyond their end, every view lies within them, each typed parser holds
// together on each header field's value, and what is accepted can be written and read again. No state.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/message.h"
#include "parsers/number.h"
#include "parsers/subscription_state.h"
#include "parsers/token_list.h"
#include "parsers/via.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/typed_headers.h"

namespace {

using namespace vedette::parsers;
namespace support = vedette::support;

constexpr size_t kInputBytesMax = 70'000;     // Above kMessageBytesMax.

void expect(bool good) {
  if (!good) std::abort();
}

void expect_within(std::string_view part, std::string_view whole) {
  if (part.data() == nullptr) return;
  expect(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
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
    expect_within(address.uri.text, value);
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
}

// What was accepted is the same after it was written and read again.
void try_writing(const Message& message) {
  static std::array<char, 3 * kMessageBytesMax> buffer;
  static Message again;
  Writer writer(buffer.data(), buffer.size());
  support::write_message(message, writer);
  if (writer.overflowed() || writer.length() > kMessageBytesMax) return;
  expect(parse_message(writer.text(), again) == ParseError::kOk);
  expect(support::equal_messages(message, again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  static Message message;
  if (length > kInputBytesMax) return 0;
  const std::string_view input = guarded.copy({reinterpret_cast<const char*>(bytes), length});
  expect(support::check_message(input, message).views_inside);
  expect_within(message.bytes(), input);
  for (size_t i = 0; i < message.header_count(); ++i) try_value(message.value(message.header(i)));
  if (parse_message(input, message) == ParseError::kOk) try_writing(message);
  return 0;
}
