// The verification service of RFC 8224 §6.2: takes the requests that the shards want verified, looks at signatures and
// whose certificates they are, and gives each back to its shard with the verdict. So many signatures a turn, so that
// nothing else of this thread waits for them; requests whose certificate has to be fetched are held. What comes when as
// many are held as may be stays with the workers, who refuse what finds no room there. Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <string>

#include "engine/control/identity_certificates.h"
#include "engine/control/identity_config.h"
#include "engine/control/identity_counters.h"
#include "engine/control/identity_tokens.h"
#include "engine/control/log.h"
#include "engine/control/workers.h"

namespace vedette::control {

class IdentityVerifier {
 public:
  // All outlive this. Throws std::runtime_error, whose text says what to do: of files.
  IdentityVerifier(boost::asio::io_context& context, const IdentityConfig& config, Workers& workers, Log& log);

  // `wall`: what Date is compared with.
  void on_turn(SteadyTime now, engine::Instant wall);
  void reload() {
    if (config_.is_on) certificates_.reload();
  }
  void close() { certificates_.close(); }

  const IdentityCounters& counters() const { return counters_; }
  size_t held() const { return fresh_.size() + waiting_.size() + returning_.size(); }

 private:
  struct Held {
    unsigned worker = 0;
    std::string bytes;
    engine::Flow flow;
    engine::Instant arrived;       // Whether it is stale is asked of then, however long it is held.
    SteadyTime until;
    engine::Reason verdict = engine::Reason::kNone;
  };

  void take(SteadyTime now, engine::Instant wall);
  void give_back(Held request, engine::Reason verdict);
  bool try_give_back(const Held& request);
  // The verdict, or nothing when its certificate has yet to come.
  std::optional<engine::Reason> judge(SteadyTime now, const Held& held);
  engine::Reason judge_claim(SteadyTime now, const Held& held, const engine::Request& request,
                             const engine::IdentityClaim& claim, bool& waits);
  engine::Reason judge_signature(const engine::IdentityClaim& claim, const IdentityCredential& credential);
  engine::Reason judge_full_form(const Held& held, const engine::IdentityClaim& claim);
  engine::Reason refuse(IdentityCounter why, engine::Reason reason);

  const IdentityConfig& config_;
  Workers& workers_;
  IdentityCounters counters_;
  IdentityCertificates certificates_;
  IdentityTokens tokens_;
  parsers::Message message_;             // The one being judged; large.
  unsigned next_worker_ = 0;
  uint32_t signatures_left_ = 0;         // In this turn.
  bool has_arrived_ = false;             // Some certificate, since the last turn.
  std::deque<Held> fresh_;               // To be judged, oldest first.
  std::deque<Held> waiting_;             // For a certificate, oldest first.
  std::deque<Held> returning_;           // For room in their worker's ring.
};

}  // namespace vedette::control
