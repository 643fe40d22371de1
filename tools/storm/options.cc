#include "tools/storm/options.h"

#include <stdexcept>

namespace vedette::storm {
namespace {

void add_load_options(CLI::App& app, Options& o) {
  app.add_flag("--list", o.list, "Say which workloads there are, with their rates for a million users");
  app.add_option("-m,--mix", o.workload, "A workload by name")->capture_default_str();
  app.add_option("-u,--users", o.users, "Users who are there")
      ->capture_default_str()
      ->check(CLI::Range(1U, 16'000'000U));
  app.add_option("--presentities", o.presentities,
                 "So many of them are watched (default: all); fewer: larger fan-outs");
  app.add_option("--contacts", o.contacts, "Presentities that each user watches (default: the mix's)");
  app.add_option(
      "--crowd", o.crowd,
      "Watchers of one more presentity, which changes as soon as all were told (default: the mix's)");
  app.add_option("--body", o.body_bytes, "Bytes of a presence document (default: the mix's)")
      ->check(CLI::Range(560, 6000));
  app.add_option("--speed", o.plan.speed, "An hour of the mix takes 3600 / SPEED seconds")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("-s,--seconds", o.plan.seconds, "Length of the measured phase")->capture_default_str();
  app.add_option("--warm-up", o.plan.warm_up_seconds, "Seconds before it that do not count")
      ->capture_default_str();
  app.add_flag("--flood", o.plan.flood,
               "PUBLISH as fast as all watchers have answered, in place of the mix's rates");
  app.add_option("--in-flight", o.plan.in_flight, "Presentities that change at a time with --flood")
      ->capture_default_str();
  app.add_option("--publish-rate", o.plan.publishes_per_second,
                 "PUBLISHes a second, open-loop, in place of the mix's");
  app.add_option("--window", o.plan.window,
                 "Requests at a time while all arrive as fast as they are answered")
      ->capture_default_str();
  app.add_flag("--digest", o.plan.digest,
               "Answer challenges (SHA-256); the engine in this process then asks for it");
  app.add_flag("--no-register", o.no_register, "Nobody sends REGISTER");
  app.add_flag("--withhold", o.plan.withhold, "The crowd answers only when all of it was told");
}

void add_server_options(CLI::App& app, Options& o) {
  app.add_option("--udp", o.udp,
                 "Drive the server at this address by a kernel socket, not the engine in this process")
      ->type_name("ADDRESS:PORT");
  app.add_option("--from", o.udp_from, "Where all users are then")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  app.add_option("--domain", o.plan.population.domain, "What stands after the @ of all")
      ->capture_default_str();
  app.add_option("--server-pids", o.server_pids, "That server's processes, whose CPU time is reported")
      ->delimiter(',');
  app.add_option("--workers", o.host.workers, "Poll threads of the engine in this process")
      ->capture_default_str();
  app.add_flag("--spread", o.host.spreads,
               "Datagrams come to them by address, as a NIC spreads them; not to their owners");
  app.add_option("--cpus", o.host.cpus, "Their CPUs, as in \"1\" or \"2,3\" (default: the last ones)");
  app.add_option("--idle", o.idle, "What they do without work")
      ->check(CLI::IsMember({"sleep", "yield", "spin"}))
      ->capture_default_str();
  app.add_option("--pace", o.host.pace_seconds,
                 "Their least time between two NOTIFYs of a subscription, seconds")
      ->capture_default_str();
}

void add_attack_options(CLI::App& app, Options& o) {
  app.add_option("--attack", o.attack,
                 "A flood beside all that, as fast as the wire takes it, in the measured phase; in-process only")
      ->check(CLI::IsMember({"single_source", "spread", "wrong_digest", "malformed", "random"}));
}

void add_report_options(CLI::App& app, Options& o) {
  app.add_option("--drain", o.plan.drain_seconds, "Seconds that what is under way may take at the end")
      ->capture_default_str();
  app.add_option("--late-share", o.late_share_max, "Share of the responses that may take longer than 500 ms")
      ->capture_default_str();
  app.add_option("--seed", o.plan.seed, "Of the arrivals' times")->capture_default_str();
  app.add_option("--json", o.json,
                 "Write all figures to this file, as one flat object (- for standard output)");
  app.add_flag("-q,--quiet", o.quiet, "No table and no progress");
}

}  // namespace

void add_options(CLI::App& app, Options& options) {
  add_load_options(app, options);
  add_server_options(app, options);
  add_attack_options(app, options);
  add_report_options(app, options);
}

Plan plan_of(const Options& o) {
  Plan plan = o.plan;
  const Workload* const workload = find_workload(o.workload);
  if (workload == nullptr)
    throw std::invalid_argument("no workload \"" + o.workload + "\"; --list names them");
  plan.workload = *workload;
  if (o.contacts >= 0) plan.workload.contacts = static_cast<uint32_t>(o.contacts);
  if (o.crowd >= 0) plan.workload.crowd = static_cast<uint32_t>(o.crowd);
  if (o.body_bytes >= 0) plan.workload.body_bytes = static_cast<uint32_t>(o.body_bytes);
  plan.registers = !o.no_register;
  PopulationShape& population = plan.population;
  population.users = o.users;
  population.presentities = o.presentities == 0 ? o.users : o.presentities;
  if (population.presentities > o.users) throw std::invalid_argument("more presentities than users");
  population.contacts = plan.workload.contacts;
  population.devices = plan.workload.devices;
  population.crowd = plan.workload.crowd;
  population.dead_share = plan.workload.dead_share;
  if (!o.udp.empty() && !o.attack.empty()) throw std::invalid_argument("--attack is for the engine in this process");
  plan.is_attacked = !o.attack.empty();
  if (!o.udp.empty()) plan.remote_tag_bytes = 80;  // Of whichever server.
  return plan;
}

}  // namespace vedette::storm
