// Registrations (RFC 3680), from the registrar's own bindings. Documents are always full state (§5.1).
#include <algorithm>

#include "engine/presence/packages/package.h"
#include "engine/presence/packages/xml_parts.h"
#include "engine/registrar/registrar.h"
#include "parsers/param.h"
#include "parsers/xml_chars.h"

namespace vedette::engine::packages {
namespace {

constexpr std::string_view kOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" version=\"";
constexpr std::string_view kClose = "</registration></reginfo>";

constexpr std::string_view kContactClose = "</contact>";
// Room for a contact is what its texts would take if each of their characters were escaped, its own words, and those
// around each parameter: at least one character of it stands in the text for two of these.
constexpr size_t kContactBytesMax = 512;
constexpr size_t kParamBytesMax = 48;

std::string_view name_of(BindingEvent event) {
  switch (event) {
    // RFC 3680 §4.7.1: "created" is what others than a REGISTER have made.
    case BindingEvent::kCreated: return "registered";
    case BindingEvent::kRefreshed: return "refreshed";
    case BindingEvent::kUnregistered: return "unregistered";
    case BindingEvent::kExpired: return "expired";
  }
  return {};
}

// RFC 3680 §5.1: a Contact parameter that this document has no other place for.
void put_param(const parsers::Param& param, parsers::Writer& out) {
  // What a client puts between quotes may be no text that XML can carry.
  if (!parsers::is_xml_text(param.value)) return;
  out.put("<unknown-param name=\"");
  parsers::put_xml_escaped(param.name, out);
  if (!param.has_value) {
    out.put("\"/>");
    return;
  }
  const std::string_view quote = param.quoted ? "&quot;" : "";
  out.put("\">").put(quote);
  parsers::put_xml_escaped(param.value, out);
  out.put(quote).put("</unknown-param>");
}

size_t contact_bytes_max(std::string_view aor, const Binding& binding) {
  const auto params = static_cast<size_t>(std::ranges::count(binding.params(), ';'));
  const size_t text = binding.contact().size() + 2 * binding.instance().size() + binding.params().size();
  return kContactBytesMax + kEscapedBytesMax * text + entity_bytes_max(aor) + params * kParamBytesMax;
}

// RFC 3680 §5.1: mandatory are an id, the state, the event that led to it, and the URI. One that there is no room for
// is left out.
void put_contact(const PackageState& state, const Binding& binding, uint64_t id, parsers::Writer& out) {
  const size_t bytes = contact_bytes_max(state.aor, binding) + kClose.size();
  if (out.length() + bytes > state.bytes_max || out.room() < bytes) return;
  const bool is_over = binding.event >= BindingEvent::kUnregistered;
  // §5.1: two contacts that are not the same URI have not the same id, and a binding may move from one to another.
  out.put("<contact id=\"c").put_hex(id, 16).put_hex(state.core->hash(binding.contact()) & 0xffff'ffff, 8);
  out.put("\" state=\"").put(is_over ? "terminated" : "active");
  out.put("\" event=\"").put(name_of(binding.event)).put("\" q=\"");
  write_q(binding.q, out);
  out.put("\"><uri>");
  parsers::put_xml_escaped(binding.contact(), out);
  out.put("</uri>");
  if (!binding.instance().empty()) {
    out.put("<unknown-param name=\"+sip.instance\">&quot;&lt;");
    parsers::put_xml_escaped(binding.instance(), out);
    out.put("&gt;&quot;</unknown-param>");
  }
  std::string_view rest = binding.params();
  parsers::Param param;
  while (parsers::next_param(rest, param) == parsers::ParseError::kOk) put_param(param, out);
  if (!binding.instance().empty() && !is_over) {
    // RFC 5628 §5: the GRUU by which this very contact is reached.
    out.put("<gr:pub-gruu xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" uri=\"");
    put_entity(state.aor, out);
    out.put(";gr=");
    parsers::put_xml_escaped(binding.instance(), out);
    out.put("\"/>");
  }
  out.put(kContactClose);
}

bool compose_reg(const PackageState& state, parsers::Writer& out, uint32_t& version_offset) {
  out.put(kOpen);
  version_offset = put_version_room(out);
  out.put("\" state=\"full\"><registration aor=\"");
  put_entity(state.aor, out);
  // RFC 3680 §4.7.1: "When the last contact expires or is removed, the registration transitions to terminated. From
  // there, it immediately transitions back to the init state."
  const std::string_view registration =
      state.bindings != kNoIndex ? "active" : state.ended_bindings == kNoIndex ? "init" : "terminated";
  out.put("\" id=\"r\" state=\"").put(registration).put("\">");
  for (const uint32_t list : {state.bindings, state.ended_bindings}) {
    state.registrar->for_each(list, [&](const Binding& binding, uint32_t index) {
      put_contact(state, binding, state.registrar->id_of(index), out);
    });
  }
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
