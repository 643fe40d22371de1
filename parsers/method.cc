// Method names, both directions. A name is compared whole and case-sensitively, so that no escape or other
// spelling of a known method is taken for it.
#include "parsers/method.h"

#include <array>
#include <cstddef>

namespace vedette::parsers {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Method::kCount)> kNames = {
    "",    "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "OPTIONS", "INVITE", "ACK",
    "BYE", "CANCEL",   "MESSAGE",   "INFO",   "PRACK",   "UPDATE",  "REFER"};

}  // namespace

Method parse_method(std::string_view token) {
  for (size_t i = 1; i < kNames.size(); ++i) {
    if (kNames[i] == token) return static_cast<Method>(i);
  }
  return Method::kUnknown;
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace vedette::parsers
