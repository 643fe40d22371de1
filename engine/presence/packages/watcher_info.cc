// Watcher information of presence (RFC 3857, RFC 3858): who watches, told to who is watched.
#include "engine/presence/packages/watcher_info.h"

#include "engine/core.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"
#include "parsers/xml_chars.h"

namespace vedette::engine::packages {
namespace {

constexpr std::string_view kOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<watcherinfo xmlns=\"urn:ietf:params:xml:ns:watcherinfo\" version=\"";
constexpr size_t kWatcherBytesMax = 224;    // Without its URI and name.
constexpr size_t kIdDigits = 16;
// A longer name is left out: it is for people to read.
constexpr size_t kDisplayNameBytesMax = 128;

bool has_display_name(const WatcherRow& row) {
  return !row.display_name.empty() && row.display_name.size() <= kDisplayNameBytesMax &&
         parsers::is_xml_text(row.display_name);
}

// RFC 3261 §25.1: tokens, or a quoted string, in which a backslash takes its meaning from what follows it.
void put_display_name(std::string_view name, parsers::Writer& out) {
  const bool is_quoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
  if (!is_quoted) return parsers::put_xml_escaped(name, out);
  name = name.substr(1, name.size() - 2);
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    parsers::put_xml_escaped(name.substr(i, 1), out);
  }
}

}  // namespace

uint32_t open_watcher_list(std::string_view aor, bool is_full, parsers::Writer& out) {
  out.put(kOpen);
  const uint32_t version_offset = put_version_room(out);
  out.put("\" state=\"").put(is_full ? "full" : "partial").put("\"><watcher-list resource=\"");
  put_entity(aor, out);
  out.put("\" package=\"presence\">");
  return version_offset;
}

// RFC 3858 §3: id, status and event are mandatory. "expiration: The amount of time, in seconds from the current time,
// that the subscription will expire." "duration-subscribed: The amount of time, expressed in seconds, between the time
// the SUBSCRIBE which created the subscription was received, and the current time."
void put_watcher(Instant now, const WatcherRow& row, parsers::Writer& out) {
  out.put("<watcher id=\"w").put_hex(row.id, kIdDigits);
  if (has_display_name(row)) {
    out.put("\" display-name=\"");
    put_display_name(row.display_name, out);
  }
  out.put("\" duration-subscribed=\"").put_uint(static_cast<uint64_t>((now - row.created_at).to_seconds()));
  if (row.expires_at != Instant::never()) {
    out.put("\" expiration=\"").put_uint(seconds_left(now, row.expires_at));
  }
  out.put("\" status=\"").put(to_string(row.status)).put("\" event=\"").put(to_string(row.event)).put("\">");
  put_entity(row.aor, out);
  out.put("</watcher>");
}

size_t watcher_bytes_max(const WatcherRow& row) {
  const size_t name = has_display_name(row) ? row.display_name.size() : 0;
  return kWatcherBytesMax + entity_bytes_max(row.aor) + kEscapedBytesMax * name;
}

// RFC 3857 §4.6: for who is watched alone.
const EventPackage kWatcherInfo = {.name = "presence.winfo",
                                   .type = "application",
                                   .subtype = "watcherinfo+xml",
                                   .media_type = "application/watcherinfo+xml",
                                   .tells_changes = true,
                                   .audience = PackageAudience::kNobodyElse,
                                   .normalise = nullptr,
                                   .bad_body = Reason::kBadBody,
                                   .compose = nullptr,
                                   .bytes_max = nullptr};

}  // namespace vedette::engine::packages
