// Who may watch what, and see what of it: by the policies of the configuration's domains, or by the rules that were
// loaded, as data (RFC 4745, RFC 5025). One place: who asks what a watcher may see asks here. Slow, and nothing of the
// engine in it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config.h"
#include "tests/sim/event_package.h"
#include "tests/sim/presence_model.h"
#include "tests/sim/rights.h"
#include "tests/sim/stage.h"

namespace vedette::sim {

// One watcher and what it wants to watch; addresses of record.
struct WatchQuestion {
  Package package = Package::kPresence;
  std::string_view watcher;
  std::string_view presentity;
};

class WatcherRights {
 public:
  WatcherRights(const Stage& stage, const engine::EngineConfig& config, const PresenceModel& model)
      : stage_(stage), config_(config), model_(model) {}

  void load(const std::string& aor, std::vector<support::ModelRule> rules);
  void remove(const std::string& aor);
  void on_restart();

  // What the rights may be right now: one answer, or several while it is not certain which sphere the presentity is in.
  std::vector<Rights> of(const WatchQuestion& question) const;
  // The last time that they may have become others, besides by what is published.
  engine::Instant changed_at(std::string_view aor) const;
  bool has_rules(std::string_view aor) const { return rule_sets_.contains(aor); }
  bool asks_for_sphere(std::string_view aor) const;

 private:
  struct RuleSet {
    std::vector<support::ModelRule> rules;
    std::vector<int64_t> edges;           // When periods of validity begin and end; seconds.
    bool asks_for_sphere = false;
    // Answers by watcher and sphere; good until the next edge.
    mutable std::map<std::pair<std::string, std::string>, Rights> answers;
    mutable engine::Instant answered_until;
  };
  const Rights& answer(const RuleSet& set, const WatchQuestion& question, const std::string& sphere) const;
  bool is_proved(std::string_view aor) const;
  bool may_by_policy(const WatchQuestion& question) const;

  const Stage& stage_;
  const engine::EngineConfig& config_;
  const PresenceModel& model_;
  std::map<std::string, RuleSet, std::less<>> rule_sets_;
  std::map<std::string, engine::Instant, std::less<>> loaded_at_;    // Or removed.
};

}  // namespace vedette::sim
