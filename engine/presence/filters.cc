#include "engine/presence/filters.h"

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/presence/partial_presence.h"
#include "parsers/event_filter.h"
#include "parsers/event_filter_trigger.h"

namespace vedette::engine {

namespace {

uint32_t serial_of(const Core& core, uint16_t filter) {
  // From 1.
  return filter >= kShortFilters ? filter - kShortFilters + 1U : core.filters[filter].serial;
}

// What the filter left of the document before this one, for who has that; null when it is not there.
DocumentRef take_before(DocumentRef::Head& head, uint32_t serial) {
  if (head.before.is_null()) return {};
  DocumentRef* link = &head.before.head().filtered;
  while (!link->is_null() && link->head().filter_serial != serial) link = &link->head().next_filtered;
  if (link->is_null()) return {};
  DocumentRef taken = *link;
  *link = std::exchange(taken.head().next_filtered, {});
  return taken;
}

}  // namespace

// What this watcher's SUBSCRIBEs have made is his, whoever has it besides: so nobody takes the room of all others. A
// filter that would leave for the new one makes room for it.
Reason Filters::check_room(uint64_t maker, uint16_t leaves) const {
  if (maker == 0) return Reason::kNone;
  const bool makes_room =
      leaves < kShortFilters && core_.filters[leaves].maker == maker && core_.filters[leaves].users == 1;
  const uint32_t most = core_.limits.filters_per_watcher_max + (makes_room ? 1 : 0);
  return core_.filters_by_maker.count(maker) < most ? Reason::kNone : Reason::kWatcherFiltersFull;
}

Reason Filters::try_enter(std::string_view compiled, std::string_view watcher, uint16_t& filter) {
  if (compiled.size() == 1 && static_cast<uint8_t>(compiled.front()) < kShortFiltersMax) {
    filter = static_cast<uint16_t>(kShortFilters + compiled.front());
    return Reason::kNone;
  }
  // At most limits.filters_max, and only for a SUBSCRIBE that has a body: a look at each.
  const uint32_t known = parsers::has_triggers(compiled) ? 0 : core_.filters.high_water();
  for (uint32_t i = 0; i < known; ++i) {
    if (!core_.filters.is_live(i) || core_.filters[i].bytes.view() != compiled) continue;
    ++core_.filters[i].users;
    filter = static_cast<uint16_t>(i);
    return Reason::kNone;
  }
  const bool is_counted = core_.limits.filters_per_watcher_max != 0 && watcher != kAnonymousAor;
  const uint64_t maker = is_counted ? core_.hash(watcher) | 1 : 0;
  if (const Reason reason = check_room(maker, filter); reason != Reason::kNone) return reason;
  Text bytes = core_.texts.try_store(compiled, TextStore::Claim::kNew);
  if (!bytes) return Reason::kDocumentsFull;
  const uint32_t index = core_.filters.try_acquire();
  if (index == kNoIndex) {
    core_.texts.release(bytes);
    return Reason::kFiltersFull;
  }
  core_.filters[index] = {.bytes = bytes, .users = 1, .maker = maker, .serial = ++core_.last_filter_serial};
  // There is room: it has a place for each filter.
  if (maker != 0) VEDETTE_CHECK(core_.filters_by_maker.try_add(maker));
  filter = static_cast<uint16_t>(index);
  return Reason::kNone;
}

Reason Filters::try_change(std::string_view body, const WatchQuestion& parties, FilterState& state) {
  FilterState now = state;
  if (!body.empty()) {
    std::array<char, parsers::kFilterBytesMax> compiled;
    // Only presence takes filters.
    const std::string_view held =
        now.filter == kNoFilter ? std::string_view() : parsers::event_filter_id(bytes_of(now.filter));
    const std::string_view package = package_of(PackageId::kPresence).name;
    const parsers::FilterReport report =
        parsers::compile_event_filter(body, {package, parties.presentity, held}, compiled);
    // RFC 4660 §5.4: 488 says that it is the filter, and a request without it may do.
    if (report.error == parsers::FilterError::kMalformed) return Reason::kBadFilter;
    if (report.error != parsers::FilterError::kOk) return Reason::kFilterUnsupported;
    if (report.removes_held) now = {};
    if (report.concerns_this) {
      // RFC 4660 §5.2.2: "Replacing a filter by changing the filter ID and keeping the resource URI is considered an
      // error since this causes the server to assume that two filters are placed for the same resource."
      if (now.filter != kNoFilter && !report.names_held) return Reason::kFilterUnsupported;
      // RFC 4661 §3.4: "it MUST contain either the <what> element or the <trigger> element when the filter is
      // being enabled for the first time."
      if (now.filter == kNoFilter && report.is_enabled && !report.has_content) return Reason::kBadFilter;
      now.is_off = !report.is_enabled;
      if (report.length > 0) {
        const Reason reason = try_enter({compiled.data(), report.length}, parties.watcher, now.filter);
        if (reason == Reason::kNone) state = now;
        return reason;
      }
    }
  }
  // Only presence is filtered so, and its filters are longer than a byte.
  if (now.filter != kNoFilter) ++core_.filters[now.filter].users;
  state = now;
  return Reason::kNone;
}

void Filters::leave(uint16_t& filter) {
  if (filter >= kShortFilters) {
    filter = kNoFilter;
    return;
  }
  Filter& left = core_.filters[filter];
  VEDETTE_CHECK(left.users > 0);
  if (--left.users == 0) {
    if (left.maker != 0) core_.filters_by_maker.remove(left.maker);
    core_.texts.release(left.bytes);
    left.told.release(core_.texts);
    core_.filters.release(filter);
  }
  filter = kNoFilter;
}

Reason Filters::try_select(PackageId package, const PackageQuestion& question, FilterState& state) {
  std::array<char, kSelectionBytesMax> compiled;
  size_t length = 0;
  Reason reason = package_of(package).select(question, compiled, length);
  if (reason != Reason::kNone) return reason;
  uint16_t filter = state.filter;
  if (length == 0) {
    filter = kNoFilter;
  } else {
    reason = try_enter({compiled.data(), length}, question.parties.watcher, filter);
  }
  if (reason == Reason::kNone) state = {filter};
  return reason;
}

bool Filters::has_triggers(uint16_t filter) const {
  return filter < kShortFilters && parsers::has_triggers(core_.filters[filter].bytes.view());
}

// RFC 4661 §3.6.1: compared with "the raw version of the most recent XML document that was sent to the subscriber,
// before the filters were applied to it".
bool Filters::fires(uint16_t filter, const DocumentRef& whole) const {
  const Filter& wanted = core_.filters[filter];
  return wanted.told.is_null() || parsers::event_filter_fires(wanted.bytes.view(), wanted.told.view(), whole.view());
}

void Filters::note_told(uint16_t filter, const DocumentRef& whole) {
  const DocumentRef told = whole.share();
  core_.filters[filter].told.release(core_.texts);
  core_.filters[filter].told = told;
}

const DocumentRef& Filters::apply(PackageId id, const DocumentRef& document, uint16_t filter) {
  if (const DocumentRef* const known = find_filtered(core_, document, filter)) return *known;
  const EventPackage& package = package_of(id);
  parsers::Writer writer(core_.scratch.data(), core_.scratch.size());
  if (!package.apply_filter(bytes_of(filter), document.view(), writer)) {
    // It was composed of so many publications that it has more elements than are read. It was asked for, and is shown.
    core_.counters.add(Counter::kDocumentsNotFiltered);
    return document;
  }
  const uint32_t serial = serial_of(core_, filter);
  DocumentRef before = take_before(document.head(), serial);
  const std::string_view text = writer.text();
  DocumentRef filtered = before;
  // What leaves the same as before is the same document, so who has it may know that.
  if (before.view() != text) {
    filtered = DocumentRef::try_make(core_.texts, {.body = text,
                                                   .media_type = package.media_type,
                                                   .entity_tag = core_.hash(text),
                                                   .version_offset = document.version_offset()});
    if (before.serial() != 0) PartialPresence::follow(filtered, before);
    before.release(core_.texts);
    if (filtered.is_null()) return none_;
    filtered.head().filter_serial = serial;
  }
  core_.counters.add(Counter::kDocumentsFiltered);
  put_first(filtered, document.head());
  return document.head().filtered;
}

// Those behind the last one that there is room for go.
void Filters::put_first(const DocumentRef& filtered, DocumentRef::Head& head) {
  filtered.head().next_filtered = head.filtered;
  head.filtered = filtered;
  DocumentRef* last = &head.filtered;
  for (size_t i = 0; i < kFilteredDocumentsMax && !last->is_null(); ++i) last = &last->head().next_filtered;
  last->release(core_.texts);
}

std::string_view Filters::bytes_of(uint16_t filter) const {
  static constexpr char kShort[kShortFiltersMax] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  if (filter < kShortFilters) return core_.filters[filter].bytes.view();
  return {&kShort[filter - kShortFilters], 1};
}

const DocumentRef* find_filtered(const Core& core, const DocumentRef& document, uint16_t filter) {
  const uint32_t serial = serial_of(core, filter);
  const DocumentRef* filtered = &document.head().filtered;
  while (!filtered->is_null() && filtered->head().filter_serial != serial) filtered = &filtered->head().next_filtered;
  return filtered->is_null() ? nullptr : filtered;
}

}  // namespace vedette::engine
