#include "engine/presence/views.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/presence/notify.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/view_document.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

using parsers::Permissions;
using parsers::PermissionsKey;
using parsers::SubHandling;

Views::Views(Core& core, const Registrar& registrations, RuleSets& rules)
    : core_(core),
      registrations_(registrations),
      rules_(rules),
      partial_(core),
      scratch_(core.limits.datagram_bytes_max),
      elements_(kComposedElementsMax) {}

bool Views::on_presentity_changed(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  ++presentity.version;
  partial_.end(presentity.document, presentity.document_before);
  if (presentity.authorization == kNoIndex) return false;
  for (const uint32_t i : core_.authorizations[presentity.authorization].views) {
    if (i == kNoIndex) continue;
    View& view = core_.views[i];
    // RFC 5025 §3.2.1: who is politely blocked sees somebody who is not there, whatever happens.
    if (view.permissions.sub_handling == SubHandling::kAllow) view.is_outdated = true;
  }
  return rules_.has_other_sphere(index);
}

bool Views::shows_registrations(uint32_t index) {
  const DocumentRef& document = core_.presentities[index].document;
  uint32_t version_offset = 0;
  return document.is_null() || compose_document(index, nullptr, version_offset) != document.view();
}

const DocumentRef& Views::compose_whole(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  uint32_t version_offset = 0;
  const std::string_view composed = compose_document(index, nullptr, version_offset);
  presentity.document = DocumentRef::try_make(core_.texts, {.body = composed,
                                                            .media_type = package_of(presentity.package).media_type,
                                                            .entity_tag = core_.hash(composed),
                                                            .version_offset = version_offset});
  if (!presentity.document.is_null()) core_.counters.add(Counter::kDocumentsComposed);
  partial_.follow(presentity.document, presentity.document_before);
  return presentity.document;
}

// In the core's scratch.
std::string_view Views::compose_document(uint32_t index, ComposedElements* elements, uint32_t& version_offset) {
  const Presentity& presentity = core_.presentities[index];
  std::array<PublishedFragments, kComposedPublicationsMax> published;
  size_t count = 0;
  for (uint32_t p = presentity.publications; p != kNoIndex && count < published.size();) {
    const Publication& publication = core_.publications[p];
    PublishedFragments& fragments = published[count++];
    fragments = fragments_of(publication.state);
    fragments.number = publication.number;
    fragments.device = publication.device;
    fragments.is_hard = publication.is_hard;
    p = publication.next;
  }
  PackageState state = {.aor = presentity.aor.view(),
                        .publications = std::span(published).first(count),
                        .registrar = &registrations_,
                        .version = presentity.version,
                        .bytes_max = notify_body_bytes_max(core_.limits),
                        .core = &core_,
                        .presence = index,
                        .elements = elements};
  // The bindings of an AOR are kept with its presence.
  if (presentity.package != PackageId::kPresence) {
    state.ended_bindings = presentity.bindings;
    state.presence = core_.find_presentity(state.aor);
  }
  if (state.presence != kNoIndex) state.bindings = core_.presentities[state.presence].bindings;
  parsers::Writer writer(core_.scratch.data(), core_.scratch.size());
  // Publications whose document would not fit are refused (413), so this one does.
  version_offset = 0;
  VEDETTE_CHECK(package_of(presentity.package).compose(state, writer, version_offset) && !writer.overflowed());
  return writer.text();
}

// In a scratch.
std::string_view Views::compose_view(const Authorization& authorization, const View& view) {
  parsers::Writer writer(scratch_.data(), scratch_.size());
  if (view.permissions.sub_handling == SubHandling::kPoliteBlock) {
    // RFC 5025 §3.2.1: a document that says that the presentity is unavailable: no person, no device, one service that
    // is closed. It is, byte for byte, that of somebody who has no device at all.
    VEDETTE_CHECK(compose({.aor = core_.presentities[authorization.presentity].aor.view()}, writer));
    return writer.text();
  }
  ComposedElements elements{elements_};
  uint32_t version_offset = 0;
  const std::string_view whole = compose_document(authorization.presentity, &elements, version_offset);
  write_view({whole, std::span(elements_).first(elements.count)}, {authorization.rules.view(), view.permissions},
             writer);
  VEDETTE_CHECK(!writer.overflowed());
  return writer.text();
}

