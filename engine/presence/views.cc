#include "engine/presence/views.h"

#include <array>

#include "engine/base/check.h"
#include "engine/presence/notify.h"
#include "engine/presence/packages/package.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

void Views::on_presentity_changed(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  ++presentity.version;
  partial_.end(presentity.document, presentity.document_before);
}

bool Views::shows_registrations(uint32_t index) {
  const DocumentRef& document = core_.presentities[index].document;
  uint32_t version_offset = 0;
  return document.is_null() || compose_document(index, version_offset) != document.view();
}

const DocumentRef& Views::compose(uint32_t index) {
  Presentity& presentity = core_.presentities[index];
  uint32_t version_offset = 0;
  const std::string_view composed = compose_document(index, version_offset);
  presentity.document = DocumentRef::try_make(core_.texts, composed, version_offset);
  if (!presentity.document.is_null()) core_.counters.add(Counter::kDocumentsComposed);
  partial_.follow(presentity.document, presentity.document_before);
  return presentity.document;
}

// In the core's scratch.
std::string_view Views::compose_document(uint32_t index, uint32_t& version_offset) {
  const Presentity& presentity = core_.presentities[index];
  std::array<PublishedFragments, kPublicationsPerPresentityMax> published;
  size_t count = 0;
  for (uint32_t p = presentity.publications; p != kNoIndex && count < published.size();) {
    const Publication& publication = core_.publications[p];
    PublishedFragments& fragments = published[count++];
    fragments = fragments_of(publication.state);
    fragments.number = publication.number;
    fragments.device = publication.device;
    p = publication.next;
  }
  PackageState state = {.aor = presentity.aor.view(),
                        .publications = std::span(published).first(count),
                        .registrar = &registrations_,
                        .version = presentity.version,
                        .bytes_max = notify_body_bytes_max(core_.limits),
                        .core = &core_,
                        .presence = index};
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

}  // namespace vedette::engine
