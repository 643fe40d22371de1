// libre 1.1 on the corpus: sip_msg_decode, its decoders for what that leaves as text, mem_deref. It reads in place,
// so each message is put into an mbuf once, before anything is timed.
// What it reads: what we do (bench/asked_for.h), but for the tokens of Supported and Require, which are split and not
// looked at; From, To, CSeq and Content-Type of every message, because sip_msg_decode does.
#pragma once

#include <cstddef>
#include <vector>

#include "bench/bench_messages.h"
#include "bench/reading.h"

struct mbuf;

namespace vedette::bench {

class LibreParser {
 public:
  explicit LibreParser(const BenchMessages& messages);
  ~LibreParser();
  LibreParser(const LibreParser&) = delete;
  LibreParser& operator=(const LibreParser&) = delete;

  bool read(size_t i);
  Reading reading(size_t i);

 private:
  std::vector<mbuf*> buffers_;
};

}  // namespace vedette::bench
