#include "engine/address_prefix.h"

#include <algorithm>

#include "parsers/number.h"

namespace vedette::engine {

bool AddressPrefix::parse(std::string_view text, AddressPrefix& out) {
  const size_t slash = text.find('/');
  if (!IpAddress::parse(text.substr(0, slash), out.address)) return false;
  const uint64_t width = out.address.is_v4() ? 32 : 128;
  uint64_t bits = width;
  if (slash != std::string_view::npos &&
      parsers::parse_uint(text.substr(slash + 1), width, bits) != parsers::ParseError::kOk) {
    return false;
  }
  out.bits = static_cast<uint8_t>(bits + 128 - width);
  return true;
}

void AddressPrefix::write(parsers::Writer& writer) const {
  address.write(writer);
  writer.put('/').put_uint(bits - (address.is_v4() ? 96U : 0U));
}

bool AddressPrefix::contains(const IpAddress& other) const {
  const size_t whole = bits / 8;
  if (!std::equal(other.bytes.begin(), other.bytes.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((other.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

}  // namespace vedette::engine
