#include "engine/presence/hard_states.h"

#include "engine/transaction/request.h"

namespace vedette::engine {

Reason HardStates::set(Instant now, std::string_view aor, const LentHardState& document, uint32_t& presentity) {
  if (core_.config.find_domain(CanonicalAor::of(aor).domain()) == nullptr) return Reason::kNotLocalDomain;
  if (document.document_bytes > core_.limits.publication_body_bytes_max) return Reason::kBodyTooLong;
  Reason reason = core_.obtain_presentity(aor, PackageId::kPresence, presentity);
  if (reason != Reason::kNone) return reason;
  uint32_t publication = publications_.find_hard(presentity);
  reason = store(presentity, document.state, publication);
  if (reason != Reason::kNone) {
    core_.release_if_idle(presentity);
    return reason;
  }
  const bool stays = document.lifetime_seconds == 0;
  publications_.expire_at(publication, stays ? Instant::never() : now + Duration::seconds(document.lifetime_seconds));
  core_.counters.add(Counter::kHardStatesSet);
  return Reason::kNone;
}

// `publication`: the hard state that there is, or kNoIndex; afterwards that which holds a copy of `lent`.
Reason HardStates::store(uint32_t presentity, const PublishedState& lent, uint32_t& publication) {
  const Reason reason = publications_.check_fit(presentity, publication, fragments_of(lent));
  if (reason != Reason::kNone) return reason;
  const uint64_t replaced = publication == kNoIndex ? 0 : core_.publications[publication].state.text.length;
  if (publications_.hard_bytes() - replaced + lent.text.length > core_.limits.hard_states_bytes_max) {
    return Reason::kHardStatesFull;
  }
  PublishedState state = lent;
  state.text = core_.texts.try_store(lent.text.view(), TextStore::Claim::kNew);
  if (!state.text) return Reason::kDocumentsFull;
  if (publication != kNoIndex) {
    publications_.replace_state(publication, state);
    return Reason::kNone;
  }
  publication = publications_.try_make_hard(presentity, state);
  if (publication != kNoIndex) return Reason::kNone;
  core_.texts.release(state.text);
  return Reason::kHardStatesFull;
}

bool HardStates::remove(std::string_view aor, uint32_t& presentity) {
  presentity = core_.find_presentity(aor);
  if (presentity == kNoIndex) return false;
  const uint32_t publication = publications_.find_hard(presentity);
  if (publication == kNoIndex) return false;
  publications_.release(publication);
  core_.counters.add(Counter::kHardStatesRemoved);
  return true;
}

}  // namespace vedette::engine
