#include "engine/presence/notify.h"

#include <cstring>

#include "engine/core.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/pidf_diff.h"
#include "parsers/number.h"

namespace vedette::engine {
namespace {

constexpr size_t kIndexDigits = 8, kGenerationDigits = 4, kTokenDigits = 8;

// As many digits as T has.
template <typename T>
bool read_hex(std::string_view text, T& out) {
  uint64_t value = 0;
  if (!parsers::parse_hex(text, value)) return false;
  out = static_cast<T>(value);
  return true;
}

// Decimal, with zeros before it, as xs:nonNegativeInteger may have.
void write_version(uint32_t version, char (&digits)[kVersionDigits]) {
  for (size_t i = kVersionDigits; i-- > 0; version /= 10) digits[i] = static_cast<char>('0' + version % 10);
}

// RFC 5262 §3: "a single version counter is maintained across <pidf-full> and <pidf-diff> documents".
void write_full_body(const NotifyParts& parts, parsers::Writer& writer) {
  char* const begin = writer.position() - writer.length();
  uint32_t version_offset = 0;
  if (!write_pidf_full(parts.body, writer, version_offset)) return;
  char version[kVersionDigits];
  write_version(parts.version, version);
  std::memcpy(begin + version_offset, version, sizeof version);
}

}  // namespace

void NotifyBranch::write(parsers::Writer& writer) const {
  writer.put(kBranchPrefix).put_hex(partition.value, kPartitionDigits).put_hex(index, kIndexDigits);
  writer.put_hex(generation, kGenerationDigits).put_hex(token, kTokenDigits);
}

bool NotifyBranch::parse(std::string_view text, NotifyBranch& out) {
  if (!partition_of_branch(text, out.partition)) return false;
  text.remove_prefix(kBranchPrefix.size() + kPartitionDigits);
  if (text.size() != kIndexDigits + kGenerationDigits + kTokenDigits) return false;
  return read_hex(text.substr(0, kIndexDigits), out.index) &&
         read_hex(text.substr(kIndexDigits, kGenerationDigits), out.generation) &&
         read_hex(text.substr(kIndexDigits + kGenerationDigits), out.token);
}

void write_notify(const NotifyParts& parts, parsers::Writer& writer) {
  const Subscription& subscription = *parts.subscription;
  writer.put("NOTIFY ").put(subscription.request_uri()).put(" SIP/2.0\r\nVia: SIP/2.0/");
  writer.put(to_string(subscription.flow.transport)).put(' ');
  subscription.flow.local.address.write_host(writer);
  writer.put(':').put_uint(subscription.flow.local.port).put(";branch=");
  parts.branch.write(writer);
  writer.put("\r\n").put(subscription.lines());
  writer.put("CSeq: ").put_uint(subscription.local_cseq).put(" NOTIFY\r\nSubscription-State: ");
  if (parts.final) {
    // RFC 6665 §4.1.3: why, and for some reasons when to come back.
    const EndReasonEntry& reason = entry_of(subscription.end_reason);
    writer.put("terminated;reason=").put(reason.name);
    if (reason.has_retry_after) writer.put(";retry-after=").put_uint(parts.retry_after_seconds);
    writer.put("\r\n");
  } else {
    writer.put(parts.is_pending ? "pending;expires=" : "active;expires=").put_uint(subscription.told_expires);
    // RFC 6446 §5.2: the rates that apply, which may be others than were asked for.
    if (subscription.has_pace) writer.put(subscription.rates());
    writer.put("\r\n");
  }
  if (!parts.body.empty()) writer.put_header("Content-Type", parts.media_type);
  const bool as_full = parts.as_full && !parts.body.empty();
  writer.put_header_uint("Content-Length", parts.body.size() + (as_full ? kPidfFullGrowth : 0));
  writer.put("\r\n");
  if (as_full) return write_full_body(parts, writer);
  if (parts.version_offset == 0 || parts.body.empty()) {
    writer.put(parts.body);
    return;
  }
  char version[kVersionDigits];
  write_version(parts.version, version);
  writer.put(parts.body.substr(0, parts.version_offset)).put({version, sizeof version});
  writer.put(parts.body.substr(parts.version_offset + sizeof version));
}

}  // namespace vedette::engine
