// The order of the document is Composer::compose's; which fragment stands in it, and under which id, is
// decided one fragment at a time.
#include "engine/presence/composition.h"

#include <array>
#include <charconv>

#include "engine/base/check.h"
#include "parsers/xml_chars.h"

namespace vedette::engine {
namespace {

using parsers::Fragment;
using parsers::FragmentKind;
using parsers::Writer;

constexpr std::string_view kRegistrationId = "registration";
constexpr std::string_view kOfflineId = "offline";
constexpr std::string_view kTupleOpen = "<tuple id=\"";
constexpr std::string_view kStatusOpen = "\"><status><basic>open</basic></status><contact>";
constexpr std::string_view kStatusOpenEnd = "</contact></tuple>";
constexpr std::string_view kStatusClosed = "\"><status><basic>closed</basic></status></tuple>";
constexpr std::string_view kScheme = "sip:";

constexpr size_t kEscapedBytesMax = 6;               // Of one character: &quot;
constexpr size_t kSuffixBytesMax = 1 + 10 + 1 + 10;  // "-4294967295-4294967295"
constexpr size_t kOwnTupleBytes = kTupleOpen.size() + kRegistrationId.size() + kStatusOpen.size() +
                                  kStatusClosed.size() + kStatusOpenEnd.size();

std::string_view text_of(const PublishedFragments& publication, const Fragment& fragment) {
  return publication.bytes.substr(fragment.offset, fragment.length);
}

// Texts of the document that may stand in it once: ids, deviceIDs. At most a thousand, mostly three, so they are
// looked through one by one; by hash, as a publisher may choose them to be alike.
class Texts {
 public:
  bool has(std::string_view text) const {
    const uint32_t hash = hash_of(text);
    for (size_t i = 0; i < count_; ++i) {
      if (texts_[i].hash == hash && std::string_view(texts_[i].begin, texts_[i].length) == text) return true;
    }
    return false;
  }
  // `text` lives as long as this.
  void add(std::string_view text) {
    VEDETTE_CHECK(count_ < kTextsMax);
    texts_[count_++] = {text.data(), static_cast<uint32_t>(text.size()), hash_of(text)};
  }

 private:
  static constexpr size_t kTextsMax = kComposedFragmentsMax + 1;   // One for the tuple of our own.
  // FNV-1a. Texts made to collide cost their maker's document a comparison each.
  static uint32_t hash_of(std::string_view text) {
    uint32_t hash = 2'166'136'261U;
    for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619U;
    return hash;
  }

  struct Text {
    const char* begin;
    uint32_t length;
    uint32_t hash;
  };
  size_t count_ = 0;
  std::array<Text, kTextsMax> texts_;   // Left as it is: clearing it would cost more than composing.
};

class Composer {
 public:
  Composer(const CompositionInput& input, Writer& out) : input_(input), out_(out) {}
  void compose();

 private:
  bool publishes(FragmentKind kind) const;
  void put_own_tuple();
  void put_all(FragmentKind kind);
  void put_first_person();
  void put_fragment(const PublishedFragments& publication, const Fragment& fragment);
  void put_other_id(const PublishedFragments& publication, std::string_view id);
  void put_escaped(std::string_view text);

  const CompositionInput& input_;
  Writer& out_;
  Texts ids_;
  Texts device_ids_;
  uint32_t attempts_ = 1;  // At an id that nobody has, beyond the number of its publication.
};

void Composer::compose() {
  out_.put(parsers::kPresenceOpen);
  put_escaped(kScheme);
  put_escaped(input_.aor);
  out_.put(parsers::kPresenceOpenEnd);
  if (!publishes(FragmentKind::kTuple)) put_own_tuple();
  put_all(FragmentKind::kTuple);
  put_all(FragmentKind::kNote);
  put_first_person();
  put_all(FragmentKind::kDevice);
  put_all(FragmentKind::kExtension);
  out_.put(parsers::kPresenceClose);
}

bool Composer::publishes(FragmentKind kind) const {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind == kind) return true;
    }
  }
  return false;
}

void Composer::put_own_tuple() {
  const std::string_view id = input_.registered ? kRegistrationId : kOfflineId;
  ids_.add(id);
  out_.put(kTupleOpen).put(id);
  if (!input_.registered) {
    out_.put(kStatusClosed);
    return;
  }
  out_.put(kStatusOpen);
  put_escaped(kScheme);
  put_escaped(input_.aor);
  out_.put(kStatusOpenEnd);
}

void Composer::put_all(FragmentKind kind) {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& fragment : publication.fragments) {
      if (fragment.kind != kind) continue;
      if (kind == FragmentKind::kDevice && fragment.device_id_length > 0) {
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
  if (id.empty() || !ids_.has(id)) {
    if (!id.empty()) ids_.add(id);
    out_.put(text);
    return;
  }
  out_.put(text.substr(0, fragment.id_offset));
  put_other_id(publication, id);
  out_.put(text.substr(fragment.id_offset + fragment.id_length));
}

// "-N" is enough unless one publication uses an id twice, or has one that looks as if we had made it. No
// attempt is made twice, so an id that is in the way is in the way once.
void Composer::put_other_id(const PublishedFragments& publication, std::string_view id) {
  std::array<char, kSuffixBytesMax> suffix;
  suffix[0] = '-';
  char* const number_end =
      std::to_chars(suffix.begin() + 1, suffix.end(), publication.publication_number).ptr;
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

void Composer::put_escaped(std::string_view text) {
  for (const char c : text) {
    const std::string_view escaped = parsers::escape_in_xml_value(c);
    if (escaped.empty()) {
      out_.put(c);
    } else {
      out_.put(escaped);
    }
  }
}

}  // namespace

size_t composed_bytes_max(const CompositionInput& input) {
  const size_t uri = kScheme.size() + kEscapedBytesMax * input.aor.size();
  size_t bytes = parsers::kPresenceOpen.size() + parsers::kPresenceOpenEnd.size() +
                 parsers::kPresenceClose.size() + 2 * uri + kOwnTupleBytes;
  for (const PublishedFragments& publication : input.publications) {
    for (const Fragment& fragment : publication.fragments) bytes += fragment.length + kSuffixBytesMax;
  }
  return bytes;
}

bool compose(const CompositionInput& input, Writer& out) {
  size_t fragments = 0;
  for (const PublishedFragments& publication : input.publications) fragments += publication.fragments.size();
  if (fragments > kComposedFragmentsMax) return false;
  Composer(input, out).compose();
  return !out.overflowed();
}

}  // namespace vedette::engine
