// The one file that is built for AVX2. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX2__)

#include "parsers/kernel_by_32.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

// 64 bytes of line ends.
class Avx2Blocks {
 public:
  Avx2Blocks() { asm("" : "+x"(feed_), "+x"(return_), "+x"(space_)); }

  BlockMasks masks_of(const char* block) const {
    const uint64_t feeds = mask_of(block, [this](__m256i bytes) { return _mm256_cmpeq_epi8(bytes, feed_); });
    const uint64_t returns = mask_of(block - 1, [this](__m256i bytes) { return _mm256_cmpeq_epi8(bytes, return_); });
    const uint64_t low = mask_of(block - 2, [this](__m256i bytes) {
      return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, space_), bytes);
    });
    return {feeds, (feeds ^ returns) | (feeds & low)};
  }
  BlockMasks next_masks_of(const char* block) const { return masks_of(block); }
  static void put_offsets(uint64_t bits, size_t block, uint16_t* out) { put_offsets_of(bits, block, out); }

 private:
  template <typename Test>
  static uint64_t mask_of(const char* bytes, Test test) {
    const auto mask = [test](const char* from) {
      return static_cast<uint32_t>(_mm256_movemask_epi8(test(Windows32::load_window(from))));
    };
    return static_cast<uint64_t>(mask(bytes + 32)) << 32 | mask(bytes);
  }

  __m256i feed_ = _mm256_set1_epi8('\n');
  __m256i return_ = _mm256_set1_epi8('\r');
  __m256i space_ = _mm256_set1_epi8(' ');
};

class Avx2 : public Windows32 {
 public:
  using Blocks = Avx2Blocks;

  static void store_window(char* to, __m256i window) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), window); }
  static __m256i no_window() { return _mm256_setzero_si256(); }
  static __m256i load_last_window(const char* line, size_t size) { return load_last_window_of<Avx2>(line, size); }
  static bool is_in(const HeaderNames::Slot& slot, __m256i window) {
    const __m256i different = _mm256_xor_si256(window, load_window(slot.spelling.data()));
    return _mm256_testz_si256(different, load_window(reinterpret_cast<const char*>(slot.wanted.data()))) != 0;
  }
};

// Masks of 64 bytes.
struct Avx2Values {
  struct Block {
    __m256i low;
    __m256i high;
  };
  static Block load(const char* from) { return {Avx2::load_window(from), Avx2::load_window(from + 32)}; }
  static Block load_short(const char* from, size_t size, char* copy) {
    std::memset(copy, 0, kWindowBytes);
    std::memcpy(copy, from, size);
    return load(copy);
  }
  // To what values begin with, which is zeros.
  template <typename T>
  static void clear(T& value) {
    std::memset(static_cast<void*>(&value), 0, sizeof value);
  }
  template <PlainClass kClass>
  static uint64_t outside(const Block& block) {
    return static_cast<uint64_t>(outside_half<kClass>(block.high)) << 32 | outside_half<kClass>(block.low);
  }
  static uint64_t equal(const Block& block, const PlainTables::Window<char>& wanted) {
    const __m256i bytes = Avx2::load_window(wanted.data());
    return static_cast<uint64_t>(mask_equal(block.high, bytes)) << 32 | mask_equal(block.low, bytes);
  }
  static size_t count_zeros(uint64_t bits) { return Avx2::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Avx2::low_bits(word, count); }

 private:
  template <PlainClass kClass>
  static uint32_t outside_half(__m256i half) {
    const uint32_t outside = mask_outside(half, set_of(kClass));
    if (kClass != PlainClass::kQuotedText) return outside;
    return outside & ~static_cast<uint32_t>(_mm256_movemask_epi8(half));
  }
};

}  // namespace

constinit const Kernel kAvx2Kernel = kernel_of<Avx2, Avx2Values>("AVX2");

}  // namespace vedette::parsers

#endif
