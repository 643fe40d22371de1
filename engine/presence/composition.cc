// The order of the document is Composer::compose's; which fragment stands in it, and under which id, is
// decided one fragment at a time.
#include "engine/presence/composition.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/check.h"
#include "parsers/chars.h"
#include "parsers/param.h"
#include "parsers/uri.h"
#include "parsers/xml_chars.h"

namespace vedette::engine {
namespace {

using parsers::Fragment;
using parsers::FragmentKind;
using parsers::Writer;

constexpr std::string_view kOfflineTuple = "<tuple id=\"offline\"><status><basic>closed</basic></status></tuple>";
constexpr std::string_view kOfflineId = "offline";
constexpr std::string_view kScheme = "sip:";

constexpr size_t kEscapedBytesMax = 6;               // Of one character: &quot;
constexpr size_t kSuffixBytesMax = 1 + 10 + 1 + 10;  // "-4294967295-4294967295"
std::string_view text_of(const PublishedFragments& publication, const Fragment& fragment) {
  return publication.bytes.substr(fragment.offset, fragment.length);
}

bool is_open_tuple(const Fragment& fragment) {
  return fragment.kind == FragmentKind::kTuple && fragment.basic != parsers::BasicStatus::kClosed;
}

bool has_tuple(const PublishedFragments& publication) {
  const auto is_tuple = [](const Fragment& fragment) { return fragment.kind == FragmentKind::kTuple; };
  return std::any_of(publication.fragments.begin(), publication.fragments.end(), is_tuple);
}

// RFC 4479 §3.4, RFC 5627: the same device, by its deviceID or by the GRUU that the tuple's contact is.
bool names_instance(const PublishedFragments& publication, const Fragment& fragment, std::string_view instance) {
  const std::string_view text = text_of(publication, fragment);
  if (parsers::equal_ignoring_case(text.substr(fragment.device_id_offset, fragment.device_id_length),
                                   instance))
    return true;
  for (const parsers::FragmentPart& part : publication.parts.subspan(fragment.parts_begin, fragment.parts_count)) {
    if (part.kind != parsers::PartKind::kContact) continue;
    std::string_view contact = text.substr(part.offset, part.length);
    contact.remove_suffix(std::min(contact.size(), std::string_view("</contact>").size()));
    if (contact.size() > instance.size() && contact[contact.size() - instance.size() - 1] == '=' &&
        parsers::equal_ignoring_case(contact.substr(contact.size() - instance.size()), instance)) {
      return true;
    }
  }
  return false;
}

// The device that registered has published a tuple itself.
bool speaks_for(const PublishedFragments& publication, const PublishedFragments& registration) {
  if (publication.is_hard || !has_tuple(publication)) return false;
  if (publication.device == registration.device) return true;
  if (registration.instance.empty()) return false;
  return std::any_of(publication.fragments.begin(), publication.fragments.end(), [&](const Fragment& fragment) {
    return names_instance(publication, fragment, registration.instance);
  });
}

// Texts of the document that may stand in it once: ids, or deviceIDs, which are URIs. At most a thousand, mostly three,
// so they are looked through one by one; by hash, as a publisher may choose them to be alike.
class Texts {
 public:
  explicit Texts(bool are_uris) : are_uris_(are_uris) {}

  bool has(std::string_view text) const {
    const uint32_t hash = hash_of(text);
    for (size_t i = 0; i < count_; ++i) {
      if (texts_[i].hash == hash && is_same({texts_[i].begin, texts_[i].length}, text)) return true;
    }
    return false;
  }
  // `text` lives as long as this.
  void add(std::string_view text) {
    VEDETTE_CHECK(count_ < kTextsMax);
    texts_[count_++] = {text.data(), static_cast<uint32_t>(text.size()), hash_of(text)};
  }

 private:
  static constexpr size_t kTextsMax = kComposedElementsMax;
  // FNV-1a. Texts made to collide cost their maker's document a comparison each.
  uint32_t hash_of(std::string_view text) const {
    uint32_t hash = 2'166'136'261U;
    for (const char c : text) {
      hash = (hash ^ static_cast<uint8_t>(are_uris_ ? parsers::to_lower(c) : c)) * 16'777'619U;
    }
    return hash;
  }
  bool is_same(std::string_view a, std::string_view b) const {
    return are_uris_ ? parsers::are_equal_uris(a, b) : a == b;
  }

