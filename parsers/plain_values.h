// Header field values of plain shapes, as nearly all are: no folds and no white space but where everybody
// puts it, no escapes, no IPv6. They are read by masks of the next 64 bytes, one mask for each class of
// characters, so that the end of a token costs one count of zeros. Whatever is not plain is given back
// untouched; a test holds each shape to the parser that reads all of them. Included by parsers/kernel*.cc
// alone, which are built for different processors: nothing here may be an inline function that the linker
// could share between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/kernel.h"
#include "parsers/plain_classes.h"
#include "parsers/uri.h"
#include "parsers/via.h"

namespace vedette::parsers {
namespace {

constexpr size_t kWindowBytes = 64;
constexpr size_t kSentProtocolBytes = 12;
alignas(kWindowBytes) constexpr char kNothing[kWindowBytes] = {};
// Shorter values are not looked at.
constexpr size_t kShortestVia = 24;
constexpr size_t kShortestAddress = 8;
constexpr size_t kShortestUri = 6;
constexpr size_t kShortestCredentials = 16;
constexpr size_t kPlainParamsMax = 8;    // Below every limit that the other parsers have.

// RFC 3986 §3.2.2: 0 to 255, and leading zeros are taken.
inline bool is_octet(const char* digits, size_t length) {
  if (length == 0 || length > 3) return false;
  return length < 3 || digits[0] < '2' ||
         (digits[0] == '2' && (digits[1] < '5' || (digits[1] == '5' && digits[2] <= '5')));
}

inline std::string_view view(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }

// The letters of a short name in lower case as a number; for comparison with constants of the same making.
constexpr uint64_t letters(std::string_view name) {
  uint64_t word = 0;
  for (size_t i = 0; i < name.size(); ++i) word |= static_cast<uint64_t>(static_cast<unsigned char>(name[i])) << 8 * i;
  return word;
}

// All of one value. `Vectors` gives masks of up to 64 bytes: bit i for byte i.
template <typename Vectors>
class PlainValues {
 public:
  static bool next_via(std::string_view& rest, Via& out) {
    if (rest.size() < kShortestVia) return false;
    // What the first bytes must be is known, so that the window begins behind them.
    if (!read_sent_protocol(rest.data(), out.transport)) return false;
    PlainValues values(view(rest.data() + kSentProtocolBytes, rest.data() + rest.size()));
    if (!values.read_via(out) || values.next_ != values.end_) return false;
    rest = {};
    return true;
  }

  static bool next_address(std::string_view& rest, Address& out) {
    if (rest.size() < kShortestAddress) return false;
    PlainValues values(rest);
    if (!values.read_address(out)) return false;
    const char* next = values.next_;
    if (next != values.end_) {
      if (*next != ',') return false;
      ++next;
      if (next != values.end_ && *next == ' ') ++next;
      if (next == values.end_ || is_low(*next)) return false;
    }
    rest = next == values.end_ ? std::string_view() : view(next, values.end_);
    return true;
  }

  static bool parse_uri(std::string_view text, Uri& out) {
    if (text.size() < kShortestUri) return false;
    PlainValues values(text);
    return values.read_uri(out) && values.next_ == values.end_;
  }

  static bool parse_credentials(std::string_view value, AuthParams& out) {
    return value.size() >= kShortestCredentials && PlainValues(value).read_digest(out);
  }

 private:
  using Block = typename Vectors::Block;

  explicit PlainValues(std::string_view text) : next_(text.data()), end_(text.data() + text.size()) { look(); }

  size_t left() const { return static_cast<size_t>(end_ - next_); }
  bool at(char c) const { return next_ != end_ && *next_ == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++next_;
    return true;
  }

  // Takes the next 64 bytes into the window, or all when there are fewer: then zeros stand behind them, which are in
  // kQuotedStop only. One window serves as many steps as it can, because what they wait for is the position alone.
  void look() {
    window_ = next_;
    // A load of no bytes from behind the text may not fault, but where nothing is mapped it takes as long as if it did.
    const char* const from = next_ == end_ ? kNothing : next_;
    block_ = Vectors::load(from, left() < kWindowBytes ? left() : kWindowBytes);
  }
  size_t offset() const { return static_cast<size_t>(next_ - window_); }
  bool sees_end() const { return left() < kWindowBytes - offset(); }
  // Makes the window reach as far as it can, unless it reaches to the end already.
  void look_far() {
    if (offset() != 0 && (offset() >= kWindowBytes || !sees_end())) look();
  }

