// Presence (RFC 3856): PIDF, composed by engine/presence/composition from publications and registrations.
#include <algorithm>
#include <array>

#include "engine/presence/packages/package.h"
#include "engine/presence/pidf_diff.h"
#include "engine/registrar/registrar.h"
#include "parsers/event_filter.h"

namespace vedette::engine::packages {
namespace {

bool compose_presence(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  version_offset = 0;
  std::array<PublishedFragments, kComposedRegistrationsMax> registered;
  size_t count = 0;
  state.registrar->for_each(state.bindings, [&](const Binding& binding, uint32_t) {
    if (count == registered.size()) return;
    PublishedFragments& fragments = registered[count++];
    fragments = fragments_of(binding.presence);
    fragments.device = binding.device;
    fragments.instance = binding.instance();
  });
  const size_t bytes_max = state.bytes_max - std::min(state.bytes_max, kPidfFullGrowth);
  return compose({state.aor, state.publications, std::span(registered).first(count), bytes_max}, out, state.elements);
}

// What registrations say gives way to what is published. A watcher may take it as a <pidf-full>.
size_t presence_bytes_max(const PackageState& state) {
  return composed_bytes_max(state.aor, state.publications) + kPidfFullGrowth;
}

}  // namespace

const EventPackage kPresence = {.name = "presence",
                                .type = "application",
                                .subtype = "pidf+xml",
                                .media_type = "application/pidf+xml",
                                .partial_subtype = "pidf-diff+xml",
                                .partial_media_type = "application/pidf-diff+xml",
                                .takes_filters = true,
                                .apply_filter = parsers::apply_event_filter,
                                .audience = PackageAudience::kAsWatchPolicySays,
                                .normalise = parsers::normalise_pidf,
                                .bad_body = Reason::kBadPidf,
                                .compose = compose_presence,
                                .bytes_max = presence_bytes_max};

}  // namespace vedette::engine::packages
