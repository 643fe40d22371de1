// A shard's memory for text of varying size: a jemalloc arena over address space that was reserved at start,
// so that growing makes no system call and nothing is shared with another core. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>

namespace vedette::dataplane {

class Arena final : public std::pmr::memory_resource {
 public:
  // Room for `bytes` of live allocations; the reservation has slack for jemalloc's own needs and for
  // fragmentation. The shard counts what it uses and stays below `bytes`. Throws SetupError.
  explicit Arena(uint64_t bytes);
  ~Arena() override;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // What shards ask: null when the reservation is full, fragmentation included. `arena` is an Arena.
  static void* try_allocate(std::pmr::memory_resource& arena, size_t bytes, size_t alignment);

  uint64_t reserved_bytes() const;
  uint64_t used_bytes() const;  // Handed to jemalloc so far; never shrinks.

 private:
  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* memory, size_t bytes, size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  struct Region;
  std::unique_ptr<Region> region_;
  std::string destroy_;  // The jemalloc control that ends the arena.
  int flags_ = 0;
};

}  // namespace vedette::dataplane
