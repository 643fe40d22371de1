// A main for the fuzz targets where the compiler brings no libFuzzer (g++): runs every file of the corpus, then
// mutations of them (without a corpus, noise), the same again for the same seed. When a target dies, the input
// that killed it is kept, with the command that replays it. Single thread.
//
// usage: TARGET [--runs N] [--seed N] FILE_OR_FOLDER...
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t length);
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

constexpr size_t kInputBytesMax = 20'000;
constexpr size_t kNoiseBytesMax = 3'000;
// What random bytes would take long to find.
constexpr std::array<std::string_view, 24> kWords = {
    "\r\n", "\r\n ", "\r\n\r\n", ";", ",", ":", "<", ">", "\"", "\\", "%00", "%", "[::1]", "SIP/2.0", "sip:", ";tag=",
    ";branch=z9hG4bK", "Content-Length: ", "4294967295", "-1", "SUBSCRIBE ", "Expires: 0", "<!--", "&#x0;"};

const char* target = "";
std::string current;        // The input that is being run.

void keep_current() {
  static volatile sig_atomic_t kept = 0;
  if (kept != 0) return;
  kept = 1;
  std::array<char, 64> name;
  std::snprintf(name.data(), name.size(), "fuzz-crash-%d", static_cast<int>(getpid()));
  std::ofstream(name.data(), std::ios::binary) << current;
  std::fprintf(stderr, "fuzz: the input is kept; again: %s %s\n", target, name.data());
}

void on_signal(int number) {
  keep_current();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  size_t below(size_t bound) { return bound == 0 ? 0 : next() % bound; }

 private:
  uint64_t state_;
};

void run(std::string_view input) {
  current.assign(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current.data()), current.size());
}

// One change of `text`; `other` is another input to take pieces from.
void mutate(std::string& text, const std::string& other, Random& random) {
  const size_t at = random.below(text.size() + 1);
  const size_t length = std::min(text.size() - at, 1 + random.below(size_t{1} << random.below(8)));
  switch (random.below(8)) {
    case 0: text.insert(at, 1, static_cast<char>(random.next())); break;
    case 1: if (at < text.size()) text[at] = static_cast<char>(random.next()); break;
    case 2: if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << random.below(8)); break;
    case 3: text.erase(at, length); break;
    case 4: text.insert(at, text.substr(at, length)); break;
    case 5: text.insert(at, kWords[random.below(kWords.size())]); break;
    case 6: text.replace(at, length, kWords[random.below(kWords.size())]); break;
    default: {
      const size_t from = random.below(other.size() + 1);
      text.replace(at, length, other.substr(from, random.below(200)));
    }
  }
  if (text.size() > kInputBytesMax) text.resize(kInputBytesMax);
}

std::string mutation(const std::vector<std::string>& corpus, Random& random) {
  std::string input = corpus[random.below(corpus.size())];
  for (size_t changes = 1 + random.below(6); changes > 0; --changes) {
    mutate(input, corpus[random.below(corpus.size())], random);
  }
  return input;
}

// For targets whose bytes are choices rather than text.
std::string noise(Random& random) {
  std::string input(1 + random.below(kNoiseBytesMax), '\0');
  for (char& c : input) c = static_cast<char>(random.next());
  return input;
}

void load(const std::filesystem::path& path, std::vector<std::string>& corpus) {
  if (std::filesystem::is_directory(path)) {
    std::vector<std::filesystem::path> entries;
    for (const auto& entry : std::filesystem::directory_iterator(path)) entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    for (const auto& entry : entries) load(entry, corpus);
  } else {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
}

}  // namespace

int main(int argc, char** argv) {
  target = argv[0];
  uint64_t runs = 0, seed = 1;
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--runs" && i + 1 < argc) {
      runs = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      load(argv[i], corpus);
    }
  }
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(number, on_signal);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_current);

  for (const std::string& input : corpus) run(input);
  Random random(seed);
  for (uint64_t i = 0; i < runs; ++i) run(corpus.empty() ? noise(random) : mutation(corpus, random));
  std::printf("%zu inputs as they are, %llu made, seed %llu\n", corpus.size(), static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(seed));
}
