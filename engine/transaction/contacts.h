// What is asked of the Contacts of any request. A header, so that the shard has it without a call, which would be 15
// instructions more for a SUBSCRIBE.
#pragma once

#include <string_view>

#include "parsers/address.h"
#include "parsers/message.h"

namespace vedette::engine {

// Malformed Contacts are told so before anybody is asked who they are: 401 would send them round once more.
inline bool has_malformed_contact(const parsers::Message& message) {
  for (const auto* field = message.find(parsers::HeaderId::kContact); field != nullptr;
       field = message.find_next(*field)) {
    std::string_view rest = message.value(*field);
    parsers::Address contact;
    parsers::ParseError error = parsers::ParseError::kOk;
    while (error == parsers::ParseError::kOk) error = parsers::next_address(rest, contact);
    if (error != parsers::ParseError::kEmpty) return true;
  }
  return false;
}

}  // namespace vedette::engine
