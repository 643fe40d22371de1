// URIs and addresses of plain shapes. Included by parsers/kernel*.cc alone (see plain_window.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/address.h"
#include "parsers/plain_window.h"
#include "parsers/uri.h"

namespace vedette::parsers {
namespace {

// Shorter values are not looked at.
constexpr size_t kShortestAddress = 8;
constexpr size_t kShortestUri = 6;

// What stands behind the display name.
template <typename Vectors, bool kIsShort>
class PlainAddress : PlainWindow<Vectors, kIsShort> {
  using Window = PlainWindow<Vectors, kIsShort>;

 public:
  [[gnu::always_inline]] PlainAddress(std::string_view text, PlainCopy& copy) : Window(text, copy) {}

  // Gives what stands behind it and its comma. `begin`: where the display name began, of a long one.
  [[gnu::always_inline]] bool read(Address& out, const char* begin, std::string_view& rest) {
    if constexpr (kIsShort) {
      if (this->peek() != '<' && !read_display_name(out.display_name)) return false;
    }
    if (!this->take('<') || !read_uri(out.uri) || !this->take('>')) return false;
    const char* const params = this->here();
    for (size_t count = 0; this->take(';'); ++count) {
      if (count == kPlainParamsMax || !read_param(out)) return false;
    }
    if (params != this->here()) out.params = view(params, this->here());
    out.text = view(begin, this->here());
    return this->take_comma(rest);
  }

  // A display name and the white space behind it.
  [[gnu::always_inline]] bool read_display_name(std::string_view& name) {
    const char* const begin = this->here();
    if (this->peek() == '"') {
      std::string_view inside;
      if (!this->take_quoted(inside)) return false;
      name = view(begin, this->here());
      this->take(' ');
      return true;
    }
    // Tokens with one SP behind each of them.
    while (this->peek() != '<') {
      std::string_view word;
      if (!this->template take_some<PlainClass::kToken>(word)) return false;
      name = view(begin, this->here());
      if (!this->take(' ') && this->peek() != '<') return false;
    }
    return true;
  }

  [[gnu::always_inline]] std::string_view rest() const { return {this->here(), this->left()}; }

  [[gnu::always_inline]] bool read_whole(Uri& out) { return read_uri(out) && this->at_end(); }

 private:
  [[gnu::always_inline]] bool read_uri(Uri& out) {
    const auto word = this->template peek_word<uint32_t>();
    if ((word | 0x202020) != static_cast<uint32_t>(letters("sip:"))) return false;
    const char* const begin = this->here();
    out.scheme = UriScheme::kSip;
    out.scheme_name = {begin, 3};
    this->at_ += sizeof word;
    if (!read_user(out) || !this->read_hostport(out.host, out.port, out.has_port)) return false;
    const char* const params = this->here();
    if (!read_uri_params()) return false;
    if (params != this->here()) out.params = view(params, this->here());
    out.text = view(begin, this->here());
    return true;
  }

  // [ user "@" ]. Without escapes and password.
  [[gnu::always_inline]] bool read_user(Uri& out) {
    const size_t length = this->template count<PlainClass::kUser>();
    if (!kIsShort && length == kUnknown) return false;
    const char* const user = this->here();
    this->at_ += length;
    if (this->peek() == '@') {
      ++this->at_;
      out.has_user = true;
      out.user = {user, length};
      return length > 0;
    }
    // It may have a password yet: but then neither host nor port nor parameters go up to the "@", nor over it.
    this->at_ -= length;
    return true;
  }

  // *( ";" name ["=" value] ). RFC 3261 §19.1.1: none may stand twice; those that could be the same are not looked at
  // more closely here.
  [[gnu::always_inline]] bool read_uri_params() {
    uint64_t seen = 0;
    for (size_t count = 0; this->take(';'); ++count) {
      std::string_view name;
      std::string_view value;
      if (count == kPlainParamsMax || !this->template take_some<PlainClass::kUriParam>(name)) return false;
      if (this->take('=') && !this->template take_some<PlainClass::kUriParam>(value)) return false;
      const uint64_t bit = uint64_t{1} << ((static_cast<unsigned char>(name[0]) & 31) ^ (name.size() & 1) << 5);
      if ((seen & bit) != 0) return false;
      seen |= bit;
    }
    return true;
  }

  [[gnu::always_inline]] bool read_param(Address& out) {
    constexpr auto kTag = static_cast<uint32_t>(letters("tag="));
    const auto word = this->template peek_word<uint32_t>();
    // A small letter is that or a capital one; "=" is looked at as it is.
    if ((word | 0x202020) == kTag) {
      this->at_ += sizeof word;
      return out.tag.empty() && this->template take_some<PlainClass::kToken>(out.tag);
    }
    std::string_view name;
    std::string_view value;
    bool quoted = false;
    if (!Window::read_param(name, value, quoted)) return false;
    return name.size() != 3 || (name[0] | 0x20) != 't' || (name[1] | 0x20) != 'a' || (name[2] | 0x20) != 'g';
  }
};

// Kernel::next_plain_address.
template <typename Vectors>
bool next_plain_address(std::string_view& rest, Address& out) {
  if (rest.size() < kShortestAddress) return false;
  PlainCopy copy;
  std::string_view text = rest;
  Vectors::clear(out);
  if (text.size() > kShortTextMax && text[0] != '<') {
    PlainAddress<Vectors, false> whole(text, copy);
    if (!whole.read_display_name(out.display_name)) return false;
    text = whole.rest();
    if (text.empty() || text[0] != '<') return false;
  }
  const char* const begin = rest.data();
  return text.size() <= kShortTextMax ? PlainAddress<Vectors, true>(text, copy).read(out, begin, rest)
                                      : PlainAddress<Vectors, false>(text, copy).read(out, begin, rest);
}

// Kernel::parse_plain_uri.
template <typename Vectors>
bool parse_plain_uri(std::string_view text, Uri& out) {
  if (text.size() < kShortestUri) return false;
  PlainCopy copy;
  Vectors::clear(out);
  if (text.size() <= kShortTextMax) return PlainAddress<Vectors, true>(text, copy).read_whole(out);
  return PlainAddress<Vectors, false>(text, copy).read_whole(out);
}

}  // namespace
}  // namespace vedette::parsers
