#include "parsers/kernel.h"

#include <array>
#include <bit>

#include "parsers/chars.h"
#include "parsers/kernel_x86.h"
#include "parsers/line_index_passes.h"
#include "parsers/plain_values.h"
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
  static Window load_last_window(const char* line, size_t size) { return load_last_window_of<Plain>(line, size); }
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
  static Window load_last_window(const char* line, size_t size) { return load_last_window_of<By16>(line, size); }
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

// Masks of up to 64 bytes, by 16.
struct By16Values {
  struct Block {
    Bytes16 parts[4];
  };
  static Block load(const char* from, size_t size) {
    alignas(16) char copy[kWindowBytes] = {};
    if (size != kWindowBytes) {
      std::memcpy(copy, from, size);
      from = copy;
    }
    return {{load16(from), load16(from + 16), load16(from + 32), load16(from + 48)}};
  }
  template <PlainClass kClass>
  static uint64_t outside(const Block& block) {
    return join(block, [](Bytes16 part) { return mask_outside(part, set_of(kClass)); });
  }
  template <PlainClass kClass>
  static uint64_t inside(const Block& block) {
    return ~outside<kClass>(block);
  }
  static uint64_t equal(const Block& block, char c) {
    return join(block, [c](Bytes16 part) { return mask_equal(part, c); });
  }
  static size_t count_zeros(uint64_t bits) { return Plain::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Plain::low_bits(word, count); }

 private:
  template <typename Mask>
  static uint64_t join(const Block& block, Mask mask) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) bits |= static_cast<uint64_t>(mask(block.parts[i])) << 16 * i;
    return bits;
  }
};

template <typename Vectors>
size_t index_plain_lines(std::string_view text, size_t begin, HeaderIndex& index) {
  return IndexPass<Vectors>(text.data(), text.size(), index).run(begin);
}

// The reference leaves all values to the parsers that read every shape.
constexpr Kernel kPlainKernel = {
    .name = "plain",
    .index_plain_lines = index_plain_lines<Plain>,
    .next_plain_via = [](std::string_view&, Via&) { return false; },
    .next_plain_address = [](std::string_view&, Address&) { return false; },
    .parse_plain_uri = [](std::string_view, Uri&) { return false; },
    .parse_plain_credentials = [](std::string_view, AuthParams&) { return false; },
};

class Kernels {
 public:
  Kernels() {
    add(kPlainKernel);
    add(kernel_of<By16Values>("16 bytes", index_plain_lines<By16>));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("bmi") == 0 || __builtin_cpu_supports("bmi2") == 0) return;
    if (__builtin_cpu_supports("avx2") != 0) add(kAvx2Kernel);
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0) {
      add(kAvx512Kernel);
    }
#endif
  }

  std::span<const Kernel> all() const { return std::span(kernels_).first(count_); }

 private:
  void add(const Kernel& kernel) { kernels_[count_++] = kernel; }

  std::array<Kernel, 4> kernels_;
  size_t count_ = 0;
};

const Kernels kKernels;

}  // namespace

void HeaderIndex::add(HeaderId id, HeaderField field) {
  const uint64_t bit = uint64_t{1} << static_cast<unsigned>(id);
  tally.repeated |= tally.seen & bit;
  tally.seen |= bit;
  last[static_cast<size_t>(id)] = static_cast<uint8_t>(tally.count);
  ids[tally.count] = id;
  fields[tally.count++] = field;
}

const Kernel* const kBestKernel = &kKernels.all().back();

std::span<const Kernel> kernels() { return kKernels.all(); }

}  // namespace vedette::parsers
