// Watcher information of presence (RFC 3857, RFC 3858): who watches, told to who is watched. Documents are always full
// state, and list as many watchers as a NOTIFY has room for, the earliest first.
#include "engine/core.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"

namespace vedette::engine::packages {
namespace {

constexpr std::string_view kOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<watcherinfo xmlns=\"urn:ietf:params:xml:ns:watcherinfo\" version=\"";
constexpr std::string_view kClose = "</watcher-list></watcherinfo>";
constexpr size_t kWatcherBytesMax = 128;   // Without its URI.

// RFC 3857 §4.7.1: what the state is, and the event that led to it.
void put_watcher(const Core& core, const Subscription& subscription, parsers::Writer& out) {
  // An id that stays with the subscription, and says nothing of its dialog.
  out.put("<watcher id=\"w").put_hex(core.hash(subscription.tag), 16);
  if (is_ending(subscription.state)) {
    out.put("\" status=\"terminated\" event=\"").put(entry_of(subscription.end_reason).name);
  } else {
    // RFC 3857 §4.7.1: pending until rules say that it may watch.
    out.put("\" status=\"").put(core.is_pending(subscription) ? "pending" : "active").put("\" event=\"subscribe");
  }
  out.put("\">");
  put_entity(subscription.watcher(), out);
  out.put("</watcher>");
}

bool compose_watchers(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  out.put(kOpen);
  version_offset = put_version_room(out);
  out.put("\" state=\"full\"><watcher-list resource=\"");
  put_entity(state.aor, out);
  out.put("\" package=\"presence\">");
  const Core& core = *state.core;
  const uint32_t first = state.presence == kNoIndex ? kNoIndex : core.presentities[state.presence].watchers;
  for (uint32_t i = first; i != kNoIndex;) {
    const Subscription& subscription = core.subscriptions[i];
    const size_t bytes = kWatcherBytesMax + entity_bytes_max(subscription.watcher()) + kClose.size();
    if (out.length() + bytes > state.bytes_max || out.room() < bytes) break;
    put_watcher(core, subscription, out);
    i = subscription.next == first ? kNoIndex : subscription.next;
  }
  out.put(kClose);
  return !out.overflowed();
}

}  // namespace

// RFC 3857 §4.6: for who is watched alone.
const EventPackage kWatcherInfo = {.name = "presence.winfo",
                                   .type = "application",
                                   .subtype = "watcherinfo+xml",
                                   .media_type = "application/watcherinfo+xml",
                                   .audience = PackageAudience::kNobodyElse,
                                   .normalise = nullptr,
                                   .bad_body = Reason::kBadBody,
                                   .compose = compose_watchers,
                                   .bytes_max = nullptr};

}  // namespace vedette::engine::packages
