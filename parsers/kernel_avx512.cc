// The one file that is built for AVX-512. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX512VBMI__)

#include <immintrin.h>

#include "parsers/line_index_passes.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

class Avx512 {
 public:
  // Opaque to the compiler, which would else make its constants anew in every turn.
  Avx512() { asm("" : "+v"(feed_), "+v"(return_), "+v"(colon_), "+v"(lower_)); }

  BlockMasks masks_of(const char* block) const {
    return {_mm512_cmpeq_epi8_mask(feed_, _mm512_loadu_si512(block)),
            _mm512_cmpeq_epi8_mask(return_, _mm512_loadu_si512(block))};
  }
  static size_t count_zeros(uint64_t bits) { return _tzcnt_u64(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return _bzhi_u64(word, static_cast<unsigned>(count)); }

  static __m256i load_window(const char* line) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(line)); }
  static __m256i load_last_window(const char* line, size_t size) {
    return _mm256_maskz_loadu_epi8(static_cast<__mmask32>(low_bits(~uint64_t{0}, size)), line);
  }
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
  static uint32_t mask_equal(__m256i a, __m256i b) { return _mm256_cmpeq_epi8_mask(a, b); }

  __m512i feed_ = _mm512_set1_epi8('\n');
  __m512i return_ = _mm512_set1_epi8('\r');
  __m256i colon_ = _mm256_set1_epi8(':');
  __m256i lower_ = _mm256_set1_epi8(0x20);
};

// Masks of up to 64 bytes. A load of fewer reads no more than it was asked for.
struct Avx512Values {
  struct Block {
    __m512i bytes;
    __m512i classes;
  };
  static Block load(const char* from, size_t size) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(_bzhi_u64(~uint64_t{0}, static_cast<unsigned>(size)), from);
    const __m512i low = _mm512_load_si512(kPlainClasses.bits.data());
    const __m512i high = _mm512_load_si512(kPlainClasses.bits.data() + 64);
    const __mmask64 is_ascii = ~_mm512_movepi8_mask(bytes);
    return {bytes, _mm512_maskz_permutex2var_epi8(is_ascii, low, bytes, high)};
  }
  template <PlainClass kClass>
  static uint64_t inside(const Block& block) {
    return _mm512_test_epi8_mask(block.classes, _mm512_set1_epi8(1 << static_cast<int>(kClass)));
  }
  template <PlainClass kClass>
  static uint64_t outside(const Block& block) {
    return _mm512_testn_epi8_mask(block.classes, _mm512_set1_epi8(1 << static_cast<int>(kClass)));
  }
  static uint64_t equal(const Block& block, char c) { return _mm512_cmpeq_epi8_mask(block.bytes, _mm512_set1_epi8(c)); }
  static size_t count_zeros(uint64_t bits) { return _tzcnt_u64(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return _bzhi_u64(word, static_cast<unsigned>(count)); }
};

size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Avx512>(text.data(), text.size(), index).run(begin);
}

}  // namespace

constinit const Kernel kAvx512Kernel = kernel_of<Avx512Values>("AVX-512", index_plain_lines);

}  // namespace vedette::parsers

#endif
