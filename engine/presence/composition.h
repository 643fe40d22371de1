// One presentity's presence document (RFC 3863), composed from the fragments of its publications. Pure: what
// is published and whether the presentity is registered come in, bytes go out. Who may see what is not
// decided here: a view passes fewer fragments. Runs on the shard's worker, once per version of the
// presentity.
//
// Precedence. Publications come newest first, and the newest has the first word. Hard state (RFC 3903 §2: "the
// steady-state or default event state of a resource, which the ESC may use in the absence of, or in addition to, soft
// state publications") comes last and has the last word.
//  1. "Appear offline" wins: a person whose <overriding-willingness> (OMA) is closed, in whatever publication and in
//     hard state, hides everything. The document is then that of somebody who has nothing to say, byte for byte.
//  2. Tuples of all publications, newest publication first: users are shown the first tuple. A tuple
//     leaves the document when its publication does, and never because another device published.
//  3. Tuples of registrations, newest first, of devices that have published no tuple themselves. What is published is
//     the user's word: where every published tuple is closed, no registration says otherwise.
//  4. Tuples of hard state. Where there is one by the rules before, only those that are not closed: a service that can
//     always be reached stands beside others, what says that nobody is there does not.
//  5. There is always a tuple: when there is no other, "offline", closed, so that watchers see an answer.
//  6. Notes of all publications, then of hard state.
//  7. One person (RFC 4479 §3.2): the first one of the newest publication that has any; else that of hard state.
//  8. Devices of all publications and of hard state; of those with the same deviceID (RFC 4479 §3.4) only the newest.
//  9. Extension elements of all publications, then of hard state.
// ids are unique in the document (they are xs:ID): one that was already used gets "-N" appended, N being the
// number of the publication it stands in, so that it stays the same from one document to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/limits.h"
#include "engine/presence/published_state.h"
#include "parsers/pidf.h"
#include "parsers/writer.h"

namespace vedette::engine {

// Fragments with an id in one document; compose refuses more. Each publication as large as may be.
inline constexpr size_t kComposedFragmentsMax = kComposedPublicationsMax * parsers::kFragmentsMax;
// Registrations that are looked at; what more there are show in nothing.
inline constexpr size_t kComposedRegistrationsMax = 32;

// What one device published, or its registration says; or hard state.
struct PublishedFragments {
  std::string_view bytes;                        // What normalise_pidf wrote.
  std::span<const parsers::Fragment> fragments;  // Their offsets are into `bytes`.
  std::span<const parsers::FragmentPart> parts;
  uint32_t number = 0;                           // Never changes while the publication lives.
  uint64_t device = 0;                           // Where it came from, see device.h.
  std::string_view instance;                     // Of a registration: its +sip.instance.
  bool is_hard = false;
};

PublishedFragments fragments_of(const PublishedState& state);

struct CompositionInput {
  std::string_view aor;                               // Canonical, without scheme: "alice@example.com".
  std::span<const PublishedFragments> publications;   // Newest first; hard state last.
  std::span<const PublishedFragments> registrations;  // Newest first: live bindings.
  size_t bytes_max = SIZE_MAX;                        // Registrations that would make it longer are left out.
};

// An element of a composed document, so that a view can leave it out, or some of its parts, without reading XML.
struct ComposedElement {
  parsers::FragmentKind kind = parsers::FragmentKind::kExtension;
  uint32_t offset = 0;       // In the document.
  uint32_t length = 0;
  uint32_t id_growth = 0;    // How much longer its id became: parts stand that much farther behind.
  const parsers::Fragment* fragment = nullptr;  // What it was made from; null for "offline".
  std::span<const parsers::FragmentPart> parts;

  size_t part_offset(const parsers::FragmentPart& part) const { return offset + id_growth + part.offset; }
};
inline constexpr size_t kComposedElementsMax = kComposedFragmentsMax + kComposedRegistrationsMax + 1;

// The document's elements in their order. Lent by the caller; as large as kComposedElementsMax, or empty for a
// caller who does not ask.
struct ComposedElements {
  std::span<ComposedElement> room;
  size_t count = 0;
};

// A document of these publications, whatever is registered, never takes more bytes than this when they alone
// stand in it.
size_t composed_bytes_max(std::string_view aor, std::span<const PublishedFragments> publications);

// Appends the document. False when it does not fit or has more than kComposedFragmentsMax fragments; what
// `out` holds then is of no use.
bool compose(const CompositionInput& input, parsers::Writer& out, ComposedElements* elements = nullptr);

}  // namespace vedette::engine