// Afterwards it shows what its watchers are to see now; with another number, if that is something else than before.
void Views::refresh(Authorization& authorization, View& view) {
  if (!view.is_outdated) return;
  view.is_outdated = false;
  if (!view.shows_document()) return;
  DocumentRef document;
  std::string_view text;
  if (is_whole(view.permissions.key())) {
    const Presentity& presentity = core_.presentities[authorization.presentity];
    const DocumentRef& whole =
        presentity.document.is_null() ? compose_whole(authorization.presentity) : presentity.document;
    if (!whole.is_null()) document = whole.share();
    text = whole.view();
  } else {
    text = compose_view(authorization, view);
  }
  const View* const twin = text.empty() ? nullptr : find_twin(authorization, text);
  view.number = twin != nullptr ? twin->number : ++authorization.last_number;
  if (document.is_null() && twin != nullptr) document = twin->document.share();
  if (document.is_null() && !text.empty()) {
    DocumentRef before;
    partial_.end(view.document, before);
    // Only presence has rules.
    const std::string_view media_type = package_of(PackageId::kPresence).media_type;
    document = DocumentRef::try_make(
        core_.texts, {.body = text, .media_type = media_type, .entity_tag = core_.hash(text)});
    if (!document.is_null()) core_.counters.add(Counter::kDocumentsComposed);
    partial_.follow(document, before);
    before.release(core_.texts);
  }
  view.document.release(core_.texts);
  view.document = document;
  view.is_outdated = document.is_null();
}

// A view, of now or of old, that shows or has shown just this; perhaps the one that is to show it.
const View* Views::find_twin(const Authorization& authorization, std::string_view text) const {
  for (const uint32_t index : authorization.views) {
    if (index != kNoIndex && core_.views[index].document.view() == text) return &core_.views[index];
  }
  return nullptr;
}

const View* Views::view_of(const Subscription& subscription) const {
  const uint32_t index = core_.presentities[subscription.presentity].authorization;
  if (index == kNoIndex || subscription.view == kNoView) return nullptr;
  return &core_.views[core_.authorizations[index].views[subscription.view]];
}

const DocumentRef* Views::document_of_view(uint32_t index) {
  const Subscription& subscription = core_.subscriptions[index];
  if (subscription.view == kNoView) return nullptr;
  Authorization& authorization = core_.authorizations[core_.presentities[subscription.presentity].authorization];
  View& view = core_.views[authorization.views[subscription.view]];
  if (!view.shows_document()) return nullptr;
  refresh(authorization, view);
  return &view.document;
}

void Views::ask_anew(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  Authorization& authorization = core_.authorizations[presentity.authorization];
  if (authorization.last_number == 0) make_whole_view(authorization);
  core_.counters.add(Counter::kRulesAskedAnew);
  core_.timers.cancel(core_.rules_timer(presentity.authorization));
  authorization.is_asked_anew = true;
  authorization.valid_until = parsers::kRulesForever;
  authorization.view_count = 0;
  for (const uint32_t view : authorization.views) {
    if (view != kNoIndex) core_.views[view].is_stale = true;
  }
}

// Those who watched before there were rules have seen the whole document, or will be told it by the fan-out under way.
void Views::make_whole_view(Authorization& authorization) {
  const Presentity& presentity = core_.presentities[authorization.presentity];
  authorization.last_number = 1;
  if (core_.views.size() == core_.views.capacity()) return;
  View& view = make(authorization, 0);
  view.permissions = all_permissions();
  if (!presentity.document.is_null()) {
    view.document = presentity.document.share();
    view.is_outdated = false;
  }
  if (presentity.fanout_left == 0) authorization.number_before = view.number;
}

void Views::finish(uint32_t index) {
  Authorization& authorization = core_.authorizations[core_.presentities[index].authorization];
  if (!authorization.is_asked_anew) return;
  authorization.is_asked_anew = false;
  for (uint32_t slot = 0; slot < kViewSlots; ++slot) {
    if (authorization.views[slot] != kNoIndex && core_.views[authorization.views[slot]].is_stale) {
      drop(authorization, slot);
    }
  }
}

bool Views::is_settled(Instant now, uint32_t subscription) const {
  const Presentity& presentity = core_.presentities[core_.subscriptions[subscription].presentity];
  return rules_.is_settled(now, core_.authorizations[presentity.authorization]);
}

Views::Look Views::look(Instant now, uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  const uint32_t presentity = subscription.presentity;
  Authorization& authorization = core_.authorizations[core_.presentities[presentity].authorization];
  if (!rules_.is_settled(now, authorization)) {
    const Permissions permissions = rules_.ask(now, presentity, subscription.watcher());
    const bool is_blocked = permissions.sub_handling == SubHandling::kBlock;
    if (is_blocked || check_room(presentity, permissions) != Reason::kNone) {
      leave(index);
      return is_blocked ? Look::kBlocked : Look::kNoRoom;
    }
    if (subscription.view == kNoView && subscription.told == 0) subscription.told = authorization.number_before;
    enter(index, permissions);
  }
  if (subscription.view == kNoView) return Look::kSame;
  View& view = core_.views[authorization.views[subscription.view]];
  refresh(authorization, view);
  return subscription.told == view.number ? Look::kSame : Look::kChanged;
}

void Views::on_told(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  subscription.is_told_pending = core_.is_pending(subscription);
  if (const View* view = view_of(subscription)) subscription.told = view->number;
}

