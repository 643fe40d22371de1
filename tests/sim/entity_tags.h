// What entity-tags stand for (RFC 5839 §6.1), as NOTIFYs have told: one for each state of an AOR in a package.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "tests/sim/package_view.h"

namespace vedette::sim {

class EntityTags {
 public:
  // A NOTIFY showed this under this tag. False when another one has shown something else.
  bool learn(const std::string& aor, std::string_view tag, const PackageView& view);
  // Null when no NOTIFY has shown it.
  const PackageView* find(Package package, const std::string& aor, std::string_view tag) const;
  void clear() { views_.clear(); }

 private:
  std::map<std::tuple<Package, std::string, std::string>, PackageView> views_;
};

}  // namespace vedette::sim
