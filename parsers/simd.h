// Sixteen bytes in one step: loads, comparisons and membership in a set of ASCII characters, as masks with bit i for
// byte i. Three variants with equal results: SSE4.2 (the least that DPDK runs on, so no choice at run time), NEON,
// and plain C++, which is the reference. No function here reads a byte that it was not given.
// Used by the parsers of this folder, and by the load generator. No state; any thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(VEDETTE_PLAIN_PARSERS)
// Plain C++ wanted: parsers_simd_test holds it and the other variants to the same rules.
#elif defined(__SSE4_2__)
#include <nmmintrin.h>
#define VEDETTE_PARSERS_SSE 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define VEDETTE_PARSERS_NEON 1
#endif

namespace vedette::parsers {

inline constexpr size_t kVectorBytes = 16;

// A set of ASCII characters: bit h of row l stands for the character h << 4 | l.
struct ByteSet {
  alignas(kVectorBytes) std::array<uint8_t, 16> rows{};

  constexpr void add(unsigned char c) { rows[c & 0xf] = static_cast<uint8_t>(rows[c & 0xf] | 1u << (c >> 4)); }
  constexpr bool contains(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && (rows[byte & 0xf] >> (byte >> 4) & 1) != 0;
  }
};

// A set of ASCII characters of which no two end in the same four bits, so that one look-up tells: row l is the one that
// ends in l, or one that does not when there is none.
struct SparseSet {
  alignas(kVectorBytes) std::array<uint8_t, 16> rows{1};

  constexpr void add(unsigned char c) { rows[c & 0xf] = c; }
  constexpr bool contains(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x80 && rows[byte & 0xf] == byte;
  }
};

#if defined(VEDETTE_PARSERS_SSE)

struct Bytes16 {
  __m128i v;
};

inline Bytes16 load16(const char* from) { return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))}; }
inline Bytes16 from_words(uint64_t low, uint64_t high) {
  return {_mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low))};
}
inline Bytes16 zeros16() { return {_mm_setzero_si128()}; }
inline void store16(char* to, Bytes16 bytes) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes.v); }
inline uint32_t mask_equal(Bytes16 bytes, char c) {
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes.v, _mm_set1_epi8(c))));
}
inline uint32_t mask_equal(Bytes16 a, Bytes16 b) {
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(a.v, b.v)));
}
// Control characters: all bytes below SP.
inline uint32_t mask_control(Bytes16 bytes) {
  const __m128i above = _mm_subs_epu8(bytes.v, _mm_set1_epi8(' ' - 1));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(above, _mm_setzero_si128())));
}
// White space and other control characters; not DEL.
inline uint32_t mask_low(Bytes16 bytes) {
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(bytes.v, _mm_set1_epi8(' ')), bytes.v)));
}
inline uint32_t mask_ascii(Bytes16 bytes) { return ~static_cast<uint32_t>(_mm_movemask_epi8(bytes.v)) & 0xffff; }
// Whether both have the same bits where `wanted` has ones.
inline bool equal_where(Bytes16 a, Bytes16 b, Bytes16 wanted) {
  return _mm_testz_si128(_mm_xor_si128(a.v, b.v), wanted.v) != 0;
}
// Bytes that are not in `set`; all above ASCII among them.
inline uint32_t mask_outside(Bytes16 bytes, const ByteSet& set) {
  const __m128i rows = _mm_load_si128(reinterpret_cast<const __m128i*>(set.rows.data()));
  const __m128i columns = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  // A shuffle gives 0 for an index with its high bit set.
  const __m128i row = _mm_shuffle_epi8(rows, bytes.v);
  const __m128i column = _mm_shuffle_epi8(columns, _mm_and_si128(_mm_srli_epi16(bytes.v, 4), _mm_set1_epi8(0xf)));
  const __m128i is_outside = _mm_cmpeq_epi8(_mm_and_si128(row, column), _mm_setzero_si128());
  return static_cast<uint32_t>(_mm_movemask_epi8(is_outside));
}
inline __m128i find_inside(__m128i bytes, const SparseSet& set) {
  const __m128i rows = _mm_load_si128(reinterpret_cast<const __m128i*>(set.rows.data()));
  return _mm_cmpeq_epi8(_mm_shuffle_epi8(rows, bytes), bytes);
}
// Bytes that are in `set`.
inline uint32_t mask_inside(Bytes16 bytes, const SparseSet& set) {
  return static_cast<uint32_t>(_mm_movemask_epi8(find_inside(bytes.v, set)));
}
// Whether all of 64 bytes are ASCII from SP on, or in `set`.
inline bool are_printed_or_inside(const char* from, const SparseSet& set) {
  const auto good = [&set](Bytes16 bytes) {
    return _mm_or_si128(_mm_cmpgt_epi8(bytes.v, _mm_set1_epi8(' ' - 1)), find_inside(bytes.v, set));
  };
  const __m128i first = _mm_and_si128(good(load16(from)), good(load16(from + 16)));
  const __m128i second = _mm_and_si128(good(load16(from + 32)), good(load16(from + 48)));
  return _mm_movemask_epi8(_mm_and_si128(first, second)) == 0xffff;
}