  struct Text {
    const char* begin;
    uint32_t length;
    uint32_t hash;
  };
  bool are_uris_;
  size_t count_ = 0;
  std::array<Text, kTextsMax> texts_;   // Left as it is: clearing it would cost more than composing.
};

class Composer {
 public:
  Composer(const CompositionInput& input, Writer& out, ComposedElements* elements)
      : input_(input), out_(out), elements_(elements) {}
  void compose();

 private:
  bool is_hidden() const;
  bool is_open_to_registrations() const;
  void put_all();
  void put_tuples();
  void put_registrations();
  void put_hard_tuples();
  void put_offline();
  void put_all(FragmentKind kind);
  void put_first_person();
  void put_fragment(const PublishedFragments& publication, const Fragment& fragment);
  void put_other_id(const PublishedFragments& publication, std::string_view id);
  void list(const ComposedElement& element);

  const CompositionInput& input_;
  Writer& out_;
  ComposedElements* elements_;
  Texts ids_{false};
  Texts device_ids_{true};
  bool has_tuple_ = false;
  uint32_t attempts_ = 1;  // At an id that nobody has, beyond the number of its publication.
};

void Composer::compose() {
  out_.put(parsers::kPresenceOpen);
  out_.put(kScheme);
  parsers::put_xml_escaped(input_.aor, out_);
  out_.put(parsers::kPresenceOpenEnd);
  if (is_hidden()) {
    put_offline();
  } else {
    put_all();
  }
  out_.put(parsers::kPresenceClose);
}

// Rule 1 of the header.
bool Composer::is_hidden() const {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.willingness == parsers::BasicStatus::kClosed) return true;
    }
  }
  return false;
}

void Composer::put_all() {
  put_tuples();
  if (is_open_to_registrations()) put_registrations();
  put_hard_tuples();
  if (!has_tuple_) put_offline();
  put_all(FragmentKind::kNote);
  put_first_person();
  put_all(FragmentKind::kDevice);
  put_all(FragmentKind::kExtension);
}

void Composer::put_tuples() {
  for (const PublishedFragments& publication : input_.publications) {
    if (publication.is_hard) continue;
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind == FragmentKind::kTuple) put_fragment(publication, fragment);
    }
  }
}

// Rule 3: nothing is published, or not everything is closed.
bool Composer::is_open_to_registrations() const {
  if (!has_tuple_) return true;
  for (const PublishedFragments& publication : input_.publications) {
    if (publication.is_hard) continue;
    if (std::any_of(publication.fragments.begin(), publication.fragments.end(), is_open_tuple)) return true;
  }
  return false;
}

// Rule 4.
void Composer::put_hard_tuples() {
  const bool is_alone = !has_tuple_;
  for (const PublishedFragments& publication : input_.publications) {
    if (!publication.is_hard) continue;
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind != FragmentKind::kTuple) continue;
      if (is_alone || is_open_tuple(fragment)) put_fragment(publication, fragment);
    }
  }
}

void Composer::put_registrations() {
  size_t bytes = composed_bytes_max(input_.aor, input_.publications);
  const size_t count = std::min(input_.registrations.size(), kComposedRegistrationsMax);
  for (const PublishedFragments& registration : input_.registrations.first(count)) {
    const auto speaks = [&](const PublishedFragments& publication) { return speaks_for(publication, registration); };
    if (std::any_of(input_.publications.begin(), input_.publications.end(), speaks)) continue;
    bytes += registration.bytes.size() + kSuffixBytesMax;
    if (bytes > input_.bytes_max) return;
    for (const Fragment& fragment : registration.fragments) put_fragment(registration, fragment);
  }
}

void Composer::put_offline() {
  list({.kind = FragmentKind::kTuple, .length = static_cast<uint32_t>(kOfflineTuple.size())});
  ids_.add(kOfflineId);
  out_.put(kOfflineTuple);
}

