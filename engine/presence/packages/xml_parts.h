// What the packages' XML documents share. For engine/presence/packages only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/presence/packages/package.h"
#include "parsers/writer.h"

namespace vedette::engine::packages {

inline constexpr std::string_view kSipScheme = "sip:";
inline constexpr size_t kEscapedBytesMax = 6;   // Of one character: &quot;

// sip:user@host of an AOR, escaped.
void put_entity(std::string_view aor, parsers::Writer& out);
constexpr size_t entity_bytes_max(std::string_view aor) { return kSipScheme.size() + kEscapedBytesMax * aor.size(); }
// Zeros, in the place of which each watcher's own version is put. Gives where they stand.
uint32_t put_version_room(parsers::Writer& out);

}  // namespace vedette::engine::packages
