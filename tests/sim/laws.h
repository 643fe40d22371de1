// Everything that the simulated server takes and sends passes by here, once and in order; the laws are held
// against it. This is their front: it pairs answers with requests and tells the books below what was carried out.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/outbox.h"
#include "tests/sim/auth_laws.h"
#include "tests/sim/dialog_laws.h"
#include "tests/sim/form_laws.h"
#include "tests/sim/presence_model.h"

namespace vedette::sim {

struct Arrival {
  std::string_view bytes;
  const engine::Flow& flow;
  bool corrupted = false;
};

class Laws {
 public:
  Laws(Stage& stage, const engine::EngineConfig& config);

  // A datagram reached some shard.
  void on_arrival(const Arrival& arrival);
  // Its owner takes it; what comes out until the next call of this or of on_own_work() is caused by it.
  void on_taken(const Arrival& arrival);
  // What comes out from now on is the server's own doing.
  void on_own_work() { request_.reset(); }
  void on_notify_failed(std::string_view bytes);
  void on_output(std::string_view bytes, const engine::Flow& flow);
  void on_peer_output(engine::PeerKind kind, std::string_view bytes);
  void on_control_output(std::string_view bytes);
  void on_restart();
  void on_ended_by_operator(std::string_view aor, engine::EndReason reason) {
    dialogs_.on_ended_by_operator(aor, reason);
  }
  // Once a simulated second.
  void on_tick() { dialogs_.on_tick(); }

  // The rules of an AOR have been loaded; or removed. Each time those that were there may have had other answers, by
  // the time, since anybody looked; likewise below.
  void on_rules_loaded(const std::string& aor, std::vector<support::ModelRule> rules) {
    dialogs_.on_rights_changed(aor);
    rights_.load(aor, std::move(rules));
    dialogs_.on_rights_changed(aor);
  }
  void on_rules_removed(const std::string& aor) {
    dialogs_.on_rights_changed(aor);
    rights_.remove(aor);
    dialogs_.on_rights_changed(aor);
  }

  // Hard state of an AOR has been set, or was to be removed.
  void on_hard_state_set(const std::string& aor, const std::string& document, engine::Duration lifetime) {
    dialogs_.on_rights_changed(aor);
    model_.on_hard_state_set(aor, document, lifetime);
    dialogs_.on_rights_changed(aor);          // Rules may ask for its sphere.
  }
  void on_hard_state_removed(const std::string& aor, bool was_there) {
    dialogs_.on_rights_changed(aor);
    model_.on_hard_state_removed(aor, was_there);
    dialogs_.on_rights_changed(aor);
  }

  const PresenceModel& model() const { return model_; }
  const WatcherRights& rights() const { return rights_; }
  const DialogLaws& dialogs() const { return dialogs_; }
  // How often each status was answered.
  const std::map<unsigned, uint64_t>& answers() const { return answers_; }

 private:
  // A request that the server is at work on, with its own copy of the bytes.
  struct Request {
    std::string bytes;
    engine::Flow flow;
    Facts facts;
    bool readable = false;      // It has all that an answer carries over.
    unsigned answers = 0;
  };
  bool is_answered_rightly(std::string_view response, const Facts& sent, const engine::Flow& flow);
  void on_response_out(const Facts& response);
  void on_success(const Facts& request, const Facts& response);
  bool is_first_copy(const Facts& request);

  Stage& stage_;
  FormLaws form_;
  PresenceModel model_;
  WatcherRights rights_;
  AuthLaws auth_;
  DialogLaws dialogs_;
  std::unique_ptr<Request> request_;
  // How each transaction was answered (status, tags), to tell retransmissions from new deeds.
  std::set<std::string> deeds_;
  // What was carried out, without the branch by which it came -> that transaction, and when.
  struct Copy {
    std::string transaction;
    engine::Instant at;
  };
  std::map<std::string, Copy> copies_;
  std::map<unsigned, uint64_t> answers_;
};

}  // namespace vedette::sim
