// sofia-sip 1.12 on the corpus: msg_create, msg_extract (its full parse), msg_destroy. Faster than its own
// msg_make(): the bytes are copied (the parser writes into them) into a buffer that is used again, and the message's
// home is preloaded with 4 kB, so that nearly all of a message is one allocation.
// What it reads: everything that we do, and Date, User-Agent, Allow-Events, Session-Expires and Min-SE.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/bench_messages.h"
#include "bench/reading.h"

namespace vedette::bench {

class SofiaParser {
 public:
  explicit SofiaParser(const BenchMessages& messages) : messages_(messages), buffer_(messages.bytes_max() + 64) {}

  bool read(size_t i);
  Reading reading(size_t i);

 private:
  const BenchMessages& messages_;
  std::vector<char> buffer_;
};

}  // namespace vedette::bench
