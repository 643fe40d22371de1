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
  using Blocks = Plain;
  struct Window {
    char bytes[kNameWindowBytes];
  };
  static BlockMasks masks_of(const char* block) {
    BlockMasks masks{};
    for (size_t i = 0; i < kBlockBytes; ++i) {
      const char* const byte = block + i;
      if (*byte != '\n' && byte[-1] != '\r') continue;
      const bool feeds = *byte == '\n';
      const bool stops = !feeds || byte[-1] != '\r' || is_low(byte[-2]);
      masks.feed_bits |= static_cast<uint64_t>(feeds) << i;
      masks.stop_bits |= static_cast<uint64_t>(stops) << i;
    }
    return masks;
  }
  static BlockMasks next_masks_of(const char* block) { return masks_of(block); }
  static void put_offsets(uint64_t bits, size_t block, uint16_t* out) { put_offsets_of(bits, block, out); }
  static size_t count_zeros(uint64_t bits) { return static_cast<size_t>(std::countr_zero(bits)); }
  static uint64_t low_bits(uint64_t word, size_t count) {
    return count >= 64 ? word : word & ((uint64_t{1} << count) - 1);
  }
  static bool test_and_set(uint64_t& bits, uint64_t i) {
    const uint64_t before = bits;
    bits |= uint64_t{1} << i;
    return bits == before;
  }
  static Window load_window(const char* line) {
    Window window;
    std::memcpy(window.bytes, line, sizeof window.bytes);
    return window;
  }
  static void store_window(char* to, const Window& window) { std::memcpy(to, window.bytes, sizeof window.bytes); }
  static Window no_window() { return {}; }
  static Window load_last_window(const char* line, size_t size) { return load_last_window_of<Plain>(line, size); }
  static uint32_t find_colon(const Window& window) {
    uint32_t i = 0;
    while (i < kNameWindowBytes && window.bytes[i] != ':') ++i;
    return i;
  }
  static size_t count_token(const Window& window) {
    size_t i = 0;
    while (i < kNameWindowBytes && set_of(kTokenChar).contains(window.bytes[i])) ++i;
    return i;
  }
  static bool is_in(const HeaderNames::Slot& slot, const Window& window) {
    for (size_t i = 0; i < slot.spelling.size(); ++i) {
      if (((window.bytes[i] ^ slot.spelling[i]) & slot.wanted[i]) != 0) return false;
    }
    return true;
  }
};

// SSE4.2 or NEON, as simd.h has it.
struct By16 {
  using Blocks = By16;
  struct Window {
    Bytes16 low, high;
  };
  static BlockMasks masks_of(const char* block) {
    BlockMasks masks{};
    for (size_t i = 0; i < kBlockBytes; i += kVectorBytes) {
      const uint32_t feeds = mask_equal(load16(block + i), '\n');
      const uint32_t returns = mask_equal(load16(block + i - 1), '\r');
      const uint32_t low = mask_low(load16(block + i - 2));
      masks.feed_bits |= static_cast<uint64_t>(feeds) << i;
      masks.stop_bits |= static_cast<uint64_t>((feeds ^ returns) | (feeds & low)) << i;
    }
    return masks;
  }
  static BlockMasks next_masks_of(const char* block) { return masks_of(block); }
  static void put_offsets(uint64_t bits, size_t block, uint16_t* out) { put_offsets_of(bits, block, out); }
  static size_t count_zeros(uint64_t bits) { return Plain::count_zeros(bits); }
  static uint64_t low_bits(uint64_t word, size_t count) { return Plain::low_bits(word, count); }
  static bool test_and_set(uint64_t& bits, uint64_t i) { return Plain::test_and_set(bits, i); }
  static Window load_window(const char* line) { return {load16(line), load16(line + kVectorBytes)}; }
  static void store_window(char* to, const Window& window) {
    store16(to, window.low);
    store16(to + kVectorBytes, window.high);
  }
  static Window no_window() { return {zeros16(), zeros16()}; }
  static Window load_last_window(const char* line, size_t size) { return load_last_window_of<By16>(line, size); }
  static uint32_t find_colon(const Window& window) {
    const uint32_t colons = mask_equal(window.low, ':') | mask_equal(window.high, ':') << kVectorBytes;
    return static_cast<uint32_t>(std::countr_zero(colons));
  }
  static size_t count_token(const Window& window) {
    const uint32_t outside = mask_outside(window.low, set_of(kTokenChar)) |
                             mask_outside(window.high, set_of(kTokenChar)) << kVectorBytes;
    return static_cast<size_t>(std::countr_zero(outside));
  }
  static bool is_in(const HeaderNames::Slot& slot, const Window& window) {
    const char* const wanted = reinterpret_cast<const char*>(slot.wanted.data());
    return equal_where(load16(slot.spelling.data()), window.low, load16(wanted)) &&
           equal_where(load16(slot.spelling.data() + kVectorBytes), window.high, load16(wanted + kVectorBytes));
  }
};

