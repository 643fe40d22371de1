// Method names, both directions. A name is compared whole and case-sensitively, so that no escape or other
// spelling of a known method is taken for it.
#include "parsers/method.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace vedette::parsers {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(Method::kCount)> kNames = {
    "",    "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "OPTIONS", "INVITE", "ACK",
    "BYE", "CANCEL",   "MESSAGE",   "INFO",   "PRACK",   "UPDATE",  "REFER"};

constexpr size_t kWordBytes = 8;

// The first eight letters of a name as a number, with zeros behind a shorter one.
constexpr uint64_t letters(std::string_view name) {
  uint64_t word = 0;
  for (size_t i = 0; i < name.size() && i < kWordBytes; ++i) {
    word |= static_cast<uint64_t>(static_cast<unsigned char>(name[i])) << 8 * i;
  }
  return word;
}

// The same for three letters or more without a loop: in two halves that may overlap.
uint64_t read_letters(std::string_view name) {
  uint64_t word = 0;
  if (name.size() >= kWordBytes) {
    std::memcpy(&word, name.data(), kWordBytes);
    return word;
  }
  if (name.size() < 4) return letters(name);
  uint32_t first = 0;
  uint32_t last = 0;
  std::memcpy(&first, name.data(), sizeof first);
  std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
  return first | static_cast<uint64_t>(last) << 8 * (name.size() - sizeof last);
}
static_assert(std::endian::native == std::endian::little);

}  // namespace

Method parse_method(std::string_view token) {
  Method method = Method::kUnknown;
  switch (read_letters(token)) {
    case letters("REGISTER"): method = Method::kRegister; break;
    case letters("SUBSCRIBE"): method = Method::kSubscribe; break;
    case letters("NOTIFY"): method = Method::kNotify; break;
    case letters("PUBLISH"): method = Method::kPublish; break;
    case letters("OPTIONS"): method = Method::kOptions; break;
    case letters("INVITE"): method = Method::kInvite; break;
    case letters("ACK"): method = Method::kAck; break;
    case letters("BYE"): method = Method::kBye; break;
    case letters("CANCEL"): method = Method::kCancel; break;
    case letters("MESSAGE"): method = Method::kMessage; break;
    case letters("INFO"): method = Method::kInfo; break;
    case letters("PRACK"): method = Method::kPrack; break;
    case letters("UPDATE"): method = Method::kUpdate; break;
    case letters("REFER"): method = Method::kRefer; break;
    default: return Method::kUnknown;
  }
  // Behind eight letters only SUBSCRIBE goes on; for the others this says that nothing follows.
  const std::string_view name = kNames[static_cast<size_t>(method)];
  return token.size() == name.size() && token.back() == name.back() ? method : Method::kUnknown;
}

std::string_view to_string(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace vedette::parsers
