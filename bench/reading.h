// What a parser found in a message. Every parser must find the same, or it did not read what the others read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace vedette::bench {

struct Reading {
  uint32_t cseq = 0;
  uint32_t expires = 0;          // 0 when there is none.
  std::string event;             // Its package.
  size_t vias = 0;
  size_t contacts = 0;
  size_t credentials = 0;        // Authorization fields with a readable Digest.
  size_t body_bytes = 0;

  bool operator==(const Reading&) const = default;
};

}  // namespace vedette::bench
