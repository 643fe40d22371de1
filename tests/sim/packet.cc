#include "tests/sim/packet.h"

#include <array>

namespace vedette::sim {

std::string to_text(const engine::Endpoint& endpoint) {
  std::array<char, 64> buffer;
  parsers::Writer writer(buffer.data(), buffer.size());
  endpoint.address.write_host(writer);
  writer.put(':').put_uint(endpoint.port);
  return std::string(writer.text());
}

engine::IpAddress make_v4(uint32_t host_part) { return engine::IpAddress::v4(uint32_t{10} << 24 | host_part); }

engine::IpAddress make_v6(uint32_t host_part) {
  engine::IpAddress address;
  address.bytes = {0x20, 0x01, 0x0d, 0xb8};
  for (unsigned i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<uint8_t>(host_part >> (24 - 8 * i));
  return address;
}

}  // namespace vedette::sim