  // How many characters of the class come next; 64 when that is not known of the next 64.
  template <PlainClass kClass>
  size_t count() {
    if (offset() < kWindowBytes) {
      const uint64_t stops = Vectors::template outside<kClass>(block_) >> offset();
      if (stops != 0) return Vectors::count_zeros(stops);
    }
    look();
    return Vectors::count_zeros(Vectors::template outside<kClass>(block_));
  }

  // Moves over the characters of a class; false when there are none or too many.
  template <PlainClass kClass>
  bool take_some(std::string_view& out) {
    const size_t length = count<kClass>();
    if (length == 0 || length == kWindowBytes) return false;
    out = view(next_, next_ + length);
    next_ += length;
    return true;
  }

  // At the opening quote. `inside` comes without its quotes.
  bool take_quoted(std::string_view& inside) {
    const char* const begin = ++next_;
    while (next_ != end_) {
      if (offset() >= kWindowBytes) look();
      const uint64_t stops = Vectors::template inside<PlainClass::kQuotedStop>(block_) >> offset();
      if (stops == 0) {
        next_ = window_ + kWindowBytes;
        continue;
      }
      next_ += Vectors::count_zeros(stops);
      inside = view(begin, next_);
      return take('"');
    }
    return false;
  }

  // A name of at most eight characters; 0 for a longer one, and where too few bytes are left to look at it at once.
  uint64_t word_of(std::string_view name) const {
    uint64_t word = 0;
    if (name.size() > sizeof word || end_ - name.data() < static_cast<ptrdiff_t>(sizeof word)) return 0;
    std::memcpy(&word, name.data(), sizeof word);
    constexpr uint64_t kLower = 0x2020202020202020;
    // Of token characters only letters are changed into what a known name has.
    return Vectors::low_bits(word | kLower, 8 * name.size());
  }

  // host [":" port]. Names of labels and IPv4 addresses; both are known by where their dots and hyphens are.
  bool read_hostport(std::string_view& host, uint16_t& port, bool& has_port) {
    const size_t length = count<PlainClass::kHost>();
    if (length == 0 || length == kWindowBytes) return false;
    const uint64_t dots = Vectors::low_bits(Vectors::equal(block_, '.') >> offset(), length);
    const uint64_t hyphens = Vectors::low_bits(Vectors::equal(block_, '-') >> offset(), length);
    const uint64_t no_digits = Vectors::template outside<PlainClass::kDigit>(block_) >> offset();
    const uint64_t others = Vectors::low_bits(no_digits & ~dots, length);
    const uint64_t first = dots << 1 | 1;                                // Where labels begin.
    const uint64_t last = dots >> 1 | uint64_t{1} << (length - 1);       // Where they end.
    if ((dots & (first | last)) != 0 || (hyphens & (first | last)) != 0) return false;
    // RFC 3261 §25.1: the last label is no number. If it is, all must be an IPv4 address.
    const size_t last_label = dots == 0 ? 0 : kWindowBytes - static_cast<size_t>(__builtin_clzll(dots));
    if (others >> last_label == 0 && (others != 0 || !is_ipv4(next_, length, dots))) return false;
    host = view(next_, next_ + length);
    next_ += length;
    has_port = take(':');
    return !has_port || read_port(port);
  }

  static bool is_ipv4(const char* text, size_t length, uint64_t dots) {
    if (__builtin_popcountll(dots) != 3) return false;
    size_t begin = 0;
    for (; dots != 0; dots &= dots - 1) {
      const size_t dot = Vectors::count_zeros(dots);
      if (!is_octet(text + begin, dot - begin)) return false;
      begin = dot + 1;
    }
    return is_octet(text + begin, length - begin);
  }

  bool read_port(uint16_t& port) {
    unsigned value = 0;
    const char* const begin = next_;
    for (; next_ != end_ && next_ - begin < 5; ++next_) {
      const unsigned digit = static_cast<unsigned char>(*next_) - unsigned{'0'};
      if (digit > 9) break;
      value = value * 10 + digit;
    }
    port = static_cast<uint16_t>(value);
    return next_ != begin && value <= 65535;
  }

  // name ["=" value], behind the ";". The value is a token or a quoted string.
  bool read_param(std::string_view& name, std::string_view& value, bool& quoted) {
    value = {};
    quoted = false;
    if (!take_some<PlainClass::kToken>(name)) return false;
    if (!take('=')) return true;
    quoted = at('"');
    return quoted ? take_quoted(value) : take_some<PlainClass::kToken>(value);
  }

  // Where an element of a header field may end, and a parameter.
  bool is_at_end_of_param() const { return next_ == end_ || *next_ == ';' || *next_ == ','; }

