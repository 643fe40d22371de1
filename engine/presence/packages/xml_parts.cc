#include "engine/presence/packages/xml_parts.h"

#include "parsers/xml_chars.h"

namespace vedette::engine::packages {

void put_entity(std::string_view aor, parsers::Writer& out) {
  out.put(kSipScheme);
  parsers::put_xml_escaped(aor, out);
}

uint32_t put_version_room(parsers::Writer& out) {
  const auto offset = static_cast<uint32_t>(out.length());
  for (size_t i = 0; i < kVersionDigits; ++i) out.put('0');
  return offset;
}

}  // namespace vedette::engine::packages
