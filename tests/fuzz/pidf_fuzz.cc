// Any bytes as a PUBLISH body: the laws of tests/support/pidf_laws.h hold, whatever it says. What stands before the
// body of a PUBLISH or NOTIFY is left away, so that recorded messages make a corpus. One input, no state.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/guarded_bytes.h"
#include "tests/support/pidf_laws.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length) {
  constexpr size_t kInputBytesMax = 20'000;
  static vedette::support::GuardedBytes guarded(kInputBytesMax);
  std::string_view body(reinterpret_cast<const char*>(bytes), length);
  if (body.size() > kInputBytesMax) return 0;
  if (body.starts_with("PUBLISH") || body.starts_with("NOTIFY")) {
    body.remove_prefix(std::min(body.find('<', body.find("\r\n\r\n")), body.size()));
  }
  const std::string broken = vedette::support::broken_pidf_law(guarded.copy(body));
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
