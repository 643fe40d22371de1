// [pace]: how often watchers are told. Control thread, at start only.
#include <string>

#include "engine/control/config_reader.h"

namespace vedette::control {
namespace {

using engine::Duration;
using engine::PackageId;

struct PaceKey {
  std::string_view name;
  PackageId package;
};

constexpr PaceKey kPaceKeys[] = {{"presence", PackageId::kPresence},
                                 {"presence_winfo", PackageId::kWatcherInfo},
                                 {"dialog", PackageId::kDialog},
                                 {"message_summary", PackageId::kMessageSummary},
                                 {"reg", PackageId::kReg}};
static_assert(std::size(kPaceKeys) == engine::kPackages);

constexpr Duration kDay = Duration::seconds(86'400);

}  // namespace

void read_pace(TableReader& top, engine::PacePolicy& out) {
  std::optional<TableReader> table = top.read_table("pace");
  if (!table) return;
  table->read_duration("interval_max", out.interval_max, {Duration::seconds(1), kDay});
  table->read_duration("unchanged_interval_min", out.unchanged_interval_min, {Duration::milliseconds(100), kDay});
  for (const PaceKey& key : kPaceKeys) {
    Duration& interval = out.interval[static_cast<size_t>(key.package)];
    table->read_duration(key.name, interval, {Duration(), kDay});
    if (interval <= out.interval_max) continue;
    table->add(key.name, "is " + to_text(interval) + ", above interval_max, which is " + to_text(out.interval_max) +
                             "; lower it or raise the other");
  }
  table->finish();
}

}  // namespace vedette::control
