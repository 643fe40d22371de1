// The one file that is built for AVX2. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX2__)

#include <immintrin.h>

#include "parsers/line_index_passes.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

class Avx2 {
 public:
  // Opaque to the compiler, which would else make its constants anew in every turn.
  Avx2() { asm("" : "+x"(feed_), "+x"(return_), "+x"(colon_), "+x"(lower_)); }

  BlockMasks masks_of(const char* block) const {
    const __m256i low = load_window(block);
    const __m256i high = load_window(block + 32);
    return {static_cast<uint64_t>(mask_equal(high, feed_)) << 32 | mask_equal(low, feed_),
            static_cast<uint64_t>(mask_equal(high, return_)) << 32 | mask_equal(low, return_)};
  }
  static size_t count_zeros(uint64_t bits) { return _tzcnt_u64(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return _bzhi_u64(word, static_cast<unsigned>(count)); }

  static __m256i load_window(const char* line) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(line)); }
  static void store_window(char* to, __m256i window) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), window); }
  static __m256i no_window() { return _mm256_setzero_si256(); }
  static __m256i load_last_window(const char* line, size_t size) { return load_last_window_of<Avx2>(line, size); }
  size_t find_colon(__m256i window) const { return _tzcnt_u32(mask_equal(window, colon_)); }
  __m256i to_lower(__m256i window) const { return _mm256_or_si256(window, lower_); }
  static uint64_t first_word(__m256i window) {
    return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm256_castsi256_si128(window)));
  }
  static size_t count_equal(__m256i window, const char* spelling) {
    return _tzcnt_u32(~mask_equal(window, load_window(spelling)));
  }
  // How many bytes are token characters before one is not.
  static size_t count_token(__m256i window) {
    const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kTokenRows)));
    const __m256i columns =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(window, 4), _mm256_set1_epi8(0xf));
    const __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(rows, window), _mm256_shuffle_epi8(columns, high));
    return _tzcnt_u32(mask_equal(both, _mm256_setzero_si256()));
  }

 private:
  static uint32_t mask_equal(__m256i a, __m256i b) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)));
  }

  __m256i feed_ = _mm256_set1_epi8('\n');
  __m256i return_ = _mm256_set1_epi8('\r');
  __m256i colon_ = _mm256_set1_epi8(':');
  __m256i lower_ = _mm256_set1_epi8(0x20);
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
    return static_cast<uint64_t>(outside_of<kClass>(block.high)) << 32 | outside_of<kClass>(block.low);
  }
  template <PlainClass kClass>
  static uint64_t inside(const Block& block) {
    return ~outside<kClass>(block);
  }
  static uint64_t equal(const Block& block, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    return static_cast<uint64_t>(mask(_mm256_cmpeq_epi8(block.high, wanted))) << 32 |
           mask(_mm256_cmpeq_epi8(block.low, wanted));
  }
  static size_t count_zeros(uint64_t bits) { return _tzcnt_u64(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return _bzhi_u64(word, static_cast<unsigned>(count)); }

 private:
  static uint32_t mask(__m256i bytes) { return static_cast<uint32_t>(_mm256_movemask_epi8(bytes)); }
  // As ByteSet is made: by its lower half a byte chooses a row, by its upper half a bit of it.
  template <PlainClass kClass>
  static uint32_t outside_of(__m256i bytes) {
    const auto* const set = reinterpret_cast<const __m128i*>(&set_of(kClass));
    const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(set));
    const __m256i columns =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0xf));
    const __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(rows, bytes), _mm256_shuffle_epi8(columns, upper));
    return mask(_mm256_cmpeq_epi8(both, _mm256_setzero_si256()));
  }
};

size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Avx2>(text.data(), text.size(), index).run(begin);
}

}  // namespace

constinit const Kernel kAvx2Kernel = kernel_of<Avx2Values>("AVX2", index_plain_lines);

}  // namespace vedette::parsers

#endif
