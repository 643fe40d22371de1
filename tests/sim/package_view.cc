#include "tests/sim/package_view.h"

#include <array>
#include <charconv>

#include "parsers/dialog_info.h"
#include "parsers/message_summary.h"
#include "tests/sim/fake_hashes.h"
#include "tests/sim/naive_xml.h"

namespace vedette::sim {
namespace {

constexpr size_t kNormalisedBytesMax = 65'536;
constexpr std::string_view kScheme = "sip:";

std::span<char> scratch() {
  static std::array<char, kNormalisedBytesMax> buffer;
  return buffer;
}

bool read_dialogs(std::string_view body, PackageView& out) {
  static parsers::PidfDocument document;
  const std::span<char> buffer = scratch();
  if (parsers::normalise_dialog_info(body, buffer, document) != parsers::ParseError::kOk) return false;
  for (size_t i = 0; i < document.count; ++i) {
    const parsers::Fragment& fragment = document.fragments[i];
    const std::string_view text(buffer.data() + fragment.offset, fragment.length);
    ElementView& element = out.elements.emplace_back();
    element.id = text.substr(fragment.id_offset, fragment.id_length);
    element.content = content_of_tuple(text.substr(0, fragment.id_offset),
                                       text.substr(fragment.id_offset + fragment.id_length));
    element.stamped = read_stamp(text, element.stamp);
  }
  return true;
}

bool read_summary(std::string_view body, PackageView& out) {
  static parsers::PidfDocument document;
  const std::span<char> buffer = scratch();
  if (parsers::normalise_message_summary(body, buffer, document) != parsers::ParseError::kOk) return false;
  const std::string_view text(buffer.data(), document.length);
  ElementView& element = out.elements.emplace_back();
  element.content = hash_text(text);
  element.stamped = read_stamp(text, element.stamp);
  return true;
}

std::string without_scheme(const std::string& uri) {
  return uri.starts_with(kScheme) ? uri.substr(kScheme.size()) : uri;
}

// RFC 3858 §4: one list, of one resource.
bool read_watchers(const XmlNode& root, PackageView& out) {
  const XmlNode* list = root.find("watcher-list");
  if (root.name != "watcherinfo" || list == nullptr || list->attribute("package") != "presence") return false;
  out.aor = without_scheme(list->attribute("resource"));
  for (const XmlNode& node : list->children) {
    if (node.name != "watcher") return false;
    out.elements.push_back({.id = node.attribute("id"),
                            .subject = without_scheme(node.text),
                            .state = node.attribute("status"),
                            .event = node.attribute("event")});
  }
  return true;
}

// RFC 3680 §5.1.
bool read_contacts(const XmlNode& root, PackageView& out) {
  const XmlNode* registration = root.find("registration");
  if (root.name != "reginfo" || registration == nullptr) return false;
  out.aor = without_scheme(registration->attribute("aor"));
  out.state = registration->attribute("state");
  for (const XmlNode& node : registration->children) {
    const XmlNode* uri = node.find("uri");
    if (node.name != "contact" || uri == nullptr) return false;
    out.elements.push_back({.id = node.attribute("id"),
                            .subject = uri->text,
                            .state = node.attribute("state"),
                            .event = node.attribute("event")});
  }
  return true;
}

}  // namespace

bool read_published(Package package, std::string_view body, PackageView& out) {
  out = {.package = package, .bytes = body.size()};
  switch (package) {
    case Package::kPresence: return read_document(body, out.presence);
    case Package::kDialog: return read_dialogs(body, out);
    case Package::kMessageSummary: return read_summary(body, out);
    default: return false;
  }
}

bool read_shown(Package package, std::string_view body, PackageView& out) {
  out = {.package = package, .bytes = body.size()};
  if (entry_of(package).is_published && !read_published(package, body, out)) return false;
  if (!entry_of(package).counts) return true;
  XmlNode root;
  if (!read_xml(body, root)) return false;
  const std::string version = root.attribute("version");
  const char* end = version.data() + version.size();
  if (version.empty() || std::from_chars(version.data(), end, out.version).ptr != end) return false;
  out.is_full = root.attribute("state") == "full";
  if (package == Package::kWatcherInfo) return read_watchers(root, out);
  if (package == Package::kReg) return read_contacts(root, out);
  out.aor = without_scheme(root.attribute("entity"));
  return root.name == "dialog-info";
}

std::vector<Stamp> stamps_of(const PackageView& view) {
  std::vector<Stamp> stamps;
  for (const TupleView& tuple : view.presence.tuples) {
    if (tuple.stamped) stamps.push_back(tuple.stamp);
  }
  for (const ElementView& element : view.elements) {
    if (element.stamped) stamps.push_back(element.stamp);
  }
  return stamps;
}

std::string to_text(const PackageView& view) {
  if (view.package == Package::kPresence) return to_text(view.presence.tuples);
  std::string text = std::string(entry_of(view.package).name) + " {";
  for (const ElementView& element : view.elements) {
    if (!text.ends_with('{')) text += ", ";
    text += element.stamped ? element.stamp.publication + " version " + std::to_string(element.stamp.version)
                            : element.id + " " + element.subject;
    if (!element.state.empty()) text += " " + element.state + " by " + element.event;
  }
  return text + "}" + (view.state.empty() ? "" : " " + view.state);
}

std::string write_dialog_info(const PackageDocumentPlan& plan) {
  static constexpr std::array<std::string_view, 4> kStates = {"trying", "early", "confirmed", "terminated"};
  std::string text = "<?xml version=\"1.0\"?>\r\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"" +
                     std::to_string(plan.stamp.version) + "\" state=\"full\" entity=\"sip:" + plan.aor + "\">\r\n";
  for (size_t i = 0; i < plan.count; ++i) {
    text += "<dialog id=\"" + plan.id + (i == 0 ? "" : std::to_string(i)) + "\" call-id=\"" + write_stamp(plan.stamp) +
            "\" direction=\"initiator\"><state>" + std::string(kStates[(plan.stamp.version + i) % kStates.size()]) +
            "</state></dialog>\r\n";
  }
  if (plan.with_extension) text += "<x:lines xmlns:x=\"urn:x\" n=\"" + write_stamp(plan.stamp) + "\"/>";
  return text + "</dialog-info>";
}

std::string write_message_summary(const PackageDocumentPlan& plan) {
  const std::string waiting = plan.count == 0 ? "no" : "yes";
  return "Messages-Waiting: " + waiting + "\r\nMessage-Account: sip:" + plan.aor + ";a=" + write_stamp(plan.stamp) +
         "b\r\nVoice-Message: " + std::to_string(plan.count) + "/" + std::to_string(plan.stamp.version) +
         "\r\n\r\nSubject: a message\r\n";
}

}  // namespace vedette::sim
