#include "tests/sim/partial_document.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace vedette::sim {
namespace {

// A step of a selector: a name or "*", with [number], [@id='value'] or neither.
bool is_selected(const XmlNode& node, std::string_view step, size_t place) {
  const size_t open = step.find('[');
  const std::string_view name = step.substr(0, open);
  if (name != "*" && name != node.name) return false;
  if (open == std::string_view::npos) return true;
  constexpr std::string_view kId = "[@id='";
  if (step.substr(open).starts_with(kId)) {
    return step.substr(open + kId.size()) == node.attribute("id") + "']";
  }
  return step.substr(open) == "[" + std::to_string(place) + "]";
}

// Where in its parent the one node is that the selector finds.
struct Found {
  XmlNode* parent = nullptr;
  size_t index = 0;
};

bool find(XmlNode& document, std::string_view selector, Found& found) {
  found = {};
  XmlNode* node = &document;
  while (!selector.empty()) {
    const std::string_view step = selector.substr(0, selector.find('/'));
    selector.remove_prefix(std::min(step.size() + 1, selector.size()));
    size_t place = 0;
    size_t matches = 0;
    for (size_t i = 0; i < node->children.size(); ++i) {
      const XmlNode& child = node->children[i];
      if (step.starts_with("*") || step.starts_with(child.name + "[") || step == child.name) ++place;
      if (!is_selected(child, step, place)) continue;
      found = {node, i};
      ++matches;
    }
    if (matches != 1) return false;
    node = &found.parent->children[found.index];
  }
  return found.parent != nullptr;
}

bool add(const XmlNode& operation, const Found& at) {
  const std::string pos = operation.attribute("pos");
  XmlNode& target = at.parent->children[at.index];
  XmlNode& parent = pos.empty() ? target : *at.parent;
  size_t index = at.index;
  if (pos.empty()) index = target.children.size();
  if (pos == "after") ++index;
  if (operation.children.empty() || (!pos.empty() && pos != "before" && pos != "after")) return false;
  parent.children.insert(parent.children.begin() + static_cast<ptrdiff_t>(index), operation.children.begin(),
                         operation.children.end());
  return true;
}

bool apply_operation(XmlNode& document, const XmlNode& operation) {
  Found at;
  if (!find(document, operation.attribute("sel"), at)) return false;
  if (operation.name == "p:add") return add(operation, at);
  if (operation.name == "p:remove") {
    at.parent->children.erase(at.parent->children.begin() + static_cast<ptrdiff_t>(at.index));
    return true;
  }
  if (operation.name != "p:replace" || operation.children.size() != 1) return false;
  at.parent->children[at.index] = operation.children[0];
  return true;
}

bool read_version(const XmlNode& root, int64_t& version) {
  const std::string text = root.attribute("version");
  const char* const end = text.data() + text.size();
  return !text.empty() && std::from_chars(text.data(), end, version).ptr == end;
}

}  // namespace

std::string PartialDocument::take(std::string_view body) {
  XmlNode root;
  int64_t version = -1;
  if (!read_xml(body, root) || !read_version(root, version)) {
    clear();
    return "no partial document: " + std::string(body);
  }
  if (version <= version_) return {};
  const bool is_patch = root.name == "p:pidf-diff";
  std::string fault;
  if (is_patch) {
    if (version != version_ + 1) fault = "a patch of version " + std::to_string(version - 1) + " for who has another";
    if (fault.empty()) fault = apply(root);
  } else if (root.name == "p:pidf-full") {
    root_ = root;
    root_.name = "presence";
    root_.attributes.erase("version");
    root_.attributes.erase("xmlns:p");
  } else {
    fault = "a root that is none of partial presence: " + root.name;
  }
  if (!fault.empty()) {
    clear();
    return fault;
  }
  version_ = version;
  was_patched_ = is_patch;
  return {};
}

std::string PartialDocument::apply(const XmlNode& patch) {
  if (patch.attribute("entity") != root_.attribute("entity")) return "a patch of another presentity";
  XmlNode document;
  document.children = {root_};
  for (const XmlNode& operation : patch.children) {
    const std::string selector = operation.attribute("sel");
    if (!apply_operation(document, operation)) return operation.name + " " + selector + " fits nothing";
  }
  root_ = document.children[0];
  return {};
}

std::string PartialDocument::document() const {
  std::string text;
  if (version_ >= 0) write_xml(root_, text);
  return text;
}

}  // namespace vedette::sim
