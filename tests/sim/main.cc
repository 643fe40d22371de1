// Runs seeds: each twice, and both runs must leave the same trace. What happens in a run is in run.h; this is its
// command line alone. tools/sim builds and calls it.
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <unistd.h>

#include "engine/reason.h"
#include "tests/sim/run.h"

namespace vedette::sim {
namespace {

struct Options {
  uint64_t first = 1;
  uint64_t last = 10;
  const Preset* preset = find_preset("normal");
  int64_t minutes = 0;
  TracePrint print = TracePrint::kNothing;
  bool counts = false;
  bool meets_limits = false;
};

constexpr std::string_view kUsage =
    "Runs the whole protocol in virtual time, one world per seed, each twice.\n"
    "\n"
    "  --seed N         one seed\n"
    "  --seeds A..B     these, both ends included (default 1..10)\n"
    "  --preset NAME    what kind of world (default normal):\n";
constexpr std::string_view kUsageEnd =
    "  --minutes N      simulated minutes of the safety phase (default 10)\n"
    "  --trace          one line for every message; with it each seed runs once\n"
    "  --trace-bytes    every message whole\n"
    "  --counts         what was answered and refused, over all seeds\n"
    "  --meets-limits   fail, too, when some limit was never met\n"
    "  --help           this\n";

void print_usage() {
  std::fwrite(kUsage.data(), 1, kUsage.size(), stdout);
  for (const Preset& preset : presets()) {
    std::printf("                     %-9s%s\n", std::string(preset.name).c_str(), std::string(preset.summary).c_str());
  }
  std::fwrite(kUsageEnd.data(), 1, kUsageEnd.size(), stdout);
}

bool read_number(std::string_view text, uint64_t& out) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && rest == text.data() + text.size();
}

bool read_seeds(std::string_view text, Options& options) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return false;
  return read_number(text.substr(0, dots), options.first) && read_number(text.substr(dots + 2), options.last) &&
         options.first <= options.last;
}

// False when the options cannot be understood.
bool read_options(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    if (name == "--trace" || name == "--trace-bytes") {
      options.print = name == "--trace" ? TracePrint::kLines : TracePrint::kMessages;
      continue;
    }
    if (name == "--counts" || name == "--meets-limits") {
      (name == "--counts" ? options.counts : options.meets_limits) = true;
      continue;
    }
    if (i + 1 == count) return false;
    const std::string_view value = arguments[++i];
    uint64_t number = 0;
    if (name == "--seed" && read_number(value, number)) {
      options.first = options.last = number;
    } else if (name == "--seeds" && read_seeds(value, options)) {
      continue;
    } else if (name == "--preset" && find_preset(value) != nullptr) {
      options.preset = find_preset(value);
    } else if (name == "--minutes" && read_number(value, number) && number <= 10'000) {
      options.minutes = static_cast<int64_t>(number);
    } else {
      return false;
    }
  }
  return true;
}

// What to type to see it again; made ready before each run, so that a signal handler can write it.
std::array<char, 256> replay_command;

void prepare_replay(const RunPlan& plan, int64_t minutes) {
  std::snprintf(replay_command.data(), replay_command.size(), "replay: tools/sim --seed %llu --preset %s%s --trace\n",
                static_cast<unsigned long long>(plan.seed), std::string(plan.preset->name).c_str(),
                minutes == 0 ? "" : (" --minutes " + std::to_string(minutes)).c_str());
}

