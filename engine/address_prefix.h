// Addresses that begin alike: a network, or one address whole.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/flow.h"

namespace vedette::engine {

struct AddressPrefix {
  IpAddress address;                      // What stands behind the prefix is kept as it was written.
  uint8_t bits = 128;                     // Of the 16 bytes: 96 more for IPv4, which is mapped.

  // "10.1.0.1/24" or "fd00::1/64"; without a slash all bits count. False when it is neither.
  static bool parse(std::string_view text, AddressPrefix& out);
  // As parse() takes it, with its length.
  void write(parsers::Writer& writer) const;
  bool contains(const IpAddress& other) const;
  bool operator==(const AddressPrefix&) const = default;
};

}  // namespace vedette::engine
