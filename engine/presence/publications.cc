#include "engine/presence/publications.h"

#include <array>

#include "engine/base/check.h"
#include "engine/presence/notify.h"
#include "engine/presence/packages/package.h"

namespace vedette::engine {

uint32_t Publications::make(uint32_t presentity, const PublishedState& state) {
  const uint32_t index = core_.publications.try_acquire();
  if (index == kNoIndex) return kNoIndex;
  Publication& publication = core_.publications[index];
  publication.presentity = presentity;
  publication.number = ++core_.presentities[presentity].publication_numbers;
  publication.state = state;
  return index;
}

uint32_t Publications::try_make(uint32_t presentity, const PublishedState& state) {
  // The pool has room for hard state, too, which is not to be had by publishing.
  if (published_count() == core_.limits.publications_max) return kNoIndex;
  const uint32_t index = make(presentity, state);
  Presentity& owner = core_.presentities[presentity];
  core_.publications[index].next = owner.publications;
  owner.publications = index;
  ++owner.publication_count;
  return index;
}

uint32_t Publications::try_make_hard(uint32_t presentity, const PublishedState& state) {
  if (hard_count_ == core_.limits.hard_states_max) return kNoIndex;
  const uint32_t index = make(presentity, state);
  core_.publications[index].is_hard = true;
  uint32_t* link = &core_.presentities[presentity].publications;
  while (*link != kNoIndex) link = &core_.publications[*link].next;
  *link = index;
  ++hard_count_;
  hard_bytes_ += state.text.length;
  return index;
}

void Publications::make_newest(uint32_t index) {
  unlink(index);
  Presentity& owner = core_.presentities[core_.publications[index].presentity];
  core_.publications[index].next = owner.publications;
  owner.publications = index;
}

void Publications::replace_state(uint32_t index, const PublishedState& state) {
  Publication& publication = core_.publications[index];
  if (publication.is_hard) hard_bytes_ += uint64_t{state.text.length} - publication.state.text.length;
  core_.texts.release(publication.state.text);
  publication.state = state;
}

void Publications::expire_at(uint32_t index, Instant end) {
  core_.publications[index].expires_at = end;
  const uint32_t timer = core_.publication_timer(index);
  end == Instant::never() ? core_.timers.cancel(timer) : core_.timers.arm(timer, end);
}

void Publications::release(uint32_t index) {
  unlink(index);
  Publication& publication = core_.publications[index];
  if (publication.is_hard) {
    --hard_count_;
    hard_bytes_ -= publication.state.text.length;
  } else {
    --core_.presentities[publication.presentity].publication_count;
  }
  core_.timers.cancel(core_.publication_timer(index));
  core_.texts.release(publication.state.text);
  core_.publications.release(index);
}

void Publications::unlink(uint32_t index) {
  const Publication& publication = core_.publications[index];
  uint32_t* link = &core_.presentities[publication.presentity].publications;
  while (*link != index) link = &core_.publications[*link].next;
  *link = publication.next;
}

uint32_t Publications::find_hard(uint32_t presentity) const {
  uint32_t p = core_.presentities[presentity].publications;
  while (p != kNoIndex && !core_.publications[p].is_hard) p = core_.publications[p].next;
  return p;
}

Reason Publications::check_fit(uint32_t presentity, uint32_t replaced, const PublishedFragments& joining) const {
  std::array<PublishedFragments, kComposedPublicationsMax + 1> published;
  size_t count = 0;
  published[count++] = joining;
  for (uint32_t p = core_.presentities[presentity].publications; p != kNoIndex; p = core_.publications[p].next) {
    if (p != replaced && count < published.size()) published[count++] = fragments_of(core_.publications[p].state);
  }
  const Presentity& whole = core_.presentities[presentity];
  PackageState state;
  state.aor = whole.aor.view();
  state.publications = std::span(published).first(count);
  if (package_of(whole.package).bytes_max(state) <= notify_body_bytes_max(core_.limits)) return Reason::kNone;
  // Alone it is the body that is too long; beside others it is what they make together.
  return count == 1 ? Reason::kBodyTooLong : Reason::kDocumentTooLong;
}

void Publications::check_invariants() const {
  for (uint32_t i = 0; i < core_.presentities.high_water(); ++i) {
    if (core_.presentities.is_live(i)) check_list(i);
  }
  uint32_t hard = 0;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < core_.publications.high_water(); ++i) {
    if (!core_.publications.is_live(i) || !core_.publications[i].is_hard) continue;
    ++hard;
    bytes += core_.publications[i].state.text.length;
  }
  VEDETTE_CHECK(hard == hard_count_ && bytes == hard_bytes_);
  VEDETTE_CHECK(hard_count_ <= core_.limits.hard_states_max && hard_bytes_ <= core_.limits.hard_states_bytes_max);
  VEDETTE_CHECK(published_count() <= core_.limits.publications_max);
}

void Publications::check_list(uint32_t index) const {
  const Presentity& presentity = core_.presentities[index];
  uint32_t count = 0;
  for (uint32_t p = presentity.publications; p != kNoIndex; p = core_.publications[p].next) {
    const Publication& publication = core_.publications[p];
    VEDETTE_CHECK(publication.presentity == index);
    VEDETTE_CHECK(core_.timers.is_armed(core_.publication_timer(p)) == (publication.expires_at != Instant::never()));
    VEDETTE_CHECK(!publication.is_hard || publication.next == kNoIndex);
    VEDETTE_CHECK(publication.is_hard || publication.expires_at != Instant::never());
    count += publication.is_hard ? 0 : 1;
  }
  VEDETTE_CHECK(count == presentity.publication_count);
  VEDETTE_CHECK(count <= core_.limits.publications_per_presentity_max);
  VEDETTE_CHECK(!presentity.is_idle());
}

}  // namespace vedette::engine