// Masks of 64 bytes, by 16.
struct By16Values {
  struct Block {
    Bytes16 parts[4];
  };
  static Block load(const char* from) {
    return {{load16(from), load16(from + 16), load16(from + 32), load16(from + 48)}};
  }
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
    return join(block, [](Bytes16 part) {
      const uint32_t outside = mask_outside(part, set_of(kClass));
      return kClass == PlainClass::kQuotedText ? outside & mask_ascii(part) : outside;
    });
  }
  static uint64_t equal(const Block& block, const PlainTables::Window<char>& wanted) {
    return join(block, [&wanted](Bytes16 part) { return mask_equal(part, wanted[0]); });
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

// The reference leaves all values to the parsers that read every shape.
constexpr Kernel kPlainKernel = {
    .name = "plain",
    .index_plain_head = [](std::string_view, StartLine&, HeaderIndex&) { return size_t{0}; },
    .index_plain_lines = index_plain_lines_with<Plain>,
    .next_plain_via = [](std::string_view&, Via&) { return false; },
    .next_plain_address = [](std::string_view&, Address&) { return false; },
    .parse_plain_uri = [](std::string_view, Uri&) { return false; },
    .parse_plain_credentials = [](std::string_view, AuthParams&) { return false; },
    .parse_plain_event = [](std::string_view, Event&) { return false; },
    .next_plain_media_type = [](std::string_view&, MediaType&) { return false; },
    .next_plain_param = [](std::string_view&, Param&) { return false; },
    .is_plain_call_id = [](std::string_view) { return false; },
    .token_stops = [](std::string_view) { return uint64_t{0}; },
};

class Kernels {
 public:
  Kernels() {
    add(kPlainKernel);
    add(kernel_of<By16, By16Values>("16 bytes"));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("bmi") == 0 || __builtin_cpu_supports("bmi2") == 0) return;
    if (__builtin_cpu_supports("avx2") != 0) add(kAvx2Kernel);
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
        __builtin_cpu_supports("avx512vbmi2") != 0) {
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

constinit const PlainTables kPlainTables = [] {
  PlainTables tables;
  for (unsigned i = 0; i < kPlainSets.size(); ++i) {
    const auto bit = static_cast<uint8_t>(1u << i);
    tables.class_bits[i].fill(bit);
    for (unsigned char c = 0; c < tables.classes.size(); ++c) {
      const bool is_member = kPlainSets[i].contains(static_cast<char>(c));
      tables.classes[c] = static_cast<uint8_t>(tables.classes[c] | (is_member ? bit : 0));
    }
  }
  tables.feeds.fill('\n');
  tables.returns.fill('\r');
  tables.dots.fill('.');
  tables.hyphens.fill('-');
  tables.spaces.fill(' ');
  tables.commas.fill(',');
  tables.quotes.fill('"');
  return tables;
}();

const Kernel* const kBestKernel = &kKernels.all().back();

std::span<const Kernel> kernels() { return kKernels.all(); }

}  // namespace vedette::parsers
