// The tables themselves, and a hash table made of them when this is compiled.
#include "parsers/pidf_schema.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "parsers/xml_chars.h"
#include "parsers/xml_values.h"

namespace vedette::parsers {

using namespace pidf_space;
using enum PidfType;

const XmlKnownNamespace kPidfNamespaces[] = {{"urn:ietf:params:xml:ns:pidf", "pidf"},
                                             {"urn:ietf:params:xml:ns:pidf:data-model", "dm", true},
                                             {"urn:ietf:params:xml:ns:pidf:rpid", "rpid", true},
                                             {"urn:ietf:params:xml:ns:pidf:cipid", "ci"},
                                             {"urn:ietf:params:xml:ns:pidf:caps", "caps"},
                                             {"urn:ietf:params:xml:ns:pidf:timed-status", "ts"},
                                             {"urn:oma:xml:prs:pidf:oma-pres", "op"},
                                             {"http://www.w3.org/2001/XMLSchema-instance", "xsi"}};

namespace {

// Where an element may stand.
struct Place {
  PidfType type = kNowhere;
  uint8_t rank = 0;
  bool once = false;
  uint8_t choice = 0;
};

struct Row {
  PidfType parent = kNowhere;
  uint8_t space = 0;
  std::string_view local;
  Place place;
};

// Ranks of the elements in which others stand in an order.
constexpr uint8_t kStatusRank = 0, kTupleExtensionRank = 1, kContactRank = 2, kTupleNoteRank = 3,
                  kTupleTimestampRank = 4;
constexpr uint8_t kPersonExtensionRank = 0, kDeviceIdRank = 1, kPersonNoteRank = 2, kPersonTimestampRank = 3;
constexpr uint8_t kNoteRank = 0, kWordRank = 1;
// Choices within a rank. Others are the numbers of rows.
constexpr uint8_t kAnyWords = 255;

constexpr Row kStructure[] = {
    // RFC 3863 §4.4. Beside tuples and notes stand persons, devices and extensions.
    {kPresence, kPidf, "tuple", {kTuple}},
    {kPresence, kPidf, "note", {kNote}},
    {kPresence, kDataModel, "person", {kPerson}},
    {kPresence, kDataModel, "device", {kDevice}},
    {kTuple, kPidf, "status", {kStatus, kStatusRank, true}},
    {kTuple, kDataModel, "deviceID", {kDeviceId, kTupleExtensionRank}},
    {kTuple, kPidf, "contact", {kContact, kContactRank, true}},
    {kTuple, kPidf, "note", {kNote, kTupleNoteRank}},
    {kTuple, kPidf, "timestamp", {kTimestamp, kTupleTimestampRank, true}},
    {kStatus, kPidf, "basic", {kBasic, 0, true}},
    // RFC 4479 §5.
    {kDevice, kDataModel, "deviceID", {kDeviceId, kDeviceIdRank, true}},
    {kDevice, kDataModel, "note", {kNote, kPersonNoteRank}},
    {kDevice, kDataModel, "timestamp", {kTimestamp, kPersonTimestampRank, true}},
    {kPerson, kDataModel, "note", {kNote, kPersonNoteRank}},
    {kPerson, kDataModel, "timestamp", {kTimestamp, kPersonTimestampRank, true}},
    {kPerson, kOmaPresence, "overriding-willingness", {kWillingness, kPersonExtensionRank}},
    {kWillingness, kOmaPresence, "basic", {kBasic, 0, true}},
    // RFC 4480 §5.1.
    {kPlaceIs, kRpid, "audio", {kPlaceAudio, 1, true}},
    {kPlaceIs, kRpid, "video", {kPlaceVideo, 2, true}},
    {kPlaceIs, kRpid, "text", {kPlaceText, 3, true}},
    {kPrivacy, kRpid, "audio", {kWord, 1, true, kAnyWords}},
    {kPrivacy, kRpid, "text", {kWord, 2, true, kAnyWords}},
    {kPrivacy, kRpid, "video", {kWord, 3, true, kAnyWords}},
    // Elements of these schemas that may stand anywhere within others, and those that may not.
    {kForeign, kDataModel, "deviceID", {kDeviceId}},
    {kForeign, kDataModel, "person", {kNowhere}},
    {kForeign, kDataModel, "device", {kNowhere}},
    {kForeign, kPidf, "presence", {kNowhere}},
};

// RPID's elements: within tuples, persons, devices, and wherever else a schema lets others in.
struct Element {
  std::string_view local;
  PidfType type;
};
constexpr Element kRpidElements[] = {{"activities", kActivities},
                                     {"class", kClass},
                                     {"mood", kMood},
                                     {"place-is", kPlaceIs},
                                     {"place-type", kPlaceType},
                                     {"privacy", kPrivacy},
                                     {"relationship", kRelationship},
                                     {"service-class", kServiceClass},
                                     {"sphere", kSphere},
                                     {"status-icon", kStatusIcon},
                                     {"time-offset", kTimeOffset},
                                     {"user-input", kUserInput}};
constexpr Row kAround[] = {{kTuple, kRpid, {}, {kNowhere, kTupleExtensionRank}},
                           {kPerson, kRpid, {}, {kNowhere, kPersonExtensionRank}},
                           {kDevice, kRpid, {}, {kNowhere, kPersonExtensionRank}},
                           {kForeign, kRpid, {}, {}}};

// Elements that hold words, one or many of a list.
struct Words {
  PidfType parent;
  bool has_notes;
  uint8_t rank;
  bool one;  // One of them and no more; else as many as there are, of which "unknown" excludes the others.
  std::string_view words;
};
constexpr Words kWords[] = {
    {kActivities, true, kWordRank, false,
     "appointment away breakfast busy dinner holiday in-transit looking-for-work meal meeting on-the-phone "
     "performance "
     "permanent-absence playing presentation shopping sleeping spectator steering travel tv vacation working "
     "worship "
     "unknown other"},
    {kMood, true, kWordRank, false,
     "afraid amazed angry annoyed anxious ashamed bored brave calm cold confused contented cranky curious "
     "depressed "
     "disappointed disgusted distracted embarrassed excited flirtatious frustrated grumpy guilty happy hot "
     "humbled "
     "humiliated hungry hurt impressed in_awe in_love indignant interested invincible jealous lonely mean "
     "moody nervous "
     "neutral offended playful proud relieved remorseful restless sad sarcastic serious shocked shy sick "
     "sleepy "
     "stressed surprised thirsty worried unknown other"},
    {kPlaceIs, true, kWordRank, false, ""},
    {kPlaceAudio, false, 0, true, "noisy ok quiet unknown"},
    {kPlaceVideo, false, 0, true, "toobright ok dark unknown"},
    {kPlaceText, false, 0, true, "uncomfortable inappropriate ok unknown"},
    {kPlaceType, true, kWordRank, true, "other"},
    {kPrivacy, true, kWordRank, false, "unknown"},
    {kRelationship, true, kWordRank, true, "assistant associate family friend self supervisor unknown other"},
    {kServiceClass, true, kWordRank, true, "courier electronic freight in-person postal unknown"},
    {kSphere, false, kWordRank, true, "home work unknown"},
};

// Elements of other namespaces (##other): where they may stand, and as what.
struct Wildcard {
  bool is_open = false;
  uint8_t own_space = kXmlNoNamespace;
  uint8_t rank = 0;
  uint8_t choice = 0;
};
constexpr auto kWildcards = [] {
  std::array<Wildcard, static_cast<size_t>(PidfType::kCount)> table{};
  const auto at = [&table](PidfType type) -> Wildcard& { return table[static_cast<size_t>(type)]; };
  at(kPresence) = at(kStatus) = {true, kPidf, 1, 0};
  at(kTuple) = {true, kPidf, kTupleExtensionRank, 0};
  at(kPerson) = at(kDevice) = {true, kDataModel, kPersonExtensionRank, 0};
  at(kWillingness) = {true, kOmaPresence, 1, 0};
  for (const Words& words : kWords) at(words.parent) = {words.rank == kWordRank, kRpid, words.rank, kAnyWords};
  at(kPlaceIs) = {};
  at(kPrivacy).rank = 4;
  return table;
}();

// Elements by their types alone.
constexpr auto kTypes = [] {
  std::array<PidfRule, static_cast<size_t>(PidfType::kCount)> table{};
  const auto at = [&table](PidfType type) -> PidfRule& { return table[static_cast<size_t>(type)]; };
  for (size_t i = 0; i < table.size(); ++i) table[i].type = static_cast<PidfType>(i);
  at(kForeign).content = PidfContent::kAnything;
  at(kTuple).needed = 1 << kStatusRank;
  at(kDevice).needed = 1 << kDeviceIdRank;
  at(kMood).needed = at(kPlaceType).needed = at(kServiceClass).needed = 1 << kWordRank;
  at(kPlaceAudio).needed = at(kPlaceVideo).needed = at(kPlaceText).needed = 1;
  at(kNote).content = at(kClass).content = PidfContent::kText;
  at(kBasic).content = PidfContent::kBasic;
  at(kUserInput).content = PidfContent::kActiveIdle;
  at(kTimestamp).content = PidfContent::kDateTime;
  at(kContact).content = at(kDeviceId).content = at(kStatusIcon).content = PidfContent::kUri;
  at(kTimeOffset).content = PidfContent::kInteger;
  at(kWord).content = PidfContent::kNothing;
  for (const PidfType type : {kTuple, kPerson, kDevice}) at(type).has_id = at(type).has_parts = true;
  at(kStatus).has_parts = true;
  at(kStatus).part = PartKind::kStatus;
  at(kBasic).part = PartKind::kBasic;
  at(kContact).part = PartKind::kContact;
  at(kNote).part = PartKind::kNote;
  at(kTimestamp).part = PartKind::kTimestamp;
  at(kDeviceId).part = PartKind::kDeviceId;
  at(kActivities).part = PartKind::kActivities;
  at(kMood).part = PartKind::kMood;
  at(kPlaceIs).part = PartKind::kPlaceIs;
  at(kPlaceType).part = PartKind::kPlaceType;
  at(kPrivacy).part = PartKind::kPrivacy;
  at(kRelationship).part = PartKind::kRelationship;
  at(kServiceClass).part = PartKind::kServiceClass;
  at(kSphere).part = PartKind::kSphere;
  at(kStatusIcon).part = PartKind::kStatusIcon;
  at(kTimeOffset).part = PartKind::kTimeOffset;
  at(kUserInput).part = PartKind::kUserInput;
  at(kClass).part = PartKind::kClass;
  at(kWillingness).part = PartKind::kWillingness;
  return table;
}();

constexpr PidfRule rule_of(const Place& place) {
  PidfRule rule = kTypes[static_cast<size_t>(place.type)];
  rule.rank = place.rank;
  rule.once = static_cast<uint8_t>(place.once ? 1U << place.rank : 0U);
  rule.choice = place.choice;
  return rule;
}

// A name as two numbers: its first eight bytes, and its last eight. Shorter ones are followed by zeros.
struct Letters {
  uint64_t head = 0;
  uint64_t tail = 0;
};

constexpr Letters letters_of(std::string_view name) {
  const auto number = [](std::string_view text) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.size() && i < 8; ++i) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(text[i])) << 8 * i;
    }
    return value;
  };
  return {number(name), number(name.substr(name.size() > 8 ? name.size() - 8 : 0))};
}

