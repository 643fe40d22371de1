// What a registration says of its device (RFC 4479 §3.3, FEATURES "registration is presence"): one tuple,
// open, with what the Contact's feature tags (RFC 3840) say that it can do, as service capabilities (RFC
// 5196). Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/registrar/register_plan.h"
#include "parsers/writer.h"

namespace vedette::engine {

// A document of one contact is never longer, given what limits.contact_bytes_max is at most.
inline constexpr size_t kRegistrationPresenceBytesMax = 8192;

struct Registration {
  std::string_view aor;
  std::string_view instance;  // Empty when it has none.
  std::string_view params;    // The Contact's.
  uint16_t q = 1000;
  uint64_t id = 0;            // Stays the same while the device is the same.
};

// A presence document with that tuple. Its contact is the device's GRUU (RFC 5627), or the address of record;
// where the device is, is not said.
void write_registration_presence(const Registration& registration, parsers::Writer& writer);

}  // namespace vedette::engine
