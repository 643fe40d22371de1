#include "dataplane/arena.h"

#include <jemalloc/jemalloc.h>
#include <sys/mman.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

#include "dataplane/setup_error.h"
#include "engine/base/check.h"

namespace vedette::dataplane {
namespace {

constexpr uint64_t kSlack = uint64_t{64} << 20;
constexpr size_t kGrowthMax = size_t{8} << 20;

}  // namespace

// The hooks come first: jemalloc gives their address back, and the region is found behind it.
struct Arena::Region {
  extent_hooks_t hooks{};
  char* begin = nullptr;
  uint64_t size = 0;
  uint64_t used = 0;

  static void* allocate(extent_hooks_t* hooks, void* wanted, size_t size, size_t alignment, bool* zero,
                        bool* commit, unsigned) {
    Region& region = *reinterpret_cast<Region*>(hooks);
    if (wanted != nullptr) return nullptr;
    const uint64_t at = (region.used + alignment - 1) / alignment * alignment;
    if (at > region.size || region.size - at < size) return nullptr;
    region.used = at + size;
    *zero = true;  // Fresh from mmap, each byte is given out once.
    *commit = true;
    return region.begin + at;
  }
  // Refused: jemalloc keeps the pages and uses them again.
  static bool refuse_dalloc(extent_hooks_t*, void*, size_t, bool, unsigned) { return true; }
  static bool refuse_range(extent_hooks_t*, void*, size_t, size_t, size_t, unsigned) { return true; }
  static bool split(extent_hooks_t*, void*, size_t, size_t, size_t, bool, unsigned) { return false; }
  static bool merge(extent_hooks_t*, void*, size_t, void*, size_t, bool, unsigned) { return false; }
};

namespace {

template <typename Value>
void set(const std::string& name, Value value) {
  if (const int error = mallctl(name.c_str(), nullptr, nullptr, &value, sizeof value)) {
    throw SetupError("jemalloc refuses " + name + ": " + std::strerror(error));
  }
}

}  // namespace

Arena::Arena(uint64_t bytes) : region_(std::make_unique<Region>()) {
  static_assert(offsetof(Region, hooks) == 0);
  // Size classes cost up to a fifth; the rest of the slack is address space only, untouched until needed.
  region_->size = 2 * bytes + kSlack;
  void* begin = mmap(nullptr, region_->size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) {
    throw SetupError("no address space for a shard's documents: " + std::string(std::strerror(errno)) +
                     "; lower limits.document_bytes_max");
  }
  region_->begin = static_cast<char*>(begin);
  region_->hooks = {.alloc = Region::allocate,
                    .dalloc = Region::refuse_dalloc,
                    .destroy = nullptr,
                    .commit = nullptr,
                    .decommit = Region::refuse_range,
                    .purge_lazy = Region::refuse_range,
                    .purge_forced = Region::refuse_range,
                    .split = Region::split,
                    .merge = Region::merge};
  extent_hooks_t* hooks = &region_->hooks;
  unsigned arena = 0;
  size_t arena_size = sizeof arena;
  if (const int error = mallctl("arenas.create", &arena, &arena_size, &hooks, sizeof hooks)) {
    throw SetupError("jemalloc makes no arena: " + std::string(std::strerror(error)));
  }
  const std::string name = "arena." + std::to_string(arena) + ".";
  set<ssize_t>(name + "dirty_decay_ms", -1);
  set<ssize_t>(name + "muzzy_decay_ms", -1);
  set<size_t>(name + "retain_grow_limit", kGrowthMax);
  destroy_ = name + "destroy";
  flags_ = static_cast<int>(MALLOCX_ARENA(arena)) | MALLOCX_TCACHE_NONE;
}

Arena::~Arena() {
  if (mallctl(destroy_.c_str(), nullptr, nullptr, nullptr, 0) == 0) {
    munmap(region_->begin, region_->size);
  } else {
    static_cast<void>(region_.release());  // jemalloc's own records lie in it.
  }
}

uint64_t Arena::reserved_bytes() const { return region_->size; }
uint64_t Arena::used_bytes() const { return region_->used; }

void* Arena::try_allocate(std::pmr::memory_resource& arena, size_t bytes, size_t alignment) {
  const Arena& self = static_cast<const Arena&>(arena);
  return mallocx(bytes > 0 ? bytes : 1, self.flags_ | MALLOCX_LG_ALIGN(std::countr_zero(alignment)));
}

void* Arena::do_allocate(size_t bytes, size_t alignment) {
  void* memory = try_allocate(*this, bytes, alignment);
  // Who cannot take no for an answer asks here; shards ask try_allocate.
  VEDETTE_CHECK(memory != nullptr);
  return memory;
}

void Arena::do_deallocate(void* memory, size_t, size_t) { dallocx(memory, flags_); }

}  // namespace vedette::dataplane
