#include "parsers/escaped.h"

#include <cstddef>

#include "parsers/chars.h"

namespace vedette::parsers {
namespace {

// RFC 2396 §2.2. An escaped reserved character is not equivalent to the character itself.
constexpr bool is_reserved(unsigned octet) {
  return octet < 0x80 &&
         std::string_view(";/?:@&=+$,").find(static_cast<char>(octet)) != std::string_view::npos;
}

// Reads octets; those that only their escape may stand for come out above 0xff.
class Octets {
 public:
  Octets(std::string_view text, Case letters) : text_(text), letters_(letters) {}

  bool at_end() const { return next_ == text_.size(); }
  unsigned take() {
    const char c = text_[next_++];
    if (c != '%' || text_.size() - next_ < 2) return folded(static_cast<unsigned char>(c));
    const unsigned octet = hex_value(text_[next_]) << 4 | hex_value(text_[next_ + 1]);
    next_ += 2;
    return is_reserved(octet) ? 0x100 | octet : folded(octet);
  }

 private:
  unsigned folded(unsigned octet) const {
    return letters_ == Case::kIgnored && octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
  }

  std::string_view text_;
  Case letters_;
  size_t next_ = 0;
};

}  // namespace

bool equal_escaped(std::string_view a, std::string_view b, Case letters) {
  Octets left(a, letters);
  Octets right(b, letters);
  while (!left.at_end() && !right.at_end()) {
    if (left.take() != right.take()) return false;
  }
  return left.at_end() && right.at_end();
}

}  // namespace vedette::parsers
