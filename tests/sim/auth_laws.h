// Nothing is changed by someone who did not prove who he is (RFC 3261 §22, RFC 7616, RFC 8760): the credentials
// of every request that was carried out are verified again here, independently of the engine.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/sim/facts.h"
#include "tests/sim/stage.h"
#include "tests/sim/watcher_rights.h"

namespace vedette::sim {

class AuthLaws {
 public:
  AuthLaws(Stage& stage, const engine::EngineConfig& config, const WatcherRights& rights)
      : stage_(stage), config_(config), rights_(rights) {}

  // Every challenge that leaves: its nonces are the server's own.
  void on_challenge(const Facts& response);
  // A SUBSCRIBE, PUBLISH or REGISTER about `target`, an address of record, was carried out.
  void on_carried_out(const Facts& request, const std::string& target);
  // Whether a SUBSCRIBE for `target` may be from the one in its From: nobody asks for a password, or it has no
  // credentials of others alone. A From that was damaged on its way names somebody else, or nobody.
  bool may_be_from(const Facts& request, std::string_view watcher, std::string_view target) const;

 private:
  // The AOR that the request's credentials prove; empty when there are none that do.
  std::string prove(const Facts& request);
  bool may_watch(const Facts& request, const WatchQuestion& question) const;

  Stage& stage_;
  const engine::EngineConfig& config_;
  const WatcherRights& rights_;
  std::set<std::string> nonces_;                           // All that were minted.
  std::map<std::string, std::string> used_;                // nonce and nc -> the transaction that used it.
};

}  // namespace vedette::sim