// The same, of a name with other bytes before it.
Letters read_letters(std::string_view name) {
  Letters letters;
  std::memcpy(&letters.tail, name.data() + name.size() - 8, 8);
  if (name.size() < 8) {
    letters.tail >>= 8 * (8 - name.size());
    letters.head = letters.tail;
  } else {
    std::memcpy(&letters.head, name.data(), 8);
  }
  return letters;
}

// What an element stands in, its namespace, and how long its name is.
constexpr uint32_t place_of(PidfType parent, uint8_t space, size_t name_size) {
  return static_cast<uint32_t>(parent) << 16 | static_cast<uint32_t>(space) << 8 |
         (static_cast<uint32_t>(name_size) & 0xFF);
}

struct Entry {
  Letters letters;
  uint32_t place = 0;
  PidfRule rule;
};
static_assert(sizeof(Entry) == 32);

struct alignas(64) Table {
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kEntriesMax = 240;
  std::array<Entry, kEntriesMax> entries;
  size_t count = 0;
  std::array<uint8_t, kSlots> slots{};  // The number of an entry, counted from 1; 0 for none.
};

constexpr size_t slot_of(const Letters& letters, uint32_t place) {
  return ((letters.head ^ letters.tail << 5) + place * 3U) * 0x9E37'79B9'7F4A'7C15U >> 54;
}
static_assert(Table::kSlots == size_t{1} << (64 - 54));

