// RFC 3840 §9 has the tags, but for "+sip.message" (RFC 4569); RFC 5196 §3 says which element each of them is.
// Elements come in the order of RFC 5196's schema. Not said: "priority", whose comparisons no client registers, and
// "mobility", which is a device's, not a service's.
#include "engine/registrar/registration_presence.h"

#include <algorithm>

#include "engine/registrar/registrar.h"
#include "parsers/param.h"
#include "parsers/pidf.h"
#include "parsers/xml_chars.h"

namespace vedette::engine {
namespace {

using parsers::Writer;

enum class Form : uint8_t {
  kBoolean,  // Without a value it is true (RFC 3840 §5).
  kWords,    // A list, of which the schema has these words as elements.
  kList,     // A list of anything, each in an element of that name.
  kRepeated, // A list, each of which is an element of that name.
  kText
};

struct Capability {
  std::string_view tag;
  std::string_view element;
  Form form;
  std::string_view words = {};
};

constexpr Capability kCapabilities[] = {
    {"actor", "actor", Form::kWords, "attendant information msg-taker principal"},
    {"application", "application", Form::kBoolean},
    {"audio", "audio", Form::kBoolean},
    {"automata", "automata", Form::kBoolean},
    {"class", "class", Form::kWords, "business personal"},
    {"control", "control", Form::kBoolean},
    {"data", "data", Form::kBoolean},
    {"description", "description", Form::kText},
    {"duplex", "duplex", Form::kWords, "full half receive-only send-only"},
    {"events", "event-packages", Form::kWords,
     "conference dialog kpml message-summary poc-settings presence reg refer Siemens-RTP-Stats spirits-INDPs "
     "spirits-user-prof winfo"},
    {"extensions", "extensions", Form::kWords,
     "rel100 early-session eventlist from-change gruu hist-info join norefersub path precondition pref privacy "
     "recipient-list-invite recipient-list-subscribe replaces resource-priority sdp-anat sec-agree tdialog timer"},
    {"isfocus", "isfocus", Form::kBoolean},
    {"+sip.message", "message", Form::kBoolean},
    {"methods", "methods", Form::kWords,
     "ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE"},
    {"language", "languages", Form::kList, "l"},
    {"schemes", "schemes", Form::kList, "s"},
    {"text", "text", Form::kBoolean},
    {"type", "type", Form::kRepeated},
    {"video", "video", Form::kBoolean},
};

void put_tag(std::string_view open, std::string_view name, Writer& writer) {
  writer.put(open).put("caps:").put(name).put('>');
}

// A list's next item, "!" before it told apart (RFC 3840 §9: it is not that). False at the end.
bool next_item(std::string_view& rest, std::string_view& item, bool& is_negated) {
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(','), rest.size());
    item = parsers::trim_xml_white(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    is_negated = item.starts_with('!');
    if (is_negated) item.remove_prefix(1);
    if (!item.empty()) return true;
  }
  return false;
}

bool lists(std::string_view list, std::string_view wanted, bool wanted_negated) {
  // No name in XML, and one that RFC 5196 spells in its own way.
  if (wanted == "rel100") wanted = "100rel";
  if (wanted == "hist-info") wanted = "histinfo";
  std::string_view item;
  bool is_negated = false;
  while (next_item(list, item, is_negated)) {
    if (is_negated == wanted_negated && parsers::equal_ignoring_case(item, wanted)) return true;
  }
  return false;
}

void put_words(const Capability& capability, std::string_view value, bool negated, Writer& writer) {
  bool any = false;
  std::string_view rest = capability.words;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!lists(value, word, negated)) continue;
    if (!any) put_tag("<", negated ? "notsupported" : "supported", writer);
    any = true;
    writer.put("<caps:").put(word).put("/>");
  }
  if (any) put_tag("</", negated ? "notsupported" : "supported", writer);
}

void put_list(const Capability& capability, std::string_view value, bool negated, Writer& writer) {
  bool any = false;
  std::string_view item;
  bool is_negated = false;
  while (next_item(value, item, is_negated)) {
    if (is_negated != negated) continue;
    if (!any) put_tag("<", negated ? "notsupported" : "supported", writer);
    any = true;
    put_tag("<", capability.words, writer);
    parsers::put_xml_escaped(item, writer);
    put_tag("</", capability.words, writer);
  }
  if (any) put_tag("</", negated ? "notsupported" : "supported", writer);
}

// RFC 3840 §5: without a value it is true, and "!" says that it is not what follows.
bool is_true(std::string_view value) {
  const bool is_negated = value.starts_with('!');
  if (is_negated) value.remove_prefix(1);
  return parsers::equal_ignoring_case(value, "FALSE") == is_negated;
}

// What it is not, an element that has no "notsupported" cannot say.
void put_repeated(const Capability& capability, std::string_view value, Writer& writer) {
  std::string_view item;
  bool is_negated = false;
  while (next_item(value, item, is_negated)) {
    if (is_negated) continue;
    put_tag("<", capability.element, writer);
    parsers::put_xml_escaped(item, writer);
    put_tag("</", capability.element, writer);
  }
}

void put_capability(const Capability& capability, const parsers::Param& param, Writer& writer) {
  std::string_view value = param.value;
  if (capability.form == Form::kRepeated) return put_repeated(capability, value, writer);
  put_tag("<", capability.element, writer);
  switch (capability.form) {
    case Form::kBoolean: writer.put(is_true(value) ? "true" : "false"); break;
    case Form::kRepeated: break;
    case Form::kText:
      // RFC 3840 §9: a string stands between "<" and ">".
      if (value.size() >= 2 && value.front() == '<' && value.back() == '>') value = value.substr(1, value.size() - 2);
      parsers::put_xml_escaped(value, writer);
      break;
    case Form::kWords:
    case Form::kList:
      for (const bool negated : {false, true}) {
        (capability.form == Form::kWords ? put_words : put_list)(capability, value, negated, writer);
      }
      break;
  }
  put_tag("</", capability.element, writer);
}

void put_capabilities(std::string_view params, Writer& writer) {
  bool any = false;
  for (const Capability& capability : kCapabilities) {
    parsers::Param param;
    if (!parsers::find_param(params, capability.tag, param)) continue;
    if (!any) writer.put("<caps:servcaps xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\">");
    any = true;
    put_capability(capability, param, writer);
  }
  if (any) writer.put("</caps:servcaps>");
}

}  // namespace

void write_registration_presence(const Registration& registration, Writer& writer) {
  const auto put_aor = [&] {
    writer.put("sip:");
    parsers::put_xml_escaped(registration.aor, writer);
  };
  writer.put(parsers::kPresenceOpen);
  put_aor();
  writer.put(parsers::kPresenceOpenEnd);
  writer.put("<tuple id=\"r").put_hex(registration.id, 16).put("\"><status><basic>open</basic></status>");
  put_capabilities(registration.params, writer);
  if (!registration.instance.empty()) {
    writer.put("<dm:deviceID>");
    parsers::put_xml_escaped(registration.instance, writer);
    writer.put("</dm:deviceID>");
  }
  writer.put("<contact");
  if (registration.q != 1000) {
    writer.put(" priority=\"");
    write_q(registration.q, writer);
    writer.put('"');
  }
  writer.put('>');
  put_aor();
  if (!registration.instance.empty()) {
    writer.put(";gr=");
    parsers::put_xml_escaped(registration.instance, writer);
  }
  writer.put("</contact></tuple>").put(parsers::kPresenceClose);
}

}  // namespace vedette::engine
