#include "dataplane/shard_seed.h"

#include <string>
#include <string_view>

namespace vedette::dataplane {

std::array<uint8_t, 32> shard_seed(const engine::Hashes& hashes, const std::array<uint8_t, 32>& seed,
                                   unsigned shard) {
  const std::string number = std::to_string(shard);
  const std::array<std::string_view, 2> parts = {
      std::string_view(reinterpret_cast<const char*>(seed.data()), seed.size()), number};
  engine::Sha256Digest digest{};
  hashes.sha256(hashes.context, parts, digest);
  return digest;
}

}  // namespace vedette::dataplane
