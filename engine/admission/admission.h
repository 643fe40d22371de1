// Whether a datagram is worth parsing: what its source may send, and what is left of us. It looks at the source's
// address and at the first four bytes. One thread, the shard's; fixed memory; nothing is stored of what it turns away
// but that it was.
//
// What is turned away is told so once in a while (503 with Retry-After, made from the request alone), else nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/admission/heavy_prefixes.h"
#include "engine/admission/overload.h"
#include "engine/admission/prefix_verdicts.h"
#include "engine/admission/proven_sources.h"
#include "engine/admission/source_table.h"
#include "engine/config.h"
#include "engine/control_message.h"
#include "engine/flow.h"
#include "engine/reason.h"

namespace vedette::engine {

class Admission {
 public:
  // `config` outlives this.
  Admission(const EngineConfig& config, KeyedHash hash);

  // Whether an authenticated user may have one more request served: his own bucket, wherever he sends from.
  bool try_take_user(Instant now, std::string_view aor);

  // kNone: go on. kSourceTooFast, kStrangersTooMany, kOverloaded: parse it only to say so. Else silence.
  Reason on_datagram(Instant now, std::string_view bytes, const Flow& flow);
  // What comes next did not come by on_datagram: it has no source here.
  void on_other_door() {
    source_ = nullptr;
    is_trusted_ = false;
  }
  // The sender of this datagram is where it says: it has answered a challenge or a NOTIFY that was sent there, or has a
  // connection.
  void on_proof(Instant now) {
    if (source_ != nullptr) source_->proven_until = static_cast<uint32_t>(now.unix_seconds() + kProofSeconds);
  }
  void on_delay(Instant now, Duration delay) { overload_.on_delay(now, delay); }

  const Overload& overload() const { return overload_; }
  // The class that the sender of this datagram is in.
  WorkClass work_class(Instant now) const;
  const SourceTable& sources() const { return sources_; }
  // Sources and users that made room before their buckets were full again.
  uint64_t forgotten() const { return sources_.forgotten() + users_.forgotten(); }
  // The address cut to the prefix that the limits say.
  SourceKey key_of(const IpAddress& address) const { return keys_.of(address); }
  // The networks that strangers have sent the most from since the last time; good until the next.
  const HeavyPrefixes::Report& report_prefixes(Instant now) { return prefixes_ = heavy_.take(now); }
  const HeavyPrefixes::Report& prefixes() const { return prefixes_; }
  AddressPrefix network_of(SourceKey prefix) const { return networks_.prefix_of(prefix); }
  void take_verdicts(const LentVerdicts& verdicts);
  // How many sources of these networks have proved themselves: counted when count_proven has said true, which it does
  // after so many calls as the table of sources is long.
  void begin_count(const LentVerdicts& networks);
  bool count_proven(Instant now) { return proven_.step(now, {sources_, keys_, networks_}); }
  const ProvenSources& proven() const { return proven_; }
  static uint64_t bytes(const Limits& limits) {
    return SourceTable::bytes(limits.sources_max) + SourceTable::bytes(limits.active_users_max) +
           HeavyPrefixes::kBytes;
  }

 private:
  // Longer than what is refreshed within the hour needs.
  static constexpr int64_t kProofSeconds = 2 * 3600;

  bool may_answer(Instant now);
  // Under a verdict: whether this one is looked at.
  bool passes_verdict(Instant now, const IpAddress& address);
  void count_stranger(const IpAddress& address) {
    if (heavy_.takes_sample()) heavy_.add_sample(networks_.of(address));
  }

  const EngineConfig& config_;
  KeyedHash hash_;
  SourceTable sources_;
  SourceTable users_;
  Overload overload_;
  SourceTable::Source* source_ = nullptr;    // Of the datagram that is being handled; null for trusted ones.
  bool is_trusted_ = false;
  TokenInterval answers_;                    // Our 503s,
  Instant answers_full_;
  TokenInterval strangers_;                  // and requests of class kNew.
  Instant strangers_full_;
  SourceKeys keys_;                          // Sources,
  SourceKeys networks_;                      // and networks of them.
  HeavyPrefixes heavy_;
  HeavyPrefixes::Report prefixes_;
  PrefixVerdicts verdicts_;
  ProvenSources proven_;
};

}  // namespace vedette::engine
