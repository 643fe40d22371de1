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

constexpr size_t kNameBytesMax = 9;             // algorithm
constexpr size_t kShortestCredentials = 16;     // Shorter values are not looked at.

template <typename Vectors>
class PlainDigest : PlainWindow<Vectors, false> {
 public:
  // Kernel::parse_plain_credentials.
  static bool parse(std::string_view value, AuthParams& out) {
    PlainCopy copy;
    return value.size() >= kShortestCredentials && PlainDigest(value, copy).read(out);
  }

 private:
  [[gnu::always_inline]] PlainDigest(std::string_view text, PlainCopy& copy)
      : PlainWindow<Vectors, false>(text, copy) {}

  [[gnu::always_inline]] bool read(AuthParams& out) {
    constexpr std::string_view kDigest = "Digest ";
    const char* const begin = this->here();
    if (std::memcmp(begin, kDigest.data(), kDigest.size()) != 0) return false;
    out = {};
    out.scheme = {begin, kDigest.size() - 1};
    out.is_digest = true;
    this->at_ += kDigest.size();
    if (is_low(this->peek())) return false;
    out.params = {this->here(), this->left()};
    do {
      while (this->take(' ')) {
        if (this->at_ > kKnownBytes) this->look();
      }
      // Its name, and most values, are in one window.
      this->look();
      if (!read_param(out)) return false;
    } while (this->take(','));
    return this->at_end();
  }

  // At the front of a window.
  [[gnu::always_inline]] bool read_param(AuthParams& out) {
    const auto word = this->template peek_word<uint64_t>();
    const size_t length = this->template count<PlainClass::kToken>();
    if (length > kNameBytesMax) return false;
    std::string_view* const kept = member_of(word, {this->here(), length}, out);
    this->at_ += length;
    if (kept == nullptr || kept->data() != nullptr || !this->take('=')) return false;
    if (this->peek() == '"') return this->take_quoted(*kept);
    // Up to the comma.
    const uint64_t stops = Vectors::template outside<PlainClass::kVisible>(this->block_) |
                           Vectors::equal(this->block_, kPlainTables.commas);
    const size_t bytes = Vectors::count_zeros(stops >> this->at_);
    if (bytes - 1 >= kKnownBytes - kNameBytesMax) return false;
    *kept = {this->here(), bytes};
    this->at_ += bytes;
    return true;
  }

  // Null for a name that is not one of those, or that too few bytes follow. `word`: what it begins with.
  [[gnu::always_inline]] static std::string_view* member_of(uint64_t word, std::string_view name, AuthParams& out) {
    switch (Vectors::low_bits(word | kSmallWord, 8 * name.size())) {
      case letters("username"): return name.size() == 8 ? &out.username : nullptr;
      case letters("realm"): return &out.realm;
      case letters("nonce"): return &out.nonce;
      case letters("uri"): return &out.uri;
      case letters("response"): return name.size() == 8 ? &out.response : nullptr;
      case letters("cnonce"): return &out.cnonce;
      case letters("opaque"): return &out.opaque;
      case letters("qop"): return &out.qop;
      case letters("nc"): return &out.nc;
      case letters("algorith"): return name.size() == 9 && (name[8] | 0x20) == 'm' ? &out.algorithm : nullptr;
      default: return nullptr;
    }
  }
};

}  // namespace
}  // namespace vedette::parsers
