#include "engine/base/keyed_hash.h"

#include <bit>
#include <cstring>

namespace vedette::engine {
namespace {

class SipState {
 public:
  explicit SipState(const std::array<uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736f6d6570736575), v1_(key[1] ^ 0x646f72616e646f6d), v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  void absorb(uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  void absorb(std::string_view text) {
    const uint64_t length = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) {
      uint64_t word = 0;
      std::memcpy(&word, text.data(), 8);
      absorb(word);
    }
    uint64_t last = length << 56;
    for (size_t i = 0; i < text.size(); ++i) last |= uint64_t{static_cast<uint8_t>(text[i])} << (8 * i);
    absorb(last);
  }

  uint64_t finish() {
    v2_ ^= 0xff;
    round();
    round();
    round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_, v1_ = std::rotl(v1_, 13) ^ v0_, v0_ = std::rotl(v0_, 32);
    v2_ += v3_, v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_, v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_, v1_ = std::rotl(v1_, 17) ^ v2_, v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

uint64_t KeyedHash::operator()(std::string_view a, std::string_view b, std::string_view c) const {
  SipState state(key_);
  state.absorb(a);
  if (b.data() != nullptr) state.absorb(b);
  if (c.data() != nullptr) state.absorb(c);
  return state.finish();
}

uint64_t KeyedHash::operator()(uint64_t value) const {
  SipState state(key_);
  state.absorb(value);
  return state.finish();
}

}  // namespace vedette::engine
