// Any bytes as a datagram: the laws of tests/support/message_laws hold where it ends at an unreadable page,
// and where it begins behind one nothing is read before it. Values of header fields have a target of their
// own. One input, no state.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/guarded_bytes.h"
#include "tests/support/message_laws.h"
#include "tests/support/typed_headers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 70'000;     // Above kMessageBytesMax.
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  if (length > kInputBytesMax) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes), length);
  const std::string broken = vedette::support::broken_message_law(guarded.copy(input));
  static vedette::parsers::Message message;
  const bool is_lawful = vedette::support::check_message(guarded.copy_to_front(input), message).views_inside;
  if (broken.empty() && is_lawful) return 0;
  std::fprintf(stderr, "it %s\n", broken.empty() ? "gives what is not the message's" : broken.c_str());
  std::abort();
}
