// A simulated world: the clock, the network, the server under test and everybody who talks to it.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/hard_state_writer.h"
#include "tests/sim/laws.h"
#include "tests/sim/phone.h"
#include "tests/sim/rule_writer.h"
#include "tests/sim/run.h"
#include "tests/sim/scenario.h"
#include "tests/sim/server.h"
#include "tests/sim/stage.h"
#include "tests/sim/stranger.h"

namespace vedette::sim {

class World {
 public:
  explicit World(const RunPlan& plan);

  void run();
  RunResult result() const;
  void print_story(size_t messages) const { trace_.print_last(stderr, verdict_.first().call_id, messages); }

 private:
  void populate();
  PhonePlan plan_phone(unsigned number, unsigned user, unsigned device);
  bool is_left_to_expire(unsigned user) const;
  Watch plan_watch(const std::string& own_aor);
  engine::Endpoint next_endpoint();
  void schedule_operator();
  void tick();
  void live_until(engine::Duration duration);
  void check_converged();
  void check_phone(const Phone& phone);
  void check_watcher(const SubscriptionClient& subscription, const std::string& aor);
  void check_empty();

  uint64_t number_;
  Random random_;
  EventQueue clock_;
  Trace trace_;
  Verdict verdict_;
  bool has_room_ = true;                 // In the end no document waited for room in a store.
  engine::EngineConfig config_;
  Network network_;
  Stage stage_;
  Laws laws_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<Phone>> phones_;
  std::vector<std::unique_ptr<Stranger>> strangers_;
  RuleWriter rules_;
  HardStateWriter hard_states_;
  Scenario scenario_;
  uint32_t endpoints_ = 0;
};

}  // namespace vedette::sim
