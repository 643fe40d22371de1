// A copy of some bytes that ends exactly where memory ends: whoever reads one byte more gets a fault.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace vedette::support {

class GuardedBytes {
 public:
  explicit GuardedBytes(size_t capacity) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    usable_ = (capacity + page - 1) / page * page;
    mapped_ = usable_ + page;
    void* const memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    begin_ = static_cast<char*>(memory);
    if (mprotect(begin_ + usable_, page, PROT_NONE) != 0) std::abort();
  }
  ~GuardedBytes() { munmap(begin_, mapped_); }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  // Good until the next copy. At most `capacity` bytes.
  std::string_view copy(std::string_view bytes) {
    if (bytes.size() > usable_) std::abort();
    char* const at = begin_ + usable_ - bytes.size();
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }
  // The last `length` bytes, to be written to.
  char* last(size_t length) { return begin_ + usable_ - length; }

 private:
  char* begin_ = nullptr;
  size_t usable_ = 0;
  size_t mapped_ = 0;
};

}  // namespace vedette::support
