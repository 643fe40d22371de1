// XML patches (RFC 5261) as a watcher applies them, written for plainness: each operation walks libxml2's tree by its
// selector. Takes what RFC 5262's documents hold: add, replace and remove of elements; selectors of names and "*", with
// [@name='value'] or [number]. For tests.
#pragma once

#include <string>
#include <string_view>

namespace vedette::support {

struct PatchedXml {
  std::string document;   // As canonical_xml() writes it.
  std::string text;       // As XML.
  std::string fault;      // Why the patch cannot be applied; empty when it was.
};

// Applies the operations of `patch` in their order. Where the document's root has a version, it gets the patch's.
PatchedXml apply_xml_patch(std::string_view document, std::string_view patch);
// What a document means, prefixes and the order of attributes not told; empty when it is not well-formed.
std::string canonical_xml(std::string_view document);

}  // namespace vedette::support
