// What is wrong with a presence document by the schemas of tests/rfc/schemas, in the eyes of libxml2. For tests that
// link it and the corpus. Where there is none, because a processor is emulated, nothing is wrong.
#pragma once

#if !defined(VEDETTE_WITHOUT_LIBXML)
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#endif

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/corpus.h"

namespace vedette::support {

#if defined(VEDETTE_WITHOUT_LIBXML)

inline std::string presence_schema_fault(std::string_view) { return {}; }

#else

namespace presence_schema {

inline void gather(void* user, xmlErrorPtr error) {
  std::string& faults = *static_cast<std::string*>(user);
  faults.append(error->message == nullptr ? "?" : error->message);
}

// Read once; it lives as long as the program.
inline xmlSchema* schema() {
  static xmlSchema* const kSchema = [] {
    const std::string file = source_path("tests/rfc/schemas/presence.xsd");
    xmlSchemaParserCtxt* const context = xmlSchemaNewParserCtxt(file.c_str());
    xmlSchema* const read = xmlSchemaParse(context);
    xmlSchemaFreeParserCtxt(context);
    return read;
  }();
  return kSchema;
}

}  // namespace presence_schema

// Empty when it is valid.
inline std::string presence_schema_fault(std::string_view document) {
  if (presence_schema::schema() == nullptr) return "the schemas cannot be read";
  xmlDoc* const tree = xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (tree == nullptr) return "not well-formed";
  std::string faults;
  xmlSchemaValidCtxt* const context = xmlSchemaNewValidCtxt(presence_schema::schema());
  xmlSchemaSetValidStructuredErrors(context, presence_schema::gather, &faults);
  if (xmlSchemaValidateDoc(context, tree) != 0 && faults.empty()) faults = "not valid";
  xmlSchemaFreeValidCtxt(context);
  xmlFreeDoc(tree);
  return faults;
}

#endif

}  // namespace vedette::support
