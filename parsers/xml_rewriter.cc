// The rule that makes rewriting stable: a prefix is never bound to two namespaces at once, and a client's own
// prefix is kept wherever it is free.
#include "parsers/xml_rewriter.h"

#include <algorithm>
#include <cstring>

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

}  // namespace

void XmlRewriter::put(std::string_view text) {
  if (!ok_ || text.size() > out_.size() - length_) {
    ok_ = false;
    return;
  }
  if (!text.empty()) std::memcpy(out_.data() + length_, text.data(), text.size());
  length_ += text.size();
}

void XmlRewriter::put_escaped(std::string_view text, std::string_view (*escape)(char)) {
  for (;;) {
    size_t length = 0;
    std::string_view escaped;
    for (; length < text.size(); ++length) {
      if (!is_xml(kXmlTextStop | kXmlValueStop, text[length])) continue;
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

void XmlRewriter::start(const XmlScanner& scanner) {
  close_start_tag();
  drop_white_run();
  const bool no_default = depth_ > 0 && open_[depth_ - 1].no_default;
  if (depth_ > 0) open_[depth_ - 1].has_children = true;
  OpenElement& element = open_[depth_++];
  const size_t declared = declared_count_;
  const XmlName& name = scanner.name();
  const bool is_default = name.known == 0;
  element = {.prefix = is_default ? std::string_view{} : prefix_for(name),
             .local = name.local,
             .declared = declared,
             .no_default = is_default ? false : name.known == kXmlNoNamespace || no_default,
             .has_children = false};
  const std::span<const XmlAttribute> attributes = scanner.attributes();
  for (size_t i = 0; i < attributes.size(); ++i) attribute_prefixes_[i] = prefix_for(attributes[i].name);

  put("<");
  put_qname(element.prefix, element.local);
  if (element.no_default != no_default) {
    put(" xmlns=\"");
    if (is_default) put_escaped(name.space, escape_in_xml_value);
    put("\"");
  }
  for (size_t i = declared; i < declared_count_; ++i) {
    put(" xmlns:");
    put(declared_[i].prefix);
    put("=\"");
    put_escaped(declared_[i].space, escape_in_xml_value);
    put("\"");
  }
  id_ = {};
  for (size_t i = 0; i < attributes.size(); ++i) {
    put(" ");
    put_qname(attribute_prefixes_[i], attributes[i].name.local);
    put("=\"");
    const size_t offset = length_;
    put_value(attributes[i]);
    if (attribute_prefixes_[i].empty() && attributes[i].name.local == "id") id_ = {offset, length_ - offset};
    put("\"");
  }
  start_tag_open_ = true;
}

void XmlRewriter::text(const XmlScanner& scanner) {
  close_start_tag();
  if (!in_run_) {
    in_run_ = true;
    run_is_white_ = true;
    run_begin_ = length_;
  }
  run_is_white_ = run_is_white_ && is_xml_white(scanner.text());
  if (scanner.text_is_plain()) {
    put(scanner.text());
  } else {
    put_escaped(scanner.text(), escape_in_xml_text);
  }
}

void XmlRewriter::end() {
  const OpenElement& element = open_[--depth_];
  if (start_tag_open_) {
    put("/>");
    start_tag_open_ = false;
  } else {
    // White space that is all of an element's content is text; next to other elements it is layout.
    if (element.has_children) drop_white_run();
    put("</");
    put_qname(element.prefix, element.local);
    put(">");
  }
  in_run_ = false;
  declared_count_ = element.declared;
}

XmlStretch XmlRewriter::run() const {
  if (!in_run_) return {length_, 0};
  const std::string_view text{out_.data() + run_begin_, length_ - run_begin_};
  const std::string_view trimmed = trim_xml_white(text);
  return {static_cast<size_t>(trimmed.data() - out_.data()), trimmed.size()};
}

void XmlRewriter::trim_run() {
  const XmlStretch trimmed = run();
  if (!in_run_) return;
  std::memmove(out_.data() + run_begin_, out_.data() + trimmed.offset, trimmed.length);
  length_ = run_begin_ + trimmed.length;
}

void XmlRewriter::close_start_tag() {
  if (start_tag_open_) put(">");
  start_tag_open_ = false;
}

void XmlRewriter::drop_white_run() {
  if (in_run_ && run_is_white_) length_ = run_begin_;
  in_run_ = false;
}

// The prefix that means this name's namespace here; declared with the element being started if it is not yet.
std::string_view XmlRewriter::prefix_for(const XmlName& name) {
  if (name.known == kXmlNoNamespace) return {};
  if (name.known == kXmlOwnNamespace) return "xml";
  const bool is_known = name.known != kXmlUnknown;
  if (is_known && prefixes_[name.known].is_declared) return prefixes_[name.known].prefix;
  for (size_t i = 0; i < declared_count_; ++i) {
    const Declared& declared = declared_[i];
    if (declared.known == name.known && (is_known || declared.space == name.space)) return declared.prefix;
  }
  if (declared_count_ == declared_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view prefix = is_known ? prefixes_[name.known].prefix : new_prefix(name);
  declared_[declared_count_++] = {.prefix = prefix, .space = name.space, .known = name.known};
  return prefix;
}

std::string_view XmlRewriter::new_prefix(const XmlName& name) const {
  if (!name.prefix.empty() && is_free(name.prefix)) return name.prefix;
  std::string_view minted;
  for (size_t i = 0; i < kMintedCount; ++i) {
    minted = {kMinted.data() + kMintedBytes * i, kMintedBytes};
    if (is_free(minted)) break;
  }
  return minted;
}

bool XmlRewriter::is_free(std::string_view prefix) const {
  const auto is_it = [prefix](const auto& other) { return other.prefix == prefix; };
  return std::ranges::none_of(prefixes_, is_it) &&
         std::none_of(declared_.begin(), declared_.begin() + declared_count_, is_it);
}

}  // namespace vedette::parsers
