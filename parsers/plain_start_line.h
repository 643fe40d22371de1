// Start lines as nearly all are, by masks of 64 bytes. Included by parsers/kernel*.cc alone, as plain_values.h is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/method_names.h"
#include "parsers/plain_classes.h"
#include "parsers/start_line.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kVersionAndSpace = "SIP/2.0 ";
constexpr std::string_view kSpaceAndVersion = " SIP/2.0";

// Whether eight bytes are those of `wanted`.
inline bool has_word(const char* bytes, std::string_view wanted) {
  return std::memcmp(bytes, wanted.data(), sizeof(uint64_t)) == 0;
}
inline bool has_line_end(const char* bytes) { return std::memcmp(bytes, "\r\n", 2) == 0; }

// The first part of Kernel::index_plain_head.
template <typename Vectors>
class PlainStartLine {
 public:
  [[gnu::always_inline]] static size_t parse(std::string_view text, StartLine& out) {
    if (text.size() < kWindowBytes) return 0;
    const auto window = Vectors::load(text.data());
    return has_word(text.data(), kVersionAndSpace) ? parse_status_line(text, window, out)
                                                   : parse_request_line(text, window, out);
  }

 private:
  using Block = typename Vectors::Block;

  // SIP/2.0 SP Status-Code SP Reason-Phrase, without control characters in it.
  [[gnu::always_inline]] static size_t parse_status_line(std::string_view text, const Block& window, StartLine& out) {
    constexpr size_t kCode = 8;
    constexpr size_t kPhrase = 12;
    const auto digit = [text](size_t i) { return static_cast<unsigned>(text[kCode + i]) - '0'; };
    const unsigned status = digit(0) * 100 + digit(1) * 10 + digit(2);
    if (digit(0) < 1 || digit(0) > 6 || digit(1) > 9 || digit(2) > 9 || text[kPhrase - 1] != ' ') return 0;
    const uint64_t others =
        Vectors::template outside<PlainClass::kVisible>(window) & ~Vectors::equal(window, kPlainTables.spaces);
    const size_t length = Vectors::count_zeros(others >> kPhrase);
    if (length > kWindowBytes - 2 - kPhrase || !has_line_end(text.data() + kPhrase + length)) return 0;
    // Member by member: a whole one would be put together elsewhere and waited for.
    out.is_response = true;
    out.method = Method::kUnknown;
    out.method_name = {};
    out.request_uri = {};
    out.reason_phrase = {text.data() + kPhrase, length};
    out.status = static_cast<uint16_t>(status);
    return kPhrase + length + 2;
  }

  // Method SP Request-URI SP SIP/2.0.
  [[gnu::always_inline]] static size_t parse_request_line(std::string_view text, const Block& window, StartLine& out) {
    const size_t method = Vectors::count_zeros(Vectors::template outside<PlainClass::kToken>(window));
    if (method == 0 || method > kMethodBytesMax || text[method] != ' ') return 0;
    const size_t begin = method + 1;
    const uint64_t stops = Vectors::template outside<PlainClass::kVisible>(window) >> begin;
    size_t end = begin + Vectors::count_zeros(stops);
    if (stops == 0) end = find_uri_end(text);
    constexpr size_t kBehind = kSpaceAndVersion.size() + 2;
    if (end == begin || end + kBehind > text.size() || !has_word(text.data() + end, kSpaceAndVersion) ||
        !has_line_end(text.data() + end + kSpaceAndVersion.size())) {
      return 0;
    }
    const std::string_view name = {text.data(), method};
    uint64_t letters = 0;
    std::memcpy(&letters, text.data(), sizeof letters);
    out.is_response = false;
    out.method = find_method(name, Vectors::low_bits(letters, 8 * method));
    out.method_name = name;
    out.request_uri = {text.data() + begin, end - begin};
    out.reason_phrase = {};
    out.status = 0;
    return end + kBehind;
  }

  // Of a URI that goes on behind the first window; the end of the text when it is too near.
  static size_t find_uri_end(std::string_view text) {
    for (size_t at = kWindowBytes; at + kWindowBytes <= text.size(); at += kWindowBytes) {
      const uint64_t stops = Vectors::template outside<PlainClass::kVisible>(Vectors::load(text.data() + at));
      if (stops != 0) return at + Vectors::count_zeros(stops);
    }
    return text.size();
  }

  static constexpr size_t kMethodBytesMax = 32;
};

}  // namespace
}  // namespace vedette::parsers
