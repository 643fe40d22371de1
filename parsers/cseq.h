// CSeq (RFC 3261 §20.16): a number below 2^31 in requests (§8.1.1.5); up to 2^32 - 1 is read.
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/method.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct CSeq {
  uint32_t number = 0;
  Method method = Method::kUnknown;
  std::string_view method_name;
};

ParseError parse_cseq(std::string_view value, CSeq& out);

// Call-ID (RFC 3261 §20.8): word ["@" word].
ParseError check_call_id(std::string_view value);

}  // namespace vedette::parsers
