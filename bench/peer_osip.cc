#include "bench/peer_osip.h"

#include <benchmark/benchmark.h>
#include <osipparser2/osip_parser.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace vedette::bench {
namespace {

// Blocks of an arena, each behind its size.
struct Arena {
  static constexpr size_t kHead = 16;
  alignas(64) std::array<char, 1 << 20> bytes;
  size_t used = 0;
};
Arena arena;

void* take(size_t size) {
  char* const block = arena.bytes.data() + arena.used + Arena::kHead;
  arena.used += Arena::kHead + (size + Arena::kHead - 1) / Arena::kHead * Arena::kHead;
  if (arena.used > arena.bytes.size()) std::abort();
  std::memcpy(block - Arena::kHead, &size, sizeof size);
  return block;
}

void* take_again(void* old, size_t size) {
  void* const block = take(size);
  if (old == nullptr) return block;
  size_t before = 0;
  std::memcpy(&before, static_cast<char*>(old) - Arena::kHead, sizeof before);
  return std::memcpy(block, old, std::min(before, size));
}

void keep(void*) {}

}  // namespace

OsipParser::OsipParser(const BenchMessages& messages, Memory memory) : messages_(messages), memory_(memory) {
  parser_init();
}

void OsipParser::prepare() {
  if (memory_ == Memory::kArena) {
    osip_set_allocators(take, take_again, keep);
  } else {
    osip_set_allocators(std::malloc, std::realloc, std::free);
  }
}

bool OsipParser::read(size_t i) {
  arena.used = 0;
  osip_message_t* message = nullptr;
  if (osip_message_init(&message) != 0) return false;
  const bool good = osip_message_parse(message, messages_[i].data(), messages_[i].size()) == 0;
  benchmark::DoNotOptimize(message);
  osip_message_free(message);
  return good;
}

Reading OsipParser::reading(size_t i) {
  prepare();
  Reading found;
  arena.used = 0;
  osip_message_t* message = nullptr;
  if (osip_message_init(&message) != 0) return found;
  if (osip_message_parse(message, messages_[i].data(), messages_[i].size()) == 0) {
    found.cseq = static_cast<uint32_t>(std::strtoul(message->cseq->number, nullptr, 10));
    found.vias = static_cast<size_t>(osip_list_size(&message->vias));
    found.contacts = static_cast<size_t>(osip_list_size(&message->contacts));
    found.credentials = static_cast<size_t>(osip_list_size(&message->authorizations));
    const auto* body = static_cast<const osip_body_t*>(osip_list_get(&message->bodies, 0));
    if (body != nullptr) found.body_bytes = body->length;
  }
  osip_message_free(message);
  return found;
}

}  // namespace vedette::bench
