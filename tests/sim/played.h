// What was played in a world, or in many: how often each thing happened that scenarios are there for, so that one sees
// that nothing is idle.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string_view>

namespace vedette::sim {

enum class Play : uint8_t {
  kNotifyOfPresence, kNotifyOfWatcherInfo, kNotifyOfDialog, kNotifyOfMessageSummary, kNotifyOfReg,   // As Package.
  kOperatorsEnd,        // An operator ended subscriptions.
  kRestart,
  kKept,                // A SUBSCRIBE was answered 204,
  kLeftOut,             // or by a NOTIFY without the document.
  kStarsChange,         // A celebrity published.
  kPowerCut,            // Everybody went dark and came back.
  kUnanswered,          // NOTIFYs that a dead watcher left without an answer,
  kAnsweredLate,        // or answered late.
  kStormSubscribe,      // SUBSCRIBEs of phones gone mad.
  kExpiryRound,         // All of a user's devices were left to expire.
  kLeap,                // The clock leapt.
  kRulesLoaded,         // Rules were loaded,
  kRulesRemoved,        // or removed.
  kRulesRefused,        // There was no room for them.
  kHardStateSet,        // Hard state was set,
  kHardStateRemoved,    // or removed.
  kHardStateRefused,    // There was no room for it.
  kNotifyOfPending,     // NOTIFYs that say so,
  kNotifyOfPoliteBlock, // that show somebody who is not there,
  kNotifyOfPart,        // that show what was granted,
  kRejected,            // that end what rules block.
  kCount
};
inline constexpr size_t kPlays = static_cast<size_t>(Play::kCount);

// In how many orders a user's three registrations and three publications may expire.
inline constexpr size_t kExpiryOrders = 720;

struct Played {
  std::array<uint64_t, kPlays> counts{};
  std::bitset<kExpiryOrders> expiry_orders;

  void add(Play play, uint64_t count = 1) { counts[static_cast<size_t>(play)] += count; }
  uint64_t get(Play play) const { return counts[static_cast<size_t>(play)]; }
  void add(const Played& other) {
    for (size_t i = 0; i < kPlays; ++i) counts[i] += other.counts[i];
    expiry_orders |= other.expiry_orders;
  }
};

constexpr std::string_view to_string(Play play) {
  constexpr std::array<std::string_view, kPlays> kNames = {
      "notifies_of_presence", "notifies_of_winfo", "notifies_of_dialog", "notifies_of_message_summary",
      "notifies_of_reg", "ends_by_operator", "restarts", "subscribes_answered_204", "notifies_without_the_document",
      "changes_of_a_star", "power_cuts", "notifies_never_answered",
      "notifies_answered_late", "subscribes_of_a_storm", "rounds_of_expiry", "leaps_of_the_clock",
      "loads_of_rules", "removals_of_rules", "refusals_of_rules", "hard_states_set", "hard_states_removed",
      "hard_states_refused", "notifies_of_pending", "notifies_of_polite_block",
      "notifies_of_a_part", "notifies_of_rejection"};
  return kNames[static_cast<size_t>(play)];
}

}  // namespace vedette::sim
