// Registrations (RFC 3680), from the registrar's own bindings. Documents are always full state (§5.1).
#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"
#include "engine/registrar/registrar.h"
#include "parsers/xml_chars.h"

namespace vedette::engine::packages {
namespace {

constexpr std::string_view kOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"";
constexpr std::string_view kClose = "</registration></reginfo>";

constexpr size_t kContactBytesMax = 128;   // Without its URI.

// RFC 3680 §5.1: mandatory are an id, the state, the event that led to it, and the URI. Every binding here is active
// because somebody registered it. One that there is no room for is left out.
void put_contact(const Binding& binding, uint32_t id, size_t bytes_max, parsers::Writer& out) {
  const size_t bytes = kContactBytesMax + kEscapedBytesMax * binding.contact().size() + kClose.size();
  if (out.length() + bytes > bytes_max || out.room() < bytes) return;
  out.put("<contact id=\"c").put_uint(id).put("\" state=\"active\" event=\"registered\" q=\"");
  write_q(binding.q, out);
  out.put("\"><uri>");
  parsers::put_xml_escaped(binding.contact(), out);
  out.put("</uri></contact>");
}

bool compose_reg(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  out.put(kOpen);
  version_offset = put_version_room(out);
  out.put("\" state=\"full\"><registration aor=\"");
  put_entity(state.aor, out);
  // RFC 3680 §4.7.1: before the first binding and after the last one the state machine is not in the same state.
  const std::string_view registration =
      state.bindings != kNoIndex ? "active" : state.version == 0 ? "init" : "terminated";
  out.put("\" id=\"r\" state=\"").put(registration).put("\">");
  state.registrar->for_each(state.bindings,
                            [&](const Binding& binding, uint32_t index) {
                              put_contact(binding, index, state.bytes_max, out);
                            });
  out.put(kClose);
  return !out.overflowed();
}

}  // namespace

// RFC 3680 §4.6: what a registration says is for its owner; others come with a policy of their own.
const EventPackage kReg = {.name = "reg",
                           .type = "application",
                           .subtype = "reginfo+xml",
                           .media_type = "application/reginfo+xml",
                           .audience = PackageAudience::kNobodyElse,
                           .normalise = nullptr,
                           .bad_body = Reason::kBadBody,
                           .compose = compose_reg,
                           .bytes_max = nullptr};

}  // namespace vedette::engine::packages