#elif defined(VEDETTE_PARSERS_NEON)

struct Bytes16 {
  uint8x16_t v;
};

inline uint32_t mask_of(uint8x16_t all_or_nothing) {
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t bits = vandq_u8(all_or_nothing, weights);
  return static_cast<uint32_t>(vaddv_u8(vget_low_u8(bits))) | static_cast<uint32_t>(vaddv_u8(vget_high_u8(bits))) << 8;
}
inline Bytes16 load16(const char* from) { return {vld1q_u8(reinterpret_cast<const uint8_t*>(from))}; }
inline Bytes16 from_words(uint64_t low, uint64_t high) {
  return {vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(low), vcreate_u64(high)))};
}
inline Bytes16 zeros16() { return {vdupq_n_u8(0)}; }
inline void store16(char* to, Bytes16 bytes) { vst1q_u8(reinterpret_cast<uint8_t*>(to), bytes.v); }
inline uint32_t mask_equal(Bytes16 bytes, char c) {
  return mask_of(vceqq_u8(bytes.v, vdupq_n_u8(static_cast<uint8_t>(c))));
}
inline uint32_t mask_equal(Bytes16 a, Bytes16 b) { return mask_of(vceqq_u8(a.v, b.v)); }
inline uint32_t mask_control(Bytes16 bytes) { return mask_of(vcltq_u8(bytes.v, vdupq_n_u8(' '))); }
inline uint32_t mask_low(Bytes16 bytes) { return mask_of(vcleq_u8(bytes.v, vdupq_n_u8(' '))); }
inline uint32_t mask_ascii(Bytes16 bytes) { return mask_of(vcltq_u8(bytes.v, vdupq_n_u8(0x80))); }
inline bool equal_where(Bytes16 a, Bytes16 b, Bytes16 wanted) {
  return vmaxvq_u8(vandq_u8(veorq_u8(a.v, b.v), wanted.v)) == 0;
}
inline uint32_t mask_outside(Bytes16 bytes, const ByteSet& set) {
  const uint8x16_t columns = {1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0};
  // A look-up gives 0 for an index above 15.
  const uint8x16_t row = vqtbl1q_u8(vld1q_u8(set.rows.data()), vandq_u8(bytes.v, vdupq_n_u8(0x8f)));
  const uint8x16_t column = vqtbl1q_u8(columns, vshrq_n_u8(bytes.v, 4));
  return mask_of(vceqzq_u8(vandq_u8(row, column)));
}
inline uint8x16_t find_inside(uint8x16_t bytes, const SparseSet& set) {
  return vceqq_u8(vqtbl1q_u8(vld1q_u8(set.rows.data()), vandq_u8(bytes, vdupq_n_u8(0x8f))), bytes);
}
inline uint32_t mask_inside(Bytes16 bytes, const SparseSet& set) { return mask_of(find_inside(bytes.v, set)); }
inline bool are_printed_or_inside(const char* from, const SparseSet& set) {
  const auto good = [&set](Bytes16 bytes) {
    return vorrq_u8(vcgtq_s8(vreinterpretq_s8_u8(bytes.v), vdupq_n_s8(' ' - 1)), find_inside(bytes.v, set));
  };
  const uint8x16_t first = vandq_u8(good(load16(from)), good(load16(from + 16)));
  const uint8x16_t second = vandq_u8(good(load16(from + 32)), good(load16(from + 48)));
  return vminvq_u8(vandq_u8(first, second)) != 0;
}

#else

struct Bytes16 {
  std::array<char, kVectorBytes> v;
};

