#include "tests/sim/world.h"

namespace vedette::sim {

using engine::ControlMessage;
using engine::Duration;
using engine::Instant;

namespace {

constexpr int64_t kStartUnixSeconds = 1'800'000'000;
// Everybody has time to be refused, to wait and to try again, and what was left by the safety phase has expired.
constexpr Duration kLivenessLasts = Duration::seconds(160);
constexpr Duration kRoomIsLookedFor = Duration::seconds(2);      // A NOTIFY without room for its document: each second.
constexpr Duration kAsksAgainWithin = Duration::seconds(40);
constexpr Duration kListsGoOnFor = Duration::seconds(5);
// All expiries and the longest NOTIFY transaction after it.
constexpr Duration kWindDownLasts = Duration::seconds(200);

}  // namespace

World::World(const RunPlan& plan)
    : number_(plan.seed),
      random_(plan.seed),
      clock_(Instant::from_unix_seconds(kStartUnixSeconds)),
      trace_(clock_, plan.print),
      verdict_(clock_),
      config_(make_config(*plan.preset, random_.fork("limits"))),
      network_(clock_, trace_, plan.preset->faults, random_.fork("network")),
      stage_{.preset = *plan.preset,
             .clock = clock_,
             .network = network_,
             .trace = trace_,
             .verdict = verdict_,
             .server_v4 = {make_v4(1), 5060},
             .server_v6 = {make_v6(1), 5060}},
      laws_(stage_, config_),
      server_(std::make_unique<Server>(stage_, config_, laws_, random_.fork("server"))),
      rules_(stage_, *server_, laws_, random_.fork("rules")),
      hard_states_(stage_, *server_, laws_, random_.fork("hard states")),
      scenario_(stage_, phones_, rules_, hard_states_, random_.fork("scenario")) {
  network_.attach(stage_.server_v4, *server_);
  network_.attach(stage_.server_v6, *server_);
  populate();
}

engine::Endpoint World::next_endpoint() {
  const uint32_t number = 16 + ++endpoints_;
  const uint16_t port = static_cast<uint16_t>(random_.chance(0.5) ? 5060 : 5061 + random_.below(1000));
  return {random_.chance(0.25) ? make_v6(number) : make_v4(number), port};
}

void World::populate() {
  unsigned number = 0;
  for (unsigned user = 0; user < stage_.preset.users; ++user) {
    unsigned devices = static_cast<unsigned>(random_.between({1, stage_.preset.devices_max}));
    if (is_left_to_expire(user)) devices = kExpiringDevices;
    for (unsigned device = 0; device < devices; ++device, ++number) {
      phones_.push_back(std::make_unique<Phone>(stage_, plan_phone(number, user, device),
                                                random_.fork("phone " + std::to_string(number))));
    }
  }
  for (unsigned i = 0; i < stage_.preset.strangers; ++i) {
    strangers_.push_back(std::make_unique<Stranger>(stage_, next_endpoint(), phones_,
                                                    random_.fork("stranger " + std::to_string(i))));
  }
}

PhonePlan World::plan_phone(unsigned number, unsigned user, unsigned device) {
  PhonePlan plan;
  plan.own = next_endpoint();
  const std::string name = user_name(user);
  plan.account = {.user = name,
                  .domain = std::string(domain_of_user(user)),
                  .password = password_of(name),
                  .knows_sha256 = user % 4 != 2,
                  .knows_md5 = user % 4 != 1};
  plan.device = device;
  plan.is_impostor = number % 9 == 7 && plan.account.domain != kOpenDomain;
  if (plan.is_impostor) plan.account.password = "a guess";
  plan.registers = random_.chance(0.7);
  for (const Package package : {Package::kPresence, Package::kDialog, Package::kMessageSummary}) {
    if (random_.chance(package == Package::kPresence ? 0.8 : 0.3)) plan.publishes.push_back(package);
  }
  plan.is_left_to_expire = is_left_to_expire(user);
  if (plan.is_left_to_expire) {
    plan.is_impostor = false;
    plan.account.password = password_of(name);
    plan.registers = true;
    plan.publishes = {Package::kPresence};
    return plan;
  }
  if (stage_.preset.events.dead_share > 0 && random_.chance(stage_.preset.events.dead_share)) {
    plan.answering = random_.chance(0.5) ? Answering::kNever : Answering::kLate;
  }
  const bool is_star = stage_.preset.events.has_star && user == 0;
  if (stage_.preset.events.has_star) plan.watches.push_back({.aor = user_name(0) + "@" + std::string(kDigestDomain)});
  if (is_star) {
    plan.publishes = {Package::kPresence, Package::kDialog};
    plan.watches.push_back({.package = Package::kWatcherInfo, .aor = plan.account.aor()});
  }
  // Who decides on others looks at who there is.
  if (stage_.preset.events.has_rules && random_.chance(0.5)) {
    plan.watches.push_back({.package = Package::kWatcherInfo, .aor = plan.account.aor()});
  }
  plan.watches_by_gruu = plan.registers && random_.chance(0.5);
  const uint64_t count = random_.between({1, 3});
  for (uint64_t i = 0; i < count; ++i) plan.watches.push_back(plan_watch(plan.account.aor()));
  if (random_.chance(0.1)) plan.watches.push_back({.aor = "nobody@elsewhere.test"});
  return plan;
}

// The last two users.
bool World::is_left_to_expire(unsigned user) const {
  const unsigned last = stage_.preset.users - 1;
  return stage_.preset.events.has_expiry_rounds && (user == last || user + 1 == last);
}

// Mostly presence. What is for owners alone is mostly watched by them; some try all the same.
Watch World::plan_watch(const std::string& own_aor) {
  Watch watch;
  if (random_.chance(0.5)) watch.package = static_cast<Package>(random_.below(static_cast<size_t>(Package::kCount)));
  const unsigned watched = static_cast<unsigned>(random_.below(stage_.preset.users));
  watch.aor = user_name(watched) + "@" + std::string(domain_of_user(watched));
  if (entry_of(watch.package).is_owners && random_.chance(0.9)) watch.aor = own_aor;
  return watch;
}

// Nonce keys change, operators ask, and in some worlds the process dies once.
void World::schedule_operator() {
  const Duration safety = stage_.preset.safety;
  for (Duration at = Duration::seconds(75); at < safety; at = at + Duration::seconds(75)) {
    clock_.after(at, [this] { server_->rotate_nonce_keys(); });
  }
  for (Duration at = Duration::seconds(20); at < safety; at = at + Duration::seconds(40)) {
    clock_.after(at, [this] {
      static constexpr std::array kKinds = {ControlMessage::Kind::kListWatchers, ControlMessage::Kind::kListPresentity,
                                            ControlMessage::Kind::kCounters, ControlMessage::Kind::kSummary};
      const unsigned user = static_cast<unsigned>(random_.below(stage_.preset.users));
      const std::string aor = user_name(user) + "@" + std::string(domain_of_user(user));
      server_->ask(kKinds[random_.below(kKinds.size())], random_.chance(0.3) ? std::string() : aor);
      if (!random_.chance(0.2)) return;
      const uint64_t reason = random_.below(static_cast<size_t>(engine::EndReason::kCount));
      server_->end_watchers(aor, static_cast<engine::EndReason>(reason));
      stage_.played.add(Play::kOperatorsEnd);
    });
  }
  if (random_.chance(stage_.preset.restart_chance)) {
    // Sometimes it is stopped in good order first: it takes no new work, then it goes.
    const Duration at = random_.between({{}, safety});
    if (random_.chance(0.5)) {
      clock_.after(at, [this] { server_->ask(ControlMessage::Kind::kQuiesce, {}); });
    }
    clock_.after(at + Duration::seconds(15), [this] {
      server_->restart();
      stage_.played.add(Play::kRestart);
    });
  }
}

void World::tick() {
  laws_.on_tick();
  server_->check_invariants();
  clock_.after(Duration::seconds(1), [this] { tick(); });
}

void World::live_until(Duration duration) { clock_.run_until(clock_.now() + duration); }

void World::run() {
  tick();
  schedule_operator();
  for (const auto& phone : phones_) phone->start();
  for (const auto& stranger : strangers_) stranger->start();
  scenario_.schedule(number_);
  trace_.note("safety phase");
  live_until(stage_.preset.safety);
  if (verdict_.is_broken()) return;

  trace_.note("liveness phase");
  stage_.phase = Phase::kLiveness;
  network_.heal();
  // What the faults held back arrives first, and the last transactions of the safety phase end.
  live_until(Duration::seconds(40));
  for (const auto& phone : phones_) phone->settle();
  live_until(kLivenessLasts - kRoomIsLookedFor);
  const auto without_room = [this] { return server_->counters().get(engine::Reason::kDocumentsFull); };
  const uint64_t before = without_room();
  live_until(kRoomIsLookedFor);
  has_room_ = stage_.preset.serves_everybody || without_room() == before;
  if (!verdict_.is_broken()) check_converged();
  if (verdict_.is_broken()) return;

  trace_.note("wind-down");
  stage_.phase = Phase::kWindDown;
  rules_.remove_all();
  hard_states_.remove_all();
  for (const auto& phone : phones_) phone->wind_down();
  live_until(kWindDownLasts);
  if (!verdict_.is_broken()) check_empty();
}

void World::check_converged() {
  for (const auto& phone : phones_) check_phone(*phone);
}

void World::check_phone(const Phone& phone) {
  const bool must_succeed = stage_.preset.serves_everybody && !phone.plan().is_impostor;
  const std::string& aor = phone.agent().account().aor();
  for (const auto& publication : phone.publications()) {
    if (!must_succeed || publication->is_published()) continue;
    verdict_.broken({.law = "in the end every live publisher has published",
                     .seen = aor + ": last answer " + std::to_string(publication->last_status()),
                     .call_id = {}});
  }
  if (must_succeed && phone.plan().registers && !phone.registration().is_registered()) {
    verdict_.broken({.law = "in the end every live user agent is registered",
                     .seen = aor + ": last answer " + std::to_string(phone.registration().last_status()),
                     .call_id = {}});
  }
  if (phone.plan().is_impostor || phone.plan().answering != Answering::kPromptly) return;
  for (const auto& subscription : phone.subscriptions()) check_watcher(*subscription, aor);
}

void World::check_watcher(const SubscriptionClient& subscription, const std::string& aor) {
  const Watch& watch = subscription.watch();
  const std::string what = aor + " to " + std::string(entry_of(watch.package).name) + " of " + watch.aor;
  const std::string call_id = subscription.dialog().call_id;
  // What changed just now may still be under way, or wait for the end of the pace's interval, or for who was refused to
  // ask again.
  const DialogLaws& book = laws_.dialogs();
  const Instant changed_at = book.changed_at(watch.package, watch.aor);
  const auto is_settled_for = [&](Duration time) { return clock_.now() > changed_at + time; };
  const std::vector<Rights> rights = laws_.rights().of({watch.package, aor, watch.aor});
  const bool may = rights[0].handling != Rights::Handling::kBlock;
  const bool is_decided =
      rights.size() == 1 && (!laws_.rights().has_rules(watch.aor) || is_settled_for(kAsksAgainWithin));
  if (is_decided && subscription.is_active() != may && (!may || stage_.preset.serves_everybody)) {
    verdict_.broken({.law = may ? "in the end every live watcher is subscribed" : "nobody watches who may not",
                     .seen = what + ": last answer " + std::to_string(subscription.last_status()),
                     .call_id = call_id});
  }
  const Duration pace = book.pace_of(subscription.dialog(), watch.package);
  if (!subscription.is_active() || !is_settled_for(pace + Duration::seconds(3))) return;
  std::string fault;
  if (rights[0].handling == Rights::Handling::kConfirm) {
    if (!subscription.is_pending() && stage_.preset.serves_everybody) fault = "it was not told that it is pending";
  } else if (subscription.has_seen()) {
    // A list that is too long may not be whole yet.
    const bool goes_on = clock_.now() < subscription.seen_at() + kListsGoOnFor;
    fault = book.find_fault({watch.aor, subscription.seen(), subscription.seen_at(), aor, pace, goes_on});
  } else if (stage_.preset.serves_everybody) {
    fault = "nothing was seen";
  }
  // A document that finds no room waits for some, and there may be none left. Nor may there be room for the binding of
  // a GRUU: whose NOTIFY reaches nobody has lost it, and is not told so.
  if (fault.empty() || !has_room_) return;
  if (!stage_.preset.serves_everybody && book.may_have_ended(subscription.dialog())) return;
  verdict_.broken({.law = "in the end every live watcher sees the latest document",
                   .seen = what + " (" + laws_.model().describe(watch.package, watch.aor) + "): " + fault +
                           "; it sees " + to_text(subscription.seen()),
                   .call_id = call_id});
}

void World::check_empty() {
  server_->check_invariants();
  if (server_->subscription_count() != 0) {
    verdict_.broken({.law = "when all have left and time has passed nothing is left",
                     .seen = std::to_string(server_->subscription_count()) + " subscriptions", .call_id = {}});
  }
  if (server_->arena_bytes_out() != 0) {
    verdict_.broken({.law = "when all have left and time has passed the arenas have everything back",
                     .seen = std::to_string(server_->arena_bytes_out()) + " bytes are out", .call_id = {}});
  }
}

RunResult World::result() const {
  return {.broken = verdict_.is_broken(),
          .law = verdict_.first(),
          .trace_hash = trace_.hash(),
          .messages = trace_.messages(),
          .counters = server_->counters(),
          .drops = server_->drops(),
          .played = stage_.played,
          .answers = laws_.answers()};
}

}  // namespace vedette::sim
