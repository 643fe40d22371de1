#include "engine/presence/local_ends.h"

#include <array>

#include "parsers/writer.h"

namespace vedette::engine {
namespace {

// Versions, transport, address, port and the rest.
constexpr size_t kViaBytesMax = 128;

void write_via(const Flow& flow, parsers::Writer& writer) {
  writer.put(" SIP/2.0\r\nVia: SIP/2.0/").put(to_string(flow.transport)).put(' ');
  flow.local.address.write_host(writer);
  writer.put(':').put_uint(flow.local.port).put(";branch=");
}

}  // namespace

Reason LocalEnds::try_enter(const Flow& flow, std::string_view lines, uint32_t& end) {
  end = find(flow, lines);
  if (end == kNoIndex) {
    std::array<char, kViaBytesMax> buffer;
    parsers::Writer via(buffer.data(), buffer.size());
    write_via(flow, via);
    const Text text = texts_.try_allocate(via.length() + lines.size(), TextStore::Claim::kNew);
    if (!text) return Reason::kDocumentsFull;
    parsers::Writer(text.bytes, text.length).put(via.text()).put(lines);
    end = ends_.try_acquire();
    if (end == kNoIndex) {
      Text unused = text;
      texts_.release(unused);
      return Reason::kLocalEndsFull;
    }
    ends_[end] = {.text = text,
                  .via_length = static_cast<uint16_t>(via.length()),
                  .transport = flow.transport,
                  .port_index = flow.port_index,
                  .local = flow.local};
  }
  ++ends_[end].users;
  latest_ = end;
  return Reason::kNone;
}

void LocalEnds::leave(uint32_t end) {
  if (--ends_[end].users > 0) return;
  texts_.release(ends_[end].text);
  ends_.release(end);
}

uint32_t LocalEnds::find(const Flow& flow, std::string_view lines) const {
  const auto is_it = [&](uint32_t i) {
    return ends_.is_live(i) && ends_[i].is_of(flow) && ends_[i].lines() == lines;
  };
  if (is_it(latest_)) return latest_;
  // A few for each address and package: a look at each.
  for (uint32_t i = 0; i < ends_.high_water(); ++i) {
    if (is_it(i)) return i;
  }
  return kNoIndex;
}

}  // namespace vedette::engine
