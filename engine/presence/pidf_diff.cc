#include "engine/presence/pidf_diff.h"

#include <algorithm>
#include <span>

#include "engine/presence/element_pairs.h"
#include "engine/presence/packages/xml_parts.h"
#include "parsers/pidf.h"
#include "parsers/pidf_schema.h"
#include "parsers/written_element.h"

namespace vedette::engine {
namespace {

using parsers::Writer;

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view kRoot = "<presence";
constexpr std::string_view kFullOpen = "<p:pidf-full xmlns:p=\"urn:ietf:params:xml:ns:pidf-diff\"";
constexpr std::string_view kFullClose = "</p:pidf-full>";
constexpr std::string_view kDiffOpen = "<p:pidf-diff xmlns:p=\"urn:ietf:params:xml:ns:pidf-diff\"";
constexpr std::string_view kDiffClose = "</p:pidf-diff>";
constexpr std::string_view kVersion = " version=\"";
constexpr std::string_view kReplaceOpen = "<p:replace sel=\"";
constexpr std::string_view kReplaceClose = "</p:replace>";

static_assert(kPidfFullGrowth == kFullOpen.size() - kRoot.size() + kVersion.size() + kVersionDigits + 1 +
                                     kFullClose.size() - std::string_view("</presence>").size());

// A composed document, in parts.
struct PresenceParts {
  std::string_view attributes;  // Of the root, namespaces included: xmlns=... to the quote that ends the entity.
  std::string_view entity;      // As it stands in there.
  std::string_view elements;
};

bool split(std::string_view document, PresenceParts& parts) {
  if (!document.starts_with(parsers::kPresenceOpen) || !document.ends_with(parsers::kPresenceClose)) return false;
  const size_t entity = parsers::kPresenceOpen.size();
  const size_t end = document.find(parsers::kPresenceOpenEnd, entity);
  if (end == std::string_view::npos) return false;
  const size_t begin = kDeclaration.size() + kRoot.size();
  const size_t elements = end + parsers::kPresenceOpenEnd.size();
  parts.attributes = document.substr(begin, end + 1 - begin);
  parts.entity = document.substr(entity, end - entity);
  parts.elements = document.substr(elements, document.size() - elements - parsers::kPresenceClose.size());
  return true;
}

// An element of the document as it is at that time, or a child of one.
struct Target {
  const PairedElement* element = nullptr;  // Null: the root.
  size_t place = 0;                        // Of the element, from 1 on.
  size_t child = 0;                        // The place of its child; 0: the element itself.
};

// Some elements one behind the other that give way to others.
struct Change {
  std::span<const PairedElement> removed;
  std::span<const PairedElement> added;
  size_t place = 1;                           // Of the first of them, at that time.
  const PairedElement* in_front = nullptr;    // What stands there; null: nothing.
  const PairedElement* behind = nullptr;
};

class PatchWriter {
 public:
  explicit PatchWriter(Writer& out) : out_(out) {}
  void put_patch(PairedElements& before, const PairedElements& after);

 private:
  void remove_what_moves(PairedElements& before);
  void put_change(const Target& around, const Change& change);
  void put_kept(const PairedElement& before, const PairedElement& after, size_t place);
  bool put_children(const PairedElement& before, const PairedElement& after, size_t place);
  void put_target(const Target& target);
  void put_remove(const Target& target);
  void put_replace(const Target& target, std::string_view text);
  void put_add(const Target& around, const Change& change, size_t done);

