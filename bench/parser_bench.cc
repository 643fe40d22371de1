// What reading costs: our parsers, memcpy of the same bytes as the bound, and the parsers that Debian packages, in one
// run. Typed values are those that the engine asks for of each message (bench/asked_for.h): peers are asked for the
// same, by what their interface has for it, and give what more they make unasked. typed_all is what the engine asks for
// of some message, read of all.
// One iteration is the whole corpus (bench/messages, or the folder given), or one body; `each` is the time of one
// message or body. Time is the thread's CPU time; tsc_cycles_per_byte counts the time stamp counter, which runs at the
// nominal clock. `tools/bench parser` runs it and judges the ratios.
#include <benchmark/benchmark.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include <cstdio>
#include <cstring>
#include <exception>

#include "bench/bench_messages.h"
#include "bench/own_parsers.h"
#include "bench/peer_libre.h"
#include "bench/peer_libxml.h"
#include "bench/peer_osip.h"
#include "bench/peer_sofia.h"

namespace vedette::bench {
namespace {

// The bound: nobody reads a message in less time than it takes to move it.
class Memcpy {
 public:
  explicit Memcpy(const BenchMessages& messages) : messages_(messages), target_(messages.bytes_max()) {}

  bool read(size_t i) {
    char* target = target_.begin();
    std::memcpy(target, messages_[i].data(), messages_[i].size());
    benchmark::DoNotOptimize(target);
    return true;
  }

 private:
  const BenchMessages& messages_;
  DatagramMemory target_;
};

uint64_t cycles() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return 0;
#endif
}

struct Work {
  size_t items = 0;            // Of one iteration.
  size_t bytes = 0;
};

bool failed = false;           // Something that was timed was not read.

// Times `read`, a call an iteration; it says whether all was well.
template <typename Read>
void time(benchmark::State& state, const Work& work, Read read) {
  bool good = true;
  const uint64_t begin = cycles();
  for (auto _ : state) {
    good &= read();
    benchmark::DoNotOptimize(good);
    benchmark::ClobberMemory();
  }
  const uint64_t end = cycles();
  if (!good) {
    failed = true;
    state.SkipWithError("what was read before could not be read again");
  }
  const auto iterations = static_cast<double>(state.iterations());
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * work.bytes));
  using benchmark::Counter;
  state.counters["each"] = Counter(iterations * static_cast<double>(work.items), Counter::kIsRate | Counter::kInvert);
  if (end == begin) return;
  state.counters["tsc_cycles_per_byte"] =
      static_cast<double>(end - begin) / (iterations * static_cast<double>(work.bytes));
}

template <typename Parser>
void time_corpus(benchmark::State& state, const BenchMessages& messages, Parser& parser) {
  time(state, {messages.count(), messages.bytes()}, [&] {
    bool good = true;
    for (size_t i = 0; i < messages.count(); ++i) {
      good &= parser.read(i);
      // What was read is wanted, although the next message takes its place.
      benchmark::ClobberMemory();
    }
    return good;
  });
}

// Everything that is timed.
struct Parsers {
  explicit Parsers(const BenchMessages& corpus)
      : messages(corpus), copy(corpus), index(corpus), typed(corpus, TypedParser::Values::kAskedFor),
        typed_all(corpus, TypedParser::Values::kAskedForOfSome), pidf(corpus),
        osip(corpus, OsipParser::Memory::kLibc), osip_arena(corpus, OsipParser::Memory::kArena),
        sofia(corpus, SofiaParser::Fields::kAll),
        sofia_some(corpus, SofiaParser::Fields::kAskedForOfSome), libre(corpus), libxml(corpus) {}

  const BenchMessages& messages;
  Memcpy copy;
  IndexParser index;
  TypedParser typed, typed_all;
  PidfReader pidf;
  OsipParser osip, osip_arena;
  SofiaParser sofia, sofia_some;
  LibreParser libre;
  LibxmlReader libxml;
};

// Whether `parser` finds in every message what we find there.
template <typename Parser>
bool agrees(const char* name, Parsers& parsers, Parser& parser) {
  bool all = true;
  for (size_t i = 0; i < parsers.messages.count(); ++i) {
    if (parser.reading(i) == parsers.typed.reading(i)) continue;
    std::fprintf(stderr, "parser_bench: %s does not read %s as we do\n", name, parsers.messages.name(i).c_str());
    all = false;
  }
  return all;
}

