// Method names, both directions. A name is compared whole and case-sensitively, so that no escape or other
// spelling of a known method is taken for it.
#include "parsers/method.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "parsers/simd.h"

namespace vedette::parsers {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Method::kCount)> kNames = {
    "",    "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "OPTIONS", "INVITE", "ACK",
    "BYE", "CANCEL",   "MESSAGE",   "INFO",   "PRACK",   "UPDATE",  "REFER"};

// First letter and length tell the methods apart.
constexpr size_t kSlots = 32;
constexpr size_t slot_of(char first, size_t length) {
  return (static_cast<unsigned char>(first) * 3u + length) % kSlots;
}

struct Slot {
  alignas(kVectorBytes) std::array<char, kVectorBytes> name{};   // With zeros behind it; none: 0xff, which is no token.
  Method method = Method::kUnknown;
};

constexpr std::array<Slot, kSlots> kMethods = [] {
  std::array<Slot, kSlots> slots{};
  for (Slot& slot : slots) slot.name.fill('\xff');
  for (size_t i = 1; i < kNames.size(); ++i) {
    Slot& slot = slots[slot_of(kNames[i][0], kNames[i].size())];
    slot.name.fill('\0');
    std::ranges::copy(kNames[i], slot.name.begin());
    slot.method = static_cast<Method>(i);
  }
  return slots;
}();
static_assert(std::ranges::count(kMethods, Method::kUnknown, &Slot::method) == kSlots - kNames.size() + 1,
              "two methods share a slot");

}  // namespace

Method find_method(const char* text, size_t length) {
  const Slot& slot = kMethods[slot_of(text[0], length)];
  const uint32_t equal = mask_equal(load16(text), load16(slot.name.data()));
  return static_cast<size_t>(std::countr_one(equal)) >= length ? slot.method : Method::kUnknown;
}

Method parse_method(std::string_view token) {
  if (token.empty() || token.size() >= kVectorBytes) return Method::kUnknown;
  std::array<char, kVectorBytes> text{};
  std::ranges::copy(token, text.begin());
  return find_method(text.data(), token.size());
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace vedette::parsers
