// Entity-tags of ours, as SIP-ETag, SIP-If-Match (RFC 3903 §11.3) and Suppress-If-Match (RFC 5839 §7.2) have them: a
// word in sixteen digits.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::engine {

inline constexpr unsigned kEntityTagDigits = 16;

// False when it is none of ours. RFC 5839 §6.2: tags are alike when they are "byte-wise identical".
bool read_entity_tag(std::string_view text, uint64_t& out);

// Of the same document for a watcher who takes partial presence: RFC 5839 §4 has Content-Type as a part of the entity,
// and whoever has the one need not understand the other.
constexpr uint64_t partial_entity_tag(uint64_t tag) { return tag ^ 0x70696466'64696666; }

}  // namespace vedette::engine
