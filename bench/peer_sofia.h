// sofia-sip 1.12 on the corpus: msg_create, msg_extract (its full parse), msg_destroy. Faster than its own
// msg_make(): the bytes are copied (the parser writes into them) into a buffer that is used again, and the message's
// home is preloaded with 4 kB, so that nearly all of a message is one allocation.
// What it reads: everything that we do of some message, and Date, Max-Forwards, User-Agent, Allow, Route,
// Session-Expires and Min-SE.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/bench_messages.h"
#include "bench/reading.h"

struct msg_mclass_s;

namespace vedette::bench {

class SofiaParser {
 public:
  // kAll is what everybody gets, sip_default_mclass(). kAskedForOfSome is a class that knows the fields of
  // bench/asked_for.h alone: what it reads is then what we do of some message, and no more.
  enum class Fields { kAll, kAskedForOfSome };
  SofiaParser(const BenchMessages& messages, Fields fields);

  bool read(size_t i);
  Reading reading(size_t i);

 private:
  const BenchMessages& messages_;
  const msg_mclass_s* const fields_;
  std::vector<char> buffer_;
};

}  // namespace vedette::bench
