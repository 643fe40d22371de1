#include "engine/base/random_words.h"

#include <cstring>
#include <string_view>

namespace vedette::engine {

uint64_t RandomWords::next() {
  if (left_ == 0) {
    const std::array<std::string_view, 2> parts = {
        std::string_view(reinterpret_cast<const char*>(seed_.data()), seed_.size()),
        std::string_view(reinterpret_cast<const char*>(&counter_), sizeof counter_)};
    Sha256Digest digest;
    hashes_.sha256(hashes_.context, parts, digest);
    static_assert(sizeof digest == sizeof words_);
    std::memcpy(words_.data(), digest.data(), sizeof words_);
    ++counter_;
    left_ = 4;
  }
  return words_[--left_];
}

}  // namespace vedette::engine
