// What a watcher may see of a presentity (RFC 5025 §3.2, §3.3).
#pragma once

#include <compare>

#include "tests/support/pres_rules_model.h"

namespace vedette::sim {

struct Rights {
  enum class Handling : uint8_t { kBlock, kConfirm, kPoliteBlock, kAllow };
  Handling handling = Handling::kBlock;
  bool sees_all = false;                     // All there is: by policy, or because it is his own.
  support::ModelPermissions granted = {};    // By rules, to one who is allowed.

  // It may see that there is somebody, and what was granted.
  bool shows_document() const { return handling >= Handling::kPoliteBlock; }
  auto operator<=>(const Rights&) const = default;
};

inline Rights all_rights() { return {.handling = Rights::Handling::kAllow, .sees_all = true}; }

}  // namespace vedette::sim
