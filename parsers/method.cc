// Method names, both directions. A name is compared whole and case-sensitively, so that no escape or other
// spelling of a known method is taken for it.
#include "parsers/method.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parsers/method_names.h"

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

constexpr MethodNames kAllMethods = [] {
  MethodNames names;
  for (size_t i = 1; i < kNames.size(); ++i) {
    const std::string_view name = kNames[i];
    MethodNames::Slot& slot = names.slots[slot_of_method(letters(name))];
    // Leaves out what would stand in another one's slot: then not all are there.
    if (slot.size != 0) continue;
    slot = {letters(name), static_cast<uint8_t>(name.size()), name.back(), static_cast<Method>(i)};
  }
  return names;
}();
static_assert(std::ranges::count_if(kAllMethods.slots, [](const auto& slot) { return slot.size != 0; }) ==
                  kNames.size() - 1,
              "the seed of slot_of_method() does not keep the methods apart: try other odd numbers");

}  // namespace

constexpr MethodNames kMethodNames = kAllMethods;

Method parse_method(std::string_view token) {
  return token.empty() ? Method::kUnknown : find_method(token, read_letters(token));
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace vedette::parsers
