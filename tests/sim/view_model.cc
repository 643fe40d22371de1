#include "tests/sim/view_model.h"

#include <algorithm>
#include <array>
#include <map>

#include "parsers/pidf.h"

namespace vedette::sim {

using support::ModelPermissions;

namespace {

constexpr size_t kNormalisedBytesMax = 262'144;

// RFC 5025 §3.3.2: which permission an element of a tuple, person or device is a matter of. One that is not here is
// unknown to it (§3.3.2.14), but for those below.
const std::map<std::string, std::string, std::less<>> kPermissions = {
    {"rpid:activities", "provide-activities"},   {"rpid:class", "provide-class"},
    {"dm:deviceID", "provide-deviceID"},         {"rpid:mood", "provide-mood"},
    {"rpid:place-is", "provide-place-is"},       {"rpid:place-type", "provide-place-type"},
    {"rpid:privacy", "provide-privacy"},         {"rpid:relationship", "provide-relationship"},
    {"rpid:sphere", "provide-sphere"},           {"rpid:status-icon", "provide-status-icon"},
    {"rpid:time-offset", "provide-time-offset"}, {"note", "provide-note"},
    {"dm:note", "provide-note"}};
// What makes a component what it is, and is no matter of permission.
constexpr std::array<std::string_view, 6> kAlways = {"status",       "basic",     "contact", "rpid:service-class",
                                                     "dm:timestamp", "timestamp"};
// Of ModelPermissions::user_input.
constexpr int kBare = 10, kThresholds = 20;

bool has(const ModelPermissions& granted, const std::string& name) { return granted.booleans.contains(name); }

// Its namespace, where the element itself declares it: all that parsers/pidf does not know do.
std::pair<std::string, std::string> name_of(const XmlNode& element) {
  const size_t colon = element.name.find(':');
  if (colon == std::string::npos) return {element.attribute("xmlns"), element.name};
  return {element.attribute("xmlns:" + element.name.substr(0, colon)), element.name.substr(colon + 1)};
}

bool shows_part(const ModelPermissions& granted, const XmlNode& parent, const XmlNode& part) {
  if (std::find(kAlways.begin(), kAlways.end(), part.name) != kAlways.end()) return true;
  // RFC 4479 §5: a device has one.
  if (part.name == "dm:deviceID" && parent.name == "dm:device") return true;
  if (part.name == "rpid:user-input") return granted.user_input > 0;
  const auto known = kPermissions.find(part.name);
  if (known != kPermissions.end()) return has(granted, known->second);
  return has(granted, "provide-all-attributes") || granted.unknown_attributes.contains(name_of(part));
}

// RFC 5025 §3.3.2.12.
void cut_user_input(const ModelPermissions& granted, XmlNode& element) {
  if (granted.user_input <= kThresholds) element.attributes.erase("last-input");
  if (granted.user_input <= kBare) element.attributes.erase("idle-threshold");
  if (granted.user_input <= kThresholds) element.attributes.erase("id");
}

// RFC 5025 §3.3.1.
bool shows_component(const ModelPermissions& granted, const XmlNode& element, const std::string& kind) {
  if (has(granted, "all-" + kind)) return true;
  // That there is no service is for those who are shown all of them.
  if (kind == "services" && element.attribute("id") == "offline" && element.children.size() == 1) return false;
  const auto is_named = [&](const std::string& selector, const std::string& text) {
    return granted.names.contains({kind + "/" + selector, text});
  };
  if (is_named("occurrence-id", element.attribute("id"))) return true;
  for (const XmlNode& part : element.children) {
    if (part.name == "rpid:class" && is_named("class", part.text)) return true;
    if (kind == "devices" && part.name == "dm:deviceID" && is_named("deviceID", part.text)) return true;
    if (kind != "services" || part.name != "contact") continue;
    // RFC 3261 §19.1.4: a parameter that one of two URIs has alone, as a GRUU's, does not make them differ.
    if (is_named("service-uri", part.text.substr(0, part.text.find(';')))) return true;
    if (is_named("service-uri-scheme", part.text.substr(0, part.text.find(':')))) return true;
  }
  return false;
}

bool is_component(const XmlNode& element, std::string& kind) {
  kind = element.name == "tuple"       ? "services"
         : element.name == "dm:person" ? "persons"
         : element.name == "dm:device" ? "devices"
                                       : "";
  return !kind.empty();
}

}  // namespace

std::vector<XmlNode> elements_of(std::string_view body) {
  static parsers::PidfDocument document;
  static std::vector<char> buffer(kNormalisedBytesMax);
  if (parsers::normalise_pidf(body, buffer, document) != parsers::ParseError::kOk) return {};
  std::vector<XmlNode> elements;
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    if (!read_xml({buffer.data() + fragment.offset, fragment.length}, elements.emplace_back())) return {};
  }
  return elements;
}

DocumentView view_of(const std::vector<XmlNode>& elements) {
  std::string text(parsers::kPresenceOpen);
  text += "sip:x@x";
  text += parsers::kPresenceOpenEnd;
  for (const XmlNode& element : elements) write_xml(element, text);
  text += parsers::kPresenceClose;
  DocumentView view;
  read_document(text, view);
  return view;
}

bool cut_to(const ModelPermissions& granted, XmlNode& element) {
  std::string kind;
  if (!is_component(element, kind)) return shows_part(granted, element, element);
  if (!shows_component(granted, element, kind)) return false;
  const auto cut = [&granted](XmlNode& parent) {
    std::erase_if(parent.children, [&](const XmlNode& part) { return !shows_part(granted, parent, part); });
    for (XmlNode& part : parent.children) {
      if (part.name == "rpid:user-input") cut_user_input(granted, part);
    }
  };
  cut(element);
  for (XmlNode& part : element.children) {
    if (part.name == "status") cut(part);
  }
  return true;
}

std::string find_forbidden(const ModelPermissions& granted, std::string_view body) {
  XmlNode root;
  if (!read_xml(body, root)) return "";
  for (const XmlNode& element : root.children) {
    // Composition may have changed the id, and the class may be hidden: what names a component need not be there.
    ModelPermissions wider = granted;
    for (const std::string kind : {"services", "persons", "devices"}) {
      const bool has_names = std::any_of(granted.names.begin(), granted.names.end(),
                                         [&](const auto& name) { return name.first.starts_with(kind); });
      if (has_names) wider.booleans.insert("all-" + kind);
    }
    XmlNode left = element;
    if (!cut_to(wider, left)) return "<" + element.name + ">";
    std::string all, shown;
    write_xml(element, all);
    write_xml(left, shown);
    if (all != shown) return all + " instead of " + shown;
  }
  return "";
}

std::vector<std::string> spheres_of(const std::vector<XmlNode>& elements) {
  std::vector<std::string> words;
  for (const XmlNode& element : elements) {
    if (element.name != "dm:person") continue;
    for (const XmlNode& part : element.children) {
      if (part.name != "rpid:sphere") continue;
      const std::string& word = part.children.empty() ? part.text : part.children.front().name;
      words.push_back(word.substr(word.find(':') + 1));
    }
  }
  return words;
}

}  // namespace vedette::sim
