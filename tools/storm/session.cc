#include "tools/storm/session.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/prefetch.h"

namespace vedette::storm {
namespace {

constexpr uint32_t kPlaces = 65'536;
constexpr uint8_t kAttemptsMax = 3;
// Datagrams ahead of the one that is read whose head is fetched, and how much a head is.
constexpr size_t kReadAhead = 3;
constexpr size_t kHeadBytes = 512;

bool is_about_publication(Ask ask) { return ask == Ask::kPublish || ask == Ask::kRepublish; }
bool is_about_subscription(Ask ask) { return ask == Ask::kSubscribe || ask == Ask::kRefresh; }

}  // namespace

Session::Session(const Plan& plan, Wire& wire, const engine::Hashes& hashes)
    : plan_(plan),
      wire_(wire),
      population_(plan.population),
      requests_(plan.population.domain, hashes),
      dialogs_(population_.numbers(), plan.remote_tag_bytes),
      transactions_(kPlaces),
      presentities_(population_.presentities()),
      nonces_(plan.digest ? plan.population.users + 1 : 0) {}

void Session::forget_counts() {
  std::array<uint64_t, static_cast<size_t>(Ask::kCount)> waiting{};
  for (size_t i = 0; i < waiting.size(); ++i) waiting[i] = counts_.asks[i].waiting();
  counts_ = Counts();
  for (size_t i = 0; i < waiting.size(); ++i) counts_.asks[i].sent = waiting[i];
}

uint64_t Session::bytes() const {
  return dialogs_.bytes() + presentities_.size() * sizeof(PresentityState) + nonces_.size() * sizeof(Nonce) +
         kPlaces * sizeof(OpenTransaction);
}

void Session::fill_parties(RequestParts& parts) const {
  const PopulationShape& shape = population_.shape();
  switch (parts.ask) {
    case Ask::kSubscribe:
    case Ask::kRefresh: {
      const SubscriptionIdentity who = population_.identity(parts.subject);
      parts.user = who.watcher;
      parts.device = who.device;
      parts.presentity = who.presentity;
      return;
    }
    case Ask::kPoll:
      parts.user = scattered(parts.subject, shape.users);
      parts.presentity = (parts.user + 1 + parts.subject / shape.users) % shape.presentities;
      return;
    case Ask::kHammer:
      parts.user = parts.subject % std::max(plan_.workload.hammering, 1U) % shape.users;
      parts.presentity = (parts.user + 1) % shape.presentities;
      return;
    default:
      parts.user = parts.presentity = parts.subject;
      return;
  }
}

void Session::write(const OpenTransaction& transaction, char* bytes, size_t& length, engine::Endpoint& from,
                    unsigned& lane) {
  RequestParts parts;
  parts.ask = transaction.ask;
  parts.transaction = transaction.id;
  parts.subject = transaction.subject;
  parts.device = transaction.device;
  fill_parties(parts);
  parts.cseq = transaction.cseq;
  parts.expires = transaction.ask == Ask::kPoll ? 0 : (transaction.ask == Ask::kHammer ? 60 : plan_.expires);
  parts.from = from = wire_.endpoint(parts.user, parts.device);
  parts.body_bytes = plan_.workload.body_bytes;
  if (transaction.ask == Ask::kRefresh) {
    parts.remote_target = remote_target_;
    parts.remote_tag = dialogs_.remote_tag(transaction.subject);
  }
  if (is_about_publication(transaction.ask)) {
    const PresentityState& state = presentities_[transaction.subject];
    parts.entity_tag = {state.entity_tag.data(), state.tag_length};
    parts.version = state.version;
  }
  if (transaction.digested) {
    const Nonce& nonce = nonces_[std::min<size_t>(parts.user, nonces_.size() - 1)];
    parts.digest = {.realm = realm_,
                    .nonce = {nonce.text.data(), nonce.length},
                    .nonce_count = transaction.nonce_count,
                    .ha1 = {nonce.ha1.data(), nonce.ha1.size()}};
  }
  std::array<char, 64> aor;
  parsers::Writer aor_writer(aor.data(), aor.size());
  write_user(aor_writer, parts.presentity);
  aor_writer.put('@').put(plan_.population.domain);
  lane = wire_.lane_of(aor_writer.text());
  parsers::Writer writer(bytes, kDatagramBytes);
  requests_.write(parts, writer);
  VEDETTE_CHECK(!writer.overflowed());
  length = writer.length();
}

bool Session::try_send(OpenTransaction& transaction) {
  char* const bytes = wire_.lend();
  if (bytes == nullptr) return false;
  size_t length = 0;
  engine::Endpoint from;
  unsigned lane = 0;
  write(transaction, bytes, length, from, lane);
  wire_.send(length, from, lane);
  ++datagrams_;
  return true;
}

bool Session::try_start(Ask ask, uint32_t subject, uint8_t device, Nanoseconds intended, Nanoseconds now) {
  if (wire_.lend() == nullptr) return false;
  OpenTransaction* const transaction = transactions_.try_open();
  if (transaction == nullptr) return false;
  transaction->ask = ask;
  transaction->subject = subject;
  transaction->device = device;
  transaction->intended = intended;
  transaction->sent = now;
  transaction->resend_at = now + kT1;
  // Outside of dialogs all of a user's requests share a Call-ID: numbers that only grow serve as CSeq.
  transaction->cseq = is_about_subscription(ask) ? dialogs_.next_cseq(subject) : transaction->id & 0x7fffffff;
  if (plan_.digest) {
    RequestParts parts;
    parts.ask = ask;
    parts.subject = subject;
    fill_parties(parts);
    Nonce& nonce = nonces_[parts.user];
    transaction->digested = nonce.length > 0;
    if (transaction->digested) transaction->nonce_count = ++nonce.count;
  }
  if (ask == Ask::kPublish) {
    PresentityState& state = presentities_[subject];
    if (state.intended != 0) {
      ++counts_.fan_outs_overtaken;
    } else {
      ++fan_outs_open_;
    }
    ++state.version;
    state.intended = intended;
    state.awaited = state.watchers;
  }
  if (is_about_publication(ask)) presentities_[subject].responded = false;
  ++counts_.of(ask).sent;
  return try_send(*transaction);
}

void Session::resend_due(Nanoseconds now) {
  while (OpenTransaction* transaction = transactions_.next_due(now)) {
    if (now - transaction->sent >= kTimerF) {
      ++counts_.of(transaction->ask).lost;
      if (is_about_publication(transaction->ask)) on_publish_over(*transaction, false, now);
      transactions_.close(*transaction);
      continue;
    }
    if (!try_send(*transaction)) return;
    ++counts_.of(transaction->ask).resent;
    transaction->interval = std::min(2 * transaction->interval, kT2);
    transaction->resend_at = now + transaction->interval;
  }
}

size_t Session::turn(Nanoseconds now) {
  const std::span<const Incoming> burst = wire_.receive();
  on_messages(burst, now);
  datagrams_ += burst.size();
  resend_due(now);
  if (!withheld_.empty()) release();
  wire_.flush();
  return burst.size();
}

void Session::read(const Incoming& incoming, Reading& reading) {
  reading.call_id = {};
  reading.is_readable = heads_.read(incoming.bytes, reading.view);
  if (!reading.is_readable || reading.view.status != 0) return;
  if (read_token(reading.view.call_id, reading.call_id) && reading.call_id.number < dialogs_.numbers()) {
    dialogs_.prefetch(reading.call_id.number);
  }
}

void Session::on_messages(std::span<const Incoming> burst, Nanoseconds now) {
  const auto prefetch = [&](size_t i) {
    if (i >= burst.size()) return;
    engine::prefetch_bytes(burst[i].bytes.data(), std::min(burst[i].bytes.size(), kHeadBytes));
    __builtin_prefetch(versions_.place_in(burst[i].bytes));
  };
  for (size_t i = 0; i < kReadAhead; ++i) prefetch(i);
  for (size_t begin = 0; begin < burst.size(); begin += kReadAtOnce) {
    const std::span<const Incoming> some = burst.subspan(begin, std::min(kReadAtOnce, burst.size() - begin));
    for (size_t i = 0; i < some.size(); ++i) {
      prefetch(begin + i + kReadAhead);
      read(some[i], readings_[i]);
    }
    for (size_t i = 0; i < some.size(); ++i) on_message(readings_[i], some[i], now);
  }
}

void Session::on_message(const Reading& reading, const Incoming& incoming, Nanoseconds now) {
  const SipView& view = reading.view;
  if (!reading.is_readable) {
    ++counts_.unreadable;
  } else if (view.status != 0) {
    on_response(view, now);
  } else if (view.method == "NOTIFY") {
    counts_.notify_bytes += incoming.bytes.size();
    on_notify(reading, incoming, now);
  } else {
    ++counts_.requests_other;
  }
}

void Session::on_response(const SipView& view, Nanoseconds now) {
  constexpr std::string_view kCookie = "z9hG4bK";
  const std::string_view branch = view.branch();
  uint32_t id = 0;
  if (!branch.starts_with(kCookie) || !read_token(branch.substr(kCookie.size()), kBranchSalt, id)) {
    ++counts_.unreadable;
    return;
  }
  OpenTransaction* const transaction = transactions_.find(id);
  if (transaction == nullptr) {
    ++counts_.responses_stray;
  } else if (view.status >= 200) {
    on_final(*transaction, view, now);
  }
}

void Session::on_final(OpenTransaction& transaction, const SipView& view, Nanoseconds now) {
  AskCounts& counts = counts_.of(transaction.ask);
  if (view.status == 401 && try_answer_challenge(transaction, view)) {
    ++counts.challenged;
    ++counts.sent;
    return;
  }
  const Nanoseconds took = now - transaction.intended;
  counts.latency.record(took);
  counts.late += took > kT1;
  if (view.status < 300) {
    ++counts.accepted;
    on_accepted(transaction, view);
  } else {
    ++counts.refused;
    if (transaction.ask == Ask::kRefresh && view.status == 481 && dialogs_.is_live(transaction.subject)) {
      dialogs_.set(transaction.subject, Dialogs::kEnded);
      --live_;
    }
    // RFC 3903 §4.1: the publication is gone; the next one is a new one.
    if (view.status == 412) presentities_[transaction.subject].tag_length = 0;
  }
  if (is_about_publication(transaction.ask)) on_publish_over(transaction, view.status < 300, now);
  transactions_.close(transaction);
}

bool Session::try_answer_challenge(OpenTransaction& transaction, const SipView& view) {
  if (!plan_.digest || transaction.attempts >= kAttemptsMax || wire_.lend() == nullptr) return false;
  const std::string_view nonce = parameter(view.challenge, "nonce");
  RequestParts parts;
  parts.ask = transaction.ask;
  parts.subject = transaction.subject;
  fill_parties(parts);
  Nonce& kept = nonces_[parts.user];
  if (nonce.empty() || nonce.size() > kept.text.size()) return false;
  if (realm_.empty()) realm_ = parameter(view.challenge, "realm");
  if (kept.length == 0) kept.ha1 = requests_.ha1(parts.user, realm_);
  std::copy(nonce.begin(), nonce.end(), kept.text.begin());
  kept.length = static_cast<uint8_t>(nonce.size());
  kept.count = 1;
  // The same transaction's place, under a new branch: RFC 3261 §22.2 wants a new CSeq with it.
  OpenTransaction again = transaction;
  transactions_.close(transaction);
  OpenTransaction* const place = transactions_.try_open();
  VEDETTE_CHECK(place != nullptr);
  again.id = place->id;
  again.digested = true;
  again.nonce_count = 1;
  ++again.attempts;
  again.cseq = is_about_subscription(again.ask) ? dialogs_.next_cseq(again.subject) : again.id & 0x7fffffff;
  *place = again;
  return try_send(*place);
}

void Session::on_accepted(const OpenTransaction& transaction, const SipView& view) {
  const uint32_t subject = transaction.subject;
  if (transaction.ask == Ask::kSubscribe && !dialogs_.has(subject, Dialogs::kAccepted)) {
    dialogs_.set(subject, Dialogs::kAccepted);
    VEDETTE_CHECK(dialogs_.set_remote_tag(subject, view.to_tag()));
    if (remote_target_.empty()) remote_target_ = view.contact_uri();
    ++live_;
    untold_ += !dialogs_.has(subject, Dialogs::kNotified);
    const SubscriptionIdentity who = population_.identity(subject);
    if (!population_.is_dead(who.watcher)) ++presentities_[who.presentity].watchers;
  }
  if (is_about_publication(transaction.ask)) {
    PresentityState& state = presentities_[subject];
    VEDETTE_CHECK(view.entity_tag.size() <= state.entity_tag.size());
    std::copy(view.entity_tag.begin(), view.entity_tag.end(), state.entity_tag.begin());
    state.tag_length = static_cast<uint8_t>(view.entity_tag.size());
  }
}

void Session::on_publish_over(const OpenTransaction& transaction, bool accepted, Nanoseconds now) {
  PresentityState& state = presentities_[transaction.subject];
  state.responded = true;
  if (transaction.ask != Ask::kPublish || state.intended == 0) return;
  if (!accepted) {
    // It is in the accounts as refused or lost; nobody will be told.
    state.intended = 0;
    --fan_outs_open_;
  } else if (state.awaited == 0) {
    end_fan_out(state, now);
  }
}

void Session::end_fan_out(PresentityState& state, Nanoseconds now) {
  if (state.intended == 0) return;
  if (state.watchers > 0) {
    const bool is_crowd =
        &state - presentities_.data() == static_cast<ptrdiff_t>(plan_.population.presentities);
    (is_crowd ? counts_.crowd_to_last : counts_.to_last).record(now - state.intended);
    ++counts_.fan_outs;
  }
  state.intended = 0;
  --fan_outs_open_;
}

void Session::on_notify(const Reading& reading, const Incoming& incoming, Nanoseconds now) {
  ++counts_.notifies;
  const SipView& view = reading.view;
  const uint32_t number = reading.call_id.number;
  if (!reading.call_id.is_of(kDialogSalt) || number >= dialogs_.numbers()) {
    ++(reading.call_id.is_of(kPollSalt) ? counts_.notifies_of_polls : counts_.notifies_stray);
    return answer(view, incoming, false);
  }
  if (population_.has_dead() && population_.is_dead(population_.identity(number).watcher)) {
    ++counts_.notifies_unanswered;
    on_first_notify(number);
    return;
  }
  const uint32_t last = dialogs_.remote_cseq(number);
  bool is_new = false;
  if (last != 0 && view.cseq == last) {
    ++counts_.notifies_repeated;
  } else {
    ++counts_.notifies_answered;
    counts_.notifies_out_of_order += last != 0 && view.cseq < last;
    counts_.notifies_skipped += last != 0 && view.cseq > last + 1;
    dialogs_.set_remote_cseq(number, view.cseq);
    on_first_notify(number);
    is_new = take_state(number, view, now);
  }
  answer(view, incoming, is_new && population_.is_crowd(number));
}

void Session::on_first_notify(uint32_t number) {
  if (dialogs_.has(number, Dialogs::kNotified)) return;
  dialogs_.set(number, Dialogs::kNotified);
  // It may come before the answer to the SUBSCRIBE.
  untold_ -= dialogs_.has(number, Dialogs::kAccepted);
}

bool Session::take_state(uint32_t number, const SipView& view, Nanoseconds now) {
  if (view.subscription_state.starts_with("terminated") && dialogs_.is_live(number)) {
    dialogs_.set(number, Dialogs::kEnded);
    --live_;
  }
  uint32_t version = 0;
  if (!versions_.read(view.body, version)) return false;
  PresentityState& state = presentities_[population_.presentity_of(number)];
  const bool is_new = dialogs_.seen(number) != static_cast<uint8_t>(version);
  dialogs_.set_seen(number, version);
  if (!is_new || version != state.version || state.intended == 0 || state.awaited == 0) return is_new;
  counts_.to_each.record(now - state.intended);
  if (--state.awaited == 0 && state.responded) end_fan_out(state, now);
  return true;
}

void Session::answer(const SipView& view, const Incoming& incoming, bool may_wait) {
  if (withholding_ && may_wait) return keep_answer(view, incoming);
  char* const bytes = wire_.lend();
  // receive() has seen to it that there is room for an answer to each.
  VEDETTE_CHECK(bytes != nullptr);
  parsers::Writer writer(bytes, kDatagramBytes);
  write_answer(view, writer);
  wire_.send(writer.length(), incoming.to, incoming.lane);
}

// A watcher of a crowd is told in less time than it takes to allocate memory.
void Session::keep_answer(const SipView& view, const Incoming& incoming) {
  const size_t at = withheld_.empty() ? 0 : withheld_.back().at + withheld_.back().length;
  if (withheld_bytes_.size() - at < kDatagramBytes) withheld_bytes_.resize(2 * (at + kDatagramBytes));
  parsers::Writer writer(withheld_bytes_.data() + at, kDatagramBytes);
  write_answer(view, writer);
  withheld_.push_back({at, writer.length(), incoming.to, incoming.lane});
}

void Session::release() {
  if (withholding_) return;
  for (; released_ < withheld_.size(); ++released_) {
    char* const bytes = wire_.lend();
    if (bytes == nullptr) return;
    const Withheld& kept = withheld_[released_];
    std::memcpy(bytes, withheld_bytes_.data() + kept.at, kept.length);
    wire_.send(kept.length, kept.from, kept.lane);
    ++datagrams_;
  }
  withheld_.clear();
  released_ = 0;
}

}  // namespace vedette::storm
