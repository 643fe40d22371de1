// HMAC: H(key xor opad, H(key xor ipad, text)). Pure; no allocation.
#include "engine/auth/hmac.h"

#include <algorithm>

#include "engine/base/check.h"

namespace vedette::engine {

HmacKey::HmacKey(std::span<const uint8_t> key) {
  VEDETTE_CHECK(key.size() <= inner_.size());
  for (size_t i = 0; i < inner_.size(); ++i) {
    const uint8_t byte = i < key.size() ? key[i] : uint8_t{0};
    inner_[i] = static_cast<char>(byte ^ 0x36);
    outer_[i] = static_cast<char>(byte ^ 0x5c);
  }
}

Sha256Digest HmacKey::sign(const Hashes& hashes, std::span<const std::string_view> parts) const {
  VEDETTE_CHECK(parts.size() <= kPartsMax);
  std::array<std::string_view, 1 + kPartsMax> inner_parts;
  inner_parts[0] = {inner_.data(), inner_.size()};
  std::copy(parts.begin(), parts.end(), inner_parts.begin() + 1);
  Sha256Digest inner;
  hashes.sha256(hashes.context, std::span(inner_parts).first(1 + parts.size()), inner);

  const std::array<std::string_view, 2> outer_parts = {
      std::string_view(outer_.data(), outer_.size()),
      std::string_view(reinterpret_cast<const char*>(inner.data()), inner.size())};
  Sha256Digest mac;
  hashes.sha256(hashes.context, outer_parts, mac);
  return mac;
}

}  // namespace vedette::engine
