// The sum of the Internet checksum (RFC 1071), many bytes at a time: over what is sent and received without a port's
// help it takes a fifth of a NOTIFY's instructions a word at a time. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::dataplane {

// The 16-bit words of `bytes`, in the machine's order, an odd last byte with zero behind it (RFC 1071 §1, §2
// (B)), added up; any number that is congruent to that modulo 65,535, and zero for zeros alone. Nothing
// outside of `length` is read.
using WordSum = uint64_t (*)(const char* bytes, size_t length);

struct WordSumKernel {
  std::string_view name;
  WordSum sum = nullptr;
};
// All that this processor can run. The first is the reference.
std::span<const WordSumKernel> word_sum_kernels();
// The last of them, chosen when the program starts.
extern const WordSum sum_words;

// RFC 1071: "the 1's complement sum" of 16 bits, of what is less than 2^48.
constexpr uint16_t fold_words(uint64_t sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<uint16_t>((sum >> 16) + (sum & 0xffff));
}

}  // namespace vedette::dataplane
