#include "engine/presence/device.h"

#include <string_view>

#include "parsers/via.h"

namespace vedette::engine {

uint64_t device_of(const Core& core, const Request& request) {
  const Endpoint& source = request.flow.remote;
  parsers::Via first;
  for (const auto* field = request.message->find(parsers::HeaderId::kVia); field != nullptr;
       field = request.message->find_next(*field)) {
    std::string_view rest = request.message->value(*field);
    while (parsers::next_via(rest, first) == parsers::ParseError::kOk) continue;
  }
  const std::string_view address(reinterpret_cast<const char*>(source.address.bytes.data()),
                                 source.address.bytes.size());
  return core.hash(address, first.sent_by) ^ core.hash(source.port);
}

}  // namespace vedette::engine
