// The SIP methods that the engine knows by name (RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665).
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

enum class Method : uint8_t {
  kUnknown, kRegister, kSubscribe, kNotify, kPublish, kOptions, kInvite, kAck, kBye, kCancel, kMessage,
  kInfo, kPrack, kUpdate, kRefer, kCount
};

// RFC 3261 §7.1: the method is case-sensitive. kUnknown for every other token.
Method parse_method(std::string_view token);
// The name as it stands on the wire; empty for kUnknown.
std::string_view to_string(Method method);

}  // namespace vedette::parsers
