// Via (RFC 3261 §20.42, rport RFC 3581).
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

enum class ViaTransport : uint8_t { kUdp, kTcp, kTls, kSctp, kWs, kWss, kOther };

struct Via {
  ViaTransport transport = ViaTransport::kOther;
  std::string_view text;        // This via-parm alone, as it stands.
  std::string_view sent_by;     // host [":" port], as it stands.
  std::string_view host;        // An IPv6 reference keeps its brackets; a bare IPv6 address is taken, too.
  uint16_t port = 0;            // 0 when absent.
  std::string_view params;      // From the first ";" on.
  std::string_view branch;      // Empty when absent.
  std::string_view received;    // Empty when absent. IPv6 with or without brackets (RFC 5118 §4.5), not checked.
  bool has_rport = false;       // Present, with or without a value.
  uint16_t rport = 0;           // 0 when it has no value.
};

// next_via() for what no kernel takes for plain.
ParseError next_via_of_any_shape(std::string_view& rest, Via& out);
// The same as next_via() with a kernel of one's own choice: for tests.
inline ParseError next_via_by(const Kernel& kernel, std::string_view& rest, Via& out) {
  return kernel.next_plain_via(rest, out) ? ParseError::kOk : next_via_of_any_shape(rest, out);
}

// Takes the next via-parm off a comma-separated field value; kEmpty when `rest` holds no more. Of one that is malformed
// behind its sent-by, `out` has what stands before the fault, and that is its `text`; else `text` is empty then.
inline ParseError next_via(std::string_view& rest, Via& out) {
  return rest.empty() ? ParseError::kEmpty : next_via_by(best_kernel(), rest, out);
}

}  // namespace vedette::parsers
