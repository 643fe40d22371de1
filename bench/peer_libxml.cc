#include "bench/peer_libxml.h"

#include <benchmark/benchmark.h>
#include <libxml/parser.h>

namespace vedette::bench {
namespace {

constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_COMPACT;

xmlDoc* parse(xmlParserCtxt* context, std::string_view body) {
  return xmlCtxtReadMemory(context, body.data(), static_cast<int>(body.size()), nullptr, nullptr, kOptions);
}

}  // namespace

LibxmlReader::LibxmlReader(const BenchMessages& messages) : body_(messages.presence_body()) {
  xmlInitParser();
  context_ = xmlNewParserCtxt();
}

LibxmlReader::~LibxmlReader() { xmlFreeParserCtxt(context_); }

bool LibxmlReader::read() {
  xmlDoc* tree = parse(context_, body_);
  benchmark::DoNotOptimize(tree);
  const bool good = tree != nullptr;
  xmlFreeDoc(tree);
  return good;
}

size_t LibxmlReader::elements() {
  xmlDoc* const tree = parse(context_, body_);
  if (tree == nullptr) return 0;
  const size_t count = xmlChildElementCount(xmlDocGetRootElement(tree));
  xmlFreeDoc(tree);
  return count;
}

}  // namespace vedette::bench
