// Presence (RFC 3856): PIDF, composed by engine/presence/composition.
#include "engine/base/handle.h"
#include "engine/presence/packages/package.h"

namespace vedette::engine::packages {
namespace {

CompositionInput input_of(const PackageState& state) {
  return {state.aor, state.publications, state.bindings != kNoIndex};
}

bool compose_presence(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  version_offset = 0;
  return compose(input_of(state), out);
}

size_t presence_bytes_max(const PackageState& state) { return composed_bytes_max(input_of(state)); }

}  // namespace

const EventPackage kPresence = {.name = "presence",
                                .type = "application",
                                .subtype = "pidf+xml",
                                .media_type = "application/pidf+xml",
                                .audience = PackageAudience::kAsWatchPolicySays,
                                .normalise = parsers::normalise_pidf,
                                .bad_body = Reason::kBadPidf,
                                .compose = compose_presence,
                                .bytes_max = presence_bytes_max};

}  // namespace vedette::engine::packages