template <typename Test>
uint32_t mask_where(Test is_set) {
  uint32_t mask = 0;
  for (unsigned i = 0; i < kVectorBytes; ++i) mask |= static_cast<uint32_t>(is_set(i)) << i;
  return mask;
}
inline Bytes16 load16(const char* from) {
  Bytes16 bytes;
  std::memcpy(bytes.v.data(), from, kVectorBytes);
  return bytes;
}
inline Bytes16 from_words(uint64_t low, uint64_t high) {
  Bytes16 bytes;
  std::memcpy(bytes.v.data(), &low, sizeof low);
  std::memcpy(bytes.v.data() + sizeof low, &high, sizeof high);
  return bytes;
}
inline Bytes16 zeros16() { return {}; }
inline void store16(char* to, Bytes16 bytes) { std::memcpy(to, bytes.v.data(), kVectorBytes); }
inline uint32_t mask_equal(Bytes16 bytes, char c) {
  return mask_where([&](unsigned i) { return bytes.v[i] == c; });
}
inline uint32_t mask_equal(Bytes16 a, Bytes16 b) {
  return mask_where([&](unsigned i) { return a.v[i] == b.v[i]; });
}
inline uint32_t mask_control(Bytes16 bytes) {
  return mask_where([&](unsigned i) { return static_cast<unsigned char>(bytes.v[i]) < ' '; });
}
inline uint32_t mask_low(Bytes16 bytes) {
  return mask_where([&](unsigned i) { return static_cast<unsigned char>(bytes.v[i]) <= ' '; });
}
inline uint32_t mask_ascii(Bytes16 bytes) {
  return mask_where([&](unsigned i) { return static_cast<unsigned char>(bytes.v[i]) < 0x80; });
}
inline bool equal_where(Bytes16 a, Bytes16 b, Bytes16 wanted) {
  return mask_where([&](unsigned i) { return ((a.v[i] ^ b.v[i]) & wanted.v[i]) != 0; }) == 0;
}
inline uint32_t mask_outside(Bytes16 bytes, const ByteSet& set) {
  return mask_where([&](unsigned i) { return !set.contains(bytes.v[i]); });
}
inline uint32_t mask_inside(Bytes16 bytes, const SparseSet& set) {
  return mask_where([&](unsigned i) { return set.contains(bytes.v[i]); });
}
inline bool are_printed_or_inside(const char* from, const SparseSet& set) {
  for (size_t i = 0; i < 4 * kVectorBytes; ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    if ((byte < ' ' || byte >= 0x80) && !set.contains(from[i])) return false;
  }
  return true;
}

#endif

// One to fifteen bytes, with zeros behind them: in two halves that may overlap.
inline Bytes16 load_short(const char* from, size_t size) {
  uint64_t low = 0;
  uint64_t high = 0;
  if (size >= 8) {
    std::memcpy(&low, from, 8);
    std::memcpy(&high, from + size - 8, 8);
    high = high >> 8 * (kVectorBytes - 1 - size) >> 8;
  } else if (size >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    low = first | static_cast<uint64_t>(last) << 8 * (size - 4);
  } else {
    const auto byte = [from](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(from[i])) << 8 * i; };
    low = byte(0) | byte(size / 2) | byte(size - 1);
  }
  return from_words(low, high);
}

// Whether `prefix` is what `bytes` begins with. From where either begins there are at least `readable` bytes, no fewer
// than it has.
inline bool begins_with(const char* bytes, std::string_view prefix, size_t readable) {
  if (prefix.size() > kVectorBytes || readable < kVectorBytes) {
    return std::memcmp(bytes, prefix.data(), prefix.size()) == 0;
  }
  const uint32_t wanted = (1U << prefix.size()) - 1;
  return (mask_equal(load16(bytes), load16(prefix.data())) & wanted) == wanted;
}

// The first byte of [next, end) for which `mask_of_16` sets its bit, or `end`. Bytes from `readable` on (at most
// `next`) may be read too, so that the last few are found in one step when there are sixteen in all.
template <typename Mask>
inline const char* find_first(const char* readable, const char* next, const char* end, Mask mask_of_16) {
  while (end - next >= static_cast<ptrdiff_t>(kVectorBytes)) {
    if (const uint32_t mask = mask_of_16(load16(next)); mask != 0) return next + std::countr_zero(mask);
    next += kVectorBytes;
  }
  if (next == end) return end;
  if (end - readable >= static_cast<ptrdiff_t>(kVectorBytes)) {
    const uint32_t mask = mask_of_16(load16(end - kVectorBytes)) >> (kVectorBytes - static_cast<size_t>(end - next));
    return mask != 0 ? next + std::countr_zero(mask) : end;
  }
  const auto left = static_cast<size_t>(end - next);
  const uint32_t mask = mask_of_16(load_short(next, left)) | 1u << left;
  return next + std::countr_zero(mask);
}

inline const char* find_outside(const ByteSet& set, const char* readable, const char* next, const char* end) {
  return find_first(readable, next, end, [&set](Bytes16 bytes) { return mask_outside(bytes, set); });
}

}  // namespace vedette::parsers
