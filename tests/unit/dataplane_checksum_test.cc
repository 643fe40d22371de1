// All ways to add up words are the reference's modulo 65,535, which is RFC 1071's sum, and read nothing outside.
#include "dataplane/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/guarded_bytes.h"

namespace vedette::dataplane {
namespace {

constexpr size_t kLongest = 400;

// As RFC 1071 §4.1 has it: a word at a time, and what is left over.
uint16_t plain_sum(std::string_view bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const auto low = static_cast<unsigned char>(bytes[i]);
    const unsigned high = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    sum += low | high << 8;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(sum);
}

void expect_all(std::string_view bytes, const std::string& what) {
  const uint16_t expected = plain_sum(bytes);
  for (const WordSumKernel& kernel : word_sum_kernels()) {
    EXPECT_EQ(fold_words(kernel.sum(bytes.data(), bytes.size())), expected) << kernel.name << ' ' << what;
  }
}

TEST(ChecksumTest, AllKernelsGiveTheSumOfRfc1071) {
  std::mt19937 random(1071);
  support::GuardedBytes guarded(kLongest);
  for (size_t length = 0; length <= kLongest; ++length) {
    std::string bytes(length, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    // Behind the bytes a page begins that nobody may read, and in front of them.
    expect_all(guarded.copy(bytes), std::to_string(length));
    expect_all(guarded.copy_to_front(bytes), std::to_string(length));
  }
}

TEST(ChecksumTest, NoCarryIsLost) {
  for (const size_t length : {1, 2, 3, 63, 64, 65, 1'500, 9'000, 65'535}) {
    expect_all(std::string(length, '\xff'), std::to_string(length) + " of ones");
  }
}

// RFC 1071 has two zeros: all ones is what a sum comes to that is none of nothing but zeros.
TEST(ChecksumTest, ZerosAloneAreZero) {
  expect_all(std::string(100, '\0'), "zeros");
  for (const WordSumKernel& kernel : word_sum_kernels()) {
    EXPECT_EQ(fold_words(kernel.sum("\xfe\xff\x01\x00", 4)), 0xffff) << kernel.name;
  }
}

// RFC 1071 §3's example: 00 01 f2 03 f4 f5 f6 f7 come to dd f2.
TEST(ChecksumTest, TheExampleOfTheRfc) {
  constexpr std::string_view kBytes("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8);
  for (const WordSumKernel& kernel : word_sum_kernels()) {
    EXPECT_EQ(fold_words(kernel.sum(kBytes.data(), kBytes.size())), 0xf2dd) << kernel.name;
  }
  EXPECT_EQ(word_sum_kernels().back().sum, sum_words);
}

}  // namespace
}  // namespace vedette::dataplane
