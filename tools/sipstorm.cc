// sipstorm: asks of a presence server what a million users would, and accounts for every datagram.
// In-process, through the engine's own poll loop, or over UDP to any server. Exit: 0, 1 when what must hold
// did not, 2 for a wrong command.
#include <sched.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "dataplane/cpus.h"
#include "engine/control/crypto.h"
#include "tools/storm/attack.h"
#include "tools/storm/engine_host.h"
#include "tools/storm/options.h"
#include "tools/storm/report.h"
#include "tools/storm/storm.h"
#include "tools/storm/udp_wire.h"

namespace vedette::storm {
namespace {

constexpr int kExitBroken = 1, kExitUsage = 2;

void list_workloads() {
  std::printf("%-9s%14s%12s%14s%13s  %s\n", "", "subscriptions", "PUBLISH/s", "transact./s", "NOTIFY/s",
              "for a million users");
  for (const Workload& workload : workloads()) {
    const WorkloadRates rates = rates_of(workload, 1e6);
    std::printf("%-9s%12.0f M%12.0f%14.0f%13.0f  %s\n", std::string(workload.name).c_str(),
                rates.subscriptions / 1e6, rates.publishes_per_second, rates.transactions_per_second,
                rates.notifies_per_second, std::string(workload.words).c_str());
  }
}

void show_progress(const std::string& phase, double share, const Session& session) {
  const Counts& counts = session.counts();
  uint64_t sent = 0, lost = 0, refused = 0;
  for (const AskCounts& ask : counts.asks) {
    sent += ask.sent;
    lost += ask.lost;
    refused += ask.refused;
  }
  std::fprintf(
      stderr,
      "\r\x1b[K%s %3.0f %%: %u live, %llu requests, %u waiting, %llu refused, %llu lost, %llu NOTIFYs",
      phase.c_str(), std::min(share, 1.0) * 100, session.live(), static_cast<unsigned long long>(sent),
      session.waiting(), static_cast<unsigned long long>(refused), static_cast<unsigned long long>(lost),
      static_cast<unsigned long long>(counts.notifies));
}

Nanoseconds steady_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The generator on the first CPU, the workers on the last ones, where there are enough.
void place(Options& o) {
  const std::vector<unsigned> cpus = dataplane::allowed_cpus();
  if (cpus.size() <= o.host.workers) return;
  if (o.host.cpus == "auto") {
    o.host.cpus.clear();
    for (size_t i = cpus.size() - o.host.workers; i < cpus.size(); ++i) {
      o.host.cpus += (o.host.cpus.empty() ? "" : ",") + std::to_string(cpus[i]);
    }
  }
}

void take_stock(const Session& session, const Wire& wire, RunReport& report) {
  const Population& population = session.population();
  for (uint32_t number = 0; number < population.numbers(); ++number)
    report.wanted_subscriptions += population.exists(number);
  report.subscriptions = session.live();
  report.untold = session.untold();
  report.waiting = session.waiting();
  report.fan_outs_open = session.fan_outs_open();
  report.damaged = wire.damaged();
  report.not_taken = wire.not_taken();
  report.generator_bytes = session.bytes();
}

Surroundings surroundings(const Options& o, std::function<ThreadTime()> server_time) {
  Surroundings around;
  around.now = steady_now;
  around.server_time = std::move(server_time);
  around.progress = [&o](const std::string& phase, double share, const Session& s) {
    if (!o.quiet && isatty(STDERR_FILENO)) show_progress(phase, share, s);
  };
  around.idle = [] { sched_yield(); };
  return around;
}

RunReport run_in_process(const Options& o, const Plan& plan) {
  RunReport report;
  report.server = "in-process";
  report.resident_before = resident_bytes();
  EngineHost host(o.host, plan);
  const std::vector<unsigned> cpus = dataplane::allowed_cpus();
  std::optional<AttackWire> attack;
  if (const auto kind = attack_called(o.attack)) attack.emplace(host.wire(), *kind, plan.population.domain);
  Wire& wire = attack ? static_cast<Wire&>(*attack) : host.wire();
  Session session(plan, wire, control::openssl_hashes());
  host.start();
  if (cpus.size() > o.host.workers) dataplane::run_on({cpus.front()});
  Surroundings around = surroundings(o, [&host] { return ThreadTime{host.cpu_seconds(), host.busy_seconds()}; });
  if (attack) {
    around.attack = [&](bool on) {
      attack->set_on(on);
      report.attack_grown = static_cast<int64_t>(resident_bytes()) - (on ? 0 : report.attack_grown);
    };
  }
  Storm storm(plan, session, around);
  report.phases = storm.run();
  take_stock(session, host.wire(), report);
  report.resident_after = resident_bytes() - session.bytes();
  report.record_bytes = host.record_bytes();
  report.reserved_bytes = host.reserved_bytes();
  report.engine = host.counters();
  if (attack) {
    report.attack = o.attack;
    report.attack_sent = attack->sent();
    report.attack_answered = attack->answered();
  }
  return report;
}

RunReport run_by_udp(const Options& o, const Plan& plan) {
  RunReport report;
  report.server = o.udp;
  UdpWire wire(o.udp, o.udp_from);
  Session session(plan, wire, control::openssl_hashes());
  const Surroundings around = surroundings(o, [&o] { return ThreadTime{cpu_seconds_of(o.server_pids), 0}; });
  Storm storm(plan, session, around);
  report.phases = storm.run();
  take_stock(session, wire, report);
  return report;
}

int tell(const Options& o, const Plan& plan, const RunReport& report) {
  if (!o.quiet && isatty(STDERR_FILENO)) std::fprintf(stderr, "\r\x1b[K");
  if (!o.quiet) std::printf("%s", table_of(report).c_str());
  const std::vector<std::string> broken = broken_promises(report, plan, o.late_share_max);
  for (const std::string& words : broken) std::fprintf(stderr, "did not hold: %s\n", words.c_str());
  if (!o.json.empty()) {
    nlohmann::ordered_json figures = figures_of(report, plan);
    figures["held"] = broken.empty();
    if (o.json == "-") {
      std::printf("%s\n", figures.dump(2).c_str());
    } else if (!(std::ofstream(o.json) << figures.dump(2) << '\n')) {
      std::fprintf(stderr, "sipstorm: cannot write %s\n", o.json.c_str());
      return kExitUsage;
    }
  }
  return broken.empty() ? 0 : kExitBroken;
}

}  // namespace
}  // namespace vedette::storm

