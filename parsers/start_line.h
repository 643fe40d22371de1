// Request-Line and Status-Line (RFC 3261 §7.1, §7.2). Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/method.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct StartLine {
  bool is_response = false;
  Method method = Method::kUnknown;
  std::string_view method_name;
  std::string_view request_uri;
  std::string_view reason_phrase;
  uint16_t status = 0;
};

// On an error `out` holds what was understood: always whether this is a response, and for a Request-Line with
// wrong white space or of another SIP version its method.
ParseError parse_start_line(std::string_view line, StartLine& out);

}  // namespace vedette::parsers
