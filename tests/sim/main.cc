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
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/run.h"
#include "tests/sim/totals.h"

namespace vedette::sim {
namespace {

struct Options {
  uint64_t first = 1;
  uint64_t last = 10;
  const Preset* preset = find_preset("normal");      // Null: each seed has another one.
  int64_t minutes = 0;           // Of this machine's time; 0: the seeds say how long.
  int64_t safety_minutes = 0;    // Simulated; 0: as the preset has it.
  uint64_t jobs = 1;
  TracePrint print = TracePrint::kNothing;
  bool counts = false;
  bool meets_limits = false;
  bool plays_all = false;
  bool every_order = false;
};

constexpr uint64_t kFailedMax = 5;      // Of a job, before it ends.

constexpr std::string_view kUsage =
    "Runs the whole protocol in virtual time, one world per seed, each twice.\n"
    "\n"
    "  --seed N         one seed\n"
    "  --seeds A..B     these, both ends included (default 1..10)\n"
    "  --preset NAME    what kind of world (default normal):\n";
constexpr std::string_view kUsageEnd =
    "                     all      every seed another one of these\n"
    "  --minutes N      one seed after another, from the first on, for so long, or until a law is broken\n"
    "  --jobs N         processes that share the seeds (default 1)\n"
    "  --safety N       simulated minutes of the safety phase, instead of the preset's\n"
    "  --trace          one line for every message; with it each seed runs once\n"
    "  --trace-bytes    every message whole\n"
    "  --counts         what was answered and refused, over all seeds\n"
    "  --meets-limits   fail, too, when some limit was never met\n"
    "  --plays-all      fail, too, when something was never played\n"
    "  --every-order    fail, too, when devices have not expired in each order that there is\n"
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
    bool* const flag = name == "--counts"         ? &options.counts
                       : name == "--meets-limits" ? &options.meets_limits
                       : name == "--plays-all"    ? &options.plays_all
                       : name == "--every-order"  ? &options.every_order
                                                  : nullptr;
    if (flag != nullptr) {
      *flag = true;
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
    } else if (name == "--preset" && value == "all") {
      options.preset = nullptr;
    } else if (name == "--minutes" && read_number(value, number) && number > 0 && number <= 10'000) {
      options.minutes = static_cast<int64_t>(number);
      options.counts = true;
    } else if (name == "--safety" && read_number(value, number) && number <= 10'000) {
      options.safety_minutes = static_cast<int64_t>(number);
    } else if (name == "--jobs" && read_number(value, number) && number > 0 && number <= 64) {
      options.jobs = number;
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
                minutes == 0 ? "" : (" --safety " + std::to_string(minutes)).c_str());
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

// A preset by a seed's turn, or the one that was asked for.
const Preset& preset_of(const Options& options, uint64_t seed) {
  return options.preset != nullptr ? *options.preset : presets()[seed % presets().size()];
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Job number `job` of options.jobs: every so many'th seed, until the last one, or the time is over, or, where the time
// counts, a law is broken.
Totals run_job(const Options& options, uint64_t job) {
  const Clock::time_point start = Clock::now();
  Clock::time_point said = start;
  Totals totals;
  for (uint64_t seed = options.first + job; options.minutes > 0 || seed <= options.last; seed += options.jobs) {
    if (options.minutes > 0 && seconds_since(start) >= 60.0 * static_cast<double>(options.minutes)) break;
    Preset preset = preset_of(options, seed);
    if (options.safety_minutes > 0) preset.safety = engine::Duration::seconds(60 * options.safety_minutes);
    const RunPlan plan = {.seed = seed, .preset = &preset, .print = options.print};
    prepare_replay(plan, options.safety_minutes);
    RunResult result;
    const bool good = run_twice(plan, result);
    totals.add(result, good);
    if (!good && (options.minutes > 0 || totals.failed >= kFailedMax)) break;
    if (seconds_since(said) < 10) continue;
    said = Clock::now();
    std::printf("%.0f s: seed %llu, %llu worlds, %llu failed\n", seconds_since(start),
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(totals.worlds),
                static_cast<unsigned long long>(totals.failed));
    std::fflush(stdout);
  }
  return totals;
}

// Each job in a process of its own: worlds share nothing, and one that crashes takes no other with it.
Totals run_jobs(const Options& options) {
  if (options.jobs == 1) return run_job(options, 0);
  struct Child {
    pid_t process;
    int pipe;
  };
  std::vector<Child> children;
  std::fflush(nullptr);
  for (uint64_t job = 0; job < options.jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t process = fork();
    if (process < 0) std::abort();
    if (process == 0) {
      close(ends[0]);
      const Totals totals = run_job(options, job);
      std::fflush(nullptr);
      const bool whole = write(ends[1], &totals, sizeof totals) == static_cast<ssize_t>(sizeof totals);
      _exit(whole ? 0 : 1);
    }
    close(ends[1]);
    children.push_back({process, ends[0]});
  }
  Totals sum;
  bool is_ended = false;
  for (const Child& child : children) {
    Totals totals;
    size_t length = 0;
    ssize_t got = 0;
    while (length < sizeof totals &&
           (got = read(child.pipe, reinterpret_cast<char*>(&totals) + length, sizeof totals - length)) > 0) {
      length += static_cast<size_t>(got);
    }
    close(child.pipe);
    int status = 0;
    waitpid(child.process, &status, 0);
    const bool crashed = length < sizeof totals || status != 0;
    if (crashed) totals = {.failed = 1};
    sum.add(totals);
    // The first failure ends the others: with --minutes one is looked at before others are looked for.
    if (options.minutes > 0 && sum.failed > 0 && !is_ended) {
      is_ended = true;
      for (const Child& other : children) {
        if (other.process != child.process) kill(other.process, SIGTERM);
      }
    }
  }
  return sum;
}

int run_all(const Options& options) {
  const Clock::time_point start = Clock::now();
  Totals totals = run_jobs(options);
  if (options.counts) totals.print();
  const std::string name = options.preset != nullptr ? std::string(options.preset->name) : "all";
  const auto missed = [&](bool wanted, const char* what, const std::string& names) {
    if (!wanted || names.empty()) return;
    std::fprintf(stderr, "%s:%s\n", what, names.c_str());
    ++totals.failed;
  };
  missed(options.meets_limits, "these limits were never met", totals.limits_not_met());
  missed(options.plays_all, "these were never played", totals.not_played());
  const size_t orders = kExpiryOrders - totals.played.expiry_orders.count();
  missed(options.every_order, "orders of expiry that were never played",
         orders == 0 ? std::string() : " " + std::to_string(orders));
  std::printf("%s: %llu worlds, %llu messages, %.1f s: %s\n", name.c_str(),
              static_cast<unsigned long long>(totals.worlds), static_cast<unsigned long long>(totals.messages),
              seconds_since(start), totals.failed == 0 ? "no law broken" : "FAILED");
  return totals.failed == 0 ? 0 : 1;
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
