// What PIDF and its data model demand of a document, element by element as it is read. Which element may stand where is
// pidf_schema's; the XML itself is read by xml_scanner and written by xml_rewriter.
#include "parsers/pidf.h"

#include <algorithm>

#include "parsers/pidf_schema.h"
#include "parsers/xml_chars.h"
#include "parsers/xml_rewriter.h"
#include "parsers/xml_scanner.h"

namespace vedette::parsers {
namespace {

FragmentKind fragment_kind_of(PidfType type) {
  switch (type) {
    case PidfType::kTuple: return FragmentKind::kTuple;
    case PidfType::kPerson: return FragmentKind::kPerson;
    case PidfType::kDevice: return FragmentKind::kDevice;
    case PidfType::kNote: return FragmentKind::kNote;
    default: return FragmentKind::kExtension;
  }
}

PartKind foreign_part_kind_of(const XmlName& name) {
  switch (name.space.known) {
    case pidf_space::kCipid: return PartKind::kCipid;
    case pidf_space::kCaps: return PartKind::kCapabilities;
    case pidf_space::kTimedStatus: return PartKind::kTimedStatus;
    default: return PartKind::kOther;
  }
}

BasicStatus basic_status_of(std::string_view text) {
  return equals(text, "open") ? BasicStatus::kOpen : BasicStatus::kClosed;
}

class PidfNormaliser {
 public:
  PidfNormaliser(std::string_view body, std::span<char> out, PidfDocument& document)
      : scanner_(body, kPidfNamespaces), rewriter_(out, kPidfNamespaces), document_(document) {}

  ParseError normalise();

 private:
  // An open element that is being written.
  struct Frame {
    PidfRule rule;
    uint16_t part;               // Its number in the list of parts, if it is one.
    uint8_t seen;                // The ranks of its children so far, as bits,
    uint8_t top;                 // the highest of them,
    uint8_t choice;              // and the choice that was made.
    XmlRewriter::Mark before;
    std::array<uint32_t, kPidfRanks> ends;  // Below `top`: where its children of this rank and of lower ones end.
  };
  // An element that is written whole, the last one until now.
  struct Written {
    PidfRule rule;
    uint32_t begin;
    uint32_t part;
  };

  ParseError read_all();
  template <bool kIsLeaf>
  ParseError on_start();
  ParseError on_text();
  ParseError on_end();
  ParseError start_presence();
  static bool has_place(const Frame& parent, PidfRule rule) {
    return (parent.seen & rule.once) == 0 && (parent.choice == rule.choice || parent.choice == 0 || rule.choice == 0);
  }
  ParseError start_child(PidfRule rule);
  ParseError add_leaf(Frame& parent, PidfRule rule);
  ParseError begin_child(PidfRule around, PidfRule rule, size_t begin);
  ParseError leave_out(PidfRule rule, bool is_leaf);
  ParseError start_fragment(PidfType type);
  ParseError read_id();
  uint64_t find_attributes_left_out(PidfRule rule);
  void push(PidfRule rule, uint32_t part, const XmlRewriter::Mark& before);
  ParseError take_back(const Frame& child);
  ParseError end_child(Frame& parent, Written child);
  void put_in_order(Frame& parent, Written child);
  void move_to_place(const Frame& parent, Written child);
  void note_basic(PidfType around, std::string_view text);
  ParseError end_fragment();
  void note_device_id(std::string_view text);
  void place_device_id();

