// Content-Type (RFC 3261 §20.15) and Accept (§20.1).
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/message.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct MediaType {
  std::string_view type;        // "application"; "*" in an Accept range.
  std::string_view subtype;     // "pidf+xml"; "*" in an Accept range.
  std::string_view params;
};

// The two at the end for what no kernel takes for plain.
ParseError parse_media_type_of_any_shape(std::string_view value, MediaType& out);
ParseError next_media_range_of_any_shape(std::string_view& rest, MediaType& out);
// The same as those with a kernel of one's own choice: for tests.
inline ParseError parse_media_type_by(const Kernel& kernel, std::string_view value, MediaType& out) {
  std::string_view rest = value;
  const bool is_plain = kernel.next_plain_media_type(rest, out) && rest.empty();
  return is_plain ? ParseError::kOk : parse_media_type_of_any_shape(value, out);
}
inline ParseError next_media_range_by(const Kernel& kernel, std::string_view& rest, MediaType& out) {
  return kernel.next_plain_media_type(rest, out) ? ParseError::kOk : next_media_range_of_any_shape(rest, out);
}
inline ParseError parse_media_type(std::string_view value, MediaType& out) {
  return parse_media_type_by(best_kernel(), value, out);
}
// Takes the next range off an Accept value; kEmpty when `rest` holds no more.
inline ParseError next_media_range(std::string_view& rest, MediaType& out) {
  return rest.empty() ? ParseError::kEmpty : next_media_range_by(best_kernel(), rest, out);
}
// What the message's Accept fields say of a type.
struct Acceptance {
  uint16_t q = 0;          // Of the range that names it most closely, in thousandths; 0: it is not accepted.
  bool is_named = false;   // That range is the type itself.
};
// `when_absent` is the answer without Accept; an empty Accept accepts nothing (RFC 3261 §20.1).
Acceptance acceptance_of(const Message& message, std::string_view type, std::string_view subtype,
                         Acceptance when_absent);
// The message's Accept fields allow this type, with q above 0.
inline bool accepts(const Message& message, std::string_view type, std::string_view subtype, bool when_absent) {
  return acceptance_of(message, type, subtype, {.q = static_cast<uint16_t>(when_absent ? 1000 : 0)}).q > 0;
}

}  // namespace vedette::parsers
