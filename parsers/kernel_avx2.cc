// The one file that is built for AVX2. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX2__)

#include "parsers/kernel_by_32.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

class Avx2 : public Windows32 {
 public:
  Avx2() { asm("" : "+x"(feed_), "+x"(return_)); }

  BlockMasks masks_of(const char* block) const {
    const __m256i low = load_window(block);
    const __m256i high = load_window(block + 32);
    return {static_cast<uint64_t>(mask_equal(high, feed_)) << 32 | mask_equal(low, feed_),
            static_cast<uint64_t>(mask_equal(high, return_)) << 32 | mask_equal(low, return_)};
  }
  static void store_window(char* to, __m256i window) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), window); }
  static __m256i no_window() { return _mm256_setzero_si256(); }
  static __m256i load_last_window(const char* line, size_t size) { return load_last_window_of<Avx2>(line, size); }

 private:
  __m256i feed_ = _mm256_set1_epi8('\n');
  __m256i return_ = _mm256_set1_epi8('\r');
};

// Masks of up to 64 bytes.
struct Avx2Values {
  struct Block {
    __m256i low;
    __m256i high;
  };
  static Block load(const char* from, size_t size) {
    if (size == kWindowBytes) return {Avx2::load_window(from), Avx2::load_window(from + 32)};
    alignas(32) char copy[kWindowBytes] = {};
    std::memcpy(copy, from, size);
    return {Avx2::load_window(copy), Avx2::load_window(copy + 32)};
  }
  template <PlainClass kClass>
  static uint64_t outside(const Block& block) {
    const ByteSet& set = set_of(kClass);
    return static_cast<uint64_t>(mask_outside(block.high, set)) << 32 | mask_outside(block.low, set);
  }
  template <PlainClass kClass>
  static uint64_t inside(const Block& block) {
    return ~outside<kClass>(block);
  }
  static uint64_t equal(const Block& block, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    return static_cast<uint64_t>(mask_equal(block.high, wanted)) << 32 | mask_equal(block.low, wanted);
  }
  static size_t count_zeros(uint64_t bits) { return Avx2::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Avx2::low_bits(word, count); }
};

size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Avx2>(text.data(), text.size(), index).run(begin);
}

}  // namespace

constinit const Kernel kAvx2Kernel = kernel_of<Avx2Values>("AVX2", index_plain_lines);

}  // namespace vedette::parsers

#endif
