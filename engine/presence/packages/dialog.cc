// Dialog state (RFC 4235), as phones publish it and as busy lamps watch it: the dialogs of all publications, newest
// publication first. Documents are always full state (§4.1), so that a watcher that lost one needs no other.

#include <array>

#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"
#include "parsers/dialog_info.h"

namespace vedette::engine::packages {
namespace {

using parsers::DialogDetail;
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

// RFC 4235 §3.6: "A user agent that registers with the address-of-record X SHOULD authorize subscriptions that come
// from any entity that can authenticate itself as X. Complete information on the dialog state SHOULD be sent in this
// case." To everybody else, what the domain's policy says; session descriptions are his alone.
DialogDetail detail_for(const PackageQuestion& question, bool wants_session_descriptions) {
  const WatchQuestion& parties = question.parties;
  if (parties.watcher == parties.presentity) {
    return wants_session_descriptions ? DialogDetail::kSessions : DialogDetail::kAll;
  }
  const Domain* const domain = find_domain_of(question.config, parties.presentity);
  switch (domain == nullptr ? DialogDetails::kBusy : domain->dialog_details) {
    case DialogDetails::kAll: return DialogDetail::kAll;
    case DialogDetails::kState: return DialogDetail::kState;
    case DialogDetails::kBusy: return DialogDetail::kBusy;
  }
  return DialogDetail::kBusy;
}

Reason select_dialogs(const PackageQuestion& question, std::span<char> out, size_t& length) {
  std::array<char, parsers::kDialogFilterBytesMax> room;
  parsers::DialogSelection selection;
  const std::string_view params = question.event.params;
  if (params.size() > room.size() ||
      parsers::parse_dialog_selection(params, room, selection) != parsers::ParseError::kOk) {
    return Reason::kBadEvent;
  }
  const DialogDetail detail = detail_for(question, selection.wants_session_descriptions);
  // RFC 4235 §3.7.2: of who is not told of single dialogs, "it is RECOMMENDED that subscriptions to an individual
  // dialog or to a specific set of dialogs be forbidden".
  if (!selection.is_of_all() && detail < DialogDetail::kAll) return Reason::kForbidden;
  if (selection.is_of_all() && detail == DialogDetail::kSessions) return Reason::kNone;
  length = parsers::write_dialog_filter(detail, selection, out);
  return length > 0 ? Reason::kNone : Reason::kBadEvent;
}

bool merge_dialogs(const PublishedState& held, std::span<char> room, parsers::PidfDocument& document) {
  return parsers::merge_dialog_info({held.bytes(), held.fragments()}, room, document);
}

}  // namespace

const EventPackage kDialog = {.name = "dialog",
                              .type = "application",
                              .subtype = "dialog-info+xml",
                              .media_type = "application/dialog-info+xml",
                              .select = select_dialogs,
                              .apply_filter = parsers::apply_dialog_filter,
                              .audience = PackageAudience::kAsWatchPolicySays,
                              .normalise = parsers::normalise_dialog_info,
                              .merge = merge_dialogs,
                              .bad_body = Reason::kBadBody,
                              .compose = compose_dialogs,
                              .bytes_max = dialogs_bytes_max};

}  // namespace vedette::engine::packages
