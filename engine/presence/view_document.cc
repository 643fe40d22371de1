#include "engine/presence/view_document.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/presence/element_text.h"
#include "parsers/pidf_schema.h"
#include "parsers/xml_scanner.h"

namespace vedette::engine {
namespace {

using parsers::FragmentKind;
using parsers::FragmentPart;
using parsers::PartKind;
using parsers::Permissions;
using parsers::PresenceComponent;
using parsers::UserInput;
using parsers::Writer;

// The permission that a part is a matter of; 0 for those that RFC 5025 §3.3.2 does not know.
uint16_t permission_for(PartKind kind) {
  switch (kind) {
    case PartKind::kNote: return parsers::kProvideNote;
    case PartKind::kDeviceId: return parsers::kProvideDeviceId;
    case PartKind::kActivities: return parsers::kProvideActivities;
    case PartKind::kMood: return parsers::kProvideMood;
    case PartKind::kPlaceIs: return parsers::kProvidePlaceIs;
    case PartKind::kPlaceType: return parsers::kProvidePlaceType;
    case PartKind::kPrivacy: return parsers::kProvidePrivacy;
    case PartKind::kRelationship: return parsers::kProvideRelationship;
    case PartKind::kSphere: return parsers::kProvideSphere;
    case PartKind::kStatusIcon: return parsers::kProvideStatusIcon;
    case PartKind::kTimeOffset: return parsers::kProvideTimeOffset;
    case PartKind::kClass: return parsers::kProvideClass;
    default: return 0;
  }
}

// The names of elements by where they stand, asked for in their order: the document is read along with the questions.
class ElementNames {
 public:
  explicit ElementNames(std::string_view document)
      : document_(document), scanner_(document, parsers::kPidfNamespaces) {}

  // False when it cannot be read: what has no name is not granted by one.
  bool find(size_t offset, parsers::ElementName& name) {
    const char* const end_of_name = document_.data() + offset + 1 + qname_of(document_.substr(offset)).size();
    while (!ended_) {
      const parsers::XmlToken token = scanner_.next();
      ended_ = token == parsers::XmlToken::kDone || token == parsers::XmlToken::kError;
      if (token != parsers::XmlToken::kStart && token != parsers::XmlToken::kLeaf) continue;
      const parsers::XmlName& found = scanner_.name();
      const char* const end = found.local.data() + found.local.size();
      if (end < end_of_name) continue;
      if (end > end_of_name) return false;
      name = {scanner_.name_of(found.space), found.local};
      return true;
    }
    return false;
  }

 private:
  std::string_view document_;
  parsers::XmlScanner scanner_;
  bool ended_ = false;
};

class ViewWriter {
 public:
  ViewWriter(const WholeDocument& whole, const ViewRights& rights, Writer& out)
      : whole_(whole), rights_(rights), out_(out) {}

  void write();

 private:
  bool shows(const ComposedElement& element);
  bool shows_component(const ComposedElement& element, PresenceComponent component) const;
  bool shows(const ComposedElement& element, const FragmentPart& part);
  bool shows_unknown(size_t offset);
  bool has(uint16_t bits) const { return (rights_.permissions.booleans & bits) != 0; }
  void put(const ComposedElement& element);
  void put_user_input(std::string_view element);
  std::string_view text_of(const ComposedElement& element, const FragmentPart& part) const {
    return whole_.text.substr(element.part_offset(part), part.length);
  }