  Writer& out_;
};

void PatchWriter::put_patch(PairedElements& before, const PairedElements& after) {
  remove_what_moves(before);
  size_t old_begin = 0;
  size_t new_begin = 0;
  while (old_begin < before.size() || new_begin < after.size()) {
    size_t old_end = old_begin;
    size_t new_end = new_begin;
    while (old_end < before.size() && !before[old_end].stays) ++old_end;
    while (new_end < after.size() && !after[new_end].stays) ++new_end;
    Change change;
    change.removed = before.items().subspan(old_begin, old_end - old_begin);
    change.added = after.items().subspan(new_begin, new_end - new_begin);
    change.place = new_begin + 1;
    if (new_begin > 0) change.in_front = &after[new_begin - 1];
    if (old_end < before.size()) change.behind = &before[old_end];
    put_change({}, change);
    if (old_end < before.size()) put_kept(before[old_end], after[new_end], new_end + 1);
    old_begin = old_end + 1;
    new_begin = new_end + 1;
  }
}

// Step 1. What is left in `before` stays or goes for ever.
void PatchWriter::remove_what_moves(PairedElements& before) {
  size_t left = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const PairedElement element = before[i];
    if (element.twin == PairedElement::kNoTwin || element.stays) {
      before[left++] = element;
    } else {
      put_remove({&element, left + 1});
    }
  }
  before.shrink(left);
}

// Children are addressed through what they are in, elements by themselves.
Target target_within(const Target& around, const PairedElement& element, size_t place) {
  return around.element == nullptr ? Target{&element, place} : Target{around.element, around.place, place};
}

// Step 2.
void PatchWriter::put_change(const Target& around, const Change& change) {
  const size_t both = std::min(change.removed.size(), change.added.size());
  for (size_t i = 0; i < both; ++i) {
    put_replace(target_within(around, change.removed[i], change.place + i), change.added[i].text);
  }
  for (const PairedElement& removed : change.removed.subspan(both)) {
    put_remove(target_within(around, removed, change.place + both));
  }
  if (both < change.added.size()) put_add(around, change, both);
}

// RFC 5261 §4.3: several nodes may be added at once; without pos they become the last children.
void PatchWriter::put_add(const Target& around, const Change& change, size_t done) {
  const size_t place = change.place + done;
  const PairedElement* const in_front = done > 0 ? &change.added[done - 1] : change.in_front;
  out_.put("<p:add sel=\"");
  if (change.behind == nullptr) {
    put_target(around);
    out_.put("\">");
  } else if (in_front != nullptr) {
    put_target(target_within(around, *in_front, place - 1));
    out_.put("\" pos=\"after\">");
  } else {
    put_target(target_within(around, *change.behind, place));
    out_.put("\" pos=\"before\">");
  }
  for (const PairedElement& added : change.added.subspan(done)) out_.put(added.text);
  out_.put("</p:add>");
}

// Step 3.
void PatchWriter::put_kept(const PairedElement& before, const PairedElement& after, size_t place) {
  if (before.text == after.text) return;
  const Writer begun = out_;
  if (put_children(before, after, place)) {
    const size_t written = out_.length() - begun.length();
    if (written <= kReplaceOpen.size() + after.text.size() + kReplaceClose.size()) return;
  }
  out_ = begun;
  put_replace({&before, place}, after.text);  // By what it is up to now: a device may become a tuple.
}

// An element's children; false when there is something else in it.
bool read_children(std::string_view element, std::string_view start_tag, PairedElements& out) {
  const size_t end = element.rfind("</");
  if (end == std::string_view::npos || end < start_tag.size()) return false;
  return read_elements(element.substr(start_tag.size(), end - start_tag.size()), false, out);
}

// What stands between the children that are alike at the beginning and at the end.
bool PatchWriter::put_children(const PairedElement& before, const PairedElement& after, size_t place) {
  const std::string_view start_tag = parsers::written_start_tag(after.text);
  if (start_tag != parsers::written_start_tag(before.text)) return false;
  PairedElements old_list;
  PairedElements new_list;
  if (!read_children(before.text, start_tag, old_list) || !read_children(after.text, start_tag, new_list)) return false;
  const std::span<const PairedElement> olds = old_list.items();
  const std::span<const PairedElement> news = new_list.items();
  const size_t shorter = std::min(olds.size(), news.size());
  size_t front = 0;
  while (front < shorter && olds[front].text == news[front].text) ++front;
  size_t back = 0;
  while (back < shorter - front && olds[olds.size() - 1 - back].text == news[news.size() - 1 - back].text) ++back;
  Change change;
  change.removed = olds.subspan(front, olds.size() - front - back);
  change.added = news.subspan(front, news.size() - front - back);
  change.place = front + 1;
  if (front > 0) change.in_front = &news[front - 1];
  if (back > 0) change.behind = &news[news.size() - back];
  put_change({&after, place}, change);
  return true;
}

void PatchWriter::put_target(const Target& target) {
  if (target.element == nullptr) {
    out_.put('*');
    return;
  }
  const PairedElement& element = *target.element;
  if (!element.id.empty() && element.text.starts_with("<tuple ")) {
    // RFC 5261 §4.2.1: a name without a prefix is one of the default namespace that is declared here.
    out_.put("*/tuple[@id='").put(element.id).put("']");
  } else {
    out_.put("*/*[").put_uint(target.place).put(']');
  }
  if (target.child > 0) out_.put("/*[").put_uint(target.child).put(']');
}

void PatchWriter::put_remove(const Target& target) {
  out_.put("<p:remove sel=\"");
  put_target(target);
  out_.put("\"/>");
}

void PatchWriter::put_replace(const Target& target, std::string_view text) {
  out_.put(kReplaceOpen);
  put_target(target);
  out_.put("\">").put(text).put(kReplaceClose);
}

// Whether the prefix stands in anything that may be sent; it is not declared for nothing.
bool is_used(std::string_view prefix, const PairedElements& before, const PairedElements& after) {
  for (const PairedElement& element : after.items()) {
    const bool is_known = element.stays && before[element.twin].text == element.text;
    if (is_known) continue;
    size_t at = element.text.find(prefix);
    for (; at != std::string_view::npos; at = element.text.find(prefix, at + 1)) {
      if (element.text.substr(at + prefix.size()).starts_with(':')) return true;
    }
  }
  return false;
}

void put_namespaces(const PairedElements& before, const PairedElements& after, Writer& out) {
  out.put(" xmlns=\"").put(parsers::kPidfNamespaces[parsers::pidf_space::kPidf].name).put('"');
  for (const parsers::XmlKnownNamespace& known : parsers::kPidfNamespaces) {
    if (!known.is_declared || !is_used(known.prefix, before, after)) continue;
    out.put(" xmlns:").put(known.prefix).put("=\"").put(known.name).put('"');
  }
}

void put_version_and_end(Writer& out, uint32_t& version_offset) {
  out.put(kVersion);
  version_offset = packages::put_version_room(out);
  out.put(parsers::kPresenceOpenEnd);
}

}  // namespace

