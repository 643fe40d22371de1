#include "tools/storm/workload.h"

#include <array>

namespace vedette::storm {
namespace {

constexpr uint32_t kShort = 640;  // One device's document, with its activity and a note.
constexpr uint32_t kLong = 4096;  // A Lync user's: devices, calendar, location, capabilities.

constexpr std::array kWorkloads = {
    Workload{.name = "A",
             .words = "4 contacts, 3 changes an hour (IETF inter-domain scaling, low)",
             .contacts = 4,
             .changes_per_hour = 3,
             .body_bytes = kShort},
    Workload{.name = "B",
             .words = "10 contacts, 6 changes an hour (IETF inter-domain scaling, high)",
             .contacts = 10,
             .changes_per_hour = 6,
             .body_bytes = kShort},
    Workload{.name = "C",
             .words = "25 contacts, 4 changes an hour (Columbia): the headline",
             .contacts = 25,
             .body_bytes = kShort},
    Workload{.name = "D",
             .words = "50 contacts, 4 changes an hour, 1.5 devices (Lync)",
             .contacts = 50,
             .devices = 1.5,
             .body_bytes = kLong},
    Workload{.name = "E",
             .words = "80 contacts, 4 changes an hour, 1.5 devices (Lync)",
             .contacts = 80,
             .devices = 1.5,
             .body_bytes = kLong},
    Workload{.name = "F",
             .words = "80 contacts, 6 changes an hour, 1.9 devices: the limit (Lync)",
             .contacts = 80,
             .changes_per_hour = 6,
             .devices = 1.9,
             .body_bytes = kLong},
    Workload{.name = "restart",
             .words = "all come back within 60 seconds: REGISTER, PUBLISH, 25 SUBSCRIBEs each",
             .within_seconds = 60,
             .only_arriving = true},
    Workload{.name = "polls",
             .words = "nobody subscribes, all poll 60 times an hour",
             .contacts = 0,
             .polls_per_hour = 60},
    Workload{.name = "crowd",
             .words = "mix C beside one presentity with a million watchers that changes at once again",
             .crowd = 1'000'000},
    Workload{.name = "hammer",
             .words = "mix C beside ten phones that SUBSCRIBE 58 times a second each",
             .hammering = 10,
             .hammers_per_second = 58},
    Workload{.name = "dead",
             .words = "mix C, and 5 % of the watchers are dead: they answer nothing",
             .dead_share = 0.05},
};

}  // namespace

std::span<const Workload> workloads() { return kWorkloads; }

const Workload* find_workload(std::string_view name) {
  for (const Workload& workload : kWorkloads) {
    if (workload.name == name) return &workload;
  }
  return nullptr;
}

WorkloadRates rates_of(const Workload& workload, double users) {
  constexpr double kHour = 3600;
  WorkloadRates rates;
  rates.subscriptions = users * workload.contacts * workload.devices + workload.crowd;
  rates.publishes_per_second = users * workload.changes_per_hour / kHour;
  rates.refreshes_per_second = rates.subscriptions / workload.refresh_seconds;
  rates.registers_per_second = users * workload.devices / workload.refresh_seconds;
  rates.republishes_per_second = users / workload.refresh_seconds;
  const double fan_out = workload.contacts * workload.devices;
  rates.notifies_per_second = rates.publishes_per_second * fan_out + rates.refreshes_per_second;
  rates.transactions_per_second = rates.notifies_per_second + rates.publishes_per_second +
                                  rates.refreshes_per_second + rates.registers_per_second +
                                  rates.republishes_per_second;
  return rates;
}

}  // namespace vedette::storm