  XmlScanner scanner_;
  XmlRewriter rewriter_;
  PidfDocument& document_;
  Fragment* fragment_ = nullptr;
  size_t skipped_ = 0;  // Open elements that are left out.
  XmlList<Frame, kXmlDepthMax> open_;
};

ParseError PidfNormaliser::normalise() {
  const ParseError error = read_all();
  rewriter_.finish();
  document_.length = rewriter_.length();
  return rewriter_.ok() ? error : ParseError::kXmlTooLarge;
}

ParseError PidfNormaliser::read_all() {
  for (;;) {
    ParseError error = ParseError::kOk;
    switch (scanner_.next()) {
      case XmlToken::kStart: error = on_start<false>(); break;
      case XmlToken::kLeaf: error = on_start<true>(); break;
      case XmlToken::kEnd: error = on_end(); break;
      case XmlToken::kText: error = on_text(); break;
      case XmlToken::kDone: return ParseError::kOk;
      case XmlToken::kError: return scanner_.error();
    }
    if (error != ParseError::kOk) return error;
    if (!rewriter_.ok()) return ParseError::kXmlTooLarge;
  }
}

template <bool kIsLeaf>
inline ParseError PidfNormaliser::on_start() {
  if (skipped_ > 0) {
    skipped_ += kIsLeaf ? 0 : 1;
    return ParseError::kOk;
  }
  if (open_.size() == 0) return start_presence();
  Frame& parent = open_.back();
  const PidfRule rule = find_pidf_rule(parent.rule.type, scanner_.name());
  if (rule.type == PidfType::kNowhere || !has_place(parent, rule)) return leave_out(rule, kIsLeaf);
  return kIsLeaf ? add_leaf(parent, rule) : start_child(rule);
}

// RFC 3863 §4.1.1: the root is <presence> with an "entity".
ParseError PidfNormaliser::start_presence() {
  const XmlName& name = scanner_.name();
  if (name.space.known != pidf_space::kPidf || !equals(name.local, "presence")) return ParseError::kPidf;
  for (const XmlAttribute& attribute : scanner_.attributes()) {
    if (attribute.name.space.known == kXmlNoNamespace && equals(attribute.name.local, "entity")) {
      document_.entity = attribute.raw;
    }
  }
  push({.type = PidfType::kPresence}, 0, {});
  return document_.entity.empty() ? ParseError::kPidf : ParseError::kOk;
}

inline void PidfNormaliser::push(PidfRule rule, uint32_t part, const XmlRewriter::Mark& before) {
  Frame& frame = open_.push_unset();
  frame.rule = rule;
  frame.part = static_cast<uint16_t>(part);
  frame.seen = frame.top = frame.choice = 0;
  frame.before = before;
}

// It has a fragment or a part, or is within one.
inline ParseError PidfNormaliser::begin_child(PidfRule around, PidfRule rule, size_t begin) {
  if (around.type == PidfType::kPresence) return start_fragment(rule.type);
  if (!around.has_parts) return ParseError::kOk;
  if (document_.parts_count == kFragmentPartsMax) return ParseError::kXmlTooLarge;
  FragmentPart& part = document_.parts[document_.parts_count++];
  part.kind = rule.type == PidfType::kForeign ? foreign_part_kind_of(scanner_.name()) : rule.part;
  part.offset = static_cast<uint32_t>(begin) - fragment_->offset;
  return ParseError::kOk;
}

ParseError PidfNormaliser::start_child(PidfRule rule) {
  const auto part_number = static_cast<uint32_t>(document_.parts_count);
  const XmlRewriter::Mark before = rewriter_.mark();
  ParseError error = begin_child(open_.back().rule, rule, before.length);
  if (error != ParseError::kOk) return error;
  uint64_t left_out = 0;
  if (!scanner_.attributes().empty()) left_out = find_attributes_left_out(rule);
  rewriter_.start(scanner_, {.attributes = left_out});
  if (rule.has_id) error = read_id();
  if (error == ParseError::kOk) push(rule, part_number, before);
  return error;
}

// What a leaf has in it is known when it begins.
ParseError PidfNormaliser::add_leaf(Frame& parent, PidfRule rule) {
  const std::string_view text = scanner_.text();
  if (rule.needed != 0 || (rule.is_of_a_form() && !is_pidf_text(rule.content, text))) return leave_out(rule, true);
  const PidfRule around = parent.rule;
  const Written leaf = {rule, rewriter_.mark().length, static_cast<uint32_t>(document_.parts_count)};
  const ParseError error = begin_child(around, rule, leaf.begin);
  if (error != ParseError::kOk) return error;
  XmlLeftOut left_out;
  if (!scanner_.attributes().empty()) left_out.attributes = find_attributes_left_out(rule);
  if (!rule.has_text() && !text.empty()) {
    left_out.text = true;
    ++document_.left_out;
  }
  rewriter_.start(scanner_, left_out);
  if (rule.has_id) {
    const ParseError id_error = read_id();
    if (id_error != ParseError::kOk) return id_error;
  }
  if (rule.content == PidfContent::kBasic) note_basic(around.type, text);
  if (rule.part == PartKind::kDeviceId && around.has_parts) note_device_id(text);
  rewriter_.end(scanner_);
  return end_child(parent, leaf);
}

// With all that is in it. RFC 3863 §4.1.2: a tuple has a status; §4.1.4: which is "open" or "closed" and nothing else.
ParseError PidfNormaliser::leave_out(PidfRule rule, bool is_leaf) {
  Frame& parent = open_.back();
  const PidfType around = parent.rule.type;
  if (rule.type == PidfType::kTuple || rule.type == PidfType::kStatus || around == PidfType::kBasic ||
      (rule.type == PidfType::kBasic && around == PidfType::kStatus)) {
    return ParseError::kPidf;
  }
  ++document_.left_out;
  if (!is_leaf) skipped_ = 1;
  if (rule.type != PidfType::kNowhere || scanner_.name().space.known != pidf_space::kRpid) return ParseError::kOk;
  // RFC 4480 §3.2, §3.5, §3.7, §3.9: what there is no word for is said in <other>.
  const PidfRule other = find_pidf_other(around);
  if (other.type == PidfType::kNowhere || !has_place(parent, other)) return ParseError::kOk;
  const Written child = {other, rewriter_.mark().length, static_cast<uint32_t>(document_.parts_count)};
  rewriter_.element("<rpid:other>", scanner_.name().local, "</rpid:other>");
  put_in_order(parent, child);
  return ParseError::kOk;
}

ParseError PidfNormaliser::start_fragment(PidfType type) {
  if (document_.count == kFragmentsMax) return ParseError::kXmlTooLarge;
  fragment_ = &document_.fragments[document_.count++];
  *fragment_ = {};
  fragment_->kind = fragment_kind_of(type);
  fragment_->offset = static_cast<uint32_t>(rewriter_.length());
  fragment_->parts_begin = static_cast<uint16_t>(document_.parts_count);
  return ParseError::kOk;
}

// RFC 3863 §4.1.2, RFC 4479 §5: an xs:ID.
ParseError PidfNormaliser::read_id() {
  if (!rewriter_.make_id_a_name()) return ParseError::kPidf;
  const XmlStretch id = rewriter_.id();
  if (id.length > kFragmentIdBytesMax) return ParseError::kPidf;
  fragment_->id_offset = static_cast<uint32_t>(id.offset) - fragment_->offset;
  fragment_->id_length = static_cast<uint16_t>(id.length);
  return ParseError::kOk;
}

uint64_t PidfNormaliser::find_attributes_left_out(PidfRule rule) {
  uint64_t left_out = 0;
  const std::span<const XmlAttribute> attributes = scanner_.attributes();
  for (size_t i = 0; i < attributes.size(); ++i) {
    const XmlName& name = attributes[i].name;
    if (rule.has_id && name.space.known == kXmlNoNamespace && equals(name.local, "id")) continue;
    if (is_pidf_attribute(rule.type, attributes[i])) continue;
    left_out |= uint64_t{1} << i;
    ++document_.left_out;
  }
  return left_out;
}

ParseError PidfNormaliser::on_text() {
  if (skipped_ > 0) return ParseError::kOk;
  const PidfRule around = open_.back().rule;
  if (around.type == PidfType::kPresence) {
    return scanner_.text_is_white() ? ParseError::kOk : ParseError::kPidf;
  }
  if (!around.has_text()) {
    if (!scanner_.text_is_white()) ++document_.left_out;
    return ParseError::kOk;
  }
  rewriter_.text(scanner_);
  return ParseError::kOk;
}

ParseError PidfNormaliser::on_end() {
  if (skipped_ > 0) {
    --skipped_;
    return ParseError::kOk;
  }
  const Frame& ended = open_.back();  // It stays where it is until another one begins.
  open_.shrink(open_.size() - 1);
  if (open_.size() == 0) return ParseError::kOk;  // </presence>
  const PidfRule rule = ended.rule;
  bool is_valid = (rule.needed & ~ended.seen) == 0;
  if (rule.is_of_a_form()) {
    // White space around a word would hide it from those who read by pattern.
    const std::string_view text = rewriter_.at(rewriter_.trim_run());
    // A reference to a character is to one that may not stand there itself.
    is_valid = is_pidf_text(rule.content, text) && text.find("&#") == std::string_view::npos;
    if (is_valid && rule.content == PidfContent::kBasic) note_basic(open_.back().rule.type, text);
    if (is_valid && rule.part == PartKind::kDeviceId && open_.back().rule.has_parts) note_device_id(text);
  }
  rewriter_.end(scanner_, rule.has_text());
  if (!is_valid) return take_back(ended);
  return end_child(open_.back(), {rule, ended.before.length, ended.part});
}

ParseError PidfNormaliser::take_back(const Frame& child) {
  const PidfType around = open_.back().rule.type;
  // As in leave_out.
  if (child.rule.type == PidfType::kTuple) return ParseError::kPidf;
  if (child.rule.type == PidfType::kBasic && around == PidfType::kStatus) return ParseError::kPidf;
  rewriter_.rewind(child.before);
  document_.parts_count = child.part;
  if (around == PidfType::kPresence) --document_.count;
  ++document_.left_out;
  return ParseError::kOk;
}

inline ParseError PidfNormaliser::end_child(Frame& parent, Written child) {
  const PidfRule around = parent.rule;
  if (around.type == PidfType::kPresence) return end_fragment();
  if (around.has_parts) {
    document_.parts[child.part].length = (static_cast<uint32_t>(rewriter_.length()) - child.begin) & 0xFF'FFFF;
  }
  if (around.type != PidfType::kForeign) put_in_order(parent, child);
  return ParseError::kOk;
}

inline void PidfNormaliser::put_in_order(Frame& parent, Written child) {
  const uint8_t rank = child.rule.rank;
  parent.seen |= static_cast<uint8_t>(1U << rank);
  if (child.rule.choice != 0) parent.choice = child.rule.choice;
  if (rank < parent.top) {
    move_to_place(parent, child);
    const uint32_t length = static_cast<uint32_t>(rewriter_.length()) - child.begin;
    for (uint8_t above = rank; above < parent.top; ++above) parent.ends[above] += length;
  }
  if (rank <= parent.top) return;
  for (uint8_t below = parent.top; below < rank; ++below) parent.ends[below] = child.begin;
  parent.top = rank;
}

// What was written last goes to where elements of its rank stand: it came late.
void PidfNormaliser::move_to_place(const Frame& parent, Written child) {
  const uint32_t to = parent.ends[child.rule.rank];
  const uint32_t length = static_cast<uint32_t>(rewriter_.length()) - child.begin;
  rewriter_.move_back(child.begin, to);
  const auto parts = document_.parts.begin();
  const auto own = parts + child.part;
  const auto last = parts + static_cast<ptrdiff_t>(document_.parts_count);
  const auto after = std::find_if(parts + fragment_->parts_begin, own,
                                  [&](const FragmentPart& part) { return part.offset + fragment_->offset >= to; });
  for (auto part = after; part != own; ++part) part->offset += length;
  for (auto part = own; part != last; ++part) part->offset -= child.begin - to;
  std::rotate(after, own, last);
}

void PidfNormaliser::note_basic(PidfType around, std::string_view text) {
  const BasicStatus basic = basic_status_of(text);
  if (around == PidfType::kStatus) fragment_->basic = basic;
  // Of several, "closed" is the careful one to believe.
  if (around == PidfType::kWillingness && fragment_->willingness != BasicStatus::kClosed)
    fragment_->willingness = basic;
}

void PidfNormaliser::note_device_id(std::string_view text) {
  if (fragment_->device_id_length == 0 && text.size() <= UINT16_MAX) {
    fragment_->device_id_length = static_cast<uint16_t>(text.size());
  }
}

ParseError PidfNormaliser::end_fragment() {
  fragment_->length = static_cast<uint32_t>(rewriter_.length()) - fragment_->offset;
  fragment_->parts_count = static_cast<uint16_t>(document_.parts_count - fragment_->parts_begin);
  if (fragment_->device_id_length > 0) place_device_id();
  return ParseError::kOk;
}

// What stands before the end tag of the first deviceID.
void PidfNormaliser::place_device_id() {
  constexpr size_t kEndTag = std::string_view("</dm:deviceID>").size();
  const auto begin = document_.parts.begin() + fragment_->parts_begin;
  const auto part = std::find_if(begin, begin + fragment_->parts_count,
                                 [](const FragmentPart& other) { return other.kind == PartKind::kDeviceId; });
  fragment_->device_id_offset =
      static_cast<uint32_t>(part->offset + part->length - kEndTag - fragment_->device_id_length);
}

}  // namespace

const std::string_view kPresenceOpen =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
    "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"";
const std::string_view kPresenceOpenEnd = "\">";
const std::string_view kPresenceClose = "</presence>";

ParseError normalise_pidf(std::string_view body, std::span<char> out, PidfDocument& document) {
  document.clear();
  return PidfNormaliser(body, out, document).normalise();
}

}  // namespace vedette::parsers
