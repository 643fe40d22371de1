#include "tools/storm/head_shape.h"

#include <bit>
#include <cstring>

#include "parsers/simd.h"

namespace vedette::storm {
namespace {

using parsers::kVectorBytes;

using Bytes [[gnu::vector_size(kVectorBytes), gnu::may_alias]] = char;

// Of any alignment, unlike Bytes.
using LooseBytes [[gnu::vector_size(kVectorBytes), gnu::aligned(1), gnu::may_alias]] = char;
Bytes load(const char* from) { return *reinterpret_cast<const LooseBytes*>(from); }

constexpr std::string_view kMethod = "NOTIFY", kBegin = "NOTIFY ", kVersion = " SIP/2.0";
// One NOTIFY of another shape among many (more digits in its CSeq) is no reason to learn that one.
constexpr unsigned kMissesMax = 2;

// Where the first line feed is; npos when there is none in the first part of a message, which is where it should be.
size_t find_feed(std::string_view message) {
  constexpr size_t kFirstLineMax = 512;
  for (size_t at = 0; at < kFirstLineMax && message.size() - at >= kVectorBytes; at += kVectorBytes) {
    const uint32_t feeds = parsers::mask_equal(parsers::load16(message.data() + at), '\n');
    if (feeds != 0) return at + static_cast<size_t>(std::countr_zero(feeds));
  }
  return std::string_view::npos;
}

std::string_view without_spaces(std::string_view value) {
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return value;
}

}  // namespace

bool HeadShape::read(std::string_view message, SipView& out) {
  if (!message.starts_with(kBegin)) return read_sip(message, out);
  has_fitted_ = length_ > 0 && try_read(message, out);
  if (has_fitted_) {
    misses_ = 0;
    return true;
  }
  if (!read_sip(message, out)) return false;
  if (length_ == 0 || ++misses_ >= kMissesMax) learn(message, out);
  return true;
}

bool HeadShape::fits(std::string_view head) const {
  if (head.size() < length_) return false;
  const size_t last = length_ - kVectorBytes;
  Bytes difference = (load(head.data() + last) == load(expected_.data() + last)) ^ load(is_fixed_.data() + last);
  const auto* const expected = reinterpret_cast<const Bytes*>(expected_.data());
  const auto* const is_fixed = reinterpret_cast<const Bytes*>(is_fixed_.data());
  const size_t vectors = length_ / kVectorBytes;
#pragma GCC unroll 4
  for (size_t i = 0; i < vectors; ++i) {
    difference |= (load(head.data() + i * kVectorBytes) == expected[i]) ^ is_fixed[i];
  }
  std::array<uint64_t, 2> words{};
  std::memcpy(words.data(), &difference, sizeof words);
  return (words[0] | words[1]) == 0;
}

bool HeadShape::try_read(std::string_view message, SipView& out) const {
  const size_t feed = find_feed(message);
  if (feed == std::string_view::npos || message[feed - 1] != '\r') return false;
  if (!message.substr(0, feed - 1).ends_with(kVersion) || !fits(message.substr(feed + 1))) return false;
  const char* const head = message.data() + feed + 1;
  out.status = 0;
  out.method = message.substr(0, kMethod.size());
  out.via = via_.in(head);
  out.from = from_.in(head);
  out.to = to_.in(head);
  out.cseq_line = cseq_line_.in(head);
  out.cseq = cseq_of(out.cseq_line);
  out.contact = contact_.in(head);
  out.call_id = without_spaces(call_id_.in(head));
  out.entity_tag = without_spaces(entity_tag_.in(head));
  out.challenge = {};
  out.subscription_state = without_spaces(subscription_state_.in(head));
  out.body = message.substr(feed + 1 + length_);
  return true;
}

void HeadShape::learn(std::string_view message, const SipView& view) {
  const char* const head = message.data() + message.find('\n') + 1;
  const auto length = static_cast<size_t>(view.body.data() - head);
  length_ = misses_ = 0;
  // Which challenge counts is told by its value.
  if (length < kVectorBytes || length > kHeadBytesMax || view.challenge.data() != nullptr) return;
  for (size_t line = 0; line < length;) {
    const std::string_view text(head + line, std::string_view(head + line, length - line).find('\n') + 1);
    const size_t colon = text.find(':');
    const size_t value = colon == std::string_view::npos ? text.size() : colon + 1;
    for (size_t i = 0; i < text.size(); ++i) {
      const bool is_fixed = i < value || i + 2 >= text.size();
      expected_[line + i] = is_fixed ? text[i] : '\n';
      is_fixed_[line + i] = is_fixed ? '\xff' : '\0';
    }
    line += text.size();
  }
  const auto place_of = [head](std::string_view line) {
    if (line.data() == nullptr) return Place();
    return Place{static_cast<uint16_t>(line.data() - head), static_cast<uint16_t>(line.size()), true};
  };
  const auto place_behind_colon = [&](std::string_view value) {
    Place place = place_of(value);
    for (; place.is_there && head[place.at - 1] == ' '; ++place.length) --place.at;
    return place;
  };
  via_ = place_of(view.via);
  from_ = place_of(view.from);
  to_ = place_of(view.to);
  cseq_line_ = place_of(view.cseq_line);
  contact_ = place_of(view.contact);
  call_id_ = place_behind_colon(view.call_id);
  entity_tag_ = place_behind_colon(view.entity_tag);
  subscription_state_ = place_behind_colon(view.subscription_state);
  length_ = length;
}

}  // namespace vedette::storm
