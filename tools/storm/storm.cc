#include "tools/storm/storm.h"

#include <sys/resource.h>

#include <algorithm>

namespace vedette::storm {
namespace {

constexpr Nanoseconds kProgressEach = kSecond / 4;
constexpr unsigned kIdleTurns = 64;
constexpr unsigned kStartsPerTurn = 32;  // Between two looks at what has come.
constexpr unsigned kTriesMax = 64;       // To find a subject that may be asked about now.

double own_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double seconds_of(Nanoseconds time) { return static_cast<double>(time) / kSecond; }

}  // namespace

Storm::Storm(const Plan& plan, Session& session, const Surroundings& around)
    : plan_(plan), session_(session), around_(around) {}

std::vector<PhaseReport> Storm::run() {
  std::vector<PhaseReport> reports;
  arrive(reports);
  around_.attack(true);
  if (!plan_.workload.only_arriving) reports.push_back(steady());
  reports.push_back(drain());
  around_.attack(false);
  return reports;
}

Storm::Mark Storm::begin() {
  session_.forget_counts();
  turned_at_ = around_.now();
  datagrams_ = session_.datagrams();
  return {turned_at_, around_.server_time(), own_time()};
}

ThreadTime Storm::own_time() const { return {own_seconds(), seconds_of(busy_)}; }

PhaseReport Storm::end(const std::string& name, const Mark& mark) {
  const auto since = [](const ThreadTime& now, const ThreadTime& then) {
    return ThreadTime{now.cpu - then.cpu, now.busy - then.busy};
  };
  return {name, seconds_of(around_.now() - mark.at), since(around_.server_time(), mark.server),
          since(own_time(), mark.own), session_.counts()};
}

size_t Storm::turn(const std::string& phase, double share_done) {
  const Nanoseconds now = around_.now();
  if (session_.datagrams() != datagrams_) busy_ += now - turned_at_;
  datagrams_ = session_.datagrams();
  turned_at_ = now;
  const size_t taken = session_.turn(now);
  if (now >= progress_at_) {
    progress_at_ = now + kProgressEach;
    around_.progress(phase, share_done, session_);
  }
  idle_turns_ = taken > 0 ? 0 : idle_turns_ + 1;
  if (idle_turns_ > kIdleTurns) around_.idle();
  return taken;
}

void Storm::arrive(std::vector<PhaseReport>& reports) {
  const Population& population = session_.population();
  const double within = plan_.workload.within_seconds / plan_.speed;
  // Each kind gets its share of the time that all have.
  const uint64_t endpoints = plan_.registers ? uint64_t{population.shape().users} * 2 : 0;
  const uint64_t publishes = population.presentities(), subscribes = population.numbers();
  const double per_second = within > 0 ? static_cast<double>(endpoints + publishes + subscribes) / within : 0;
  if (endpoints > 0) reports.push_back(arrive_by("register", Ask::kRegister, endpoints, per_second));
  reports.push_back(arrive_by("publish", Ask::kPublish, publishes, per_second));
  if (subscribes > 0) reports.push_back(arrive_by("subscribe", Ask::kSubscribe, subscribes, per_second));
}

// As fast as they are answered, a window at a time; or, with a rate, open-loop.
PhaseReport Storm::arrive_by(const std::string& name, Ask ask, uint64_t steps, double per_second) {
  const Mark mark = begin();
  Pacer pacer(per_second, mark.at, plan_.seed);
  uint64_t next = 0;
  Step step;
  while (next < steps || session_.waiting() > 0 || session_.untold() > 0) {
    const Nanoseconds now = around_.now();
    for (unsigned i = 0; i < kStartsPerTurn && next < steps; ++i) {
      if (!step_of(ask, next, true, step)) {
        ++next;
        continue;
      }
      if (per_second > 0 ? !pacer.is_due(now) : session_.waiting() >= plan_.window) break;
      if (!session_.try_start(ask, step.subject, step.device, per_second > 0 ? pacer.due() : now, now)) break;
      if (per_second > 0) pacer.advance();
      ++next;
    }
    turn(name, static_cast<double>(next) / static_cast<double>(steps));
    if (next == steps &&
        seconds_of(now - mark.at) > plan_.drain_seconds + plan_.workload.within_seconds * 2 &&
        session_.waiting() == 0) {
      break;
    }
  }
  return end(name, mark);
}

bool Storm::step_of(Ask ask, uint64_t number, bool arriving, Step& step) const {
  const Population& population = session_.population();
  const PopulationShape& shape = population.shape();
  switch (ask) {
    case Ask::kSubscribe:
      step = {static_cast<uint32_t>(number), 0};
      return population.exists(step.subject);
    case Ask::kRefresh:
      step = {scattered(number, population.numbers()), 0};
      return session_.dialogs().is_live(step.subject) &&
             !population.is_dead(population.identity(step.subject).watcher);
    case Ask::kRegister:
      step.subject = arriving ? static_cast<uint32_t>(number / 2) : scattered(number / 2, shape.users);
      step.device = static_cast<uint8_t>(number % 2);
      return step.device < population.devices_of(step.subject);
    case Ask::kPublish:
    case Ask::kRepublish:
      // The crowd's presentity comes last, and publishes by itself later on.
      step = {arriving ? static_cast<uint32_t>(number) : scattered(number, shape.presentities), 0};
      if (arriving) return true;
      return !session_.is_publishing(step.subject) &&
             (ask == Ask::kPublish || session_.is_published(step.subject));
    case Ask::kPoll:
      step = {static_cast<uint32_t>(number & 0x7fffffff), 0};
      return true;
    default:
      step = {static_cast<uint32_t>(number | 0x80000000), 0};
      return true;
  }
}

void Storm::start_sources(Nanoseconds now) {
  const Workload& workload = plan_.workload;
  const WorkloadRates rates = rates_of(workload, plan_.population.users);
  uint64_t seed = plan_.seed;
  const auto add = [&](Ask ask, double per_second) {
    if (per_second > 0) sources_.push_back({ask, Pacer(per_second, now, ++seed), 0});
  };
  sources_.clear();
  const double publishes =
      plan_.publishes_per_second > 0 ? plan_.publishes_per_second : rates.publishes_per_second * plan_.speed;
  if (!plan_.flood) {
    add(Ask::kPublish, publishes);
    add(Ask::kRefresh, rates.refreshes_per_second * plan_.speed);
    if (plan_.registers) add(Ask::kRegister, rates.registers_per_second * plan_.speed);
    add(Ask::kRepublish, rates.republishes_per_second * plan_.speed);
  }
  add(Ask::kPoll, plan_.population.users * workload.polls_per_hour / 3600 * plan_.speed);
  add(Ask::kHammer, workload.hammering * workload.hammers_per_second);
}

void Storm::run_source(Source& source, Nanoseconds now) {
  for (unsigned i = 0; i < kStartsPerTurn && source.pacer.is_due(now); ++i) {
    Step step;
    unsigned tries = 0;
    while (!step_of(source.ask, source.step, false, step) && ++tries < kTriesMax) ++source.step;
    if (tries == kTriesMax) return;  // Later: it stays due when it was.
    if (!session_.try_start(source.ask, step.subject, step.device, source.pacer.due(), now)) return;
    ++source.step;
    source.pacer.advance();
  }
}

void Storm::flood(Nanoseconds now) {
  const uint32_t most = std::min(plan_.in_flight, plan_.population.presentities);
  for (unsigned i = 0; i < kStartsPerTurn && session_.fan_outs_open() < most; ++i) {
    Step step;
    unsigned tries = 0;
    while (!step_of(Ask::kPublish, flood_step_, false, step) && ++tries < kTriesMax) ++flood_step_;
    if (tries == kTriesMax || !session_.try_start(Ask::kPublish, step.subject, 0, now, now)) return;
    ++flood_step_;
  }
}

// The crowd's presentity changes again as soon as all have seen the last change.
void Storm::push_crowd(Nanoseconds now) {
  const uint32_t presentity = plan_.population.presentities;
  if (plan_.population.crowd == 0 || session_.is_publishing(presentity)) return;
  if (session_.has_withheld()) return session_.withhold(false);
  session_.withhold(plan_.withhold);
  static_cast<void>(session_.try_start(Ask::kPublish, presentity, 0, now, now));
}

void Storm::steady_for(double seconds, const std::string& name) {
  const Nanoseconds start = around_.now();
  for (Nanoseconds now = start; seconds_of(now - start) < seconds; now = around_.now()) {
    for (Source& source : sources_) run_source(source, now);
    if (plan_.flood) flood(now);
    push_crowd(now);
    turn(name, seconds_of(now - start) / seconds);
  }
}

PhaseReport Storm::steady() {
  start_sources(around_.now());
  if (plan_.warm_up_seconds > 0) steady_for(plan_.warm_up_seconds, "warm-up");
  const Mark mark = begin();
  steady_for(plan_.seconds, "steady");
  return end("steady", mark);
}

PhaseReport Storm::drain() {
  const Mark mark = begin();
  session_.withhold(false);
  Nanoseconds quiet_since = mark.at;
  while (true) {
    const Nanoseconds now = around_.now();
    const bool done = session_.waiting() == 0 && session_.fan_outs_open() == 0 && !session_.has_withheld();
    if (turn("drain", 1) > 0) quiet_since = now;
    // What has no promise of an end, as the last NOTIFY of a poll, has had its time after this.
    if (done && now - quiet_since > kT1 / 5) break;
    if (seconds_of(now - mark.at) > plan_.drain_seconds) break;
  }
  return end("drain", mark);
}

}  // namespace vedette::storm
