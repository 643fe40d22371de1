// The table behind method.h: a perfect hash of the methods' first letters, made by the compiler and checked by it. For
// start lines and method.cc only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/method.h"

namespace vedette::parsers {

struct MethodNames {
  // The one method that can be in this slot. Where there is none, its size is 0.
  struct Slot {
    uint64_t letters = 0;      // The first eight, with zeros behind a shorter name.
    uint8_t size = 0;
    char last = 0;
    Method method = Method::kUnknown;
  };
  std::array<Slot, 32> slots{};
};
extern const MethodNames kMethodNames;

constexpr size_t slot_of_method(uint64_t letters) {
  constexpr uint64_t kSeed = 0xf8130c4237730edf;     // Keeps the methods apart, as method.cc checks.
  return letters * kSeed >> 59;
}

// Of a token that is not empty, which begins with these letters. Behind eight of them only SUBSCRIBE goes on.
[[gnu::always_inline]] inline Method find_method(std::string_view token, uint64_t letters) {
  const MethodNames::Slot& slot = kMethodNames.slots[slot_of_method(letters)];
  const bool is_it = slot.letters == letters && slot.size == token.size() && slot.last == token.back();
  return is_it ? slot.method : Method::kUnknown;
}

}  // namespace vedette::parsers
