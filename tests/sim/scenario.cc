#include "tests/sim/scenario.h"

#include <algorithm>
#include <array>

namespace vedette::sim {

using engine::Duration;

namespace {

// A registration and a publication of each of a user's three devices.
constexpr size_t kEndings = 2 * kExpiringDevices;
// Orders that a world has time for.
constexpr uint64_t kOrdersOfWorld = 12;
constexpr Duration kStormTick = Duration::microseconds(1'000'000 / 58);
constexpr unsigned kStormTicks = 58 * 3;
constexpr size_t kStormPhones = 10;

// The order of that number: element i ends as the order[i]th.
std::array<size_t, kEndings> order_of(uint64_t number) {
  std::array<size_t, kEndings> order;
  for (size_t i = 0; i < kEndings; ++i) order[i] = i;
  for (uint64_t i = 0; i < number; ++i) std::next_permutation(order.begin(), order.end());
  return order;
}

}  // namespace

template <typename Action>
void Scenario::repeat(DurationRange distance, Action action) {
  stage_.clock.after(random_.between(distance), [this, distance, action] {
    if (stage_.phase != Phase::kSafety) return;
    action();
    repeat(distance, action);
  });
}

void Scenario::schedule(uint64_t world) {
  const Events& events = stage_.preset.events;
  const auto seconds = [](int64_t min, int64_t max) {
    return DurationRange{Duration::seconds(min), Duration::seconds(max)};
  };
  next_order_ = world * kOrdersOfWorld % kExpiryOrders;
  if (events.has_star) repeat(seconds(1, 9), [this] { change_star(); });
  if (events.has_power_cuts) repeat(seconds(20, 60), [this] { cut_power(); });
  if (events.has_storms) repeat(seconds(15, 25), [this] { storm(); });
  if (events.has_expiry_rounds) repeat(seconds(22, 25), [this] { expire_devices(); });
  if (events.has_leaps) repeat(seconds(20, 90), [this] { leap(); });
  if (events.has_rules) repeat(seconds(1, 6), [this] { rules_.change(); });
  if (events.has_hard_states) repeat(seconds(1, 12), [this] { hard_states_.change(); });
}

void Scenario::change_star() {
  for (const auto& publication : phones_.front()->publications()) publication->publish_for(150);
  stage_.played.add(Play::kStarsChange);
}

// Everybody's memory is gone at once; within seconds all register, publish and subscribe again.
void Scenario::cut_power() {
  const Duration dark = random_.between({Duration::seconds(1), Duration::seconds(20)});
  for (const auto& phone : phones_) {
    phone->cut_power(dark + random_.between({{}, Duration::seconds(3)}));
  }
  stage_.played.add(Play::kPowerCut);
}

// Ten phones SUBSCRIBE 58 times a second each; every other one forgets each time that it has.
void Scenario::storm() {
  const size_t first = random_.below(phones_.size());
  for (size_t i = 0; i < std::min(kStormPhones, phones_.size()); ++i) {
    Phone& phone = *phones_[(first + i) % phones_.size()];
    for (unsigned tick = 0; tick < kStormTicks; ++tick) {
      stage_.clock.after(kStormTick * tick, [&phone, forgets = i % 2 == 1] { phone.insist(forgets); });
    }
  }
}

void Scenario::expire_devices() {
  std::array<size_t, kEndings> order = order_of(next_order_);
  stage_.played.expiry_orders.set(next_order_);
  next_order_ = (next_order_ + 1) % kExpiryOrders;
  // Sometimes several end in the same second, or all do.
  const uint32_t apart = static_cast<uint32_t>(random_.below(3));
  const auto lasts = [&](size_t ending) { return 6 + static_cast<uint32_t>(order[ending]) * apart; };
  for (const auto& phone : phones_) {
    const unsigned device = phone->plan().device;
    if (phone->plan().is_left_to_expire) phone->show_for(lasts(2 * device), lasts(2 * device + 1));
  }
  stage_.played.add(Play::kExpiryRound);
}

// A minute to more than five days: nobody gets a word in.
void Scenario::leap() {
  const Duration far = Duration::seconds(60) * (int64_t{1} << random_.below(14));
  stage_.trace.note("the clock leaps " + std::to_string(far.to_seconds()) + " s");
  stage_.leaps.push_back({stage_.now(), stage_.now() + far});
  stage_.clock.leap(far);
  stage_.played.add(Play::kLeap);
}

}  // namespace vedette::sim