  const WholeDocument& whole_;
  const ViewRights& rights_;
  Writer& out_;
  std::optional<ElementNames> names_;  // Made when first asked.
};

void ViewWriter::write() {
  const std::string_view text = whole_.text;
  const size_t begin = whole_.elements.empty() ? text.size() - parsers::kPresenceClose.size()
                                               : whole_.elements.front().offset;
  out_.put(text.substr(0, begin));
  for (const ComposedElement& element : whole_.elements) {
    if (shows(element)) put(element);
  }
  out_.put(parsers::kPresenceClose);
}

bool ViewWriter::shows(const ComposedElement& element) {
  switch (element.kind) {
    case FragmentKind::kTuple: return shows_component(element, PresenceComponent::kService);
    case FragmentKind::kPerson: return shows_component(element, PresenceComponent::kPerson);
    case FragmentKind::kDevice: return shows_component(element, PresenceComponent::kDevice);
    case FragmentKind::kNote: return has(parsers::kProvideNote);
    case FragmentKind::kExtension:
    case FragmentKind::kDialog: break;
  }
  return shows_unknown(element.offset);
}

bool ViewWriter::shows_component(const ComposedElement& element, PresenceComponent component) const {
  std::array<char, parsers::kRuleValueBytesMax + 1> id_room, class_room, uri_room;
  parsers::ComponentNames names;
  // "Offline" is made of no fragment: it is shown to those who are shown all services, as it says that there are none.
  if (element.fragment != nullptr) {
    const parsers::Fragment& fragment = *element.fragment;
    const std::string_view text = whole_.text.substr(element.offset, element.length);
    // The id that was published, without what keeps it apart from another one.
    names.occurrence_id = unescape(text.substr(fragment.id_offset, fragment.id_length), id_room);
    if (component == PresenceComponent::kDevice) {
      names.uri = unescape(text.substr(element.id_growth + fragment.device_id_offset, fragment.device_id_length),
                           uri_room);
    }
  }
  for (const FragmentPart& part : element.parts) {
    if (part.kind == PartKind::kClass && names.class_name.empty()) {
      names.class_name = unescape(content_of(text_of(element, part)), class_room);
    } else if (part.kind == PartKind::kContact && component == PresenceComponent::kService) {
      names.uri = unescape(content_of(text_of(element, part)), uri_room);
    }
  }
  return parsers::shows_component(rights_.rule_set, rights_.permissions, component, names);
}

bool ViewWriter::shows(const ComposedElement& element, const FragmentPart& part) {
  switch (part.kind) {
    case PartKind::kStatus:
    case PartKind::kBasic:
    case PartKind::kContact:
    case PartKind::kServiceClass:
    case PartKind::kTimestamp: return true;
    case PartKind::kUserInput: return rights_.permissions.user_input != UserInput::kFalse;
    // RFC 4479 §5: there is no device without one.
    case PartKind::kDeviceId: return element.kind == FragmentKind::kDevice || has(parsers::kProvideDeviceId);
    default: break;
  }
  const uint16_t permission = permission_for(part.kind);
  return permission != 0 ? has(permission) : shows_unknown(element.part_offset(part));
}

// RFC 5025 §3.3.2.14.
bool ViewWriter::shows_unknown(size_t offset) {
  if (has(parsers::kProvideAllAttributes)) return true;
  if (rights_.permissions.grants == 0) return false;
  if (!names_) names_.emplace(whole_.text);
  parsers::ElementName name;
  return names_->find(offset, name) &&
         parsers::shows_attribute(rights_.rule_set, rights_.permissions, name);
}

void ViewWriter::put(const ComposedElement& element) {
  size_t copied = element.offset;  // Up to here the whole document was copied, or passed over.
  for (const FragmentPart& part : element.parts) {
    const size_t begin = element.part_offset(part);
    if (begin < copied) continue;  // Within a part that was left out.
    const bool is_shown = shows(element, part);
    if (is_shown && (part.kind != PartKind::kUserInput || rights_.permissions.user_input == UserInput::kFull)) continue;
    out_.put(whole_.text.substr(copied, begin - copied));
    if (is_shown) put_user_input(text_of(element, part));
    copied = begin + part.length;
  }
  out_.put(whole_.text.substr(copied, element.offset + element.length - copied));
}

// RFC 5025 §3.3.2.12: "bare" has no attributes, "thresholds" has the threshold and not when the last input was.
void ViewWriter::put_user_input(std::string_view element) {
  constexpr std::string_view kThreshold = " idle-threshold=\"";
  const std::string_view tag = element.substr(0, start_tag_length(element));
  const std::string_view name = qname_of(element);
  out_.put('<').put(name);
  const size_t threshold = tag.find(kThreshold);
  if (rights_.permissions.user_input == UserInput::kThresholds && threshold != std::string_view::npos) {
    const size_t end = tag.find('"', threshold + kThreshold.size());
    out_.put(tag.substr(threshold, end + 1 - threshold));
  }
  out_.put('>').put(content_of(element)).put("</").put(name).put('>');
}

}  // namespace

void write_view(const WholeDocument& whole, const ViewRights& rights, Writer& out) {
  if (is_whole(rights.permissions.key())) {
    out.put(whole.text);
    return;
  }
  ViewWriter(whole, rights, out).write();
}

Permissions all_permissions() {
  return {.sub_handling = parsers::SubHandling::kAllow, .user_input = UserInput::kFull, .booleans = UINT16_MAX};
}

bool is_whole(const parsers::PermissionsKey& key) { return key == all_permissions().key(); }

}  // namespace vedette::engine
