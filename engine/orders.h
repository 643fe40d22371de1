// What an operator orders for one address of record, carried out: its rules and its hard state, set or removed. One
// thread, the shard's.
#pragma once

#include "engine/control_message.h"
#include "engine/core.h"
#include "engine/presence/hard_states.h"
#include "engine/presence/notifier.h"
#include "engine/presence/rule_sets.h"

namespace vedette::engine {

class Orders {
 public:
  // All outlive this.
  Orders(Core& core, RuleSets& rules, HardStates& hard_states, Notifier& notifier)
      : core_(core), rules_(rules), hard_states_(hard_states), notifier_(notifier) {}

  // Both give the question that is left: what there is now. What was lent is in it no more.
  ControlMessage change_rules(Instant now, const ControlMessage& order);
  ControlMessage change_hard_state(Instant now, const ControlMessage& order);

 private:
  Core& core_;
  RuleSets& rules_;
  HardStates& hard_states_;
  Notifier& notifier_;
};

}  // namespace vedette::engine