// Nothing is timed that does not do its work.
bool all_read(Parsers& parsers) {
  bool good = true;
  for (size_t i = 0; i < parsers.messages.count(); ++i) {
    if (parsers.index.read(i) && parsers.typed.read(i) && parsers.typed_all.read(i)) continue;
    std::fprintf(stderr, "parser_bench: %s is not valid to us\n", parsers.messages.name(i).c_str());
    good = false;
  }
  good &= agrees("libosip2", parsers, parsers.osip);
  good &= agrees("libosip2 with an arena", parsers, parsers.osip_arena);
  good &= agrees("sofia-sip", parsers, parsers.sofia);
  good &= agrees("sofia-sip with fewer fields", parsers, parsers.sofia_some);
  good &= agrees("libre", parsers, parsers.libre);
  parsers::Message message;
  NotifyAnswer answer;
  if (!read_notify_response(parsers.messages.notify_response(), message, answer) || answer.status != 200) {
    std::fprintf(stderr, "parser_bench: the response to a NOTIFY is none of ours\n");
    good = false;
  }
  if (!parsers.pidf.read() || parsers.pidf.elements() == 0 || parsers.pidf.elements() != parsers.libxml.elements()) {
    std::fprintf(stderr, "parser_bench: the presence document is not read as libxml2 reads it\n");
    good = false;
  }
  return good;
}

template <typename Parser>
void add(const char* name, const BenchMessages& messages, Parser& parser) {
  benchmark::RegisterBenchmark(name, [&](benchmark::State& state) { time_corpus(state, messages, parser); });
}

void add_osip(const char* name, const BenchMessages& messages, OsipParser& parser) {
  benchmark::RegisterBenchmark(name, [&](benchmark::State& state) {
    parser.prepare();
    time_corpus(state, messages, parser);
  });
}

void add_all(Parsers& parsers) {
  const BenchMessages& messages = parsers.messages;
  add("memcpy", messages, parsers.copy);
  add("index", messages, parsers.index);
  add("typed", messages, parsers.typed);
  add("typed_all", messages, parsers.typed_all);
  benchmark::RegisterBenchmark("notify_response", [&](benchmark::State& state) {
    const std::string_view response = messages.notify_response();
    parsers::Message message;
    time(state, {1, response.size()}, [&] {
      NotifyAnswer answer;
      const bool good = read_notify_response(response, message, answer);
      benchmark::DoNotOptimize(answer);
      return good;
    });
  });
  add("sofia", messages, parsers.sofia);
  add("sofia_some", messages, parsers.sofia_some);
  add_osip("osip", messages, parsers.osip);
  add_osip("osip_arena", messages, parsers.osip_arena);
  add("libre", messages, parsers.libre);
  const Work body = {1, messages.presence_body().size()};
  benchmark::RegisterBenchmark("pidf", [&, body](benchmark::State& state) {
    time(state, body, [&] { return parsers.pidf.read(); });
  });
  benchmark::RegisterBenchmark("libxml2", [&, body](benchmark::State& state) {
    time(state, body, [&] { return parsers.libxml.read(); });
  });
}

int run(const char* folder) {
  const BenchMessages messages(folder);
  Parsers parsers(messages);
  if (!all_read(parsers)) return 1;
  benchmark::AddCustomContext("messages", std::to_string(messages.count()));
  benchmark::AddCustomContext("bytes", std::to_string(messages.bytes()));
  benchmark::AddCustomContext("notify_response_bytes", std::to_string(messages.notify_response().size()));
  benchmark::AddCustomContext("body_bytes", std::to_string(messages.presence_body().size()));
  add_all(parsers);
  benchmark::RunSpecifiedBenchmarks();
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace vedette::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc > 2) {
    std::fprintf(stderr, "usage: parser_bench [--benchmark_...] [FOLDER]\n");
    return 2;
  }
  try {
    return vedette::bench::run(argc == 2 ? argv[1] : VEDETTE_BENCH_MESSAGES);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parser_bench: %s\n", error.what());
    return 1;
  }
}
