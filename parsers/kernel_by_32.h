// What the kernels of x86-64 share: windows of 32 bytes. Included by parsers/kernel_avx*.cc alone, and compiled anew in
// each (see line_index_passes.h); empty elsewhere.
#pragma once

#if defined(__AVX2__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "parsers/line_index_passes.h"
#include "parsers/plain_classes.h"

namespace vedette::parsers {
namespace {

// Bit i: byte i of the one is that of the other.
inline uint32_t mask_equal(__m256i a, __m256i b) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b)));
}

// Bit i: byte i is not in the set. As ByteSet is made: by its lower half a byte chooses a row, by its upper half a bit.
inline uint32_t mask_outside(__m256i bytes, const ByteSet& set) {
  const auto* const from = reinterpret_cast<const __m128i*>(&set);
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_load_si128(from));
  const __m256i columns =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0xf));
  const __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(rows, bytes), _mm256_shuffle_epi8(columns, upper));
  return mask_equal(both, _mm256_setzero_si256());
}

// The windows of IndexPass.
class Windows32 {
 public:
  using Window = __m256i;
  static size_t count_zeros(uint64_t bits) { return _tzcnt_u64(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return __builtin_ia32_bzhi_di(word, count); }

  // Gives what the bit was.
  static bool test_and_set(uint64_t& bits, uint64_t i) {
    bool was_set = false;
    asm("bts %2, %0" : "+r"(bits), "=@ccc"(was_set) : "r"(i));
    return was_set;
  }

  static __m256i load_window(const char* line) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(line)); }
  size_t find_colon(__m256i window) const {
    // As wide as it is used, which the intrinsic is not.
    uint64_t length = 0;
    asm("tzcnt %k1, %k0" : "=r"(length) : "r"(mask_equal(window, colon_)) : "cc");
    return length;
  }
  // How many token characters come before one that is none.
  static size_t count_token(__m256i window) { return _tzcnt_u32(mask_outside(window, set_of(PlainClass::kToken))); }

  // Opaque to the compiler, which would else make its constants anew in every turn.
  Windows32() { asm("" : "+x"(colon_)); }

 private:
  __m256i colon_ = _mm256_set1_epi8(':');
};

}  // namespace
}  // namespace vedette::parsers

#endif
