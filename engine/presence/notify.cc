#include "engine/presence/notify.h"

#include <cstring>

#include "engine/core.h"
#include "engine/presence/entity_tag.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/pidf_diff.h"
#include "parsers/digits.h"

namespace vedette::engine {
namespace {

// Behind the prefix of a branch: partition, index, generation and token, of three, eight, four and eight hexadecimal
// digits. They are written and read eight at a time: the last eight, the token, have one digit of those before them.
constexpr size_t kWordDigits = sizeof(uint64_t);
constexpr size_t kFirstWord = kBranchPrefix.size(), kSecondWord = kFirstWord + kWordDigits;
constexpr size_t kThirdWord = NotifyBranch::kBytes - kWordDigits;
static_assert(kThirdWord == kSecondWord + kWordDigits - 1);

void write_word(uint32_t word, char* to) {
  const uint64_t digits = parsers::hex_digits_of(word);
  std::memcpy(to, &digits, sizeof digits);
}

bool read_word(const char* from, uint32_t& out) {
  uint64_t digits = 0;
  std::memcpy(&digits, from, sizeof digits);
  out = parsers::number_of_hex_digits(digits);
  return parsers::are_hex_digits(digits);
}

// Decimal, with zeros before it, as xs:nonNegativeInteger may have.
void write_version(uint32_t version, char (&digits)[kVersionDigits]) {
  for (size_t i = kVersionDigits; i-- > 0; version /= 10) digits[i] = static_cast<char>('0' + version % 10);
}

// RFC 5839 §6.1: a notifier gives each entity its tag.
void write_entity_tag(uint64_t tag, parsers::Writer& writer) {
  writer.put("SIP-ETag: ").put_hex(tag, kEntityTagDigits).put("\r\n");
}

// RFC 5839 §6.2: "the resulting NOTIFY contains no Content-Type header field, the Content-Length is set to zero, and no
// payload is attached to the message"; it "MUST contain a SIP-ETag header field that contains the unchanged
// entity-tag".
void write_no_body(const NotifyParts& parts, parsers::Writer& writer) {
  const DocumentRef& document = parts.subscription->document;
  uint64_t tag = parts.tag_of_nothing;
  if (!document.is_null()) {
    tag = parts.subscription->takes_patches ? partial_entity_tag(document.entity_tag()) : document.entity_tag();
  }
  write_entity_tag(tag, writer);
  writer.put("Content-Length: 0\r\n\r\n");
}

// RFC 5262 §3: "a single version counter is maintained across <pidf-full> and <pidf-diff> documents".
void write_full(const NotifyParts& parts, parsers::Writer& writer) {
  const DocumentRef& document = parts.subscription->document;
  write_entity_tag(partial_entity_tag(document.entity_tag()), writer);
  writer.put_header("Content-Type", parts.full_media_type);
  writer.put_header_uint("Content-Length", document.view().size() + kPidfFullGrowth).put("\r\n");
  char* const begin = writer.position() - writer.length();
  uint32_t version_offset = 0;
  if (!write_pidf_full(document.view(), writer, version_offset)) return;
  char version[kVersionDigits];
  write_version(parts.version, version);
  std::memcpy(begin + version_offset, version, sizeof version);
}

// What every NOTIFY ends in: the entity, in RFC 5839's words.
void write_entity(const NotifyParts& parts, parsers::Writer& writer) {
  const Subscription& subscription = *parts.subscription;
  const DocumentRef& document = subscription.document;
  if (subscription.sent_without_body) return write_no_body(parts, writer);
  if (document.is_null() || !parts.fits) {
    writer.put("Content-Length: 0\r\n\r\n");
    return;
  }
  if (subscription.sent_as_full) return write_full(parts, writer);
  const std::string_view text = document.lines_and_view();
  if (document.version_offset() == 0) {
    writer.put(text);
    return;
  }
  char version[kVersionDigits];
  write_version(parts.version, version);
  const size_t offset = text.size() - document.view().size() + document.version_offset();
  writer.put(text.substr(0, offset)).put({version, sizeof version}).put(text.substr(offset + sizeof version));
}

// From "NOTIFY" to "CSeq: ".
void write_dialog(const NotifyParts& parts, parsers::Writer& writer) {
  constexpr std::string_view kMethod = "NOTIFY ", kLineEnd = "\r\n", kFrom = "From: ", kFromBegin = "From: <sip:",
                             kFromEnd = ">", kTag = ";tag=", kTo = "\r\nTo: ", kCallId = "\r\nCall-ID: ",
                             kCSeq = "\r\nCSeq: ";
  constexpr size_t kOwn = kMethod.size() + NotifyBranch::kBytes + kLineEnd.size() + kFromBegin.size() +
                          kFromEnd.size() + kTag.size() + kTagDigits + kTo.size() + kCallId.size() + kCSeq.size();
  const Subscription& subscription = *parts.subscription;
  const size_t length = kOwn + parts.end->text.length + parts.presentity.size() + subscription.dialog.length;
  writer.put_run(length, [&](parsers::Writer::Run& run) {
    run.put(kMethod).put(subscription.request_uri()).put(parts.end->via());
    parts.branch.write(run.take(NotifyBranch::kBytes));
    run.put(kLineEnd).put(subscription.route_lines());
    if (const std::string_view from = subscription.from(); from.empty()) {
      run.put(kFromBegin).put(parts.presentity).put(kFromEnd);
    } else {
      run.put(kFrom).put(from);
    }
    run.put(kTag);
    write_tag(parts.branch.partition, subscription.tag, run.take(kTagDigits));
    run.put(kTo).put(subscription.to()).put(kCallId).put(subscription.call_id());
    run.put(parts.end->lines()).put(subscription.event_id()).put(kCSeq);
  });
}

}  // namespace

void NotifyBranch::write(char* to) const {
  std::memcpy(to, kBranchPrefix.data(), kBranchPrefix.size());
  write_word(uint32_t{partition.value} << 20 | index >> 12, to + kFirstWord);
  write_word(index << 20 | uint32_t{generation} << 4 | token >> 28, to + kSecondWord);
  write_word(token, to + kThirdWord);
}

bool NotifyBranch::parse(std::string_view text, NotifyBranch& out) {
  if (text.size() != kBytes || !text.starts_with(kBranchPrefix)) return false;
  uint32_t first = 0, second = 0;
  if (!read_word(text.data() + kFirstWord, first) || !read_word(text.data() + kSecondWord, second) ||
      !read_word(text.data() + kThirdWord, out.token)) {
    return false;
  }
  out.partition.value = static_cast<uint16_t>(first >> 20);
  out.index = first << 12 | second >> 20;
  out.generation = static_cast<uint16_t>(second >> 4);
  return true;
}

void write_notify(const NotifyParts& parts, parsers::Writer& writer) {
  const Subscription& subscription = *parts.subscription;
  write_dialog(parts, writer);
  writer.put_uint(subscription.local_cseq).put(" NOTIFY\r\n");
  // RFC 6665 §4.4.1: the first one establishes the dialog; §4.4.4: so it says what else there is to subscribe to.
  if (subscription.local_cseq == 1) writer.put_header("Allow-Events", package_names());
  writer.put("Subscription-State: ");
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
  write_entity(parts, writer);
}

}  // namespace vedette::engine
