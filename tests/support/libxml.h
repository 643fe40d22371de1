// libxml2's opinion on a document, as a second one beside ours. Header only; for tests that link libxml2. Where there
// is none, because a processor is emulated, every opinion of ours goes.
#pragma once

#if !defined(VEDETTE_WITHOUT_LIBXML)
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#endif

#include <string_view>

namespace vedette::support {

#if defined(VEDETTE_WITHOUT_LIBXML)

inline bool libxml_takes(std::string_view) { return true; }
inline bool libxml_refuses(std::string_view) { return true; }

#else

// Well-formed, its namespaces too. A namespace's name need not be a URI for that (Namespaces in XML §2.2 only
// asks for it), so libxml2's complaint about those does not count. The network is not asked for anything.
inline bool libxml_takes(std::string_view document) {
  xmlParserCtxt* const context = xmlNewParserCtxt();
  int complaints = 0;
  context->_private = &complaints;
  context->sax->serror = [](void* user, xmlErrorPtr error) {
    // A warning is about the likes of a version 1.1, which is read as 1.0 (XML §2.8).
    const bool is_about_uri = error->code == XML_WAR_NS_URI || error->code == XML_WAR_NS_URI_RELATIVE;
    if (!is_about_uri && error->level != XML_ERR_WARNING)
      ++*static_cast<int*>(static_cast<xmlParserCtxt*>(user)->_private);
  };
  xmlDoc* const tree = xmlCtxtReadMemory(context, document.data(), static_cast<int>(document.size()), nullptr,
                                         nullptr, XML_PARSE_NONET);
  const bool is_well = context->wellFormed != 0 && complaints == 0 && tree != nullptr;
  xmlFreeDoc(tree);
  xmlFreeParserCtxt(context);
  return is_well;
}

inline bool libxml_refuses(std::string_view document) { return !libxml_takes(document); }

#endif

}  // namespace vedette::support
