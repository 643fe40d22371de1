#include "dataplane/checksum.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vedette::dataplane {
namespace {

static_assert(std::endian::native == std::endian::little, "an odd last byte is the lower half of its word");

// At most three bytes.
uint64_t sum_of_rest(const char* bytes, size_t length) {
  uint16_t word = 0;
  if ((length & 2) != 0) std::memcpy(&word, bytes, sizeof word);
  if ((length & 1) == 0) return word;
  return uint64_t{word} + static_cast<unsigned char>(bytes[length - 1]);
}

// RFC 1071 §2 (A): the order of additions does not matter, so words may be added two at a time: 2^32 is 1
// modulo 65,535.
uint64_t sum_by_4(const char* bytes, size_t length) {
  uint64_t sum = 0;
  uint32_t words = 0;
  for (; length >= sizeof words; bytes += sizeof words, length -= sizeof words) {
    std::memcpy(&words, bytes, sizeof words);
    sum += words;
  }
  return sum + sum_of_rest(bytes, length);
}

#if defined(__x86_64__)

// g++ 12 takes a cast of its own header for a value not set (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

// Words are signed to the only instruction that adds neighbours up, so they are moved by 2^15 first, and back
// in the end. A lane of 32 bits takes 2^15 vectors: as many as a megabyte has.
constexpr uint64_t kBias = 0x8000;

// Eight that are and eight that are not: eight of them are read, from one of the first nine on.
alignas(64) constexpr std::array<int32_t, 16> kLanes = {-1, -1, -1, -1, -1, -1, -1, -1};

__attribute__((target("avx2,tune=haswell"))) uint64_t sum_by_32(const char* bytes, size_t length) {
  constexpr size_t kVector = sizeof(__m256i), kLane = sizeof(int32_t), kWords = kVector / sizeof(uint16_t);
  const __m256i bias = _mm256_set1_epi16(static_cast<int16_t>(kBias)), ones = _mm256_set1_epi16(1);
  __m256i sums = _mm256_setzero_si256();
  const auto add = [&](const __m256i& words) __attribute__((target("avx2,tune=haswell"), always_inline)) {
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_xor_si256(words, bias), ones));
  };
  const auto* at = reinterpret_cast<const __m256i*>(bytes);
  const size_t vectors = length / kVector, rest = length % kVector, lanes = rest / kLane;
  for (size_t i = 0; i < vectors / 2; ++i, at += 2) {
    add(_mm256_loadu_si256(at));
    add(_mm256_loadu_si256(at + 1));
  }
  if (vectors % 2 != 0) add(_mm256_loadu_si256(at++));
  // What a mask leaves out is not read, and is zero.
  const auto* const mask = reinterpret_cast<const __m256i*>(&kLanes[kWords / 2 - lanes]);
  add(_mm256_maskload_epi32(reinterpret_cast<const int*>(at), _mm256_loadu_si256(mask)));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return static_cast<uint64_t>(int64_t{_mm_cvtsi128_si32(four)} +
                               static_cast<int64_t>((vectors + 1) * kWords * kBias)) +
         sum_of_rest(bytes + length - rest % kLane, rest % kLane);
}

__attribute__((target("avx512f,avx512bw,tune=icelake-server"))) uint64_t sum_by_64(const char* bytes, size_t length) {
  constexpr size_t kVector = sizeof(__m512i), kWords = kVector / sizeof(uint16_t);
  const __m512i bias = _mm512_set1_epi16(static_cast<int16_t>(kBias)), ones = _mm512_set1_epi16(1);
  __m512i sums = _mm512_setzero_si512();
  const auto add = [&](const __m512i& words)
      __attribute__((target("avx512f,avx512bw,tune=icelake-server"), always_inline)) {
    sums = _mm512_add_epi32(sums, _mm512_madd_epi16(_mm512_xor_si512(words, bias), ones));
  };
  const size_t vectors = length / kVector, rest = length % kVector;
  for (size_t i = 0; i < vectors; ++i, bytes += kVector) add(_mm512_loadu_si512(bytes));
  add(_mm512_maskz_loadu_epi8((uint64_t{1} << rest) - 1, bytes));
  return static_cast<uint64_t>(int64_t{_mm512_reduce_add_epi32(sums)} +
                               static_cast<int64_t>((vectors + 1) * kWords * kBias));
}

#endif

struct Kernels {
  std::array<WordSumKernel, 3> all{{{"reference", sum_by_4}}};
  size_t count = 1;

  Kernels() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) all[count++] = {"avx2", sum_by_32};
    if (__builtin_cpu_supports("avx512bw")) all[count++] = {"avx512", sum_by_64};
#endif
  }
};

const Kernels kKernels;

}  // namespace

const WordSum sum_words = kKernels.all[kKernels.count - 1].sum;

std::span<const WordSumKernel> word_sum_kernels() { return std::span(kKernels.all).first(kKernels.count); }

}  // namespace vedette::dataplane