int main(int argc, char** argv) {
  using namespace vedette::storm;
  CLI::App app(
      "sipstorm asks of a presence server what its users would: all arrive (REGISTER, PUBLISH, SUBSCRIBE), "
      "then a mix\n"
      "runs, every NOTIFY is answered, and every datagram is accounted for: sent, answered, lost, late. "
      "Latencies count\n"
      "from when a request was due. It drives the engine in this process, through its own poll loop and "
      "worker, on a\n"
      "DPDK port made of rings; with --udp any server. Exit status: 0, 1 when what must hold did not, 2 "
      "otherwise.\n\n"
      "  sipstorm --mix C --users 4000 --speed 100       100,000 subscriptions, with the traffic of 10 "
      "million\n"
      "  sipstorm --users 1000 --presentities 100 --contacts 10 --flood      fan-outs of 100, as fast as "
      "answered\n"
      "  sipstorm --mix crowd --users 1000 --crowd 100000 --json figures.json\n"
      "  sipstorm --udp 127.0.0.1:5060 --from 127.0.0.1:5070 --users 200 --contacts 10\n",
      "sipstorm");
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (options.list) return list_workloads(), 0;
  using vedette::dataplane::IdleMode;
  options.host.idle = options.idle == "spin"
                          ? IdleMode::kSpin
                          : (options.idle == "yield" ? IdleMode::kYield : IdleMode::kSleep);
  try {
    const Plan plan = plan_of(options);
    place(options);
    return tell(options, plan,
                options.udp.empty() ? run_in_process(options, plan) : run_by_udp(options, plan));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sipstorm: %s\n", error.what());
    return kExitUsage;
  }
}
