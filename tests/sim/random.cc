#include "tests/sim/random.h"

namespace vedette::sim {
namespace {

__extension__ typedef unsigned __int128 Wide;

uint64_t splitmix(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t rotate_left(uint64_t value, unsigned by) { return value << by | value >> (64 - by); }

}  // namespace

Random::Random(uint64_t seed) : seed_(seed) {
  uint64_t state = seed;
  for (uint64_t& word : state_) word = splitmix(state);
}

uint64_t Random::next() {
  const uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t count) {
  if (count == 0) return 0;
  // Multiply and shift: the bias of 2^-64 * count does not matter here.
  return static_cast<uint64_t>((static_cast<Wide>(next()) * count) >> 64);
}

uint64_t Random::between(Range range) { return range.min + below(range.max - range.min + 1); }

engine::Duration Random::between(DurationRange range) {
  const int64_t span = (range.max - range.min).to_nanoseconds();
  return range.min + engine::Duration::nanoseconds(static_cast<int64_t>(below(static_cast<uint64_t>(span) + 1)));
}

bool Random::chance(double probability) {
  return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
}

Random Random::fork(std::string_view label) const {
  uint64_t hash = 0xcbf29ce484222325 ^ seed_;
  for (const char c : label) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  uint64_t state = hash;
  return Random(splitmix(state));
}

std::string Random::hex() {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  uint64_t value = next();
  for (char& digit : text) {
    digit = kDigits[value & 15];
    value >>= 4;
  }
  return text;
}

}  // namespace vedette::sim
