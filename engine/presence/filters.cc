#include "engine/presence/filters.h"

#include "engine/base/check.h"
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
  head.filtered = DocumentRef::try_make(core_.texts, writer.text());
  head.filter_serial = wanted.serial;
  core_.counters.add(Counter::kDocumentsFiltered);
  return head.filtered;
}

}  // namespace vedette::engine
