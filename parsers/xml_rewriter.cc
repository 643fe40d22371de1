// The rule that makes rewriting stable: a prefix is never bound to two namespaces at once, and a client's own
// prefix is kept wherever it is free.
#include "parsers/xml_rewriter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "parsers/simd.h"
#include "parsers/xml_chars.h"

namespace vedette::parsers {
namespace {

// Prefixes for namespaces that come without one, or with one that is taken: one more than can be in scope.
constexpr size_t kMintedBytes = 4;
constexpr size_t kMintedCount = kXmlNamespacesMax + 1;
constexpr auto kMinted = [] {
  std::array<char, kMintedBytes * kMintedCount> text{};
  for (size_t i = 0; i < kMintedCount; ++i) {
    text[4 * i] = 'n';
    text[4 * i + 1] = 's';
    text[4 * i + 2] = static_cast<char>('0' + (i + 1) / 10);
    text[4 * i + 3] = static_cast<char>('0' + (i + 1) % 10);
  }
  return text;
}();

// Which minted prefix this is, counted from 1; 0 when it is none.
uint8_t minted_number(std::string_view prefix) {
  const auto is_digit = [prefix](size_t i) { return prefix[i] >= '0' && prefix[i] <= '9'; };
  if (prefix.size() != kMintedBytes || !prefix.starts_with("ns") || !is_digit(2) || !is_digit(3)) return 0;
  const int number = (prefix[2] - '0') * 10 + (prefix[3] - '0');
  return number <= static_cast<int>(kMintedCount) ? static_cast<uint8_t>(number) : uint8_t{0};
}

}  // namespace

// More of the document as it stands.
inline void XmlRewriter::gather(std::string_view piece) {
  if (piece.data() == gathered_.end()) {
    gathered_ = {gathered_.data(), gathered_.size() + piece.size()};
  } else {
    flush();
    gathered_ = piece;
  }
}

// In blocks of which the last two may overlap: no byte is read or written that is not the piece's.
void XmlRewriter::flush() {
  const std::string_view piece = gathered_;
  gathered_ = {};
  if (piece.size() < kVectorBytes) return put(piece);
  ok_ = ok_ && piece.size() <= out_.size() - length_;
  if (!ok_) return;
  char* const to = out_.data() + length_;
  const size_t last = piece.size() - kVectorBytes;
  for (size_t i = 0; i < last; i += kVectorBytes) store16(to + i, load16(piece.data() + i));
  store16(to + last, load16(piece.data() + last));
  length_ += piece.size();
}

inline void XmlRewriter::put(char c) {
  ok_ = ok_ && length_ < out_.size();
  if (ok_) out_[length_++] = c;
}

void XmlRewriter::put(std::string_view text) {
  ok_ = ok_ && text.size() <= out_.size() - length_;
  if (!ok_ || text.empty()) return;
  std::memcpy(out_.data() + length_, text.data(), text.size());
  length_ += text.size();
}

void XmlRewriter::put_escaped(std::string_view text, std::string_view (*escape)(char)) {
  for (;;) {
    size_t length = 0;
    std::string_view escaped;
    for (; length < text.size(); ++length) {
      if (!is_xml(kXmlEscaped, text[length])) continue;
      escaped = escape(text[length]);
      if (!escaped.empty()) break;
    }
    put(text.substr(0, length));
    if (length == text.size()) return;
    put(escaped);
    text.remove_prefix(length + 1);
  }
}

void XmlRewriter::put_value(const XmlAttribute& attribute) {
  if (attribute.plain) return put(attribute.raw);
  XmlValueReader reader(attribute);
  std::string_view piece;
  while (reader.next(piece)) put_escaped(piece, escape_in_xml_value);
}

void XmlRewriter::put_qname(std::string_view prefix, std::string_view local) {
  if (!prefix.empty()) {
    put(prefix);
    put(":");
  }
  put(local);
}

void XmlRewriter::start(const XmlScanner& scanner, XmlLeftOut left_out) {
  if (run_is_white_) {
    truncate(tag_end_);
  } else {
    put_space(scanner.space());
  }
  id_ = {};
  is_leaf_ = scanner.is_leaf();
  const std::string_view written = scanner.written_tag();
  if (!written.empty() && !left_out.any() && ((open_ & kNoDefault) == 0 || scanner.name().space.known != 0)) {
    const auto place_of = [begin = length(), written](std::string_view piece) {
      return XmlStretch{begin + static_cast<size_t>(piece.data() - written.data()), piece.size()};
    };
    for (const XmlAttribute& attribute : scanner.attributes()) {
      if (attribute.name.prefix.empty() && equals(attribute.name.local, "id")) id_ = place_of(attribute.raw);
    }
    if (is_leaf_) {
      leaf_text_ = place_of(scanner.text());
    } else {
      open_ = open_ << kBitsEach | (open_ & kNoDefault) | kCopied;
    }
    gather(written);
  } else {
    flush();
    put_start_tag(scanner, left_out.attributes);
    if (is_leaf_) put_leaf(left_out.text ? std::string_view{} : scanner.text());
  }
  tag_is_written(is_leaf_);
}

void XmlRewriter::element(std::string_view start_tag, std::string_view text, std::string_view end_tag) {
  if (run_is_white_) truncate(tag_end_);
  flush();
  put(start_tag);
  put(text);
  put(end_tag);
  tag_is_written(true);
}

void XmlRewriter::rewind(const Mark& mark) {
  truncate(mark.length);
  tag_end_ = mark.tag_end;
  tag_was_end_ = mark.tag_was_end;
  run_is_white_ = mark.run_is_white;
}

void XmlRewriter::move_back(size_t begin, size_t to) {
  flush();
  if (!ok_) return;
  // Most of what moves is short.
  std::array<char, 128> copy;
  char* const out = out_.data();
  const size_t length = length_ - begin;
  if (length > copy.size()) {
    std::rotate(out + to, out + begin, out + length_);
  } else {
    std::memcpy(copy.data(), out + begin, length);
    std::memmove(out + to + length, out + to, begin - to);
    std::memcpy(out + to, copy.data(), length);
  }
}

bool XmlRewriter::make_id_a_name() {
  const std::string_view id = at(id_);
  if (!id.empty() && find_xml_name(id).size() == id.size()) return true;
  if (!is_xml_nmtoken(id)) return false;
  std::replace(out_.data() + id_.offset, out_.data() + id_.offset + id_.length, ':', '_');
  if (find_xml_name(id).size() == id.size()) return true;
  ok_ = ok_ && length_ < out_.size();
  if (!ok_) return true;
  std::memmove(out_.data() + id_.offset + 1, out_.data() + id_.offset, length_ - id_.offset);
  out_[id_.offset] = '_';
  ++id_.length;
  ++length_;
  ++tag_end_;
  ++leaf_text_.offset;
  return true;
}

// All that is behind its start tag.
void XmlRewriter::put_leaf(std::string_view text) {
  leaf_text_ = {length_, text.size()};
  if (text.empty()) {
    make_start_tag_empty();
  } else {
    put(text);
    put_end_tag();
  }
  close_rewritten();
}

inline void XmlRewriter::tag_is_written(bool is_end) {
  tag_end_ = length();
  tag_was_end_ = is_end;
  run_is_white_ = true;
}

void XmlRewriter::put_start_tag(const XmlScanner& scanner, uint64_t attributes_left_out) {
  const XmlName& name = scanner.name();
  const bool is_default = name.space.known == 0;
  const bool had_no_default = (open_ & kNoDefault) != 0;
  const bool no_default = !is_default && (name.space.known == kXmlNoNamespace || had_no_default);
  open_ = open_ << kBitsEach | (no_default ? kNoDefault : 0);
  RewrittenElement element{.prefix = {}, .local = name.local, .declared = declared_.size()};
  if (!is_default) element.prefix = prefix_for(name);
  const std::span<const XmlAttribute> attributes = scanner.attributes();
  XmlList<std::string_view, kXmlAttributesMax> prefixes;
  const auto is_left_out = [attributes_left_out](size_t i) { return (attributes_left_out >> i & 1) != 0; };
  for (size_t i = 0; i < attributes.size(); ++i) {
    prefixes.push(is_left_out(i) ? std::string_view{} : prefix_for(attributes[i].name));
  }
  rewritten_.push(element);

  put('<');
  put_qname(element.prefix, element.local);
  if (no_default != had_no_default) {
    put(" xmlns=\"");
    if (is_default) put_escaped(scanner.name_of(name.space), escape_in_xml_value);
    put('"');
  }
  for (const Declared& declared : declared_.items().subspan(element.declared)) {
    put(" xmlns:");
    put(declared.prefix);
    put("=\"");
    put_escaped(scanner.name_of(declared.space), escape_in_xml_value);
    put('"');
  }
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (is_left_out(i)) continue;
    put(' ');
    put_qname(prefixes[i], attributes[i].name.local);
    put("=\"");
    const size_t offset = length_;
    put_value(attributes[i]);
    if (prefixes[i].empty() && equals(attributes[i].name.local, "id")) id_ = {offset, length_ - offset};
    put('"');
  }
  put('>');
}

