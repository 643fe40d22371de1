// The walk goes from control character to control character, 64 bytes at a time: in a plain head they are the line ends
// and nothing else. Each line's first 16 bytes are compared with the one common name that its first four letters may
// begin; a table of hashes says which. Names that are not common are looked up as parse_message() does.
#include "parsers/plain_response.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "parsers/chars.h"
#include "parsers/header_id.h"
#include "parsers/line_index.h"
#include "parsers/simd.h"
#include "parsers/via.h"

namespace vedette::parsers {
namespace {

constexpr size_t kBlockBytes = 64;
constexpr size_t kIds = static_cast<size_t>(HeaderId::kCount);
// Header fields that have no HeaderId. A known one stands there once at most.
constexpr size_t kOthersMax = 64;
static_assert(kOthersMax + kIds <= kHeadersMax);
static_assert(std::endian::native == std::endian::little);

template <typename Word>
Word load_word(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// As many letters as fit, as load_word() gives them.
template <typename Word>
constexpr Word letters(std::string_view text) {
  Word word = 0;
  for (size_t i = 0; i < sizeof word; ++i) {
    word = static_cast<Word>(word | static_cast<Word>(static_cast<unsigned char>(text[i])) << 8 * i);
  }
  return word;
}

constexpr ptrdiff_t kLineEndBytes = 2;
constexpr uint16_t kLineEnd = letters<uint16_t>("\r\n");
constexpr std::string_view kVia = "Via: ";
constexpr std::string_view kCSeq = "CSeq: ";
constexpr std::string_view kContentLength = "Content-Length: ";

// What lines begin with in the 200s of those clients that we know. At most 16 bytes.
struct CommonName {
  std::string_view spelling;
  HeaderId id;
};
constexpr CommonName kCommonNames[] = {{kVia, HeaderId::kVia},
                                       {"From: ", HeaderId::kFrom},
                                       {"To: ", HeaderId::kTo},
                                       {"Call-ID: ", HeaderId::kCallId},
                                       {kCSeq, HeaderId::kCSeq},
                                       {kContentLength, HeaderId::kContentLength},
                                       {"User-Agent: ", HeaderId::kUserAgent},
                                       {"Server: ", HeaderId::kServer},
                                       {"Supported: ", HeaderId::kSupported},
                                       {"Allow: ", HeaderId::kAllow},
                                       {"Record-Route: ", HeaderId::kRecordRoute},
                                       {"Date: ", HeaderId::kDate}};

constexpr size_t kSlots = 32;
// By the first four letters.
constexpr size_t slot_of(uint32_t word) { return word * uint32_t{0xfeac7eb7} >> 27; }

struct NameSlot {
  alignas(kVectorBytes) std::array<char, kVectorBytes> spelling{};   // Zeros where there is none.
  uint16_t behind = 0;                                               // Bits of the bytes that do not belong to it.
  HeaderId id = HeaderId::kOther;
};
constexpr std::array<NameSlot, kSlots> kNameSlots = [] {
  std::array<NameSlot, kSlots> slots;
  for (const auto& [spelling, id] : kCommonNames) {
    NameSlot& slot = slots[slot_of(letters<uint32_t>(spelling))];
    for (size_t i = 0; i < spelling.size(); ++i) slot.spelling[i] = spelling[i];
    slot.behind = static_cast<uint16_t>(0xffff << spelling.size());
    slot.id = id;
  }
  return slots;
}();
static_assert([] {
  for (const auto& [spelling, id] : kCommonNames) {
    if (kNameSlots[slot_of(letters<uint32_t>(spelling))].id != id) return false;
  }
  return true;
}(), "slot_of() does not keep the names apart: try another odd number");

// Those whose values are read: they must be spelled as here. And one that could say more than we look for.
constexpr bool is_read_here(HeaderId id) {
  return id == HeaderId::kVia || id == HeaderId::kCSeq || id == HeaderId::kContentLength || id == HeaderId::kRetryAfter;
}

// The header field of a line that does not begin like a common one; kCount when it is for others to read.
HeaderId read_name(const char* line, const char* end) {
  const char* const colon = skip(kTokenChar, line, line, end);
  // RFC 3261 §7.3.1: white space at the front makes it a part of the line before; before the colon it is good.
  if (colon == line || colon == end || *colon != ':') return HeaderId::kCount;
  const HeaderId id = parse_header_name({line, static_cast<size_t>(colon - line)});
  return is_read_here(id) ? HeaderId::kCount : id;
}

bool is_line_end(const char* at) { return load_word<uint16_t>(at) == kLineEnd; }

// The head of a response. Nothing that is called from here keeps it, so that it stays in registers.
class PlainHead {
 public:
  // At least kBlockBytes.
  explicit PlainHead(std::string_view text)
      : begin_(text.data()), end_(begin_ + text.size()), last_window_(end_ - kVectorBytes) {}

  // False when it is not plain.
  bool walk() {
    const char* line = begin_;
    for (const char* block = begin_; block < end_; block += kBlockBytes) {
      for (uint64_t controls = controls_of(block); controls != 0; controls &= controls - 1) {
        const char* const at = block + std::countr_zero(controls);
        if (!is_line_end(at)) {
          // A block may begin with the LF of the line end before.
          if (at + 1 == line) continue;
          return false;
        }
        controls &= controls - 1;
        line = at + kLineEndBytes;
        if (!take_line(line)) return body_ != nullptr;
      }
    }
    return false;
  }

  bool has(HeaderId id) const { return (seen_ >> static_cast<unsigned>(id) & 1) != 0; }
  // Where that line begins.
  const char* line(HeaderId id) const { return lines_[static_cast<size_t>(id)]; }
  size_t body_size() const { return static_cast<size_t>(end_ - body_); }

 private:
  // Bit i: byte i of the block is a control character, and not the text's last byte, which begins no line end.
  uint64_t controls_of(const char* block) const {
    const auto left = static_cast<size_t>(end_ - block);
    if (left > kBlockBytes) return controls_of_64(block);
    return controls_of_64(end_ - kBlockBytes) >> (kBlockBytes - left) & ((uint64_t{1} << (left - 1)) - 1);
  }
  static uint64_t controls_of_64(const char* from) {
    const auto half = [](const char* bytes) {
      return mask_control(load16(bytes)) | mask_control(load16(bytes + kVectorBytes)) << kVectorBytes;
    };
    return half(from) | static_cast<uint64_t>(half(from + 2 * kVectorBytes)) << 2 * kVectorBytes;
  }

  // The line that begins there; its end is not known yet. False when it is empty, or for others to read.
  bool take_line(const char* line) {
    if (line <= last_window_) {
      const NameSlot& slot = kNameSlots[slot_of(load_word<uint32_t>(line))];
      if ((mask_equal(load16(line), load16(slot.spelling.data())) | slot.behind) == 0xffff) {
        add(slot.id, line);
        return true;
      }
    }
    if (end_ - line >= kLineEndBytes && is_line_end(line)) {
      // Else one of them stands there twice.
      if (known_ == static_cast<size_t>(std::popcount(seen_))) body_ = line + kLineEndBytes;
      return false;
    }
    const HeaderId id = read_name(line, end_);
    if (id == HeaderId::kCount || (id == HeaderId::kOther && ++others_ > kOthersMax)) return false;
    if (id != HeaderId::kOther) add(id, line);
    return true;
  }

  void add(HeaderId id, const char* line) {
    ++known_;
    seen_ |= uint64_t{1} << static_cast<unsigned>(id);
    lines_[static_cast<size_t>(id)] = line;
  }

  const char* const begin_;
  const char* const end_;
  const char* const last_window_;  // The last place from which as much can be read as names are compared by.
  const char* body_ = nullptr;
  size_t known_ = 0;
  size_t others_ = 0;
  uint64_t seen_ = 0;                           // Bit i: HeaderId i is there.
  std::array<const char*, kIds> lines_;         // Only those that are there.
};

unsigned digit_at(const char* at) { return static_cast<unsigned char>(*at) - unsigned{'0'}; }

// From here on a CR ends each line that is read, so that loops over digits end before it.

// Up to `digits_max` digits; behind them, or nothing taken.
const char* read_digits(const char* next, ptrdiff_t digits_max, uint32_t& value) {
  const char* const begin = next;
  value = 0;
  for (; digit_at(next) <= 9; ++next) {
    if (next - begin == digits_max) return begin;
    value = value * 10 + digit_at(next);
  }
  return next;
}

bool read_cseq(const char* value, const char* end, uint32_t& number) {
  constexpr ptrdiff_t kSafeDigits = 9;
  constexpr uint64_t kMethodAndEnd = letters<uint64_t>(" NOTIFY\r");
  const char* const behind = read_digits(value, kSafeDigits, number);
  return behind != value && end - behind >= static_cast<ptrdiff_t>(sizeof kMethodAndEnd) &&
         load_word<uint64_t>(behind) == kMethodAndEnd;
}

// RFC 3261 §18.3: a response in a datagram that ends before its body does is discarded.
bool fits(const char* content_length, size_t available) {
  constexpr ptrdiff_t kDigitsMax = 5;
  uint32_t length = 0;
  const char* const behind = read_digits(content_length, kDigitsMax, length);
  return behind != content_length && *behind == '\r' && length <= available;
}

// RFC 3986 §3.2.2: 0 to 255; leading zeros, of RFC 3261 §25.1, are taken as well.
bool is_octet(const char* digits, size_t length) {
  if (length - 1 > 2) return false;
  return length < 3 || digits[0] < '2' ||
         (digits[0] == '2' && (digits[1] < '5' || (digits[1] == '5' && digits[2] <= '5')));
}

uint32_t outside_of_32(CharClass wanted, const char* from) {
  const ByteSet& set = set_of(wanted);
  return mask_outside(load16(from), set) | mask_outside(load16(from + kVectorBytes), set) << kVectorBytes;
}

// The shape in which a notifier with an IPv4 address writes its Via: a port, and the branch as the only parameter.
bool read_own_via(const char* value, const char* end, std::string_view& branch) {
  constexpr uint64_t kVersion = letters<uint64_t>("SIP/2.0/");
  constexpr uint32_t kTransport = letters<uint32_t>("UDP ");
  constexpr uint64_t kBranch = letters<uint64_t>(";branch=");
  constexpr ptrdiff_t kSentProtocol = 12;
  constexpr ptrdiff_t kShortest = 64;         // More than is read before the branch.
  if (end - value < kShortest) return false;
  if (load_word<uint64_t>(value) != kVersion || load_word<uint32_t>(value + sizeof kVersion) != kTransport)
    return false;
  const char* const host = value + kSentProtocol;
  // Behind what the masks reach five stops more, so that there is always a next one.
  uint64_t stops = outside_of_32(kDigitChar, host) | uint64_t{0x1f} << 2 * kVectorBytes;
  size_t begin = 0;
  for (size_t octet = 0; octet < 4; ++octet) {
    const auto at = static_cast<size_t>(std::countr_zero(stops));
    if (!is_octet(host + begin, at - begin) || host[at] != (octet < 3 ? '.' : ':')) return false;
    begin = at + 1;
    stops &= stops - 1;
  }
  const auto at = static_cast<size_t>(std::countr_zero(stops));
  // Without leading zeros, and of five digits only those that need no comparison.
  if (at - begin - 1 > 4 || host[begin] == '0' || (at - begin == 5 && host[begin] > '5')) return false;
  const char* const params = host + at;
  if (load_word<uint64_t>(params) != kBranch) return false;
  const char* const token = params + sizeof kBranch;
  if (end - token < 2 * static_cast<ptrdiff_t>(kVectorBytes)) return false;
  const uint32_t token_stops = outside_of_32(kTokenChar, token);
  const auto length = static_cast<size_t>(std::countr_zero(token_stops));
  if (length == 0 || token_stops == 0 || token[length] != '\r') return false;
  branch = {token, length};
  return true;
}

bool read_via(const char* value, const char* end, std::string_view& branch) {
  if (read_own_via(value, end, branch)) return true;
  const void* const line_end = std::memchr(value, '\r', static_cast<size_t>(end - value));
  if (line_end == nullptr) return false;
  std::string_view rest(value, static_cast<size_t>(static_cast<const char*>(line_end) - value));
  Via via;
  if (next_via(rest, via) != ParseError::kOk || !rest.empty()) return false;
  branch = via.branch;
  return true;
}

}  // namespace

bool read_plain_response(std::string_view datagram, PlainResponse& out) {
  constexpr std::string_view kBegin = "SIP/2.0 2";
  constexpr size_t kCode = 8;
  if (datagram.size() < kBlockBytes || datagram.size() > kMessageBytesMax || !datagram.starts_with(kBegin))
    return false;
  const char* const begin = datagram.data();
  const char* const end = begin + datagram.size();
  const unsigned tens = digit_at(begin + kCode + 1);
  const unsigned units = digit_at(begin + kCode + 2);
  if (tens > 9 || units > 9 || begin[kCode + 3] != ' ') return false;
  PlainHead head(datagram);
  if (!head.walk() || !head.has(HeaderId::kVia) || !head.has(HeaderId::kCSeq)) return false;
  if (head.has(HeaderId::kEvent)) return false;
  if (head.has(HeaderId::kContentLength) &&
      !fits(head.line(HeaderId::kContentLength) + kContentLength.size(), head.body_size())) {
    return false;
  }
  out.status = 200 + 10 * tens + units;
  return read_cseq(head.line(HeaderId::kCSeq) + kCSeq.size(), end, out.cseq) &&
         read_via(head.line(HeaderId::kVia) + kVia.size(), end, out.branch);
}

}  // namespace vedette::parsers
