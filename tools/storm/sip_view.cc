#include "tools/storm/sip_view.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "parsers/simd.h"

namespace vedette::storm {
namespace {

constexpr std::string_view kVersion = "SIP/2.0 ";
constexpr size_t kBlock = 64;
constexpr size_t kCSeqName = 4;  // Of characters.

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The first characters of a header's name, at most eight, in either case.
struct Name {
  uint64_t bits = 0;
  uint64_t mask = 0;

  consteval explicit Name(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
      const bool is_letter = text[i] >= 'a' && text[i] <= 'z';
      const auto wanted = static_cast<unsigned char>(is_letter ? text[i] - ('a' - 'A') : text[i]);
      bits |= uint64_t{wanted} << 8 * i;
      mask |= uint64_t{is_letter ? 0xdfU : 0xffU} << 8 * i;
    }
  }
  bool begins(uint64_t line) const { return (line & mask) == bits; }
};

bool continues(std::string_view line, size_t at, std::string_view name) {
  if (line.size() < at + name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (lower(line[at + i]) != name[i]) return false;
  }
  return true;
}

// What stands behind a name of so many characters and its colon.
std::string_view value_of(std::string_view line, size_t name) {
  size_t at = name + 1;
  while (at < line.size() && line[at] == ' ') ++at;
  return line.substr(at);
}

std::string_view until(std::string_view text, char end) {
  size_t length = 0;
  while (length < text.size() && text[length] != end) ++length;
  return text.substr(0, length);
}

// Until a parameter's value ends.
std::string_view until_end(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && text[length] != ';' && text[length] != ',' && text[length] != ' ') ++length;
  return text.substr(0, length);
}

// The last one: names in quotes come first.
std::string_view tag_of(std::string_view line) {
  constexpr std::string_view kTag = ";tag=";
  std::string_view tag;
  for (size_t at = line.find(';'); at != std::string_view::npos; at = line.find(';', at + 1)) {
    if (line.substr(at).starts_with(kTag)) tag = line.substr(at + kTag.size());
  }
  return until_end(tag);
}

uint32_t number_of(std::string_view text) {
  uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void read_via(std::string_view line, SipView& out) {
  if (out.via.empty()) {
    out.via = {line.data(), line.size() + 2};
  } else if (line.data() == out.via.data() + out.via.size()) {
    out.via = {out.via.data(), out.via.size() + line.size() + 2};
  }
}

void read_cseq(std::string_view line, SipView& out) {
  out.cseq_line = line;
  out.cseq = cseq_of(line);
  if (out.status == 0) return;
  const std::string_view value = value_of(line, kCSeqName);
  const size_t at = value.rfind(' ');
  if (at != std::string_view::npos) out.method = value.substr(at + 1);
}

void read_challenge(std::string_view value, SipView& out) {
  if (out.challenge.empty() || parameter(value, "algorithm") == "SHA-256") out.challenge = value;
}

// `begin` are the line's first eight characters, or those that follow it.
void read_line(std::string_view line, uint64_t begin, SipView& out) {
  constexpr Name kVia("via:"), kShortVia("v:"), kFrom("from:"), kShortFrom("f:"), kTo("to:"), kShortTo("t:"),
      kCallId("call-id:"), kCSeq("cseq:"), kContact("contact:"), kShortCallId("i:"), kShortContact("m:"),
      kEntityTag("sip-etag"), kState("subscrip"), kChallenge("www-auth");
  switch (begin & 0xdf) {
    case 'V':
      if (kVia.begins(begin) || kShortVia.begins(begin)) read_via(line, out);
      return;
    case 'F':
      if (kFrom.begins(begin) || kShortFrom.begins(begin)) out.from = line;
      return;
    case 'T':
      if (kTo.begins(begin) || kShortTo.begins(begin)) out.to = line;
      return;
    case 'C':
      if (kCallId.begins(begin)) {
        out.call_id = value_of(line, 7);
      } else if (kCSeq.begins(begin)) {
        read_cseq(line, out);
      } else if (kContact.begins(begin)) {
        out.contact = line;
      }
      return;
    case 'I':
      if (kShortCallId.begins(begin)) out.call_id = value_of(line, 1);
      return;
    case 'M':
      if (kShortContact.begins(begin)) out.contact = line;
      return;
    case 'S':
      if (kState.begins(begin) && continues(line, 8, "tion-state:")) out.subscription_state = value_of(line, 18);
      if (kEntityTag.begins(begin) && continues(line, 8, ":")) out.entity_tag = value_of(line, 8);
      return;
    case 'W':
      if (kChallenge.begins(begin) && continues(line, 8, "enticate:")) read_challenge(value_of(line, 16), out);
      return;
    default:
      return;
  }
}

bool read_first_line(std::string_view line, SipView& out) {
  if (line.starts_with(kVersion)) {
    out.status = static_cast<uint16_t>(number_of(line.substr(kVersion.size())));
    return out.status >= 100;
  }
  if (!line.ends_with(" SIP/2.0")) return false;
  out.method = until(line, ' ');
  return true;
}

// Bit i: byte i is a line feed. Nothing beyond `left` bytes is read.
uint64_t line_feeds(const char* at, size_t left) {
  const auto feeds = [](parsers::Bytes16 bytes) { return uint64_t{parsers::mask_equal(bytes, '\n')}; };
  constexpr size_t kStep = parsers::kVectorBytes;
  uint64_t mask = 0;
  if (left >= kBlock) {
    for (size_t i = 0; i < kBlock; i += kStep) mask |= feeds(parsers::load16(at + i)) << i;
    return mask;
  }
  size_t i = 0;
  for (; left - i >= kStep; i += kStep) mask |= feeds(parsers::load16(at + i)) << i;
  if (left > i) mask |= feeds(parsers::load_short(at + i, left - i)) << i;
  return mask;
}

// With zeros behind them when fewer are left.
uint64_t first_eight(const char* at, size_t left) {
  uint64_t bytes = 0;
  if (left >= sizeof bytes) {
    std::memcpy(&bytes, at, sizeof bytes);
  } else {
    for (size_t i = 0; i < left; ++i) bytes |= uint64_t{static_cast<unsigned char>(at[i])} << 8 * i;
  }
  return bytes;
}

}  // namespace

