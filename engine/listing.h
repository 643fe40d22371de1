// What operators ask of a shard (vedettectl): watchers, presentities, counters, as rows for the control thread; and
// which subscriptions they end. A long list goes on over as many turns as the Outbox needs; records that come and go
// meanwhile may or may not show.
#pragma once

#include <array>
#include <cstdint>

#include "engine/control_message.h"
#include "engine/core.h"
#include "engine/presence/notifier.h"
#include "engine/presence/publications.h"
#include "engine/presence/rule_sets.h"
#include "engine/presence/views.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

class Listing {
 public:
  Listing(Core& core, Notifier& notifier, const Publications& publications, const Registrar& registrations,
          const RuleSets& rules, const Views& views)
      : core_(core),
        notifier_(notifier),
        publications_(publications),
        registrations_(registrations),
        rules_(rules),
        views_(views) {}

  // Takes a query on. With kQueriesMax under way it is answered by its end at once: whoever asked so much is told.
  void start(const ControlMessage& message, Outbox& out);
  void run(Instant now, Outbox& out);
  bool has_work() const { return count_ > 0; }

 private:
  static constexpr size_t kQueriesMax = 8;
  // Slots looked at in one turn, so that a sparse pool delays nobody.
  static constexpr uint32_t kRecordsPerTurn = 1024;

  struct Query {
    ControlMessage message;
    uint32_t cursor = 0;         // What comes next: a record, a counter, a watcher of the ring.
  };
  using Kind = ControlReplyHeader::Kind;

  bool step(Instant now, Query& query, Outbox& out);
  bool step_prefixes(Query& query, Outbox& out);
  bool step_proven(Instant now, Query& query, Outbox& out);
  bool step_counters(Query& query, Outbox& out);
  bool step_watchers(Instant now, Query& query, Outbox& out);
  bool step_waiting(Instant now, Query& query, Outbox& out);
  bool step_package(Instant now, const Presentity& presentity, uint32_t& row, Query& query, Outbox& out);
  bool step_presentity(Instant now, Query& query, Outbox& out);
  bool step_rules(Query& query, Outbox& out);
  bool step_hard_state(Instant now, Query& query, Outbox& out);
  void write_hard_state(Instant now, const Query& query, uint32_t presentity, parsers::Writer& writer) const;
  void write_rules(const Query& query, uint32_t presentity, parsers::Writer& writer) const;
  void write_view(uint32_t slot, const View& view, parsers::Writer& writer) const;
  void write_summary(parsers::Writer& writer) const;
  void write_watcher(Instant now, const Subscription& subscription, parsers::Writer& writer) const;
  void write_waiting(Instant now, const WaitingWatcher& waiting, parsers::Writer& writer) const;
  void write_shown(const Subscription& subscription, parsers::Writer& writer) const;
  void write_pace(Instant now, const Subscription& subscription, parsers::Writer& writer) const;
  void write_presentity(const Presentity& presentity, parsers::Writer& writer) const;

  // Writes one row; false when there is no slot for it.
  template <typename Write>
  bool put_row(Outbox& out, const Query& query, Kind kind, Write&& write);

  Core& core_;
  Notifier& notifier_;
  const Publications& publications_;
  const Registrar& registrations_;
  const RuleSets& rules_;
  const Views& views_;
  std::array<Query, kQueriesMax> queries_;   // In order of arrival.
  size_t count_ = 0;
};

}  // namespace vedette::engine