void Composer::put_all(FragmentKind kind) {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind != kind) continue;
      if (kind == FragmentKind::kDevice) {
        const std::string_view device_id =
            text_of(publication, fragment).substr(fragment.device_id_offset, fragment.device_id_length);
        if (device_ids_.has(device_id)) continue;
        device_ids_.add(device_id);
      }
      put_fragment(publication, fragment);
    }
  }
}

void Composer::put_first_person() {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind == FragmentKind::kPerson) return put_fragment(publication, fragment);
    }
  }
}

void Composer::put_fragment(const PublishedFragments& publication, const Fragment& fragment) {
  const std::string_view text = text_of(publication, fragment);
  const std::string_view id = text.substr(fragment.id_offset, fragment.id_length);
  has_tuple_ = has_tuple_ || fragment.kind == FragmentKind::kTuple;
  const size_t begin = out_.length();
  ComposedElement element;
  if (id.empty() || !ids_.has(id)) {
    if (!id.empty()) ids_.add(id);
    out_.put(text);
  } else {
    out_.put(text.substr(0, fragment.id_offset));
    put_other_id(publication, id);
    out_.put(text.substr(fragment.id_offset + fragment.id_length));
    element.id_growth = static_cast<uint32_t>(out_.length() - begin - text.size());
  }
  if (elements_ == nullptr) return;
  element.kind = fragment.kind;
  element.length = static_cast<uint32_t>(out_.length() - begin);
  element.fragment = &fragment;
  element.parts = publication.parts.subspan(fragment.parts_begin, fragment.parts_count);
  element.offset = static_cast<uint32_t>(begin);
  list(element);
}

void Composer::list(const ComposedElement& element) {
  if (elements_ == nullptr) return;
  VEDETTE_CHECK(elements_->count < elements_->room.size());
  ComposedElement& listed = elements_->room[elements_->count++];
  listed = element;
  if (listed.fragment == nullptr) listed.offset = static_cast<uint32_t>(out_.length());
}

// "-N" is enough unless one publication uses an id twice, or has one that looks as if we had made it. No
// attempt is made twice, so an id that is in the way is in the way once.
void Composer::put_other_id(const PublishedFragments& publication, std::string_view id) {
  std::array<char, kSuffixBytesMax> suffix;
  suffix[0] = '-';
  char* const number_end =
      std::to_chars(suffix.begin() + 1, suffix.end(), publication.number).ptr;
  char* end = number_end;
  for (;;) {
    std::array<char, parsers::kFragmentIdBytesMax + kSuffixBytesMax> other;
    Writer writer(other.data(), other.size());
    writer.put(id).put(std::string_view(suffix.data(), static_cast<size_t>(end - suffix.data())));
    VEDETTE_CHECK(!writer.overflowed());
    if (!ids_.has(writer.text())) {
      const char* const begin = out_.position();
      out_.put(writer.text());
      if (!out_.overflowed()) ids_.add({begin, writer.length()});
      return;
    }
    *number_end = '-';
    end = std::to_chars(number_end + 1, suffix.end(), ++attempts_).ptr;
  }
}

}  // namespace

PublishedFragments fragments_of(const PublishedState& state) {
  PublishedFragments published;
  published.bytes = state.bytes();
  published.fragments = state.fragments();
  published.parts = state.parts();
  return published;
}

size_t composed_bytes_max(std::string_view aor, std::span<const PublishedFragments> publications) {
  const size_t uri = kScheme.size() + kEscapedBytesMax * aor.size();
  size_t bytes = parsers::kPresenceOpen.size() + parsers::kPresenceOpenEnd.size() +
                 parsers::kPresenceClose.size() + uri + kOfflineTuple.size();
  for (const PublishedFragments& publication : publications) {
    for (const Fragment& fragment : publication.fragments) bytes += fragment.length + kSuffixBytesMax;
  }
  return bytes;
}

bool compose(const CompositionInput& input, Writer& out, ComposedElements* elements) {
  size_t fragments = 0;
  for (const PublishedFragments& publication : input.publications) fragments += publication.fragments.size();
  if (fragments > kComposedFragmentsMax) return false;
  Composer(input, out, elements).compose();
  return !out.overflowed();
}

}  // namespace vedette::engine
