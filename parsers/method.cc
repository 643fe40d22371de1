// Method names, both directions. A name is compared whole and case-sensitively, so that no escape or other
// spelling of a known method is taken for it.
#include "parsers/method.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace vedette::parsers {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Method::kCount)> kNames = {
    "",    "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "OPTIONS", "INVITE", "ACK",
    "BYE", "CANCEL",   "MESSAGE",   "INFO",   "PRACK",   "UPDATE",  "REFER"};

constexpr size_t kWordBytes = 8;

// The first eight letters of a name as a number, with zeros behind a shorter one.
constexpr uint64_t letters(std::string_view name) {
  uint64_t word = 0;
  for (size_t i = 0; i < name.size() && i < kWordBytes; ++i) {
    word |= static_cast<uint64_t>(static_cast<unsigned char>(name[i])) << 8 * i;
  }
  return word;
}

// The same for four letters or more without a loop: in two halves that may overlap.
uint64_t read_letters(std::string_view name) {
  uint64_t word = 0;
  if (name.size() >= kWordBytes) {
    std::memcpy(&word, name.data(), kWordBytes);
    return word;
  }
  if (name.size() < 4) return letters(name);
  uint32_t first = 0;
  uint32_t last = 0;
  std::memcpy(&first, name.data(), sizeof first);
  std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
  return first | static_cast<uint64_t>(last) << 8 * (name.size() - sizeof last);
}
static_assert(std::endian::native == std::endian::little);

// A perfect hash of their first letters.
constexpr size_t kSlots = 32;
constexpr uint64_t kSeed = 0xf8130c4237730edf;
constexpr size_t slot_of(uint64_t word) { return word * kSeed >> 59; }
struct Slot {
  uint64_t word = 0;
  Method method = Method::kUnknown;
};
constexpr std::array<Slot, kSlots> kSlotsOfNames = [] {
  std::array<Slot, kSlots> slots;
  for (size_t i = 1; i < kNames.size(); ++i) {
    Slot& slot = slots[slot_of(letters(kNames[i]))];
    // Leaves out what would stand in another one's slot: then not all are there.
    if (slot.method == Method::kUnknown) slot = {letters(kNames[i]), static_cast<Method>(i)};
  }
  return slots;
}();
static_assert(std::ranges::count_if(kSlotsOfNames, [](const Slot& slot) { return slot.method != Method::kUnknown; }) ==
                  kNames.size() - 1,
              "kSeed does not keep the methods apart: try other odd numbers");

}  // namespace

Method parse_method(std::string_view token) {
  const uint64_t word = read_letters(token);
  const Slot& slot = kSlotsOfNames[slot_of(word)];
  if (slot.word != word) return Method::kUnknown;
  // Behind eight letters only SUBSCRIBE goes on; for the others this says that nothing follows. (An empty token is in
  // an empty slot.)
  const std::string_view name = kNames[static_cast<size_t>(slot.method)];
  return token.size() == name.size() && (token.empty() || token.back() == name.back()) ? slot.method : Method::kUnknown;
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace vedette::parsers
