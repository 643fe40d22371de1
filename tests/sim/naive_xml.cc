#include "tests/sim/naive_xml.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vedette::sim {
namespace {

constexpr unsigned kDepthMax = 20;

bool resolve(std::string_view raw, std::string& out) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kReferences = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  for (; !raw.empty();) {
    if (raw.front() != '&') {
      out += raw.front();
      raw.remove_prefix(1);
      continue;
    }
    // A character's number stays as it stands: nobody compares what has one.
    if (raw.starts_with("&#")) {
      const size_t end = raw.find(';');
      if (end == std::string_view::npos) return false;
      out += raw.substr(0, end + 1);
      raw.remove_prefix(end + 1);
      continue;
    }
    const auto reference = std::find_if(kReferences.begin(), kReferences.end(),
                                        [&](const auto& entry) { return raw.starts_with(entry.first); });
    if (reference == kReferences.end()) return false;
    out += reference->second;
    raw.remove_prefix(reference->first.size());
  }
  return true;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // A character's number was left as it stood.
      case '&': out += text.substr(i).starts_with("&#") ? "&" : "&amp;"; break;
      default: out += text[i];
    }
  }
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read_document(XmlNode& root) {
    if (rest_.starts_with("<?xml") && !skip_past("?>")) return false;
    skip_space();
    return read_element(root, 0) && (skip_space(), rest_.empty());
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool skip_past(std::string_view end) {
    const size_t at = rest_.find(end);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + end.size());
    return true;
  }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  std::string take_name() {
    const size_t length = std::min(rest_.find_first_of(" \t\r\n=/<>\"'&"), rest_.size());
    std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }

  bool read_attribute(XmlNode& node) {
    const std::string key = take_name();
    if (key.empty() || !take("=\"")) return false;
    const size_t end = rest_.find('"');
    if (end == std::string_view::npos || rest_.substr(0, end).find('<') != std::string_view::npos) return false;
    std::string value;
    if (!resolve(rest_.substr(0, end), value)) return false;
    rest_.remove_prefix(end + 1);
    return node.attributes.emplace(key, std::move(value)).second;
  }

  bool read_element(XmlNode& node, unsigned depth) {
    if (depth > kDepthMax || !take("<")) return false;
    node.name = take_name();
    if (node.name.empty()) return false;
    for (skip_space(); !rest_.starts_with(">") && !rest_.starts_with("/>"); skip_space()) {
      if (!read_attribute(node)) return false;
    }
    if (take("/>")) return true;
    rest_.remove_prefix(1);
    for (;;) {
      const size_t end = rest_.find('<');
      if (end == std::string_view::npos || !resolve(rest_.substr(0, end), node.text)) return false;
      rest_.remove_prefix(end);
      if (take("</")) return take_name() == node.name && take(">");
      if (!read_element(node.children.emplace_back(), depth + 1)) return false;
    }
  }

  std::string_view rest_;
};

}  // namespace

std::string XmlNode::attribute(const std::string& key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? std::string() : found->second;
}

const XmlNode* XmlNode::find(std::string_view child) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [child](const XmlNode& node) { return node.name == child; });
  return found == children.end() ? nullptr : &*found;
}

bool read_xml(std::string_view document, XmlNode& root) {
  root = {};
  return Reader(document).read_document(root);
}

void write_xml(const XmlNode& node, std::string& out) {
  out.append("<").append(node.name);
  for (const auto& [key, value] : node.attributes) {
    out.append(" ").append(key).append("=\"").append(escaped(value)).append("\"");
  }
  out.append(">").append(escaped(node.text));
  for (const XmlNode& child : node.children) write_xml(child, out);
  out.append("</").append(node.name).append(">");
}

}  // namespace vedette::sim
