// A copy of some bytes that ends exactly where memory ends, or begins where it begins: whoever reads one byte more gets
// a fault.
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
    mapped_ = usable_ + 2 * page;
    mapping_ = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) std::abort();
    begin_ = static_cast<char*>(mapping_) + page;
    // QEMU refuses to do it to no byte at all.
    if (usable_ != 0 && mprotect(begin_, usable_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  ~GuardedBytes() { munmap(mapping_, mapped_); }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  // Good until the next copy. At most `capacity` bytes.
  std::string_view copy(std::string_view bytes) {
    if (bytes.size() > usable_) std::abort();
    char* const at = begin_ + usable_ - bytes.size();
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
  }
  // The same, with the unreadable page before the first byte.
  std::string_view copy_to_front(std::string_view bytes) {
    if (bytes.size() > usable_) std::abort();
    if (!bytes.empty()) std::memcpy(begin_, bytes.data(), bytes.size());
    return {begin_, bytes.size()};
  }
  // The last `length` bytes, to be written to.
  char* last(size_t length) { return begin_ + usable_ - length; }

 private:
  void* mapping_ = nullptr;
  char* begin_ = nullptr;
  size_t usable_ = 0;
  size_t mapped_ = 0;
};

}  // namespace vedette::support
