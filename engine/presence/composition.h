// One presentity's presence document (RFC 3863), composed from the fragments of its publications. Pure: what
// is published and whether the presentity is registered come in, bytes go out. Who may see what is not
// decided here: a view passes fewer fragments. Runs on the shard's worker, once per version of the
// presentity.
//
// Precedence. Publications come newest first, and the newest has the first word:
//  1. Tuples of all publications, newest publication first: users are shown the first tuple. A tuple
//     leaves the document when its publication does, and never because another device published.
//  2. There is always a tuple. When no publication has one we add our own: "registration", open, with the
//     presentity's URI as contact, when a binding is live; else "offline", closed, so that watchers see an
//     answer.
//  3. Notes of all publications.
//  4. One person (RFC 4479 §3.1): the first one of the newest publication that has any.
//  5. Devices of all publications; of those with the same deviceID (RFC 4479 §3.3) only the newest.
//  6. Extension elements of all publications.
// ids are unique in the document (they are xs:ID): one that was already used gets "-N" appended, N being the
// number of the publication it stands in, so that it stays the same from one document to the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/pidf.h"
#include "parsers/writer.h"

namespace vedette::engine {

// Fragments with an id in one document; compose refuses more. 32 publications, each as large as may be.
inline constexpr size_t kComposedFragmentsMax = 32 * parsers::kFragmentsMax;

struct PublishedFragments {
  std::string_view bytes;                        // What normalise_pidf wrote.
  std::span<const parsers::Fragment> fragments;  // Their offsets are into `bytes`.
  uint32_t publication_number = 0;               // Never changes while the publication lives.
};

struct CompositionInput {
  std::string_view aor;                              // Canonical, without scheme: "alice@example.com".
  std::span<const PublishedFragments> publications;  // Newest first.
  bool registered = false;                           // At least one binding is live.
};

// A document of this input never takes more bytes than this.
size_t composed_bytes_max(const CompositionInput& input);

// Appends the document. False when it does not fit or has more than kComposedFragmentsMax fragments; what
// `out` holds then is of no use.
bool compose(const CompositionInput& input, parsers::Writer& out);

}  // namespace vedette::engine
