#include "engine/registrar/register.h"

#include "parsers/token_list.h"

namespace vedette::engine {

void RegisterHandler::on_request(Exchange& exchange, std::string_view aor) {
  const Request& request = exchange.request();
  uint32_t presentity = core_.find_presentity(aor);
  RegisterPlan plan;
  Reason reason =
      registrations_.plan(request, presentity == kNoIndex ? kNoIndex : core_.presentities[presentity].bindings, plan);
  // RFC 3261 §10.3 step 7: an interval below the minimum: 423.
  if (reason == Reason::kIntervalTooBrief) return exchange.refuse_too_brief(plan.min_expires);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  if (plan.count > 0 || plan.remove_all) {
    reason = core_.obtain_presentity(aor, PackageId::kPresence, presentity);
    if (reason != Reason::kNone) return exchange.refuse(reason);
    plan.presentity = presentity;
    const Seen before = seen_of(presentity);
    uint32_t ended = kNoIndex;
    reason = registrations_.apply(exchange.now(), request, plan, core_.presentities[presentity].bindings, ended);
    if (reason != Reason::kNone) {
      core_.release_if_idle(presentity);
      return exchange.refuse(reason);
    }
    exchange.remember({});
    answer(exchange);
    on_bindings_changed(exchange.now(), presentity, {before, ended});
    return;
  }
  answer(exchange);
}

void RegisterHandler::answer(Exchange& exchange) {
  const Request& request = exchange.request();
  const CanonicalAor aor(request.to.uri);
  const uint32_t presentity = core_.find_presentity(aor.view());
  core_.counters.add(Counter::kRegistersAccepted);
  exchange.accept({}, [&](parsers::Writer& writer) {
    if (presentity == kNoIndex) return;
    // RFC 5627 §5.2: GRUUs are given to those who say that they know them.
    const bool with_gruu = parsers::lists_token(*request.message, parsers::HeaderId::kSupported, "gruu");
    registrations_.write_contacts(exchange.now(), {aor.view(), core_.presentities[presentity].bindings, with_gruu},
                                  writer);
  });
}

void RegisterHandler::on_timer(Instant now, uint32_t presentity) {
  const Seen before = seen_of(presentity);
  uint32_t ended = kNoIndex;
  registrations_.remove_expired(now, core_.presentities[presentity].bindings, ended);
  on_bindings_changed(now, presentity, {before, ended});
}

RegisterHandler::Seen RegisterHandler::seen_of(uint32_t index) const {
  const Presentity& presentity = core_.presentities[index];
  Seen seen;
  seen.presence = registrations_.presence_hash(presentity.bindings);
  seen.reg = core_.find_presentity(presentity.aor.view(), PackageId::kReg);
  if (seen.reg == kNoIndex) return seen;
  registrations_.for_each(presentity.bindings, [&](const Binding& binding, uint32_t) {
    seen.contacts += core_.hash(binding.contact()) ^ binding.q;
  });
  return seen;
}

void RegisterHandler::on_bindings_changed(Instant now, uint32_t index, const Change& change) {
  const Instant expiry = registrations_.next_expiry(core_.presentities[index].bindings);
  if (expiry == Instant::never()) {
    core_.timers.cancel(core_.bindings_timer(index));
  } else {
    core_.timers.arm(core_.bindings_timer(index), expiry);
  }
  const Seen after = seen_of(index);
  if (change.before.presence != after.presence) notifier_.on_registrations_changed(now, index);
  // RFC 3680 §4.7.2: who watches the registration sees each of them.
  if (change.before.contacts != after.contacts) tell_of_contacts(now, after.reg, change.ended);
  uint32_t ended = change.ended;
  registrations_.release(ended);
  core_.release_if_idle(index);
}

// RFC 3680 §5.1: a contact that is over is told of, with what ended it. So the document is made now, while it is
// known; the one of the next change has it no more.
void RegisterHandler::tell_of_contacts(Instant now, uint32_t reg, uint32_t ended) {
  notifier_.on_presentity_changed(now, reg);
  Presentity& presentity = core_.presentities[reg];
  if (presentity.watchers == kNoIndex) return;
  presentity.tells_of_ended = ended != kNoIndex;
  presentity.bindings = ended;
  views_.document_of(presentity.watchers);
  presentity.bindings = kNoIndex;
}

}  // namespace vedette::engine
