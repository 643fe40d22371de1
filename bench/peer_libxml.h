// libxml2 2.9 on the presence document: its tree, made and freed. Of its settings the fastest that still reads every
// element: one parser context (and so its dictionary of names) used again, no text nodes for white space between
// elements, short texts within their nodes. xmlReadMemory() with its defaults takes two fifths more.
#pragma once

#include <cstddef>
#include <string_view>

#include "bench/bench_messages.h"

struct _xmlParserCtxt;

namespace vedette::bench {

class LibxmlReader {
 public:
  explicit LibxmlReader(const BenchMessages& messages);
  ~LibxmlReader();
  LibxmlReader(const LibxmlReader&) = delete;
  LibxmlReader& operator=(const LibxmlReader&) = delete;

  bool read();
  size_t elements();          // Children of <presence>; 0 when it is not well-formed.

 private:
  std::string_view body_;
  _xmlParserCtxt* context_;
};

}  // namespace vedette::bench
