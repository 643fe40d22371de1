// name-addr / addr-spec with parameters: From, To, Contact, Route, Record-Route, Path, P-Asserted-Identity
// (RFC 3261 §20.10, §20.20, §20.30, §20.34, §20.39).
#pragma once

#include <string_view>

#include "parsers/kernel.h"
#include "parsers/parse_error.h"
#include "parsers/uri.h"

namespace vedette::parsers {

struct Address {
  std::string_view text;           // This element alone, as it stands, parameters included.
  std::string_view display_name;   // Raw, quotes kept.
  Uri uri;
  std::string_view params;         // Header parameters: from the first ";" after the address on, or empty.
  std::string_view tag;            // The tag parameter; empty when absent.
  bool wildcard = false;           // Contact: * (RFC 3261 §10.2.2); everything else is empty then.
};

// The two at the end for what no kernel takes for plain.
ParseError parse_address_of_any_shape(std::string_view value, Address& out);
ParseError next_address_of_any_shape(std::string_view& rest, Address& out);
// The same as those with a kernel of one's own choice: for tests.
inline ParseError parse_address_by(const Kernel& kernel, std::string_view value, Address& out) {
  std::string_view rest = value;
  const bool is_plain = kernel.next_plain_address(rest, out) && rest.empty();
  return is_plain ? ParseError::kOk : parse_address_of_any_shape(value, out);
}
inline ParseError next_address_by(const Kernel& kernel, std::string_view& rest, Address& out) {
  return kernel.next_plain_address(rest, out) ? ParseError::kOk : next_address_of_any_shape(rest, out);
}

// The whole of `value` is one address (From, To).
inline ParseError parse_address(std::string_view value, Address& out) {
  return parse_address_by(best_kernel(), value, out);
}
// Neither list nor single address may hold empty elements: "<sip:a>," is kAddress at its end.
// Takes the next address off a comma-separated field value; kEmpty when `rest` holds no more.
inline ParseError next_address(std::string_view& rest, Address& out) {
  return rest.empty() ? ParseError::kEmpty : next_address_by(best_kernel(), rest, out);
}

}  // namespace vedette::parsers