void XmlRewriter::text(const XmlScanner& scanner) {
  run_is_white_ = run_is_white_ && scanner.text_is_white();
  if (scanner.text_is_plain()) return gather(scanner.text());
  flush();
  put_escaped(scanner.text(), escape_in_xml_text);
}

void XmlRewriter::end_element(const XmlScanner& scanner, bool keeps_space) {
  const bool is_copied = (open_ & kCopied) != 0;
  const std::string_view written = scanner.written_tag();
  if (!tag_was_end_ && length() == tag_end_ && (scanner.space().empty() || !keeps_space)) {
    // <a></a> is <a/>.
    if (!is_copied || !written.empty()) make_start_tag_empty();
  } else {
    // White space that is all of an element's content is text; next to other elements it is layout.
    if (tag_was_end_ && run_is_white_) {
      truncate(tag_end_);
    } else {
      put_space(scanner.space());
    }
    if (is_copied) {
      gather(written);
      if (written.back() != '>') {
        flush();
        put('>');
      }
    } else {
      put_end_tag();
    }
  }
  if (is_copied) {
    open_ >>= kBitsEach;
  } else {
    close_rewritten();
  }
  tag_is_written(true);
}

void XmlRewriter::make_start_tag_empty() {
  flush();
  if (ok_) --length_;
  put("/>");
}

