#include "tests/sim/watcher_table.h"

#include <set>
#include <string_view>

namespace vedette::sim {
namespace {

// RFC 3857 §4.7.1, Figure 1: by which events each state is entered.
bool is_transition(std::string_view status, std::string_view event) {
  static const std::set<std::pair<std::string_view, std::string_view>> kAll = {
      {"pending", "subscribe"},      {"active", "subscribe"},       {"active", "approved"},
      {"waiting", "timeout"},        {"terminated", "noresource"},  {"terminated", "rejected"},
      {"terminated", "deactivated"}, {"terminated", "probation"},   {"terminated", "giveup"},
      {"terminated", "timeout"},     {"terminated", "approved"}};
  return kAll.contains({status, event});
}

}  // namespace

std::string WatcherTable::take(const PackageView& document) {
  if (document.version <= version_) return {};
  const bool fits = document.is_full || (version_ >= 0 && document.version == version_ + 1);
  version_ = document.version;
  std::vector<ElementView> rows = document.is_full ? std::vector<ElementView>() : std::move(view_.elements);
  view_ = document;
  view_.elements.clear();
  view_.is_full = true;
  if (!fits) {
    clear();
    return "a partial document without the one before it";
  }
  std::set<std::string> ids;
  for (const ElementView& told : document.elements) {
    if (!ids.insert(told.id).second) return "two watchers are called " + told.id;
    if (!is_transition(told.state, told.event)) return "a watcher is " + told.state + " by " + told.event;
    std::erase_if(rows, [&](const ElementView& row) { return row.id == told.id; });
    if (told.state != "terminated") rows.push_back(told);
  }
  view_.elements = std::move(rows);
  return {};
}

}  // namespace vedette::sim
