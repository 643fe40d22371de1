// Event (RFC 6665 §8.2.1): package *( "." template ) with its id.
#pragma once

#include <string_view>

#include "parsers/kernel.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct Event {
  std::string_view package;     // With its templates: "presence", "presence.winfo". Case-sensitive (§8.2.1).
  std::string_view id;          // Empty when absent.
  std::string_view params;
};

// parse_event() for what no kernel takes for plain.
ParseError parse_event_of_any_shape(std::string_view value, Event& out);
// The same as parse_event() with a kernel of one's own choice: for tests.
inline ParseError parse_event_by(const Kernel& kernel, std::string_view value, Event& out) {
  return kernel.parse_plain_event(value, out) ? ParseError::kOk : parse_event_of_any_shape(value, out);
}
inline ParseError parse_event(std::string_view value, Event& out) { return parse_event_by(best_kernel(), value, out); }

}  // namespace vedette::parsers
