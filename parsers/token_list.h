// Comma-separated tokens: Supported, Require, Proxy-Require, Unsupported, Allow, Allow-Events,
// Content-Encoding, SIP-ETag and SIP-If-Match (one token; RFC 3903 §11.3).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/header_id.h"
#include "parsers/kernel.h"
#include "parsers/message.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Takes the next token off `rest`; kEmpty when it holds no more. Empty elements are skipped (RFC 3261
// §7.3.1 lists). After kToken `rest` goes on behind the malformed element; the other lists end at their first error.
ParseError next_token(std::string_view& rest, std::string_view& out);
// The tokens of one field value as next_token() gives them, quicker: it keeps what it has seen of the value.
class TokenList {
 public:
  explicit TokenList(std::string_view value, const Kernel& kernel = best_kernel()) : kernel_(kernel), rest_(value) {}

  ParseError next(std::string_view& out) {
    if (rest_.empty()) return ParseError::kEmpty;
    if (stops_ == 0) stops_ = kernel_.token_stops(rest_);
    const auto length = static_cast<size_t>(std::countr_zero(stops_));
    if (length - 1 >= kLongestPlain) return next_of_any_shape(out);
    size_t taken = length;
    if (length < rest_.size()) {
      if (rest_[taken++] != ',') return next_of_any_shape(out);
      if (taken < rest_.size() && rest_[taken] == ' ') ++taken;
    }
    out = rest_.substr(0, length);
    rest_.remove_prefix(taken);
    stops_ >>= taken;
    return ParseError::kOk;
  }

 private:
  static constexpr size_t kLongestPlain = 61;    // With what is taken behind it, there is something left to shift.

  // What has an address is kept in memory: so not the list, whose next() is inlined, but a copy has one.
  ParseError next_of_any_shape(std::string_view& out) {
    std::string_view rest = rest_;
    const ParseError error = next_token(rest, out);
    rest_ = rest;
    stops_ = 0;
    return error;
  }

  const Kernel& kernel_;
  std::string_view rest_;
  uint64_t stops_ = 0;     // Bit i: byte i of the rest is no token character, or the value ends there. 0: not known.
};

// Some field with this id lists `token` (case-insensitive).
bool lists_token(const Message& message, HeaderId id, std::string_view token);
// The whole of `value` is one token (SIP-ETag, SIP-If-Match): kEntityTag otherwise.
ParseError parse_entity_tag(std::string_view value, std::string_view& out);

}  // namespace vedette::parsers
