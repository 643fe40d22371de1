// Digest credentials of plain shapes. Included by parsers/kernel*.cc alone (see plain_window.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/auth_params.h"
#include "parsers/plain_window.h"

namespace vedette::parsers {
namespace {

constexpr size_t kShortestCredentials = 16;     // Shorter values are not looked at,
constexpr size_t kCredentialsBlocksMax = 16;    // nor those of more blocks.
constexpr size_t kFarBytes = 12;                // The longest name, "=" and the first byte of its value, and one more.

// Two passes: one finds all quotes, 64 bytes at a time; the other goes from parameter to parameter, and looks up where
// the next quote is. What is known of a name is its length, too, so that to find a value waits for nothing else.
template <typename Vectors>
class PlainDigest {
 public:
  // Kernel::parse_plain_credentials.
  static bool parse(std::string_view value, AuthParams& out) {
    constexpr std::string_view kDigest = "Digest ";
    if (value.size() < kShortestCredentials || value.size() > kCredentialsBlocksMax * kWindowBytes) return false;
    if (std::memcmp(value.data(), kDigest.data(), kDigest.size()) != 0 || is_low(value[kDigest.size()])) return false;
    uint64_t quotes[kCredentialsBlocksMax];
    if (!find_quotes(value, quotes)) return false;
    Vectors::clear(out);
    out.scheme = value.substr(0, kDigest.size() - 1);
    out.is_digest = true;
    out.params = value.substr(kDigest.size());
    return PlainDigest(value, quotes, kDigest.size()).read(out);
  }

 private:
  [[gnu::always_inline]] PlainDigest(std::string_view text, const uint64_t* quotes, size_t begin)
      : text_(text), quotes_(quotes), next_(begin) {}

  // False when a byte stands in the text that may not stand in quotes, or escapes another.
  [[gnu::always_inline]] static bool find_quotes(std::string_view text, uint64_t* quotes) {
    uint64_t odd = 0;
    for (size_t at = 0; at < text.size(); at += kWindowBytes, ++quotes) {
      const size_t left = text.size() - at;
      const auto block = look(text.substr(at));
      *quotes = Vectors::equal(block, kPlainTables.quotes);
      const uint64_t others = Vectors::template outside<PlainClass::kQuotedText>(block) & ~*quotes;
      odd |= left < kWindowBytes ? Vectors::low_bits(others, left) : others;
    }
    return odd == 0;
  }

  [[gnu::always_inline]] static typename Vectors::Block look(std::string_view text) {
    PlainCopy copy;
    return text.size() < kWindowBytes ? Vectors::load_short(text.data(), text.size(), copy.bytes)
                                      : Vectors::load(text.data());
  }

  [[gnu::always_inline]] bool read(AuthParams& out) {
    while (true) {
      while (text_[next_] == ' ') {
        if (++next_ == text_.size()) return false;
      }
      std::string_view* const kept = text_.size() - next_ < kFarBytes ? take_last_name(out) : take_name(out);
      if (kept == nullptr || kept->data() != nullptr || !take_value(*kept)) return false;
      if (next_ == text_.size()) return true;
      if (text_[next_] != ',' || ++next_ == text_.size()) return false;
    }
  }

  // name "=" with a value behind it, in the next kFarBytes. Null for a name that is not one of those.
  [[gnu::always_inline]] std::string_view* take_name(AuthParams& out) {
    const char* const name = text_.data() + next_;
    uint64_t word = 0;
    std::memcpy(&word, name, sizeof word);
    // RFC 3261 §7.3.1: in either case. A small letter is that or a capital one; "=" is looked at as it is.
    const uint64_t small = word | kSmallWord;
    const auto is = [word, small](std::string_view wanted) {
      const unsigned bits = 8 * static_cast<unsigned>(wanted.size());
      return (small ^ letters(wanted)) << (64 - bits) == 0 && (word >> bits & 0xff) == '=';
    };
    switch (small & 0xffff) {
      case letters("us"): return small == letters("username") && name[8] == '=' ? pass(8, out.username) : nullptr;
      case letters("re"):
        if (is("realm")) return pass(5, out.realm);
        return small == letters("response") && name[8] == '=' ? pass(8, out.response) : nullptr;
      case letters("no"): return is("nonce") ? pass(5, out.nonce) : nullptr;
      case letters("ur"): return is("uri") ? pass(3, out.uri) : nullptr;
      case letters("cn"): return is("cnonce") ? pass(6, out.cnonce) : nullptr;
      case letters("op"): return is("opaque") ? pass(6, out.opaque) : nullptr;
      case letters("qo"): return is("qop") ? pass(3, out.qop) : nullptr;
      case letters("nc"): return is("nc") ? pass(2, out.nc) : nullptr;
      case letters("al"):
        if (small != letters("algorith") || (name[8] | 0x20) != 'm' || name[9] != '=') return nullptr;
        return pass(9, out.algorithm);
      default: return nullptr;
    }
  }

  // The short ones that often stand at the end.
  std::string_view* take_last_name(AuthParams& out) {
    const std::string_view rest = text_.substr(next_);
    if (rest.starts_with("qop=") && rest.size() > 4) return pass(3, out.qop);
    return rest.starts_with("nc=") && rest.size() > 3 ? pass(2, out.nc) : nullptr;
  }

  [[gnu::always_inline]] std::string_view* pass(size_t name_bytes, std::string_view& kept) {
    next_ += name_bytes + 1;
    return &kept;
  }

  [[gnu::always_inline]] bool take_value(std::string_view& out) {
    if (text_[next_] != '"') return take_unquoted(out);
    const size_t begin = next_ + 1;
    const size_t end = find_quote(begin);
    next_ = end + 1;
    out = {text_.data() + begin, end - begin};
    return end < text_.size();
  }

  // From `begin` on; the end of the text when there is none.
  [[gnu::always_inline]] size_t find_quote(size_t begin) const {
    size_t block = begin / kWindowBytes;
    if (block * kWindowBytes >= text_.size()) return text_.size();
    uint64_t bits = quotes_[block] >> begin % kWindowBytes << begin % kWindowBytes;
    while (bits == 0) {
      if (++block * kWindowBytes >= text_.size()) return text_.size();
      bits = quotes_[block];
    }
    return block * kWindowBytes + Vectors::count_zeros(bits);
  }

  // Up to the comma.
  [[gnu::always_inline]] bool take_unquoted(std::string_view& out) {
    const std::string_view rest = text_.substr(next_);
    const auto block = look(rest);
    const uint64_t stops =
        Vectors::template outside<PlainClass::kVisible>(block) | Vectors::equal(block, kPlainTables.commas);
    const size_t length = Vectors::count_zeros(stops);
    out = rest.substr(0, length);
    next_ += length;
    return length - 1 < kWindowBytes - 1;
  }

  const std::string_view text_;
  const uint64_t* const quotes_;
  size_t next_;
};

}  // namespace
}  // namespace vedette::parsers
