// SUBSCRIBE (RFC 6665 §4.2.1, RFC 3856 §6): creates, refreshes, ends and fetches. Whoever sent the request has been
// authenticated before; whether they may watch is decided here. The NOTIFY follows through the notifier.
#pragma once

#include <string_view>

#include "engine/core.h"
#include "engine/presence/filters.h"
#include "engine/presence/notifier.h"
#include "engine/presence/remote_target.h"
#include "engine/transaction/exchange.h"

namespace vedette::engine {

class SubscribeHandler {
 public:
  SubscribeHandler(Core& core, Notifier& notifier, RuleSets& rules, Views& views)
      : core_(core), notifier_(notifier), rules_(rules), views_(views), filters_(core) {}

  // `watcher` is the authenticated user's AOR (where the domain does not authenticate: the From's).
  void on_request(Exchange& exchange, std::string_view watcher);
  // The 200 or 204 again, for a retransmission.
  void answer(Exchange& exchange, const Answer& answer);

 private:
  struct Wish;
  struct Parties;
  Reason read_wish(const Request& request, Wish& out) const;
  Reason read_targets(const Request& request, Wish& out) const;
  void create(Exchange& exchange, const Wish& wish, std::string_view watcher);
  void refresh(Exchange& exchange, const Wish& wish, std::string_view watcher);
  void go_on(Instant now, uint32_t subscription, Duration expires, bool is_silent);
  Reason refresh_dialog(const Request& request, const Wish& wish, const PaceText& pace, Subscription& subscription);
  Reason authorise(Instant now, const Parties& parties, PackageId package, parsers::Permissions& permissions) const;
  Reason try_filter(const Wish& wish, const Parties& parties, FilterState& state);
  Reason check_room(const Presentity& presentity, uint64_t watcher_key, const RemoteTarget& target) const;
  Reason try_add(Exchange& exchange, const Wish& wish, const Parties& parties, uint32_t& index);
  Reason find_dialog(const Request& request, uint32_t& index) const;

  Core& core_;
  Notifier& notifier_;
  RuleSets& rules_;
  Views& views_;
  Filters filters_;
};

}  // namespace vedette::engine
