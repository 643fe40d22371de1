// Replaces the global operator new and delete ([new.delete]), but those of aligned memory: all of them, because a
// sanitizer's own are held to be used in pairs. See wiped_memory.h. Any thread.
#include "engine/control/wiped_memory.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace {

thread_local bool is_wiped = false;

void give_back(void* memory) noexcept {
  if (is_wiped && memory != nullptr) explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(size_t bytes, const std::nothrow_t& /*tag*/) noexcept { return std::malloc(bytes == 0 ? 1 : bytes); }
void* operator new(size_t bytes) {
  if (void* memory = ::operator new(bytes, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void* operator new[](size_t bytes) { return ::operator new(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t& tag) noexcept { return ::operator new(bytes, tag); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { give_back(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t /*bytes*/) noexcept { give_back(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { give_back(memory); }

namespace vedette::control {

WipedMemory::WipedMemory() : before_(std::exchange(is_wiped, true)) {}
WipedMemory::~WipedMemory() { is_wiped = before_; }

}  // namespace vedette::control
