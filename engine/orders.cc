#include "engine/orders.h"

namespace vedette::engine {

ControlMessage Orders::change_rules(Instant now, const ControlMessage& order) {
  ControlMessage question = order;
  question.rules = {};  // They are lent for this call alone.
  const std::string_view aor(order.aor.data(), order.aor_length);
  const LentRules& lent = order.rules;
  uint32_t presentity = kNoIndex;
  if (order.kind == ControlMessage::Kind::kRemoveRules) {
    if (!rules_.remove(aor, presentity)) return question;
  } else {
    const std::string_view bytes(lent.bytes, size_t{lent.rule_set_length} + lent.names_length);
    const CompiledRules compiled = {bytes.substr(0, lent.rule_set_length), bytes.substr(lent.rule_set_length),
                                    lent.rules, lent.document_bytes};
    question.outcome = rules_.load(now, aor, compiled, presentity);
    if (question.outcome != Reason::kNone) {
      core_.counters.add(question.outcome);
      return question;
    }
  }
  notifier_.on_rules_changed(now, presentity);
  core_.release_if_idle(presentity);
  return question;
}

ControlMessage Orders::change_hard_state(Instant now, const ControlMessage& order) {
  ControlMessage question = order;
  question.hard_state = {};
  const std::string_view aor(order.aor.data(), order.aor_length);
  uint32_t presentity = kNoIndex;
  if (order.kind == ControlMessage::Kind::kRemoveHardState) {
    if (!hard_states_.remove(aor, presentity)) return question;
  } else {
    question.outcome = hard_states_.set(now, aor, order.hard_state, presentity);
    if (question.outcome != Reason::kNone) {
      core_.counters.add(question.outcome);
      return question;
    }
  }
  notifier_.on_presentity_changed(now, presentity);
  core_.release_if_idle(presentity);
  return question;
}

}  // namespace vedette::engine
