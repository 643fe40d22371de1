// The compiled form of an event filter, between its compiler and the one who applies it:
//   [namespaces]{[length][name]} [selectors]{selector}
//   selector    [kind][steps]{[descends] name [comparisons]{comparison}}
//   comparison  [begins a new alternative][levels]{name}[of an attribute]{name}[operator][length][value]
//   name        [namespace][length][local name]; without a local name it is any name
// Each [] is a byte, but for the names and the value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parsers/xml_scanner.h"

namespace vedette::parsers {

inline constexpr size_t kFilterComparisonsMax = 16;  // Of a filter: as many as a word of the evaluation has bits.
inline constexpr size_t kFilterLevelsMax = 4;        // That a comparison looks below its element.
inline constexpr size_t kFilterValueBytesMax = 255;

// In the place of a namespace.
inline constexpr uint8_t kFilterAnyNamespace = 0xFF;
inline constexpr uint8_t kFilterNoNamespace = kXmlNoNamespace;   // That of an attribute without a prefix.
inline constexpr uint8_t kFilterOwnNamespace = kXmlOwnNamespace; // As in xml:lang.

// Of a selector, as bits of its kind.
inline constexpr uint8_t kFilterExcludes = 1;
inline constexpr uint8_t kFilterIsNamespace = 2;

// RFC 4661 §5. What stands between quotes is equal as text, a number is as XPath 1.0 (§3.4) compares numbers.
enum class FilterOperator : uint8_t { kEqualText, kEqualNumber, kLess, kGreater };

}  // namespace vedette::parsers