constexpr Table kTable = [] {
  Table table;
  const auto add = [&table](const Row& row) {
    const Letters letters = letters_of(row.local);
    const uint32_t place = place_of(row.parent, row.space, row.local.size());
    table.entries[table.count++] = {letters, place, rule_of(row.place)};
    size_t slot = slot_of(letters, place);
    while (table.slots[slot] != 0) slot = (slot + 1) % Table::kSlots;
    table.slots[slot] = static_cast<uint8_t>(table.count);
  };
  for (const Row& row : kStructure) add(row);
  for (Row row : kAround) {
    for (const Element& element : kRpidElements) {
      row.local = element.local;
      row.place.type = element.type;
      add(row);
    }
  }
  for (const Words& words : kWords) {
    if (words.has_notes) add({words.parent, kRpid, "note", {kNote, kNoteRank}});
    std::string_view rest = words.words;
    for (uint8_t number = 1; !rest.empty(); ++number) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, end);
      const bool is_alone = words.one || word == "unknown";
      add({words.parent, kRpid, word,
           {word == "other" ? kNote : kWord, words.rank, is_alone, is_alone ? number : kAnyWords}});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return table;
}();

// Names of more than sixteen letters are compared by as many; one of the schemas is longer, and nothing is like it.
inline const PidfRule* find_row(PidfType parent, uint8_t space, std::string_view local) {
  const Letters letters = read_letters(local);
  const uint32_t place = place_of(parent, space, local.size());
  for (size_t slot = slot_of(letters, place); kTable.slots[slot] != 0; slot = (slot + 1) % Table::kSlots) {
    const Entry& entry = kTable.entries[kTable.slots[slot] - 1U];
    const uint64_t differ =
        (entry.letters.head ^ letters.head) | (entry.letters.tail ^ letters.tail) | (entry.place ^ place);
    if (differ == 0) return &entry.rule;
  }
  return nullptr;
}

