// The compiled form of an event filter, between its compiler and the one who applies it:
//   [namespaces]{[length][name]} [selectors]{[excludes][steps]{[descends][namespace][length][name]}}
// Each [] is a byte, but for the names. An empty name of a step is any name.
#pragma once

#include <cstdint>

namespace vedette::parsers {

inline constexpr uint8_t kFilterAnyNamespace = 0xFF;

}  // namespace vedette::parsers
