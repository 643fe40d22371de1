// Partial presence (RFC 5262): a composed document as <pidf-full>, and what turns one composed document into another as
// <pidf-diff>, a list of patch operations (RFC 5261). Pure; runs on the shard's worker once per document or pair of
// documents, whoever carries the result.
//
// Documents come as bytes, and their elements are found again in those: by the time of the second the fragments that
// the first was made of are gone. Applied one after the other to the first document, the operations give the elements
// of the second in their order:
//  1. What changes its place is removed, so that no id ever stands twice.
//  2. From the first to the last place: what goes gives way to what comes; the rest is removed or added.
//  3. An element that stays but changed is replaced, or those of its children that differ, whichever is shorter.
// Selectors name tuples by their ids and everything else by its place, so that few prefixes need to be declared. They
// begin with "*", as a watcher may have the root as the <p:pidf-full> that it got or as <presence>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::engine {

// A <pidf-full> has so many more bytes than the document.
inline constexpr size_t kPidfFullGrowth = 70;

// RFC 5262 §3, §3.1: both kinds have a version, by which a watcher sees that it missed none. Room for it is left at
// `version_offset` (see kVersionDigits in package.h).

// Appends `document` as <pidf-full>. False when it does not fit or is not what compose() writes.
bool write_pidf_full(std::string_view document, parsers::Writer& out, uint32_t& version_offset);

// Appends the <pidf-diff> that makes `after` of `before`. False when that cannot be said (other presentities, more than
// kPairedElementsMax elements) or is not shorter than `after` as a <pidf-full>; what `out` holds then is of no use.
bool write_pidf_diff(std::string_view before, std::string_view after, parsers::Writer& out, uint32_t& version_offset);

}  // namespace vedette::engine