  // Behind the sent-protocol.
  bool read_via(Via& out) {
    const char* const begin = next_ - kSentProtocolBytes;
    out.branch = {};
    out.received = {};
    out.has_rport = false;
    out.rport = 0;
    out.port = 0;
    const char* const sent_by = next_;
    bool has_port = false;
    if (!read_hostport(out.host, out.port, has_port) || (has_port && out.port == 0)) return false;
    out.sent_by = view(sent_by, next_);
    const char* const params = next_;
    for (size_t count = 0; take(';'); ++count) {
      if (count == kPlainParamsMax || !read_via_param(out)) return false;
    }
    if (!is_at_end_of_param()) return false;
    out.params = params == next_ ? std::string_view() : view(params, next_);
    out.text = view(begin, next_);
    return true;
  }

  // With a transport of three letters and one SP.
  static bool read_sent_protocol(const char* via, ViaTransport& transport) {
    uint64_t protocol = 0;
    uint32_t name = 0;
    std::memcpy(&protocol, via, sizeof protocol);
    std::memcpy(&name, via + sizeof protocol, sizeof name);
    if (protocol != letters("SIP/2.0/")) return false;
    switch (name) {
      case letters("UDP "): transport = ViaTransport::kUdp; return true;
      case letters("TCP "): transport = ViaTransport::kTcp; return true;
      case letters("TLS "): transport = ViaTransport::kTls; return true;
      case letters("WSS "): transport = ViaTransport::kWss; return true;
      default: return false;
    }
  }

  bool read_via_param(Via& out) {
    std::string_view name;
    std::string_view value;
    bool quoted = false;
    const char* const before = next_;
    if (!read_param(name, value, quoted) || !is_at_end_of_param()) return false;
    switch (word_of(name)) {
      case letters("branch"):
        if (!out.branch.empty() || quoted || value.empty()) return false;
        out.branch = value;
        return true;
      case letters("received"):
        if (!out.received.empty() || quoted || value.empty()) return false;
        out.received = value;
        return true;
      case letters("rport"):
        if (out.has_rport || quoted) return false;
        out.has_rport = true;
        if (value.data() == nullptr) return true;
        next_ = value.data();
        return read_port(out.rport) && is_at_end_of_param();
      case 0:
        // Too near the end to be looked at in this way: the last one, which is often rport.
        if (name.size() != 5 || value.data() != nullptr || out.has_rport) return false;
        out.has_rport = is_rport(before);
        return out.has_rport;
      default:
        return true;
    }
  }

  static bool is_rport(const char* name) {
    uint32_t word = 0;
    std::memcpy(&word, name, sizeof word);
    return (word | 0x20202020) == static_cast<uint32_t>(letters("rpor")) && (name[4] | 0x20) == 't';
  }

  bool read_uri(Uri& out) {
    if (left() < kShortestUri) return false;
    uint32_t word = 0;
    std::memcpy(&word, next_, sizeof word);
    if ((word | 0x20202020) != static_cast<uint32_t>(letters("sip:")) || next_[3] != ':') return false;
    const char* const begin = next_;
    out.scheme = UriScheme::kSip;
    out.scheme_name = view(next_, next_ + 3);
    out.password = {};
    out.headers = {};
    out.port = 0;
    next_ += 4;
    if (!read_user(out) || !read_hostport(out.host, out.port, out.has_port)) return false;
    const char* const params = next_;
    if (!read_uri_params()) return false;
    if (next_ != end_ && *next_ != '>') return false;
    out.params = params == next_ ? std::string_view() : view(params, next_);
    out.text = view(begin, next_);
    return true;
  }

  // [ user "@" ]. Without escapes and password.
  bool read_user(Uri& out) {
    look_far();
    const size_t length = count<PlainClass::kUser>();
    if (length == kWindowBytes) return false;
    const char stop = length < left() ? next_[length] : '>';
    out.has_user = stop == '@';
    out.user = {};
    if (out.has_user) {
      out.user = view(next_, next_ + length);
      next_ += length + 1;
      return length > 0;
    }
    if (stop == '>') return true;
    // A colon before a port, or before a password: then "@" follows before the URI's end.
    const uint64_t ends = Vectors::equal(block_, '>') >> offset() | (sees_end() ? uint64_t{1} << left() : 0);
    const uint64_t ats = Vectors::equal(block_, '@') >> offset();
    return stop == ':' && ends != 0 && Vectors::count_zeros(ends) < Vectors::count_zeros(ats);
  }

  // *( ";" name ["=" value] ). RFC 3261 §19.1.1: none may stand twice; those that could be the same are not looked at
  // more closely here.
  bool read_uri_params() {
    uint64_t seen = 0;
    for (size_t count = 0; take(';'); ++count) {
      std::string_view name;
      std::string_view value;
      if (count == kPlainParamsMax || !take_some<PlainClass::kUriParam>(name)) return false;
      if (take('=') && !take_some<PlainClass::kUriParam>(value)) return false;
      const uint64_t bit = uint64_t{1} << ((static_cast<unsigned char>(name[0]) & 31) ^ (name.size() & 1) << 5);
      if ((seen & bit) != 0) return false;
      seen |= bit;
    }
    return true;
  }

