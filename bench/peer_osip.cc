#include "bench/peer_osip.h"

#include <benchmark/benchmark.h>
#include <osipparser2/osip_parser.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "bench/asked_for.h"

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

// The value of a field that the library leaves as text; null when there is none.
const char* value_of(const osip_message_t* message, const char* name) {
  osip_header_t* field = nullptr;
  return osip_message_header_get_byname(message, name, 0, &field) < 0 ? nullptr : field->hvalue;
}

// element *( ";" parameter ), which Event is as well.
osip_content_disposition_t* parse_event(const osip_message_t* message) {
  osip_content_disposition_t* event = nullptr;
  const char* value = value_of(message, "event");
  if (value == nullptr) value = value_of(message, "o");
  if (value == nullptr || osip_content_disposition_init(&event) != 0) return nullptr;
  if (osip_content_disposition_parse(event, value) == 0) return event;
  osip_content_disposition_free(event);
  return nullptr;
}

uint32_t parse_expires(const osip_message_t* message) {
  const char* const value = value_of(message, "expires");
  return value == nullptr ? 0 : static_cast<uint32_t>(osip_atoi(value));
}

// What is asked for of such a message (bench/asked_for.h) and has not been made already.
void read_values(const osip_message_t* message) {
  using enum parsers::HeaderId;
  const HeaderSet wanted = asked_for(MSG_IS_REQUEST(message) ? std::string_view(message->sip_method) : "");
  if (wanted.has(kEvent)) {
    osip_content_disposition_t* event = parse_event(message);
    benchmark::DoNotOptimize(event);
    if (event != nullptr) osip_content_disposition_free(event);
  }
  if (wanted.has(kExpires)) {
    uint32_t seconds = parse_expires(message);
    benchmark::DoNotOptimize(seconds);
  }
}

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
  if (good) read_values(message);
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
    found.expires = parse_expires(message);
    if (osip_content_disposition_t* event = parse_event(message); event != nullptr) {
      found.event = event->element;
      osip_content_disposition_free(event);
    }
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
