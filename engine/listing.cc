#include "engine/listing.h"

#include <algorithm>
#include <cstring>

#include "engine/presence/element_text.h"
#include "engine/presence/entity_tag.h"
#include "engine/presence/view_document.h"

namespace vedette::engine {
namespace {

// The mailbox's records hold this much text; longer values are cut.
constexpr size_t kRowBytesMax = 1024;
constexpr size_t kValueBytesMax = 200;

std::string_view cut(std::string_view value) { return value.substr(0, kValueBytesMax); }

void write_endpoint(const Endpoint& endpoint, parsers::Writer& writer) {
  endpoint.address.write_host(writer);
  writer.put(':').put_uint(endpoint.port);
}

std::string_view state_name(const Core& core, const Subscription& subscription) {
  if (is_ending(subscription.state)) return "terminated";
  return core.is_pending(subscription) ? "pending" : "active";
}

std::string_view name_of(parsers::BasicStatus basic) {
  constexpr std::string_view kNames[] = {"", "open", "closed"};
  return kNames[static_cast<size_t>(basic)];
}

// Nothing for what stays.
void write_expiry(Instant now, Instant end, parsers::Writer& writer) {
  if (end != Instant::never()) writer.put_uint(seconds_left(now, end));
}

// What said that the watcher may watch, or has to wait.
std::string_view decided_by(const Core& core, const Subscription& subscription, const View* view) {
  const Presentity& presentity = core.presentities[subscription.presentity];
  if (subscription.watcher() == presentity.aor.view()) return "owner";
  if (presentity.authorization == kNoIndex || !core.authorizations[presentity.authorization].rules) return "policy";
  return view == nullptr ? "block" : to_string(view->permissions.sub_handling);
}

// Why nothing is told right now.
std::string_view waits_for(const Subscription& subscription, bool is_pending) {
  using State = SubscriptionState;
  switch (subscription.state) {
    case State::kQuiet:
      // RFC 5025 §3.2.1, confirm: until the presentity has decided.
      if (is_pending) return "a rule";
      // RFC 5839: what its last SUBSCRIBE said.
      return subscription.is_quenched ? "a SUBSCRIBE" : subscription.suppresses ? "another state" : "a change";
    case State::kReady:
    case State::kFinalReady:
    case State::kConcluded: return subscription.queued ? "its turn" : "room";
    case State::kPaced: return "its pace";
    case State::kBackoff: return "another attempt";
    default: return "an answer";
  }
}

// What the subscription is shown, if it has been composed since the last change.
const DocumentRef* composed_document(const Core& core, const Subscription& subscription, const View* view) {
  const Presentity& presentity = core.presentities[subscription.presentity];
  if (view != nullptr && view->is_outdated) return nullptr;
  const DocumentRef& whole = view != nullptr ? view->document : presentity.document;
  if (whole.is_null()) return nullptr;
  if (subscription.filter == kNoFilter || subscription.filter_is_off) return &whole;
  return find_filtered(core, whole, subscription.filter);
}

}  // namespace

void Listing::start(const ControlMessage& message, Outbox& out) {
  if (count_ < kQueriesMax) {
    queries_[count_++] = {message, 0};
    return;
  }
  put_row(out, {message, 0}, Kind::kEnd, [](parsers::Writer&) {});
}

void Listing::run(Instant now, Outbox& out) {
  while (count_ > 0 && out.room() > 0 && out.control_room() > 0) {
    Query& query = queries_[0];
    if (!step(now, query, out)) return;
    if (!put_row(out, query, Kind::kEnd, [](parsers::Writer&) {})) return;
    std::move(queries_.begin() + 1, queries_.begin() + count_, queries_.begin());
    --count_;
  }
}

template <typename Write>
bool Listing::put_row(Outbox& out, const Query& query, Kind kind, Write&& write) {
  OutSlot* slot = out.try_slot();
  if (slot == nullptr || out.control_room() == 0) return false;
  const ControlReplyHeader header = {kind, query.message.query, core_.shard};
  std::memcpy(slot->bytes, &header, sizeof header);
  parsers::Writer writer(slot->bytes + sizeof header, std::min<size_t>(slot->capacity - sizeof header, kRowBytesMax));
  write(writer);
  slot->kind = OutKind::kControl;
  slot->length = static_cast<uint32_t>(sizeof header + writer.length());
  out.commit_control();
  return true;
}

// True when the query has said all it has to say.
bool Listing::step(Instant now, Query& query, Outbox& out) {
  switch (query.message.kind) {
    case ControlMessage::Kind::kCounters: return step_counters(query, out);
    case ControlMessage::Kind::kListWatchers:
    case ControlMessage::Kind::kEndWatchers: return step_watchers(now, query, out);
    case ControlMessage::Kind::kListPresentity: return step_presentity(now, query, out);
    case ControlMessage::Kind::kSummary:
    case ControlMessage::Kind::kQuiesce:
      return put_row(out, query, Kind::kSummary, [&](parsers::Writer& writer) { write_summary(writer); });
    case ControlMessage::Kind::kLoadRules:
    case ControlMessage::Kind::kRemoveRules:
    case ControlMessage::Kind::kShowRules: return step_rules(query, out);
    case ControlMessage::Kind::kSetHardState:
    case ControlMessage::Kind::kRemoveHardState:
    case ControlMessage::Kind::kShowHardState: return step_hard_state(now, query, out);
    case ControlMessage::Kind::kListPrefixes: return step_prefixes(query, out);
    case ControlMessage::Kind::kCountProven: return step_proven(now, query, out);
    case ControlMessage::Kind::kVerdicts:
    case ControlMessage::Kind::kUsers:
    case ControlMessage::Kind::kNonceKeys: return true;
  }
  return true;
}

bool Listing::step_prefixes(Query& query, Outbox& out) {
  const HeavyPrefixes::Report& report = core_.admission.prefixes();
  for (; query.cursor < report.prefixes.size(); ++query.cursor) {
    const HeavyPrefixes::Prefix& heavy = report.prefixes[query.cursor];
    const AddressPrefix network = core_.admission.network_of(heavy.key);
    const bool fits = put_row(out, query, Kind::kPrefix, [&](parsers::Writer& writer) {
      network.write(writer);
      writer.put('\t').put_uint(heavy.datagrams).put('\t');
      writer.put_uint(static_cast<uint64_t>(report.over.to_milliseconds()));
    });
    if (!fits) return false;
  }
  return true;
}

bool Listing::step_proven(Instant now, Query& query, Outbox& out) {
  if (!core_.admission.count_proven(now)) return false;
  const auto networks = core_.admission.proven().networks();
  for (; query.cursor < networks.size(); ++query.cursor) {
    const ProvenSources::Network& network = networks[query.cursor];
    const bool fits = put_row(out, query, Kind::kProven, [&](parsers::Writer& writer) {
      core_.admission.network_of(network.key).write(writer);
      writer.put('\t').put_uint(network.proven);
    });
    if (!fits) return false;
  }
  return true;
}

bool Listing::step_counters(Query& query, Outbox& out) {
  constexpr uint32_t kCounters = static_cast<uint32_t>(Counter::kCount);
  constexpr uint32_t kAll = kCounters + static_cast<uint32_t>(Reason::kCount);
  for (; query.cursor < kAll; ++query.cursor) {
    const uint32_t i = query.cursor;
    if (i == kCounters) continue;  // Reason::kNone is no refusal.
    const bool fits = put_row(out, query, Kind::kCounter, [&](parsers::Writer& writer) {
      if (i < kCounters) {
        writer.put(to_string(static_cast<Counter>(i))).put('\t').put_uint(core_.counters.values[i]);
      } else {
        writer.put("refused_").put(entry_of(static_cast<Reason>(i - kCounters)).name);
        writer.put('\t').put_uint(core_.counters.refusals[i - kCounters]);
      }
    });
    if (!fits) return false;
  }
  return true;
}

bool Listing::step_watchers(Instant now, Query& query, Outbox& out) {
  const std::string_view aor(query.message.aor.data(), query.message.aor_length);
  const bool ends = query.message.kind == ControlMessage::Kind::kEndWatchers;
  // Nobody ends all subscriptions of all presentities in one breath.
  if (ends && aor.empty()) return true;
  for (uint32_t looked = 0; query.cursor < core_.subscriptions.high_water(); ++query.cursor) {
    if (looked++ == kRecordsPerTurn) return false;
    if (!core_.subscriptions.is_live(query.cursor)) continue;
    const Subscription& subscription = core_.subscriptions[query.cursor];
    if (!aor.empty() && core_.presentities[subscription.presentity].aor.view() != aor) continue;
    if (ends && is_ending(subscription.state)) continue;
    const bool fits = put_row(out, query, Kind::kWatcher,
                              [&](parsers::Writer& writer) { write_watcher(now, subscription, writer); });
    if (!fits) return false;
    // RFC 6665 §4.2.2: a notifier may end a subscription at any time, and says why in its final NOTIFY.
    if (ends) notifier_.end(now, query.cursor, query.message.end_reason);
  }
  return step_waiting(now, query, out);
}

// Behind the subscriptions, those who had one (RFC 3857 §4.7.1).
bool Listing::step_waiting(Instant now, Query& query, Outbox& out) {
  const std::string_view aor(query.message.aor.data(), query.message.aor_length);
  const bool ends = query.message.kind == ControlMessage::Kind::kEndWatchers;
  const uint32_t begin = core_.subscriptions.capacity();
  query.cursor = std::max(query.cursor, begin);
  for (uint32_t looked = 0; query.cursor - begin < core_.waiting_watchers.high_water(); ++query.cursor) {
    if (looked++ == kRecordsPerTurn) return false;
    if (!core_.waiting_watchers.is_live(query.cursor - begin)) continue;
    const WaitingWatcher& waiting = core_.waiting_watchers[query.cursor - begin];
    if (!aor.empty() && core_.presentities[waiting.presentity].aor.view() != aor) continue;
    const bool fits = put_row(out, query, Kind::kWatcher,
                              [&](parsers::Writer& writer) { write_waiting(now, waiting, writer); });
    if (!fits) return false;
    if (ends) notifier_.end_waiting(query.cursor - begin, query.message.end_reason);
  }
  return true;
}

bool Listing::step_presentity(Instant now, Query& query, Outbox& out) {
  const std::string_view aor(query.message.aor.data(), query.message.aor_length);
  uint32_t row = 0;
  for (size_t package = 0; package < static_cast<size_t>(PackageId::kCount); ++package) {
    const uint32_t index = core_.find_presentity(aor, static_cast<PackageId>(package));
    if (index != kNoIndex && !step_package(now, core_.presentities[index], row, query, out)) return false;
  }
  return true;
}

// One package's rows, of which `row` have come before.
bool Listing::step_package(Instant now, const Presentity& presentity, uint32_t& row, Query& query, Outbox& out) {
  // Rows are numbered; those before the cursor went out in earlier turns.
  const auto put = [&](Kind kind, auto&& write) {
    if (row++ < query.cursor) return true;
    if (!put_row(out, query, kind, write)) return false;
    ++query.cursor;
    return true;
  };
  if (!put(Kind::kPresentity, [&](parsers::Writer& writer) { write_presentity(presentity, writer); })) return false;
  for (uint32_t p = presentity.publications; p != kNoIndex; p = core_.publications[p].next) {
    const Publication& publication = core_.publications[p];
    const bool fits = put(Kind::kPublication, [&](parsers::Writer& writer) {
      writer.put(package_of(presentity.package).name).put('\t');
      publication.is_hard ? writer.put("hard state") : writer.put_hex(publication.entity_tag, 16);
      write_expiry(now, publication.expires_at, writer.put('\t'));
      writer.put('\t').put_uint(publication.state.bytes().size()).put('\t').put_uint(publication.state.fragment_count);
    });
    if (!fits) return false;
  }
  bool fits = true;
  registrations_.for_each(presentity.bindings, [&](const Binding& binding, uint32_t) {
    fits = fits && put(Kind::kBinding, [&](parsers::Writer& writer) {
      writer.put(cut(binding.contact())).put('\t').put(cut(binding.instance())).put('\t');
      if (!binding.instance().empty()) {
        writer.put("sip:").put(presentity.aor.view()).put(";gr=").put(cut(binding.instance()));
      }
      writer.put('\t').put_uint(seconds_left(now, binding.expires_at)).put('\t');
      write_endpoint(binding.flow.remote, writer);
      writer.put('\t');
      write_q(binding.q, writer);
    });
  });
  return fits;
}

// The first row is of the rules; then come views by their places.
bool Listing::step_rules(Query& query, Outbox& out) {
  const uint32_t index = core_.find_presentity({query.message.aor.data(), query.message.aor_length});
  if (query.cursor == 0) {
    if (!put_row(out, query, Kind::kRules, [&](parsers::Writer& writer) { write_rules(query, index, writer); })) {
      return false;
    }
    query.cursor = 1;
  }
  if (index == kNoIndex || core_.presentities[index].authorization == kNoIndex) return true;
  const Authorization& authorization = core_.authorizations[core_.presentities[index].authorization];
  for (; query.cursor <= kViewSlots; ++query.cursor) {
    const uint32_t slot = query.cursor - 1;
    if (authorization.views[slot] == kNoIndex) continue;
    const View& view = core_.views[authorization.views[slot]];
    if (!put_row(out, query, Kind::kView, [&](parsers::Writer& writer) { write_view(slot, view, writer); })) {
      return false;
    }
  }
  return true;
}

// The first row is of the whole; then come its elements.
bool Listing::step_hard_state(Instant now, Query& query, Outbox& out) {
  const uint32_t index = core_.find_presentity({query.message.aor.data(), query.message.aor_length});
  if (query.cursor == 0) {
    const auto write = [&](parsers::Writer& writer) { write_hard_state(now, query, index, writer); };
    if (!put_row(out, query, Kind::kHardState, write)) return false;
    query.cursor = 1;
  }
  const uint32_t publication = index == kNoIndex ? kNoIndex : publications_.find_hard(index);
  if (publication == kNoIndex) return true;
  const PublishedState& state = core_.publications[publication].state;
  for (; query.cursor <= state.fragment_count; ++query.cursor) {
    const parsers::Fragment& fragment = state.fragments()[query.cursor - 1];
    const std::string_view text = state.bytes().substr(fragment.offset, fragment.length);
    const bool fits = put_row(out, query, Kind::kElement, [&](parsers::Writer& writer) {
      writer.put(cut(qname_of(text))).put('\t').put(text.substr(fragment.id_offset, fragment.id_length));
      writer.put('\t').put(name_of(fragment.basic)).put('\t').put_uint(text.size());
    });
    if (!fits) return false;
  }
  return true;
}

void Listing::write_hard_state(Instant now, const Query& query, uint32_t index, parsers::Writer& writer) const {
  const uint32_t found = index == kNoIndex ? kNoIndex : publications_.find_hard(index);
  const Reason outcome = query.message.outcome;
  writer.put(cut({query.message.aor.data(), query.message.aor_length})).put('\t');
  writer.put(outcome == Reason::kNone ? std::string_view{} : entry_of(outcome).name).put('\t');
  writer.put_uint(found == kNoIndex ? 0 : 1).put('\t');
  if (found != kNoIndex) write_expiry(now, core_.publications[found].expires_at, writer);
  writer.put('\t').put_uint(found == kNoIndex ? 0 : core_.publications[found].state.bytes().size());
  writer.put('\t').put_uint(index == kNoIndex ? 0 : core_.presentities[index].watcher_count);
  writer.put('\t').put_uint(core_.shard.value);
}

void Listing::write_rules(const Query& query, uint32_t index, parsers::Writer& writer) const {
  // Names have as much room as a row leaves.
  constexpr size_t kNamesBytesMax = 600;
  const Authorization none;
  const bool is_there = index != kNoIndex && core_.presentities[index].authorization != kNoIndex;
  const Authorization& authorization = is_there ? core_.authorizations[core_.presentities[index].authorization] : none;
  const Reason outcome = query.message.outcome;
  std::string_view names = authorization.rules.view();
  names.remove_prefix(names.size() - authorization.names_length);
  writer.put(cut({query.message.aor.data(), query.message.aor_length})).put('\t');
  writer.put(outcome == Reason::kNone ? std::string_view{} : entry_of(outcome).name).put('\t');
  if (authorization.rules) writer.put_uint(static_cast<uint64_t>(authorization.loaded_at.unix_seconds()));
  writer.put('\t').put_uint(authorization.rules.length).put('\t').put_uint(authorization.rules_document_bytes);
  writer.put('\t').put_uint(authorization.rules_count).put('\t').put(names.substr(0, kNamesBytesMax)).put('\t');
  writer.put_uint(index == kNoIndex ? 0 : core_.presentities[index].watcher_count).put('\t');
  if (authorization.valid_until != parsers::kRulesForever) {
    writer.put_uint(static_cast<uint64_t>(authorization.valid_until));
  }
  writer.put('\t').put_uint(core_.shard.value);
}

void Listing::write_view(uint32_t slot, const View& view, parsers::Writer& writer) const {
  const bool shows_some = view.permissions.sub_handling == parsers::SubHandling::kAllow;
  writer.put_uint(slot).put('\t').put(to_string(view.permissions.sub_handling)).put('\t');
  writer.put(!shows_some ? "nothing" : is_whole(view.permissions.key()) ? "everything" : "a part").put('\t');
  writer.put_uint(view.watchers).put('\t').put_uint(view.document.view().size());
}

void Listing::write_summary(parsers::Writer& writer) const {
  writer.put_uint(core_.shard.value).put('\t').put_uint(core_.subscriptions.size());
  writer.put('\t').put_uint(core_.presentities.size()).put('\t').put_uint(publications_.published_count());
  writer.put('\t').put_uint(registrations_.size()).put('\t').put_uint(core_.texts.used());
  writer.put('\t').put_uint(core_.quiescing ? 1 : 0).put('\t').put_uint(rules_.size());
  writer.put('\t').put_uint(rules_.bytes()).put('\t').put_uint(core_.views.size());
  writer.put('\t').put_uint(publications_.hard_count()).put('\t').put_uint(publications_.hard_bytes());
  writer.put('\t').put_uint(core_.waiting_watchers.size());
}

void Listing::write_watcher(Instant now, const Subscription& subscription, parsers::Writer& writer) const {
  const Presentity& presentity = core_.presentities[subscription.presentity];
  const EventPackage& package = package_of(presentity.package);
  writer.put(cut(presentity.aor.view())).put('\t').put(cut(subscription.watcher()));
  writer.put('\t').put(state_name(core_, subscription)).put('\t').put(package.name);
  writer.put('\t').put_uint(seconds_left(now, subscription.expires_at)).put('\t').put(cut(subscription.target()));
  writer.put('\t');
  write_endpoint(subscription.remote.remote, writer);
  writer.put('\t').put(cut(subscription.call_id())).put('\t').put_uint(subscription.local_cseq);
  writer.put('\t').put_uint(is_in_flight(subscription.state) ? 1 : 0).put('\t').put_uint(core_.shard.value);
  const View* const view = views_.view_of(subscription);
  writer.put('\t').put(decided_by(core_, subscription, view)).put('\t');
  if (view != nullptr) writer.put_uint(subscription.view);
  writer.put('\t').put_uint(presentity.version).put('\t');
  write_shown(subscription, writer);
  write_pace(now, subscription, writer);
  writer.put('\t').put(waits_for(subscription, core_.is_pending(subscription)));
}

// Entity-tag, kind of document, filter.
void Listing::write_shown(const Subscription& subscription, parsers::Writer& writer) const {
  const DocumentRef* const document = composed_document(core_, subscription, views_.view_of(subscription));
  if (document != nullptr) {
    const uint64_t tag = document->entity_tag();
    writer.put_hex(subscription.takes_patches ? partial_entity_tag(tag) : tag, kEntityTagDigits);
  }
  writer.put('\t').put(subscription.takes_patches ? "partial" : "whole").put('\t');
  if (subscription.filter < kShortFilters) {
    writer.put_uint(subscription.filter);
  } else if (subscription.filter != kNoFilter) {
    // Of dialogs: how much of them.
    writer.put(to_string(static_cast<parsers::DialogDetail>(subscription.filter - kShortFilters)));
  }
}

// How far apart changes are told, the rates that were asked for, and when the next one may be.
void Listing::write_pace(Instant now, const Subscription& subscription, parsers::Writer& writer) const {
  const bool is_left_alone = subscription.state == SubscriptionState::kBackoff;
  const Instant next = is_left_alone ? subscription.resend_at : notifier_.paced_until(subscription);
  writer.put('\t').put_uint(static_cast<uint64_t>(notifier_.pace(subscription).to_milliseconds())).put('\t');
  if (subscription.has_pace) writer.put(subscription.rates().substr(1));
  writer.put('\t').put_uint(seconds_left(now, next));
}

void Listing::write_waiting(Instant now, const WaitingWatcher& waiting, parsers::Writer& writer) const {
  const Presentity& presentity = core_.presentities[waiting.presentity];
  writer.put(cut(presentity.aor.view())).put('\t').put(cut(waiting.watcher.aor())).put("\twaiting\t");
  writer.put(package_of(presentity.package).name).put('\t').put_uint(seconds_left(now, waiting.gives_up_at));
  // Nothing is left of its dialog.
  writer.put("\t\t\t\t\t0\t").put_uint(core_.shard.value).put("\tconfirm\t");
  // Nor is it shown anything.
  writer.put("\t\t\t\t\t\t\t\ta decision");
}

void Listing::write_presentity(const Presentity& presentity, parsers::Writer& writer) const {
  writer.put(cut(presentity.aor.view())).put('\t').put(package_of(presentity.package).name);
  writer.put('\t').put_uint(presentity.version);
  writer.put('\t').put_uint(presentity.publication_count);
  writer.put('\t').put_uint(registrations_.count(presentity.bindings));
  writer.put('\t').put_uint(presentity.watcher_count).put('\t').put_uint(core_.shard.value);
}

}  // namespace vedette::engine
