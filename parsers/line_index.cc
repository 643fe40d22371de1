#include "parsers/line_index.h"

#include <bit>

#include "parsers/line_index_x86.h"
#include "parsers/chars.h"
#include "parsers/line_index_passes.h"
#include "parsers/simd.h"

namespace vedette::parsers {
namespace {

// A byte at a time: the reference.
struct Plain {
  struct Window {
    char bytes[kNameWindowBytes];
  };
  static BlockMasks masks_of(const char* block) {
    BlockMasks masks{};
    for (size_t i = 0; i < kBlockBytes; ++i) {
      masks.feeds |= static_cast<uint64_t>(block[i] == '\n') << i;
      masks.returns |= static_cast<uint64_t>(block[i] == '\r') << i;
    }
    return masks;
  }
  static size_t count_zeros(uint64_t bits) { return static_cast<size_t>(std::countr_zero(bits)); }
  static uint64_t low_bits(uint64_t word, size_t count) {
    return count >= 64 ? word : word & ((uint64_t{1} << count) - 1);
  }
  static Window load_window(const char* line) {
    Window window;
    std::memcpy(window.bytes, line, sizeof window.bytes);
    return window;
  }
  static void store_window(char* to, const Window& window) { std::memcpy(to, window.bytes, sizeof window.bytes); }
  static Window no_window() { return {}; }
  static size_t find_colon(const Window& window) {
    size_t i = 0;
    while (i < kNameWindowBytes && window.bytes[i] != ':') ++i;
    return i;
  }
  static Window to_lower(Window window) {
    for (char& byte : window.bytes) byte = static_cast<char>(byte | 0x20);
    return window;
  }
  static uint64_t first_word(const Window& window) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; ++i) word |= static_cast<uint64_t>(static_cast<unsigned char>(window.bytes[i])) << 8 * i;
    return word;
  }
  static size_t count_token(const Window& window) {
    size_t i = 0;
    while (i < kNameWindowBytes && set_of(kTokenChar).contains(window.bytes[i])) ++i;
    return i;
  }
  // How many bytes are equal before one differs.
  static size_t count_equal(const Window& window, const char* spelling) {
    size_t i = 0;
    while (i < kNameWindowBytes && window.bytes[i] == spelling[i]) ++i;
    return i;
  }
};

// SSE4.2 or NEON, as simd.h has it.
struct By16 {
  struct Window {
    Bytes16 low, high;
  };
  static BlockMasks masks_of(const char* block) {
    BlockMasks masks{};
    for (size_t i = 0; i < kBlockBytes; i += kVectorBytes) {
      const Bytes16 bytes = load16(block + i);
      masks.feeds |= static_cast<uint64_t>(mask_equal(bytes, '\n')) << i;
      masks.returns |= static_cast<uint64_t>(mask_equal(bytes, '\r')) << i;
    }
    return masks;
  }
  static size_t count_zeros(uint64_t bits) { return Plain::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Plain::low_bits(word, count); }
  static Window load_window(const char* line) { return {load16(line), load16(line + kVectorBytes)}; }
  static void store_window(char* to, const Window& window) {
    store16(to, window.low);
    store16(to + kVectorBytes, window.high);
  }
  static Window no_window() { return {zeros16(), zeros16()}; }
  static size_t find_colon(const Window& window) {
    const uint32_t colons = mask_equal(window.low, ':') | mask_equal(window.high, ':') << kVectorBytes;
    return static_cast<size_t>(std::countr_zero(colons));
  }
  static Window to_lower(const Window& window) { return {set_bits(window.low, 0x20), set_bits(window.high, 0x20)}; }
  static uint64_t first_word(const Window& window) { return parsers::first_word(window.low); }
  static size_t count_token(const Window& window) {
    const uint32_t outside = mask_outside(window.low, set_of(kTokenChar)) |
                             mask_outside(window.high, set_of(kTokenChar)) << kVectorBytes;
    return static_cast<size_t>(std::countr_zero(outside));
  }
  static size_t count_equal(const Window& window, const char* spelling) {
    const uint32_t equal = mask_equal(window.low, load16(spelling)) |
                           mask_equal(window.high, load16(spelling + kVectorBytes)) << kVectorBytes;
    return static_cast<size_t>(std::countr_one(equal));
  }
};

template <typename Vectors>
size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Vectors>(text.data(), text.size(), index).run(begin);
}

constexpr std::array kKernels = {
    IndexKernel{"plain", index_plain_lines<Plain>}, IndexKernel{"16 bytes", index_plain_lines<By16>},
#if defined(__x86_64__)
    IndexKernel{"AVX2", index_plain_lines_by_avx2}, IndexKernel{"AVX-512", index_plain_lines_by_avx512},
#endif
};

size_t count_usable() {
  size_t count = 2;
#if defined(__x86_64__)
  const bool has_bmi = __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0;
  const bool has_avx2 = has_bmi && __builtin_cpu_supports("avx2") != 0;
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") != 0 &&
                          __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  if (has_avx2) ++count;
  if (has_avx512) ++count;
#endif
  return count;
}

const size_t kUsable = count_usable();

}  // namespace

void HeaderIndex::add(HeaderId id, HeaderField field) {
  const uint64_t bit = uint64_t{1} << static_cast<unsigned>(id);
  tally.repeated |= tally.seen & bit;
  tally.seen |= bit;
  last[static_cast<size_t>(id)] = static_cast<uint8_t>(tally.count);
  ids[tally.count] = id;
  fields[tally.count++] = field;
}

const IndexKernel& best_index_kernel() { return kKernels[kUsable - 1]; }

std::span<const IndexKernel> index_kernels() { return std::span(kKernels).first(kUsable); }

}  // namespace vedette::parsers
