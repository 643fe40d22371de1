#include "tests/support/xml_patch.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

namespace vedette::support {
namespace {

struct FreeDoc {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDoc>;

Document read(std::string_view text) {
  return Document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
}

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

std::string attribute_of(xmlNode* node, const std::string& name) {
  xmlChar* const value = xmlGetNoNsProp(node, reinterpret_cast<const xmlChar*>(name.c_str()));
  std::string copy(text_of(value));
  xmlFree(value);
  return copy;
}

// A name with its namespace in the place of its prefix.
std::string full_name(const xmlNs* space, const xmlChar* local) {
  std::string name("{");
  if (space != nullptr) name += text_of(space->href);
  return name.append("}").append(text_of(local));
}

void put_canonical(xmlNode* node, std::string& out) {
  if (node->type != XML_ELEMENT_NODE) {
    out.append("[").append(text_of(node->content)).append("]");
    return;
  }
  std::map<std::string, std::string> attributes;
  for (xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
    xmlChar* const value = xmlNodeListGetString(node->doc, attribute->children, 1);
    attributes[full_name(attribute->ns, attribute->name)] = text_of(value);
    xmlFree(value);
  }
  out.append("<").append(full_name(node->ns, node->name));
  for (const auto& [name, value] : attributes) out.append(" ").append(name).append("=").append(value);
  out.append(">");
  for (xmlNode* child = node->children; child != nullptr; child = child->next) put_canonical(child, out);
  out.append("</>");
}

std::string canonical(xmlDoc* document) {
  std::string text;
  put_canonical(xmlDocGetRootElement(document), text);
  return text;
}

// One step: a name or "*", and a condition or none.
struct Step {
  std::string prefix, local;
  size_t place = 0;                  // [number]; 0: none.
  std::string attribute, value;      // [@attribute='value']
};

bool read_condition(std::string_view condition, Step& step) {
  if (condition.starts_with('@')) {
    const size_t equals = condition.find("='");
    if (equals == std::string_view::npos || !condition.ends_with('\'') || condition.size() < equals + 3) return false;
    step.attribute = condition.substr(1, equals - 1);
    step.value = condition.substr(equals + 2, condition.size() - equals - 3);
    return true;
  }
  for (const char c : condition) {
    if (c < '0' || c > '9') return false;
    step.place = step.place * 10 + static_cast<size_t>(c - '0');
  }
  return step.place > 0;
}

bool read_step(std::string_view text, Step& step) {
  if (const size_t open = text.find('['); open != std::string_view::npos) {
    if (!text.ends_with(']') || !read_condition(text.substr(open + 1, text.size() - open - 2), step)) return false;
    text = text.substr(0, open);
  }
  if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    step.prefix = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  step.local = text;
  return !text.empty();
}

// RFC 5261 §4.2.1: a name without a prefix is one of the default namespace in force where the selector stands.
bool has_name(xmlNode* node, const Step& step, xmlNode* operation) {
  if (step.local == "*") return true;
  const auto* const prefix = step.prefix.empty() ? nullptr : reinterpret_cast<const xmlChar*>(step.prefix.c_str());
  const xmlNs* const space = xmlSearchNs(operation->doc, operation, prefix);
  const std::string_view wanted = space == nullptr ? std::string_view{} : text_of(space->href);
  const std::string_view found = node->ns == nullptr ? std::string_view{} : text_of(node->ns->href);
  return wanted == found && text_of(node->name) == step.local;
}

std::vector<xmlNode*> take_step(const std::vector<xmlNode*>& from, const Step& step, xmlNode* operation) {
  std::vector<xmlNode*> found;
  for (xmlNode* const node : from) {
    size_t place = 0;
    for (xmlNode* child = node->children; child != nullptr; child = child->next) {
      if (child->type != XML_ELEMENT_NODE || !has_name(child, step, operation)) continue;
      ++place;
      if (step.place != 0 && step.place != place) continue;
      if (!step.attribute.empty() && attribute_of(child, step.attribute) != step.value) continue;
      found.push_back(child);
    }
  }
  return found;
}

// RFC 5261 §4.1: a selector finds one node, or the patch is at fault. Null then.
xmlNode* find_target(xmlDoc* document, xmlNode* operation) {
  const std::string selector = attribute_of(operation, "sel");
  std::vector<xmlNode*> found = {reinterpret_cast<xmlNode*>(document)};
  std::string_view rest = selector;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), text.size() + 1));
    Step step;
    if (!read_step(text, step)) return nullptr;
    found = take_step(found, step, operation);
  }
  return found.size() == 1 && found[0]->type == XML_ELEMENT_NODE ? found[0] : nullptr;
}

