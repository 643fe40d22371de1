// What is asked of a presence server: the mixes A to F of users in the field, and cases of stress, by name. Rates are
// of one hour of a user's day; a mix is the same for ten users and for ten million. Nothing here sends anything.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::storm {

struct Workload {
  std::string_view name;
  std::string_view words;        // What it is, for --help and the report.
  uint32_t contacts = 25;        // Presentities that each user watches, from each device.
  double changes_per_hour = 4;   // PUBLISHes of each user.
  double devices = 1;            // Of a user on average, 1 to 2: every device subscribes and registers.
  uint32_t body_bytes = 640;     // Of a presence document.
  double refresh_seconds = 3600; // Between two SUBSCRIBEs in a dialog; of bindings and publications, too.
  double polls_per_hour = 0;     // SUBSCRIBEs with Expires: 0 of each user.
  uint32_t crowd = 0;            // Watchers of one more presentity, which changes as fast as all have seen it.
  uint32_t hammering = 0;        // Phones that SUBSCRIBE again and again...
  double hammers_per_second = 0; // ...so often, each in a new dialog.
  double dead_share = 0;         // Of the watchers: they never answer a NOTIFY.
  double within_seconds = 0;     // All come back within this time, cold; 0: as fast as they are answered.
  bool only_arriving = false;    // The run ends when all have arrived.
};

std::span<const Workload> workloads();
const Workload* find_workload(std::string_view name);  // Null: no such name.

// What `users` of a mix ask for, all of them together.
struct WorkloadRates {
  double subscriptions = 0;
  double publishes_per_second = 0;
  double refreshes_per_second = 0;      // Of subscriptions.
  double registers_per_second = 0;
  double republishes_per_second = 0;    // PUBLISHes that only refresh.
  double notifies_per_second = 0;       // For changes and for refreshes.
  double transactions_per_second = 0;   // All of these.
};
WorkloadRates rates_of(const Workload& workload, double users);

}  // namespace vedette::storm