bool read_sip(std::string_view message, SipView& out) {
  out = {};
  const char* line = message.data();
  const char* const end = line + message.size();
  bool is_first = true;
  for (const char* block = line; block < end; block += kBlock) {
    const auto left = static_cast<size_t>(end - block);
    for (uint64_t feeds = line_feeds(block, left); feeds != 0; feeds &= feeds - 1) {
      const char* const feed = block + std::countr_zero(feeds);
      if (feed == line || feed[-1] != '\r') return false;
      const std::string_view text(line, static_cast<size_t>(feed - line - 1));
      const uint64_t begin = first_eight(line, static_cast<size_t>(end - line));
      line = feed + 1;
      if (is_first) {
        if (!read_first_line(text, out)) return false;
        is_first = false;
      } else if (text.empty()) {
        out.body = {line, static_cast<size_t>(end - line)};
        return true;
      } else {
        read_line(text, begin, out);
      }
    }
  }
  return false;
}

std::string_view SipView::branch() const {
  const std::string_view line = via.substr(0, via.find('\r'));
  const size_t at = line.find(";branch=");
  return at == std::string_view::npos ? std::string_view() : until_end(line.substr(at + 8));
}

std::string_view SipView::from_tag() const { return tag_of(from); }
std::string_view SipView::to_tag() const { return tag_of(to); }

std::string_view SipView::contact_uri() const {
  if (contact.empty()) return {};
  const size_t at = contact.find('<');
  if (at != std::string_view::npos) return until(contact.substr(at + 1), '>');
  return until_end(value_of(contact, contact.find(':')));
}

uint32_t cseq_of(std::string_view line) {
  return line.size() > kCSeqName ? number_of(value_of(line, kCSeqName)) : 0;
}

std::string_view parameter(std::string_view fields, std::string_view name) {
  for (size_t at = fields.find(name); at != std::string_view::npos; at = fields.find(name, at + 1)) {
    const bool begins = at > 0 && (fields[at - 1] == ' ' || fields[at - 1] == ',');
    std::string_view value = fields.substr(at + name.size());
    if (!begins || !value.starts_with('=')) continue;
    value.remove_prefix(1);
    if (!value.starts_with('"')) return value.substr(0, value.find_first_of(", "));
    return until(value.substr(1), '"');
  }
  return {};
}

}  // namespace vedette::storm
