// libosip2 5.3 on the corpus: osip_message_init, osip_message_parse, what that leaves as text and we read, and
// osip_message_free.
// What it reads: start line with the URI, Via, From, To, Contact, Route, Record-Route, Call-ID, CSeq, Content-Type,
// Content-Length, Accept, Allow, Authorization, each into structs and strings of their own, and the body as a copy; by
// its functions for other fields Event (osip_content_disposition_parse, for one of the same grammar) and Expires, where
// they are asked for (bench/asked_for.h). Supported, Require and SIP-If-Match it splits and does not look at.
#pragma once

#include <cstddef>

#include "bench/bench_messages.h"
#include "bench/reading.h"

namespace vedette::bench {

class OsipParser {
 public:
  // kLibc is what everybody gets. kArena goes as far as osip_set_allocators() goes: an allocation is an addition,
  // free does nothing, and the arena starts anew with each message.
  enum class Memory { kLibc, kArena };
  OsipParser(const BenchMessages& messages, Memory memory);

  // Before a run of reads: the allocators are the whole library's.
  void prepare();
  bool read(size_t i);
  Reading reading(size_t i);

 private:
  const BenchMessages& messages_;
  Memory memory_;
};

}  // namespace vedette::bench
