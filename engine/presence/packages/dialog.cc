// Dialog state (RFC 4235), as phones publish it and as busy lamps watch it: the dialogs of all publications, newest
// publication first. Documents are always full state (§4.1), so that a watcher that lost one needs no other.

#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"
#include "parsers/dialog_info.h"

namespace vedette::engine::packages {
namespace {

using parsers::Fragment;
using parsers::FragmentKind;

constexpr size_t kSuffixBytesMax = 2 * (1 + 10);   // "-4294967295-4294967295"

std::string_view id_of(const PublishedFragments& publication, const Fragment& fragment) {
  return publication.bytes.substr(fragment.offset + fragment.id_offset, fragment.id_length);
}

// Whether a dialog before this one has its id. RFC 4235 §4.1.1: ids are unique in a document; two phones may choose the
// same.
bool is_taken(const PackageState& state, const PublishedFragments& mine, const Fragment& fragment) {
  const std::string_view id = id_of(mine, fragment);
  for (const PublishedFragments& publication : state.publications) {
    for (const Fragment& other : publication.fragments) {
      if (&other == &fragment) return false;
      if (other.kind == FragmentKind::kDialog && id_of(publication, other) == id) return true;
    }
  }
  return false;
}

bool compose_dialogs(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  out.put(parsers::kDialogInfoOpen);
  version_offset = put_version_room(out);
  out.put(parsers::kDialogInfoState);
  put_entity(state.aor, out);
  out.put(parsers::kDialogInfoOpenEnd);
  for (const PublishedFragments& publication : state.publications) {
    for (const Fragment& fragment : publication.fragments) {
      const std::string_view text = publication.bytes.substr(fragment.offset, fragment.length);
      if (fragment.kind != FragmentKind::kDialog || !is_taken(state, publication, fragment)) {
        out.put(text);
        continue;
      }
      const size_t behind_id = fragment.id_offset + fragment.id_length;
      out.put(text.substr(0, behind_id)).put('-').put_uint(publication.number).put('-');
      out.put_uint(static_cast<uint64_t>(&fragment - publication.fragments.data())).put(text.substr(behind_id));
    }
  }
  out.put(parsers::kDialogInfoClose);
  return !out.overflowed();
}

size_t dialogs_bytes_max(const PackageState& state) {
  size_t bytes = parsers::kDialogInfoOpen.size() + kVersionDigits + parsers::kDialogInfoState.size() +
                 entity_bytes_max(state.aor) + parsers::kDialogInfoOpenEnd.size() + parsers::kDialogInfoClose.size();
  for (const PublishedFragments& publication : state.publications) {
    for (const Fragment& fragment : publication.fragments) bytes += fragment.length + kSuffixBytesMax;
  }
  return bytes;
}

}  // namespace

const EventPackage kDialog = {.name = "dialog",
                              .type = "application",
                              .subtype = "dialog-info+xml",
                              .media_type = "application/dialog-info+xml",
                              .audience = PackageAudience::kAsWatchPolicySays,
                              .normalise = parsers::normalise_dialog_info,
                              .bad_body = Reason::kBadBody,
                              .compose = compose_dialogs,
                              .bytes_max = dialogs_bytes_max};

}  // namespace vedette::engine::packages
