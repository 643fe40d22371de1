// libxml2's opinion on a document, as a second one beside ours. Header only; for tests that link libxml2.
#pragma once

#include <libxml/parser.h>

#include <string_view>

namespace vedette::support {

// Well-formed, its namespaces too. The network is not asked for anything.
inline bool is_well_formed(std::string_view document) {
  xmlParserCtxt* const context = xmlNewParserCtxt();
  xmlDoc* const tree = xmlCtxtReadMemory(context, document.data(), static_cast<int>(document.size()), nullptr,
                                         nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  const bool is_well = context->wellFormed != 0 && context->nsWellFormed != 0 && tree != nullptr;
  xmlFreeDoc(tree);
  xmlFreeParserCtxt(context);
  return is_well;
}

}  // namespace vedette::support