std::string add(xmlDoc* document, xmlNode* target, xmlNode* operation) {
  const std::string pos = attribute_of(operation, "pos");
  xmlNode* last = nullptr;
  for (xmlNode* child = operation->children; child != nullptr; child = child->next) {
    xmlNode* const added = xmlDocCopyNode(child, document, 1);
    if (last != nullptr) {
      xmlAddNextSibling(last, added);
    } else if (pos == "before") {
      xmlAddPrevSibling(target, added);
    } else if (pos == "after") {
      xmlAddNextSibling(target, added);
    } else if (pos == "prepend" && target->children != nullptr) {
      xmlAddPrevSibling(target->children, added);
    } else if (pos.empty() || pos == "prepend") {
      xmlAddChild(target, added);
    } else {
      xmlFreeNode(added);
      return "no such pos: " + pos;
    }
    last = added;
  }
  return last == nullptr ? "nothing to add" : "";
}

std::string replace(xmlDoc* document, xmlNode* target, xmlNode* operation) {
  xmlNode* const child = operation->children;
  if (child == nullptr || child->next != nullptr) return "an element is replaced by one";
  xmlFreeNode(xmlReplaceNode(target, xmlDocCopyNode(child, document, 1)));
  return "";
}

std::string apply(xmlDoc* document, xmlNode* operation) {
  xmlNode* const target = find_target(document, operation);
  if (target == nullptr) return "not one element: " + attribute_of(operation, "sel");
  const std::string_view name = text_of(operation->name);
  if (name == "add") return add(document, target, operation);
  if (name == "replace") return replace(document, target, operation);
  if (name != "remove") return "no such operation: " + std::string(name);
  xmlUnlinkNode(target);
  xmlFreeNode(target);
  return "";
}

}  // namespace

PatchedXml apply_xml_patch(std::string_view text, std::string_view patch_text) {
  const Document document = read(text);
  const Document patch = read(patch_text);
  if (document == nullptr || patch == nullptr) return {.fault = "not well-formed"};
  xmlNode* const root = xmlDocGetRootElement(patch.get());
  for (xmlNode* operation = root->children; operation != nullptr; operation = operation->next) {
    const std::string fault = operation->type == XML_ELEMENT_NODE ? apply(document.get(), operation) : "text";
    if (!fault.empty()) return {.fault = fault};
  }
  xmlNode* const changed = xmlDocGetRootElement(document.get());
  const auto* const version = reinterpret_cast<const xmlChar*>("version");
  if (xmlHasProp(changed, version) != nullptr) {
    xmlSetProp(changed, version, reinterpret_cast<const xmlChar*>(attribute_of(root, "version").c_str()));
  }
  xmlChar* bytes = nullptr;
  int length = 0;
  xmlDocDumpMemory(document.get(), &bytes, &length);
  const std::string made(text_of(bytes));
  xmlFree(bytes);
  return {canonical(document.get()), made, {}};
}

std::string canonical_xml(std::string_view text) {
  const Document document = read(text);
  return document == nullptr ? std::string{} : canonical(document.get());
}

}  // namespace vedette::support
