#include "engine/presence/filters.h"

#include <array>

#include "engine/base/check.h"
#include "engine/presence/packages/package.h"
#include "parsers/event_filter.h"

namespace vedette::engine {

Reason Filters::try_enter(std::string_view compiled, uint16_t& filter) {
  // At most limits.filters_max, and only for a SUBSCRIBE that has a body: a look at each.
  for (uint32_t i = 0; i < core_.filters.high_water(); ++i) {
    if (!core_.filters.is_live(i) || core_.filters[i].bytes.view() != compiled) continue;
    ++core_.filters[i].users;
    filter = static_cast<uint16_t>(i);
    return Reason::kNone;
  }
  Text bytes = core_.texts.try_store(compiled, TextStore::Claim::kNew);
  if (!bytes) return Reason::kDocumentsFull;
  const uint32_t index = core_.filters.try_acquire();
  if (index == kNoIndex) {
    core_.texts.release(bytes);
    return Reason::kFiltersFull;
  }
  core_.filters[index] = {.bytes = bytes, .users = 1, .serial = ++core_.last_filter_serial};
  filter = static_cast<uint16_t>(index);
  return Reason::kNone;
}

Reason Filters::try_change(std::string_view body, std::string_view aor, FilterState& state) {
  FilterState now = state;
  if (!body.empty()) {
    std::array<char, parsers::kFilterBytesMax> compiled;
    // Only presence takes filters.
    const parsers::FilterReport report =
        parsers::compile_event_filter(body, {package_of(PackageId::kPresence).name, aor}, compiled);
    // RFC 4660 §5.4: 488 says that it is the filter, and a request without it may do.
    if (report.error == parsers::FilterError::kMalformed) return Reason::kBadFilter;
    if (report.error != parsers::FilterError::kOk) return Reason::kFilterUnsupported;
    if (report.removes(now.id)) now = {};
    if (report.concerns_this) {
      // RFC 4660 §5.2.2: "Replacing a filter by changing the filter ID and keeping the resource URI is considered an
      // error since this causes the server to assume that two filters are placed for the same resource."
      if (now.filter != kNoFilter && now.id != report.id) return Reason::kFilterUnsupported;
      // RFC 4661 §3.4: "it MUST contain either the <what> element or the <trigger> element when the filter is
      // being enabled for the first time."
      if (now.filter == kNoFilter && report.is_enabled && !report.has_content) return Reason::kBadFilter;
      now.id = report.id;
      now.is_off = !report.is_enabled;
      if (report.length > 0) {
        const Reason reason = try_enter({compiled.data(), report.length}, now.filter);
        if (reason == Reason::kNone) state = now;
        return reason;
      }
    }
  }
  if (now.filter != kNoFilter) ++core_.filters[now.filter].users;
  state = now;
  return Reason::kNone;
}

void Filters::leave(uint16_t& filter) {
  if (filter == kNoFilter) return;
  Filter& left = core_.filters[filter];
  VEDETTE_CHECK(left.users > 0);
  if (--left.users == 0) {
    core_.texts.release(left.bytes);
    core_.filters.release(filter);
  }
  filter = kNoFilter;
}

const DocumentRef& Filters::apply(const DocumentRef& document, uint16_t filter) {
  const Filter& wanted = core_.filters[filter];
  DocumentRef::Head& head = document.head();
  if (!head.filtered.is_null() && head.filter_serial == wanted.serial) return head.filtered;
  head.filtered.release(core_.texts);
  parsers::Writer writer(core_.scratch.data(), core_.scratch.size());
  if (!parsers::apply_event_filter(wanted.bytes.view(), document.view(), writer)) {
    // It was composed of so many publications that it has more elements than are read. It was asked for, and is shown.
    core_.counters.add(Counter::kDocumentsNotFiltered);
    return document;
  }
  // Only presence takes filters.
  const std::string_view text = writer.text(), media_type = package_of(PackageId::kPresence).media_type;
  head.filtered =
      DocumentRef::try_make(core_.texts, {.body = text, .media_type = media_type, .entity_tag = core_.hash(text)});
  head.filter_serial = wanted.serial;
  core_.counters.add(Counter::kDocumentsFiltered);
  return head.filtered;
}

}  // namespace vedette::engine
