// CSeq (RFC 3261 §20.16): a number below 2^31 in requests (§8.1.1.5); up to 2^32 - 1 is read.
#pragma once

#include <cstdint>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/method.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

struct CSeq {
  uint32_t number = 0;
  Method method = Method::kUnknown;
  std::string_view method_name;
};

ParseError parse_cseq(std::string_view value, CSeq& out);
// The same, slower, and told apart for tests.
ParseError parse_cseq_of_any_shape(std::string_view value, CSeq& out);

// check_call_id() for what no kernel takes for plain.
ParseError check_call_id_of_any_shape(std::string_view value);
// The same as check_call_id() with a kernel of one's own choice: for tests.
inline ParseError check_call_id_by(const Kernel& kernel, std::string_view value) {
  return kernel.is_plain_call_id(value) ? ParseError::kOk : check_call_id_of_any_shape(value);
}
// Call-ID (RFC 3261 §20.8): word ["@" word].
inline ParseError check_call_id(std::string_view value) { return check_call_id_by(best_kernel(), value); }

}  // namespace vedette::parsers
