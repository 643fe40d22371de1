// SipHash-1-3 (Aumasson, Bernstein 2012) with a random key: table positions cannot be chosen by an attacker.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace vedette::engine {

class KeyedHash {
 public:
  explicit KeyedHash(std::array<uint64_t, 2> key) : key_(key) {}

  // The parts are hashed with their lengths, so ("ab","c") and ("a","bc") differ.
  uint64_t operator()(std::string_view a, std::string_view b = {}, std::string_view c = {}) const;
  uint64_t operator()(uint64_t value) const;

 private:
  std::array<uint64_t, 2> key_;
};

}  // namespace vedette::engine
