// Addresses of record as people type them. Control thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vedette::control {

// "alice@example.com", "sip:Alice@Example.com" → canonical, as state is kept under. Nothing when it is none.
std::optional<std::string> canonical_aor(std::string_view text);

}  // namespace vedette::control
