// An owner, or an operator for many of them, who loads, replaces and removes rules for watchers while these watch (RFC
// 4745, RFC 5025): made at random of the users, domains, spheres and devices that there are in a simulated world.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/laws.h"
#include "tests/sim/server.h"
#include "tests/sim/stage.h"
#include "tests/support/pres_rules_model.h"

namespace vedette::sim {

class RuleWriter {
 public:
  RuleWriter(Stage& stage, Server& server, Laws& laws, Random random)
      : stage_(stage), server_(server), laws_(laws), random_(random) {}

  // Changes the rules of some user.
  void change();
  // Nobody has any from now on.
  void remove_all();

 private:
  std::string any_user();
  void remove(const std::string& aor);
  std::vector<support::ModelRule> make_rules();
  // Those that there are, in another order, and with one more or less.
  std::vector<support::ModelRule> edit(std::vector<support::ModelRule> rules);
  support::ModelRule make_rule();
  std::vector<support::ModelMatch> make_identity();
  void put_conditions(support::ModelRule& rule);
  void put_transformations(support::ModelRule& rule);

  Stage& stage_;
  Server& server_;
  Laws& laws_;
  Random random_;
  std::map<std::string, std::vector<support::ModelRule>> latest_;     // By AOR.
};

}  // namespace vedette::sim