  bool read_address(Address& out) {
    const char* const begin = next_;
    out.display_name = {};
    out.tag = {};
    out.wildcard = false;
    if (*next_ == '"') {
      std::string_view inside;
      if (!take_quoted(inside)) return false;
      out.display_name = view(begin, next_);
      take(' ');
    } else if (*next_ != '<' && !read_display_tokens(out)) {
      return false;
    }
    if (!take('<') || !read_uri(out.uri) || !take('>')) return false;
    const char* const params = next_;
    for (size_t count = 0; take(';'); ++count) {
      if (count == kPlainParamsMax || !read_address_param(out)) return false;
    }
    if (!is_at_end_of_param()) return false;
    out.params = params == next_ ? std::string_view() : view(params, next_);
    out.text = view(begin, next_);
    return true;
  }

  // Tokens with one SP behind each of them.
  bool read_display_tokens(Address& out) {
    const char* const begin = next_;
    while (!at('<')) {
      std::string_view word;
      if (!take_some<PlainClass::kToken>(word)) return false;
      out.display_name = view(begin, next_);
      if (!take(' ') && !at('<')) return false;
    }
    return true;
  }

  bool read_address_param(Address& out) {
    std::string_view name;
    std::string_view value;
    bool quoted = false;
    if (!read_param(name, value, quoted) || !is_at_end_of_param()) return false;
    if (name.size() != 3 || (name[0] | 0x20) != 't' || (name[1] | 0x20) != 'a' || (name[2] | 0x20) != 'g') return true;
    if (!out.tag.empty() || quoted || value.empty()) return false;
    out.tag = value;
    return true;
  }

  bool read_digest(AuthParams& out) {
    constexpr std::string_view kDigest = "Digest ";
    if (std::memcmp(next_, kDigest.data(), kDigest.size()) != 0) return false;
    out = {};
    out.scheme = view(next_, next_ + kDigest.size() - 1);
    out.is_digest = true;
    next_ += kDigest.size();
    if (is_low(*next_)) return false;
    out.params = view(next_, end_);
    do {
      while (at(' ')) ++next_;
      if (!read_auth_param(out)) return false;
    } while (take(','));
    return next_ == end_;
  }

  bool read_auth_param(AuthParams& out) {
    std::string_view name;
    std::string_view value;
    if (!take_some<PlainClass::kToken>(name) || !take('=')) return false;
    if (at('"')) {
      if (!take_quoted(value)) return false;
    } else {
      look_far();
      const uint64_t stops = Vectors::template outside<PlainClass::kVisible>(block_) | Vectors::equal(block_, ',');
      const size_t length = Vectors::count_zeros(stops >> offset());
      if (length == 0 || length == kWindowBytes) return false;
      value = view(next_, next_ + length);
      next_ += length;
    }
    std::string_view* const kept = member_of(name, out);
    if (kept == nullptr || kept->data() != nullptr) return false;
    *kept = value;
    return true;
  }

  // Null for a name that is not one of those, or that too few bytes follow.
  std::string_view* member_of(std::string_view name, AuthParams& out) const {
    switch (word_of(name)) {
      case letters("username"): return &out.username;
      case letters("realm"): return &out.realm;
      case letters("nonce"): return &out.nonce;
      case letters("uri"): return &out.uri;
      case letters("response"): return &out.response;
      case letters("cnonce"): return &out.cnonce;
      case letters("opaque"): return &out.opaque;
      case letters("qop"): return &out.qop;
      case letters("nc"): return &out.nc;
      default: break;
    }
    const bool is_algorithm = name.size() == 9 && word_of(view(name.data(), name.data() + 8)) == letters("algorith") &&
                              (name[8] | 0x20) == 'm';
    return is_algorithm ? &out.algorithm : nullptr;
  }

  const char* next_;
  const char* const end_;
  const char* window_;
  Block block_;
};

template <typename Vectors>
constexpr Kernel kernel_of(std::string_view name, size_t (*index_plain_lines)(std::string_view, size_t, HeaderIndex&)) {
  using Values = PlainValues<Vectors>;
  return {.name = name,
          .index_plain_lines = index_plain_lines,
          .next_plain_via = Values::next_via,
          .next_plain_address = Values::next_address,
          .parse_plain_uri = Values::parse_uri,
          .parse_plain_credentials = Values::parse_credentials};
}

}  // namespace
}  // namespace vedette::parsers
