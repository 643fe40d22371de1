// The one file that is built for AVX-512. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX512VBMI__)

#include "parsers/kernel_by_32.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

class Avx512 : public Windows32 {
 public:
  Avx512() { asm("" : "+v"(feed_), "+v"(return_)); }

  BlockMasks masks_of(const char* block) const {
    return {_mm512_cmpeq_epi8_mask(feed_, _mm512_loadu_si512(block)),
            _mm512_cmpeq_epi8_mask(return_, _mm512_loadu_si512(block))};
  }
  static __m256i load_last_window(const char* line, size_t size) {
    return _mm256_maskz_loadu_epi8(static_cast<__mmask32>(low_bits(~uint64_t{0}, size)), line);
  }

 private:
  __m512i feed_ = _mm512_set1_epi8('\n');
  __m512i return_ = _mm512_set1_epi8('\r');
};

// Masks of up to 64 bytes. A load of fewer reads no more than it was asked for.
struct Avx512Values {
  struct Block {
    __m512i bytes;
    __m512i classes;
  };
  static Block load(const char* from, size_t size) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(low_bits(~uint64_t{0}, size), from);
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
  static size_t count_zeros(uint64_t bits) { return Avx512::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Avx512::low_bits(word, count); }
};

size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Avx512>(text.data(), text.size(), index).run(begin);
}

}  // namespace

constinit const Kernel kAvx512Kernel = kernel_of<Avx512Values>("AVX-512", index_plain_lines);

}  // namespace vedette::parsers

#endif
