#include "engine/transaction/response.h"

#include "parsers/address.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;
using parsers::Writer;

constexpr uint16_t kSipPort = 5060;

// RFC 7339 §5.1: a client that supports overload control puts "oc" without a value and "oc-algo" into its Via; of the
// algorithms that it lists, "loss" is always one.
bool asks_for_overload_control(const parsers::Via& via) {
  std::string_view rest = via.params;
  if (rest.find("oc") == std::string_view::npos) return false;
  parsers::Param param;
  while (parsers::next_param(rest, param) == parsers::ParseError::kOk) {
    if (parsers::equal_ignoring_case(param.name, "oc")) return !param.has_value;
  }
  return false;
}

bool is_of_overload_control(std::string_view name) {
  for (const std::string_view ours : {"oc", "oc-algo", "oc-validity", "oc-seq"}) {
    if (parsers::equal_ignoring_case(name, ours)) return true;
  }
  return false;
}

// RFC 7339 §5.1: "It MUST put the chosen algorithm as the sole parameter value in the "oc-algo" parameter", and "if
// the server is currently not in an overload condition, it MUST set the value of the "oc" parameter to be 0 and MAY
// insert an "oc-validity=0" parameter". §4.4: "A timestamp can be used as a value of the "oc-seq" parameter."
void write_overload_control(Writer& writer, const Response::Start& start) {
  const auto milliseconds = static_cast<uint64_t>(start.now.unix_nanoseconds() / 1'000'000);
  writer.put(";oc=").put_uint(start.loss_percent).put(";oc-algo=\"loss\";oc-validity=");
  writer.put_uint(start.loss_percent == 0 ? 0 : 500).put(";oc-seq=").put_uint(milliseconds);
}

// RFC 3261 §18.2.1: a received parameter when sent-by is not the source address; RFC 3581 §4: with rport,
// received and rport are always filled in. Other parameters stay as they are. The line is left open.
void write_top_via(Writer& writer, const Response::Start& start) {
  const parsers::Via& via = *start.via;
  const Flow& flow = start.flow;
  const bool controls_overload = asks_for_overload_control(via);
  IpAddress sent_by;
  const bool is_source = IpAddress::parse(via.host, sent_by) && sent_by == flow.remote.address;
  if (is_source && !via.has_rport && via.received.empty() && !controls_overload) {
    writer.put("Via: ").put(via.text);
    return;
  }
  const size_t head = static_cast<size_t>(via.params.data() - via.text.data());
  writer.put("Via: ").put(via.params.empty() ? via.text : via.text.substr(0, head));
  std::string_view rest = via.params;
  parsers::Param param;
  while (parsers::next_param(rest, param) == parsers::ParseError::kOk) {
    // What the sender put there is replaced by what we see.
    if (parsers::equal_ignoring_case(param.name, "received")) continue;
    if (parsers::equal_ignoring_case(param.name, "rport")) continue;
    if (controls_overload && is_of_overload_control(param.name)) continue;
    writer.put(';').put(param.name);
    if (!param.has_value) continue;
    writer.put('=');
    if (param.quoted) writer.put('"');
    writer.put(param.value);
    if (param.quoted) writer.put('"');
  }
  writer.put(";received=");
  flow.remote.address.write(writer);
  if (via.has_rport) writer.put(";rport=").put_uint(flow.remote.port);
  if (controls_overload) write_overload_control(writer, start);
}

void write_vias(Writer& writer, const Response::Start& start) {
  const parsers::Message& request = *start.request;
  const parsers::HeaderField* field = request.find(HeaderId::kVia);
  write_top_via(writer, start);
  // What stands after the topmost via-parm in the same field, then the other fields, in order.
  const std::string_view first = request.value(*field);
  const std::string_view rest =
      first.substr(static_cast<size_t>(start.via->text.data() - first.data()) + start.via->text.size());
  const size_t behind = rest.find_first_not_of(" \t\r\n");
  // RFC 3261 §8.2.6.2: the values stay what they were, so what is malformed in the topmost one comes back behind what
  // could be read of it.
  const bool is_malformed = behind != std::string_view::npos && rest[behind] != ',';
  if (is_malformed) writer.put(rest);
  writer.put("\r\n");
  const size_t second = is_malformed ? std::string_view::npos : rest.find_first_not_of(", \t\r\n");
  if (second != std::string_view::npos) writer.put_header("Via", rest.substr(second));
  while ((field = request.find_next(*field)) != nullptr) {
    if (const std::string_view via = request.value(*field); !via.empty()) writer.put_header("Via", via);
  }
}

bool has_tag(std::string_view to) {
  parsers::Address address;
  // A To that cannot be read is given back as it is.
  return parsers::parse_address(to, address) != parsers::ParseError::kOk || !address.tag.empty();
}

}  // namespace

Response::Response(OutSlot& slot, const Start& start)
    : slot_(slot), writer_(slot.bytes, slot.capacity), server_name_(start.server_name) {
  slot.kind = OutKind::kDatagram;
  slot.flow = response_flow(start.flow, *start.via);
  const parsers::Message& request = *start.request;
  writer_.put("SIP/2.0 ").put_uint(start.status).put(' ').put(start.phrase).put("\r\n");
  write_vias(writer_, start);
  for (const HeaderId id : {HeaderId::kFrom, HeaderId::kTo, HeaderId::kCallId, HeaderId::kCSeq}) {
    const parsers::HeaderField* field = request.find(id);
    if (field == nullptr) continue;
    const std::string_view value = request.value(*field);
    writer_.put(parsers::to_string(id)).put(": ").put(value);
    // RFC 3261 §8.2.6.2: a response to a request without a To tag adds one.
    if (id == HeaderId::kTo && !start.to_tag.empty() && !has_tag(value)) writer_.put(";tag=").put(start.to_tag);
    writer_.put("\r\n");
  }
}

bool Response::finish() {
  if (!server_name_.empty()) writer_.put_header("Server", server_name_);
  writer_.put("Content-Length: 0\r\n\r\n");
  if (writer_.overflowed()) return false;
  slot_.length = static_cast<uint32_t>(writer_.length());
  return true;
}

Flow response_flow(const Flow& request_flow, const parsers::Via& via) {
  // A maddr parameter is not followed, against the letter of §18.2.2: it would let anybody send our answers to
  // anybody.
  Flow flow = request_flow;
  if (flow.transport == Transport::kUdp && !via.has_rport) flow.remote.port = via.port != 0 ? via.port : kSipPort;
  return flow;
}

}  // namespace vedette::engine