bool write_pidf_full(std::string_view document, Writer& out, uint32_t& version_offset) {
  PresenceParts parts;
  if (!split(document, parts)) return false;
  out.put(kDeclaration).put(kFullOpen).put(parts.attributes);
  put_version_and_end(out, version_offset);
  out.put(parts.elements).put(kFullClose);
  return !out.overflowed();
}

bool write_pidf_diff(std::string_view before, std::string_view after, Writer& out, uint32_t& version_offset) {
  PresenceParts old_parts;
  PresenceParts new_parts;
  if (!split(before, old_parts) || !split(after, new_parts) || old_parts.entity != new_parts.entity) return false;
  PairedElements olds;
  PairedElements news;
  if (!read_elements(old_parts.elements, true, olds) || !read_elements(new_parts.elements, true, news)) return false;
  pair_elements(olds, news);
  const size_t begin = out.length();
  out.put(kDeclaration).put(kDiffOpen);
  put_namespaces(olds, news, out);
  out.put(" entity=\"").put(new_parts.entity).put('"');
  put_version_and_end(out, version_offset);
  PatchWriter(out).put_patch(olds, news);
  out.put(kDiffClose);
  return !out.overflowed() && out.length() - begin < after.size() + kPidfFullGrowth;
}

}  // namespace vedette::engine