void XmlRewriter::put_end_tag() {
  flush();
  put("</");
  put_qname(rewritten_.back().prefix, rewritten_.back().local);
  put('>');
}

void XmlRewriter::close_rewritten() {
  const size_t count = rewritten_.back().declared;
  for (const Declared& declared : declared_.items().subspan(count)) {
    if (declared.minted != 0) minted_ &= ~(uint64_t{1} << declared.minted);
  }
  declared_.shrink(count);
  rewritten_.shrink(rewritten_.size() - 1);
  open_ >>= kBitsEach;
}

std::string_view XmlRewriter::at(XmlStretch stretch) {
  flush();
  return ok_ ? std::string_view{out_.data() + stretch.offset, stretch.length} : std::string_view{};
}

XmlStretch XmlRewriter::run() {
  if (is_leaf_) return leaf_text_;
  const std::string_view text = at({tag_end_, length() - tag_end_});
  const std::string_view trimmed = trim_xml_white(text);
  return {tag_end_ + static_cast<size_t>(trimmed.data() - text.data()), trimmed.size()};
}

XmlStretch XmlRewriter::trim_run() {
  const XmlStretch trimmed = run();
  if (is_leaf_ || !ok_) return trimmed;
  std::memmove(out_.data() + tag_end_, out_.data() + trimmed.offset, trimmed.length);
  const XmlStretch moved{tag_end_, trimmed.length};
  length_ = tag_end_ + trimmed.length;
  tag_is_written(true);  // What is behind it is as behind a tag: layout.
  return moved;
}

// Back to where it was when it had this length.
inline void XmlRewriter::truncate(size_t length) {
  if (this->length() == length) return;
  flush();
  length_ = length;
}

void XmlRewriter::put_space(std::string_view space) {
  if (space.empty()) return;
  if (space.find('\r') == std::string_view::npos) return gather(space);
  flush();
  for (size_t i = 0; i < space.size(); ++i) {
    // XML §2.11: line ends are LF to the reader.
    if (space[i] == '\r' && i + 1 < space.size() && space[i + 1] == '\n') continue;
    put(space[i] == '\r' ? '\n' : space[i]);
  }
}

// The prefix that means this name's namespace here; declared with the element being started if it is not yet.
std::string_view XmlRewriter::prefix_for(const XmlName& name) {
  const uint8_t known = name.space.known;
  if (known == kXmlNoNamespace) return {};
  if (known == kXmlOwnNamespace) return "xml";
  if (known != kXmlUnknown && known_[known].is_declared) return known_[known].prefix;
  for (const Declared& declared : declared_.items()) {
    if (declared.space == name.space) return declared.prefix;
  }
  if (declared_.is_full()) {
    ok_ = false;
    return {};
  }
  Declared made{.prefix = name.prefix, .space = name.space, .minted = 0};
  if (known != kXmlUnknown) {
    made.prefix = known_[known].prefix;
  } else if (!name.prefix.empty() && is_free(name.prefix)) {
    made.minted = minted_number(name.prefix);
  } else {
    made.minted = static_cast<uint8_t>(std::countr_one(minted_));
    made.prefix = {kMinted.data() + kMintedBytes * (made.minted - 1U), kMintedBytes};
  }
  if (made.minted != 0) minted_ |= uint64_t{1} << made.minted;
  declared_.push(made);
  return made.prefix;
}

bool XmlRewriter::is_free(std::string_view prefix) const {
  const auto is_it = [prefix](const auto& other) { return other.prefix == prefix; };
  return std::ranges::none_of(known_, is_it) && std::ranges::none_of(declared_.items(), is_it);
}

}  // namespace vedette::parsers