// RFC 3863 §4.1.5: 0 to 1 with three digits behind the point.
bool is_priority(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return false;
  if (text.size() == 1) return true;
  const char last = text[0] == '0' ? '9' : '0';
  return text[1] == '.' && text.size() > 2 &&
         std::all_of(text.begin() + 2, text.end(), [last](char c) { return c >= '0' && c <= last; });
}

// Of RPID's elements that may have attributes beside those that they know.
bool has_open_attributes(PidfType type) {
  switch (type) {
    case kActivities: case kMood: case kPlaceIs: case kPlaceType: case kPrivacy: case kSphere:
    case kStatusIcon: case kTimeOffset: case kUserInput: case kWillingness: return true;
    default: return false;
  }
}

bool is_own_attribute(PidfType type, std::string_view local, std::string_view value) {
  if (type == kContact) return equals(local, "priority") && is_priority(value);
  if (!has_open_attributes(type) || equals(local, "id")) return false;
  if (type == kUserInput) {
    if (equals(local, "idle-threshold")) return is_xml_positive_integer(value);
    return !equals(local, "last-input") || is_xml_date_time(value);
  }
  const bool is_time = equals(local, "from") || equals(local, "until");
  return !is_time || type == kWillingness || is_xml_date_time(value);
}

}  // namespace

namespace {

// An element that its parent's schema does not name.
[[gnu::noinline]] PidfRule find_wildcard_rule(PidfType parent, const XmlName& name) {
  if (parent == kForeign) return kTypes[static_cast<size_t>(kForeign)];
  const uint8_t space = name.space.known;
  const Wildcard& wildcard = kWildcards[static_cast<size_t>(parent)];
  if (!wildcard.is_open || space == wildcard.own_space || space == kXmlNoNamespace) return {};
  const PidfRule* const elsewhere = space <= kRpid ? find_row(kForeign, space, name.local) : nullptr;
  PidfRule rule = elsewhere == nullptr ? kTypes[static_cast<size_t>(kForeign)] : *elsewhere;
  rule.rank = wildcard.rank;
  rule.choice = wildcard.choice;
  return rule;
}

}  // namespace

PidfRule find_pidf_rule(PidfType parent, const XmlName& name) {
  const uint8_t space = name.space.known;
  if (space <= kRpid || space == kOmaPresence) {
    const PidfRule* const rule = find_row(parent, space, name.local);
    if (rule != nullptr) return *rule;
  }
  return find_wildcard_rule(parent, name);
}

PidfRule find_pidf_other(PidfType parent) {
  constexpr std::string_view kBehindSome = "........other";
  const PidfRule* const rule = find_row(parent, kRpid, kBehindSome.substr(8));
  return rule == nullptr ? PidfRule{} : *rule;
}


bool is_pidf_text(PidfContent content, std::string_view text) {
  switch (content) {
    case PidfContent::kBasic: return equals(text, "open") || equals(text, "closed");
    case PidfContent::kActiveIdle: return equals(text, "active") || equals(text, "idle");
    case PidfContent::kDateTime: return is_xml_date_time(text);
    case PidfContent::kUri: return is_xml_uri(text);
    case PidfContent::kInteger: return is_xml_integer(text);
    case PidfContent::kElements:
    case PidfContent::kNothing: return text.empty();
    case PidfContent::kAnything:
    case PidfContent::kText: return true;
  }
  return true;
}

bool is_pidf_attribute(PidfType type, const XmlAttribute& attribute) {
  const XmlName& name = attribute.name;
  // What is written in escapes is looked at by nobody here; where it matters it is not trusted.
  const std::string_view value = attribute.plain ? attribute.raw : "&";
  switch (name.space.known) {
    case kXmlNoNamespace: return type == kForeign || is_own_attribute(type, name.local, value);
    case kXmlOwnNamespace:
      // xml:lang where text is, and where anything goes.
      if (!equals(name.local, "lang")) return type == kForeign && !equals(name.local, "id");
      return (type == kForeign || type == kNote || has_open_attributes(type)) && is_xml_language(value);
    // About validating, and by other schemas than these.
    case kSchemaInstance: return false;
    case kPidf:
      if (equals(name.local, "mustUnderstand") && !is_xml_boolean(value)) return false;
      [[fallthrough]];
    default: return type == kForeign || has_open_attributes(type);
  }
}

}  // namespace vedette::parsers
