#include "tests/sim/entity_tags.h"

namespace vedette::sim {

bool EntityTags::learn(const std::string& aor, std::string_view tag, const PackageView& view) {
  const auto [found, is_new] = views_.try_emplace({view.package, aor, std::string(tag)}, view);
  return is_new || to_text(found->second) == to_text(view);
}

const PackageView* EntityTags::find(Package package, const std::string& aor, std::string_view tag) const {
  const auto found = views_.find({package, aor, std::string(tag)});
  return found == views_.end() ? nullptr : &found->second;
}

}  // namespace vedette::sim
