#include "tests/sim/totals.h"

#include <cstdio>
#include <type_traits>

#include "engine/reason.h"

namespace vedette::sim {

static_assert(std::is_trivially_copyable_v<Totals>);

void Totals::add_counters(const engine::Counters& other, const ServerDrops& dropped) {
  for (size_t i = 0; i < counters.values.size(); ++i) counters.values[i] += other.values[i];
  for (size_t i = 0; i < counters.refusals.size(); ++i) counters.refusals[i] += other.refusals[i];
  drops.rx_queue += dropped.rx_queue;
  drops.peer_ring += dropped.peer_ring;
}

void Totals::add(const RunResult& result, bool good) {
  ++worlds;
  failed += !good;
  messages += result.messages;
  for (const auto& [status, count] : result.answers) answers.at(status) += count;
  add_counters(result.counters, result.drops);
  played.add(result.played);
}

void Totals::add(const Totals& other) {
  failed += other.failed;
  worlds += other.worlds;
  messages += other.messages;
  for (size_t i = 0; i < answers.size(); ++i) answers[i] += other.answers[i];
  add_counters(other.counters, other.drops);
  played.add(other.played);
}

std::string Totals::limits_not_met() const {
  using engine::Counter;
  using engine::Reason;
  static constexpr std::array kReasons = {Reason::kPresentitiesFull, Reason::kSubscriptionsFull,
                                          Reason::kPublicationsFull, Reason::kBindingsFull,
                                          Reason::kDocumentsFull,    Reason::kPresentitySubscriptionsFull,
                                          Reason::kAorBindingsFull,  Reason::kMessageTooLong,
                                          Reason::kBodyTooLong,      Reason::kQuiescing,
                                          Reason::kFiltersFull,
                                          Reason::kWatcherSubscriptionsFull,
                                          Reason::kWatcherFiltersFull};
  static constexpr std::array kCounters = {Counter::kPublicationsReplaced, Counter::kServerTransactionsForgotten,
                                           Counter::kReplayWindowsForgotten};
  std::string names;
  for (const Reason reason : kReasons) {
    if (counters.get(reason) == 0) names.append(" ").append(engine::entry_of(reason).name);
  }
  for (const Counter counter : kCounters) {
    if (counters.get(counter) == 0) names.append(" ").append(engine::to_string(counter));
  }
  if (drops.rx_queue == 0) names += " rx_queue";
  if (drops.peer_ring == 0) names += " peer_ring";
  return names;
}

std::string Totals::not_played() const {
  using engine::Counter;
  static constexpr std::array kCounters = {Counter::kNotifiesUnchanged, Counter::kWatcherListsContinued,
                                           Counter::kWatcherListsCut, Counter::kWatchersWaiting,
                                           Counter::kHardStatesExpired, Counter::kPatchesWritten};
  std::string names;
  for (size_t i = 0; i < kPlays; ++i) {
    const Play play = static_cast<Play>(i);
    if (played.get(play) == 0) names.append(" ").append(to_string(play));
  }
  for (const Counter counter : kCounters) {
    if (counters.get(counter) == 0) names.append(" ").append(engine::to_string(counter));
  }
  return names;
}

void Totals::print() const {
  const auto line = [](std::string_view prefix, std::string_view name, uint64_t count) {
    std::printf("  %.*s%.*s: %llu\n", static_cast<int>(prefix.size()), prefix.data(), static_cast<int>(name.size()),
                name.data(), static_cast<unsigned long long>(count));
  };
  for (size_t status = 0; status < answers.size(); ++status) {
    if (answers[status] > 0) line("answered ", std::to_string(status), answers[status]);
  }
  for (size_t i = 0; i < counters.values.size(); ++i) {
    line("", engine::to_string(static_cast<engine::Counter>(i)), counters.values[i]);
  }
  for (size_t i = 1; i < counters.refusals.size(); ++i) {
    line("refused_", engine::entry_of(static_cast<engine::Reason>(i)).name, counters.refusals[i]);
  }
  line("", "dropped_at_rx_queue", drops.rx_queue);
  line("", "dropped_at_peer_ring", drops.peer_ring);
  for (size_t i = 0; i < kPlays; ++i) line("played ", to_string(static_cast<Play>(i)), played.counts[i]);
  line("played ", "orders_of_expiry (of 720)", played.expiry_orders.count());
}

}  // namespace vedette::sim
