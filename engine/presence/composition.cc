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

// The ids that stand in the document. At most a thousand, mostly three: looked through one by one, by hash.
class WrittenIds {
 public:
  bool has(std::string_view id) const {
    const uint32_t hash = hash_of(id);
    for (size_t i = 0; i < count_; ++i) {
      if (hashes_[i] == hash && ids_[i] == id) return true;
    }
    return false;
  }
  // `id` lives as long as the document's bytes.
  void add(std::string_view id) {
    VEDETTE_CHECK(count_ < ids_.size());
    hashes_[count_] = hash_of(id);
    ids_[count_++] = id;
  }

 private:
  // FNV-1a. Ids made to collide cost their maker a comparison each.
  static uint32_t hash_of(std::string_view id) {
    uint32_t hash = 2'166'136'261U;
    for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619U;
    return hash;
  }

  size_t count_ = 0;
  std::array<uint32_t, kComposedFragmentsMax + 1> hashes_;  // One for the tuple of our own.
  std::array<std::string_view, kComposedFragmentsMax + 1> ids_;
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
  bool is_newest_device(const Fragment& fragment, std::string_view device_id) const;
  void put_escaped(std::string_view text);

  const CompositionInput& input_;
  Writer& out_;
  WrittenIds ids_;
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
        if (!is_newest_device(fragment, device_id)) continue;
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

// Of the devices with this deviceID, none stands before this one.
bool Composer::is_newest_device(const Fragment& fragment, std::string_view device_id) const {
  for (const PublishedFragments& publication : input_.publications) {
    for (const Fragment& other : publication.fragments) {
      if (&other == &fragment) return true;
      if (other.kind != FragmentKind::kDevice || other.device_id_length != device_id.size()) continue;
      if (text_of(publication, other).substr(other.device_id_offset, device_id.size()) == device_id)
        return false;
    }
  }
  return true;
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