Reason Views::check_room(uint32_t presentity, const Permissions& permissions) const {
  const Authorization& authorization = core_.authorizations[core_.presentities[presentity].authorization];
  const uint32_t slot = find(authorization, permissions.key());
  if (slot < kViewSlots && !core_.views[authorization.views[slot]].is_stale) return Reason::kNone;
  if (authorization.view_count >= core_.limits.views_per_presentity_max) return Reason::kPresentityViewsFull;
  if (slot < kViewSlots) return Reason::kNone;
  if (free_slot(authorization) == kViewSlots) return Reason::kPresentityViewsFull;
  return core_.views.size() < core_.views.capacity() ? Reason::kNone : Reason::kViewsFull;
}

void Views::enter(uint32_t index, const Permissions& permissions) {
  Subscription& subscription = core_.subscriptions[index];
  const uint32_t authorization_index = core_.presentities[subscription.presentity].authorization;
  Authorization& authorization = core_.authorizations[authorization_index];
  uint32_t slot = find(authorization, permissions.key());
  const bool is_new = slot == kViewSlots;
  if (is_new) slot = free_slot(authorization);
  View& view = is_new ? make(authorization, slot) : core_.views[authorization.views[slot]];
  if (is_new || view.is_stale) ++authorization.view_count;
  view.is_stale = false;
  view.permissions = permissions;
  rules_.note_valid_until(authorization_index, permissions.valid_until);
  if (subscription.view == slot) return;
  ++view.watchers;
  // Before the old view goes, which may have shown the same.
  refresh(authorization, view);
  if (subscription.view != kNoView) core_.counters.add(Counter::kSubscriptionsChangedView);
  leave(index);
  subscription.view = static_cast<uint8_t>(slot);
}

void Views::leave(uint32_t index) {
  Subscription& subscription = core_.subscriptions[index];
  if (subscription.view == kNoView) return;
  Authorization& authorization = core_.authorizations[core_.presentities[subscription.presentity].authorization];
  const uint32_t slot = subscription.view;
  subscription.view = kNoView;
  if (--core_.views[authorization.views[slot]].watchers == 0) drop(authorization, slot);
}

uint32_t Views::find(const Authorization& authorization, const PermissionsKey& key) const {
  const auto has_key = [&](uint32_t view) { return view != kNoIndex && core_.views[view].permissions.key() == key; };
  const auto& views = authorization.views;
  return static_cast<uint32_t>(std::find_if(views.begin(), views.end(), has_key) - views.begin());
}

uint32_t Views::free_slot(const Authorization& authorization) const {
  const auto& views = authorization.views;
  return static_cast<uint32_t>(std::find(views.begin(), views.end(), kNoIndex) - views.begin());
}

View& Views::make(Authorization& authorization, uint32_t slot) {
  const uint32_t index = core_.views.try_acquire();
  VEDETTE_CHECK(index != kNoIndex && slot < kViewSlots);
  authorization.views[slot] = index;
  core_.counters.add(Counter::kViewsMade);
  View& view = core_.views[index];
  view.number = ++authorization.last_number;
  return view;
}

void Views::drop(Authorization& authorization, uint32_t slot) {
  const uint32_t view = std::exchange(authorization.views[slot], kNoIndex);
  if (!core_.views[view].is_stale) --authorization.view_count;
  core_.release_view(view);
}

void Views::check_invariants() const {
  std::vector<uint32_t> watchers(core_.views.high_water());
  uint32_t views = 0;
  for (uint32_t i = 0; i < core_.subscriptions.high_water(); ++i) {
    if (!core_.subscriptions.is_live(i)) continue;
    const Subscription& subscription = core_.subscriptions[i];
    const uint32_t index = core_.presentities[subscription.presentity].authorization;
    VEDETTE_CHECK(index != kNoIndex || subscription.view == kNoView);
    if (subscription.view != kNoView) ++watchers[core_.authorizations[index].views[subscription.view]];
  }
  for (uint32_t i = 0; i < core_.authorizations.high_water(); ++i) {
    if (!core_.authorizations.is_live(i)) continue;
    const Authorization& authorization = core_.authorizations[i];
    uint32_t fresh = 0;
    for (const uint32_t index : authorization.views) {
      if (index == kNoIndex) continue;
      const View& view = core_.views[index];
      VEDETTE_CHECK(view.watchers == watchers[index]);
      VEDETTE_CHECK(view.is_stale ? authorization.is_asked_anew : view.watchers > 0);
      fresh += view.is_stale ? 0 : 1;
      ++views;
    }
    VEDETTE_CHECK(fresh == authorization.view_count && fresh <= core_.limits.views_per_presentity_max);
  }
  VEDETTE_CHECK(views == core_.views.size());
}

}  // namespace vedette::engine
