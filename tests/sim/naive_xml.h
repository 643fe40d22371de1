// XML as a tree of strings, for documents that the server wrote itself: no namespaces, no DOCTYPE, no CDATA. What it
// does not understand it refuses. Slow, and shares nothing with parsers/.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::sim {

struct XmlNode {
  std::string name;                                // With its prefix.
  std::map<std::string, std::string> attributes;   // References are resolved.
  std::string text;                                // Of its own, one after the other.
  std::vector<XmlNode> children;

  // The value of an attribute; empty when it is not there.
  std::string attribute(const std::string& key) const;
  // The first child of that name; null when there is none.
  const XmlNode* find(std::string_view child) const;
};

// False when it is not well-formed, or is more than this reads.
bool read_xml(std::string_view document, XmlNode& root);
// Appends it: attributes in the order of their names, an element's text before its children.
void write_xml(const XmlNode& node, std::string& out);

}  // namespace vedette::sim
