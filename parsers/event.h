// Event (RFC 6665 §8.2.1): package *( "." template ) with its id.
#pragma once

#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct Event {
  std::string_view package;     // With its templates: "presence", "presence.winfo". Case-sensitive (§8.2.1).
  std::string_view id;          // Empty when absent.
  std::string_view params;
};

ParseError parse_event(std::string_view value, Event& out);

}  // namespace vedette::parsers
