// The one file that is built for AVX-512. Empty on other processors.
#include "parsers/kernel_x86.h"

#if defined(__AVX512VBMI2__)

#include <array>

#include "parsers/kernel_by_32.h"
#include "parsers/plain_values.h"

namespace vedette::parsers {
namespace {

// Of the bytes in front of those of a block, as numbers with a sign.
alignas(kBlockBytes) constexpr std::array<uint8_t, kBlockBytes> kOffsetsBefore = [] {
  std::array<uint8_t, kBlockBytes> offsets{};
  for (size_t i = 0; i < offsets.size(); ++i) offsets[i] = static_cast<uint8_t>(i - 1);
  return offsets;
}();

// Two blocks' bytes, from one and from two before the second on.
alignas(kBlockBytes) constexpr std::array<std::array<uint8_t, kBlockBytes>, 2> kBlockShifts = [] {
  std::array<std::array<uint8_t, kBlockBytes>, 2> shifts{};
  for (size_t by = 1; by <= shifts.size(); ++by) {
    for (size_t i = 0; i < kBlockBytes; ++i) shifts[by - 1][i] = static_cast<uint8_t>(kBlockBytes - by + i);
  }
  return shifts;
}();

// 64 bytes of line ends.
class Avx512Blocks {
 public:
  struct Masks {
    __mmask64 feeds_, odd_, low_;
    uint64_t feeds() const { return _cvtmask64_u64(feeds_); }
    uint64_t stops() const { return _cvtmask64_u64(odd_) | _cvtmask64_u64(low_); }
    bool has_stop() const { return _kortestz_mask64_u8(odd_, low_) == 0; }
  };
  Masks masks_of(const char* block) const {
    const __mmask64 feeds = _mm512_cmpeq_epi8_mask(feed_, _mm512_loadu_si512(block));
    const __mmask64 returns = _mm512_cmpeq_epi8_mask(return_, _mm512_loadu_si512(block - 1));
    return {feeds, _kxor_mask64(feeds, returns),
            _mm512_mask_cmpge_epu8_mask(feeds, space_, _mm512_loadu_si512(block - 2))};
  }
  // Of the block behind the last one, and at first of one behind a line end. A load that crosses a cache line, as most
  // do here, costs more than to move bytes within the processor.
  Masks next_masks_of(const char* block) {
    const __m512i bytes = _mm512_loadu_si512(block);
    const __m512i by_one = _mm512_permutex2var_epi8(previous_, _mm512_load_si512(kBlockShifts[0].data()), bytes);
    const __m512i by_two = _mm512_permutex2var_epi8(previous_, _mm512_load_si512(kBlockShifts[1].data()), bytes);
    previous_ = bytes;
    const __mmask64 feeds = _mm512_cmpeq_epi8_mask(feed_, bytes);
    return {feeds, _kxor_mask64(feeds, _mm512_cmpeq_epi8_mask(return_, by_one)),
            _mm512_mask_cmpge_epu8_mask(feeds, space_, by_two)};
  }
  // Sixteen at once. A plain line has six bytes or more, so that at the twelfth of a block at the latest the index pass
  // meets one that is not plain: those behind it are not looked at.
  void put_offsets(uint64_t bits, size_t block, uint16_t* out) const {
    const __m512i found = _mm512_maskz_compress_epi8(bits, bytes_);
    const __m256i offsets = _mm256_cvtepi8_epi16(_mm512_castsi512_si128(found));
    const __m256i base = _mm256_set1_epi16(static_cast<int16_t>(block));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi16(base, offsets));
  }

 private:
  __m512i feed_ = _mm512_load_si512(kPlainTables.feeds.data());
  __m512i return_ = _mm512_load_si512(kPlainTables.returns.data());
  __m512i space_ = _mm512_load_si512(kPlainTables.spaces.data());
  __m512i previous_ = feed_;
  __m512i bytes_ = _mm512_load_si512(kOffsetsBefore.data());
};

class Avx512 : public Windows32 {
 public:
  using Blocks = Avx512Blocks;

  static __m256i load_last_window(const char* line, size_t size) {
    return _mm256_maskz_loadu_epi8(static_cast<__mmask32>(low_bits(~uint64_t{0}, size)), line);
  }
  static bool is_in(const HeaderNames::Slot& slot, __m256i window) {
    constexpr int kWantedAndDifferent = 0x60;   // A & (B ^ C)
    const __m256i wanted = load_window(reinterpret_cast<const char*>(slot.wanted.data()));
    const __m256i spelling = load_window(slot.spelling.data());
    const __m256i wrong = _mm256_ternarylogic_epi64(wanted, window, spelling, kWantedAndDifferent);
    return _mm256_testz_si256(wrong, wrong) != 0;
  }
};

// Masks of 64 bytes.
struct Avx512Values {
  struct Block {
    __m512i bytes;
    __m512i classes;       // Of ASCII characters; 0 for others.
    __mmask64 others;
  };
  static Block load(const char* from) { return classify(_mm512_loadu_si512(from)); }
  // Reads no more than it was asked for.
  static Block load_short(const char* from, size_t size, char* copy) {
    const __m512i bytes = _mm512_maskz_loadu_epi8(low_bits(~uint64_t{0}, size), from);
    _mm512_store_si512(copy, bytes);
    return classify(bytes);
  }
  // To what values begin with, which is zeros.
  template <typename T>
  [[gnu::always_inline]] static void clear(T& value) {
    static_assert(sizeof value >= kWindowBytes);
    char* const bytes = reinterpret_cast<char*>(&value);
    const __m512i zeros = _mm512_setzero_si512();
    for (size_t at = 0; at + kWindowBytes <= sizeof value; at += kWindowBytes) _mm512_storeu_si512(bytes + at, zeros);
    if (sizeof value % kWindowBytes != 0) _mm512_storeu_si512(bytes + sizeof value - kWindowBytes, zeros);
  }
  template <PlainClass kClass>
  static uint64_t outside(const Block& block) {
    const __m512i bit = _mm512_load_si512(kPlainTables.class_bits[static_cast<size_t>(kClass)].data());
    const uint64_t outside = _mm512_testn_epi8_mask(block.classes, bit);
    return kClass == PlainClass::kQuotedText ? outside & ~block.others : outside;
  }
  static uint64_t equal(const Block& block, const PlainTables::Window<char>& wanted) {
    return _mm512_cmpeq_epi8_mask(block.bytes, _mm512_load_si512(wanted.data()));
  }
  static size_t count_zeros(uint64_t bits) { return Avx512::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Avx512::low_bits(word, count); }

 private:
  static Block classify(__m512i bytes) {
    const __m512i low = _mm512_load_si512(kPlainTables.classes.data());
    const __m512i high = _mm512_load_si512(kPlainTables.classes.data() + kWindowBytes);
    const __mmask64 others = _mm512_movepi8_mask(bytes);
    return {bytes, _mm512_maskz_permutex2var_epi8(~others, low, bytes, high), others};
  }
};

}  // namespace

constinit const Kernel kAvx512Kernel = kernel_of<Avx512, Avx512Values>("AVX-512");

}  // namespace vedette::parsers

#endif