void on_crash(int signal) {
  const ssize_t ignored = write(STDERR_FILENO, replay_command.data(), std::strlen(replay_command.data()));
  static_cast<void>(ignored);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void print_failure(const RunPlan& plan, const RunResult& result) {
  std::fprintf(stderr, "\nseed %llu, preset %s: a law is broken.\n  law:  %s\n  seen: %s\n  Call-ID: %s\n%s",
               static_cast<unsigned long long>(plan.seed), std::string(plan.preset->name).c_str(),
               result.law.law.c_str(), result.law.seen.c_str(), result.law.call_id.c_str(),
               replay_command.data());
}

// True when no law is broken and a second run is the same.
bool run_twice(const RunPlan& plan, RunResult& result) {
  result = run_seed(plan);
  if (result.broken) {
    print_failure(plan, result);
    return false;
  }
  if (plan.print != TracePrint::kNothing) return true;
  const RunResult again = run_seed(plan);
  if (again.trace_hash == result.trace_hash && again.messages == result.messages) return true;
  std::fprintf(
      stderr,
      "\nseed %llu, preset %s: two runs differ (%016llx and %016llx): something is not of the seed.\n%s",
      static_cast<unsigned long long>(plan.seed), std::string(plan.preset->name).c_str(),
      static_cast<unsigned long long>(result.trace_hash), static_cast<unsigned long long>(again.trace_hash),
      replay_command.data());
  return false;
}

struct Totals {
  uint64_t messages = 0;
  std::map<unsigned, uint64_t> answers;
  engine::Counters counters;
  ServerDrops drops;

  void add(const RunResult& result) {
    messages += result.messages;
    for (const auto& [status, count] : result.answers) answers[status] += count;
    for (size_t i = 0; i < counters.values.size(); ++i) counters.values[i] += result.counters.values[i];
    for (size_t i = 0; i < counters.refusals.size(); ++i) counters.refusals[i] += result.counters.refusals[i];
    drops.rx_queue += result.drops.rx_queue;
    drops.peer_ring += result.drops.peer_ring;
  }
  // Names the limits that no world has met; empty when all were.
  std::string limits_not_met() const {
    using engine::Counter;
    using engine::Reason;
    static constexpr std::array kReasons = {Reason::kPresentitiesFull, Reason::kSubscriptionsFull,
                                            Reason::kPublicationsFull, Reason::kBindingsFull,
                                            Reason::kDocumentsFull,    Reason::kPresentitySubscriptionsFull,
                                            Reason::kAorBindingsFull,  Reason::kMessageTooLong,
                                            Reason::kBodyTooLong,      Reason::kQuiescing,
                                            Reason::kFiltersFull};
    static constexpr std::array kCounters = {Counter::kPublicationsReplaced, Counter::kServerTransactionsForgotten,
                                             Counter::kReplayWindowsForgotten};
    std::string names;
    for (const Reason reason : kReasons) {
      if (counters.get(reason) == 0) names.append(" ").append(engine::entry_of(reason).name);
    }
    for (const Counter counter : kCounters) {
      if (counters.get(counter) == 0) names.append(" ").append(engine::to_string(counter));
    }
    if (drops.rx_queue == 0) names += " rx_queue";
    if (drops.peer_ring == 0) names += " peer_ring";
    return names;
  }
  void print() const {
    for (const auto& [status, count] : answers)
      std::printf("  answered %u: %llu\n", status, static_cast<unsigned long long>(count));
    const auto line = [](std::string_view prefix, std::string_view name, uint64_t count) {
      std::printf("  %.*s%.*s: %llu\n", static_cast<int>(prefix.size()), prefix.data(),
                  static_cast<int>(name.size()), name.data(), static_cast<unsigned long long>(count));
    };
    for (size_t i = 0; i < counters.values.size(); ++i)
      line("", engine::to_string(static_cast<engine::Counter>(i)), counters.values[i]);
    for (size_t i = 1; i < counters.refusals.size(); ++i) {
      line("refused_", engine::entry_of(static_cast<engine::Reason>(i)).name, counters.refusals[i]);
    }
    line("", "dropped_at_rx_queue", drops.rx_queue);
    line("", "dropped_at_peer_ring", drops.peer_ring);
  }
};

int run_all(const Options& options) {
  using Clock = std::chrono::steady_clock;
  Preset preset = *options.preset;
  if (options.minutes > 0) preset.safety = engine::Duration::seconds(60 * options.minutes);
  Totals totals;
  const Clock::time_point start = Clock::now();
  Clock::time_point said = start;
  uint64_t failed = 0;
  for (uint64_t seed = options.first; seed <= options.last; ++seed) {
    const RunPlan plan = {.seed = seed, .preset = &preset, .print = options.print};
    prepare_replay(plan, options.minutes);
    RunResult result;
    if (!run_twice(plan, result) && ++failed >= 5) break;
    totals.add(result);
    if (Clock::now() - said > std::chrono::seconds(10)) {
      said = Clock::now();
      std::printf("%s: seed %llu of %llu, %llu failed\n", std::string(preset.name).c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(options.last),
                  static_cast<unsigned long long>(failed));
      std::fflush(stdout);
    }
  }
  if (options.counts) totals.print();
  const std::string not_met = options.meets_limits ? totals.limits_not_met() : std::string();
  if (!not_met.empty()) {
    std::fprintf(stderr, "these limits were never met:%s\n", not_met.c_str());
    ++failed;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("%s: seeds %llu..%llu, %llu messages, %.1f s: %s\n", std::string(preset.name).c_str(),
              static_cast<unsigned long long>(options.first), static_cast<unsigned long long>(options.last),
              static_cast<unsigned long long>(totals.messages), seconds, failed == 0 ? "no law broken" : "FAILED");
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vedette::sim

int main(int count, char** arguments) {
  if (count == 2 && std::string_view(arguments[1]) == "--help") {
    vedette::sim::print_usage();
    return 0;
  }
  vedette::sim::Options options;
  if (!vedette::sim::read_options(count, arguments, options)) {
    vedette::sim::print_usage();
    return 2;
  }
  std::signal(SIGABRT, vedette::sim::on_crash);
  std::signal(SIGSEGV, vedette::sim::on_crash);
  return vedette::sim::run_all(options);
}
