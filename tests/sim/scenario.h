// What happens in a world besides everybody's whims, in its safety phase: a star's changes, power cuts, storms of
// SUBSCRIBEs, devices that expire in one order after another, leaps of the clock, changes of rules and of hard state.
// What of it is played the preset says.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/hard_state_writer.h"
#include "tests/sim/phone.h"
#include "tests/sim/rule_writer.h"

namespace vedette::sim {

class Scenario {
 public:
  Scenario(Stage& stage, const std::vector<std::unique_ptr<Phone>>& phones, RuleWriter& rules,
           HardStateWriter& hard_states, Random random)
      : stage_(stage), phones_(phones), rules_(rules), hard_states_(hard_states), random_(random) {}

  // `world`: its number. One world after another has the next orders of expiry.
  void schedule(uint64_t world);

 private:
  // Calls `action` again and again, at random distances, while the safety phase lasts.
  template <typename Action>
  void repeat(DurationRange distance, Action action);
  void change_star();
  void cut_power();
  void storm();
  void expire_devices();
  void leap();

  Stage& stage_;
  const std::vector<std::unique_ptr<Phone>>& phones_;
  RuleWriter& rules_;
  HardStateWriter& hard_states_;
  Random random_;
  uint64_t next_order_ = 0;      // Of those in which devices expire.
};

}  // namespace vedette::sim
