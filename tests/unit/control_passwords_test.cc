// That no password stays in memory once the configuration has been read, nor when it was refused: all of the process's
// memory is searched for it but the stack, which the next calls write over. Passwords stand here masked, so that the
// search does not find itself.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/config.h"
#include "engine/control/crypto.h"

namespace vedette::control {
namespace {

constexpr char kMask = 0x2a;
constexpr size_t kRegionBytesMax = size_t{256} << 20;   // Sanitizers map more than anybody can search.

template <size_t N>
struct Masked {
  std::array<char, N - 1> bytes;
  consteval explicit Masked(const char (&text)[N]) : bytes() {
    for (size_t i = 0; i < N - 1; ++i) bytes[i] = static_cast<char>(text[i] ^ kMask);
  }
  std::span<const char> span() const { return bytes; }
};
constexpr Masked kShort("Zw4-oQx9");
constexpr Masked kLong("a-password-that-is-no-short-string-of-any-library-0123456789");
constexpr Masked kEscaped("quoted \\\"Yq7-uT2\\\" and more of it");   // As it stands in the file.
constexpr Masked kUnescaped("quoted \"Yq7-uT2\" and more of it");
constexpr Masked kLiteral("literal-Kd8-vB3-in-single-quotes");

// What is looked at: in its own bytes a password found before may stand.
std::array<char, 1 << 20> window;
std::array<char, 1 << 16> file;

size_t count_in(std::span<const char> masked, size_t bytes, size_t& first) {
  size_t found = 0;
  const char* const end = window.data() + bytes;
  for (const char* at = window.data(); end - at >= static_cast<ptrdiff_t>(masked.size()); ++at) {
    at = static_cast<const char*>(std::memchr(at, masked[0] ^ kMask, static_cast<size_t>(end - at)));
    if (at == nullptr || end - at < static_cast<ptrdiff_t>(masked.size())) break;
    size_t i = 1;
    while (i < masked.size() && static_cast<char>(at[i] ^ kMask) == masked[i]) ++i;
    if (i == masked.size() && found++ == 0) first = static_cast<size_t>(at - window.data());
  }
  return found;
}

// Where it stands, by the kernel's names of regions.
std::vector<std::string> places_of(std::span<const char> masked) {
  std::vector<std::string> places;
  std::ifstream maps("/proc/self/maps");
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    char mode[8] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %7s", &begin, &end, mode) != 3) continue;
    if (!std::string_view(mode).starts_with("rw") || line.ends_with("[stack]")) continue;
    if (end - begin > kRegionBytesMax) continue;
    for (unsigned long at = begin; at < end; at += window.size() - masked.size()) {
      const size_t wanted = std::min<size_t>(window.size(), end - at);
      const ssize_t got = pread(memory, window.data(), wanted, static_cast<off_t>(at));
      if (got <= 0) break;
      size_t first = 0;
      if (count_in(masked, static_cast<size_t>(got), first) == 0) continue;
      const unsigned long where = at + first, own = reinterpret_cast<unsigned long>(window.data());
      if (where < own || where >= own + window.size()) places.push_back(line + " at " + std::to_string(where - begin));
    }
  }
  close(memory);
  wipe(window);
  return places;
}

class PasswordsTest : public testing::Test {
 protected:
  ~PasswordsTest() override { std::filesystem::remove(path_); }

  void add(std::string_view text) {
    for (const char c : text) file[length_++] = c;
  }
  void add_masked(std::span<const char> masked) {
    for (const char c : masked) file[length_++] = static_cast<char>(c ^ kMask);
  }
  void add_user(const char* name, std::span<const char> masked, char quote = '"', std::string_view key = "password") {
    add("[[user]]\naor = \"");
    add(name);
    add("@presence.test\"\n");
    add(key);
    add(" = ");
    add(std::string_view(&quote, 1));
    add_masked(masked);
    add(std::string_view(&quote, 1));
    add("\n");
  }
  ConfigVerdict read() {
    const int descriptor = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    EXPECT_EQ(write(descriptor, file.data(), length_), static_cast<ssize_t>(length_));
    close(descriptor);
    wipe(file);
    return read_config_file(path_);
  }
  static void expect_forgotten() {
    for (const std::span<const char> masked :
         {kShort.span(), kLong.span(), kEscaped.span(), kUnescaped.span(), kLiteral.span()}) {
      for (const std::string& place : places_of(masked)) ADD_FAILURE() << masked.size() << " bytes in " << place;
    }
  }

  const std::string path_ = testing::TempDir() + "vedette-passwords-" + std::to_string(getpid()) + ".toml";
  size_t length_ = 0;
};

TEST_F(PasswordsTest, TheSearchFindsWhatIsThere) {
  std::string there;
  for (const char c : kLong.span()) there += static_cast<char>(c ^ kMask);
  EXPECT_FALSE(places_of(kLong.span()).empty());
  wipe(there);
  EXPECT_TRUE(places_of(kLong.span()).empty());
}

TEST_F(PasswordsTest, NothingIsLeftOfThemOnceTheyAreHashed) {
  add("[[domain]]\nname = \"presence.test\"\n[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=v0\"\n");
  add_user("a", kShort.span());
  add_user("b", kLong.span());
  add_user("c", kEscaped.span());
  add_user("d", kLiteral.span(), '\'');
  const ConfigVerdict verdict = read();
  for (const std::string& problem : verdict.problems) ADD_FAILURE() << problem;
  expect_forgotten();
}

TEST_F(PasswordsTest, NorWhenTheFileIsRefused) {
  add_user("a", kShort.span());
  add_user("b", kLong.span(), '"', "pasword");
  add_user("c", kLiteral.span(), '\'', "ha1_md5");
  add("[[user]]\naor = 7\npassword = [\"");
  add_masked(kEscaped.span());
  add("\"]\n");
  EXPECT_FALSE(read().config);
  expect_forgotten();
}

TEST_F(PasswordsTest, NorWhenItIsNoToml) {
  add_user("a", kShort.span());
  add_user("b", kLong.span());
  add_user("c", kEscaped.span());
  add("password = \"");
  add_masked(kLiteral.span());
  add("\n");
  EXPECT_FALSE(read().config);
  expect_forgotten();
}

}  // namespace
}  // namespace vedette::control
