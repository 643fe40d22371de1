#include "engine/shard.h"

#include "engine/auth/asserted_identity.h"
#include "engine/auth/authenticator.h"
#include "engine/auth/identity.h"
#include "engine/base/check.h"
#include "engine/core.h"
#include "engine/listing.h"
#include "engine/lost_connections.h"
#include "engine/orders.h"
#include "engine/presence/hard_states.h"
#include "engine/presence/notifier.h"
#include "engine/presence/notify_response.h"
#include "engine/presence/publications.h"
#include "engine/presence/publish.h"
#include "engine/presence/subscribe.h"
#include "engine/presence/views.h"
#include "engine/registrar/binding_router.h"
#include "engine/registrar/register.h"
#include "engine/route.h"
#include "engine/transaction/contacts.h"
#include "engine/transaction/exchange.h"
#include "engine/transaction/treatment.h"
#include "parsers/cseq.h"
#include "parsers/number.h"

namespace vedette::engine {

using parsers::HeaderId;
using parsers::Message;
using parsers::Method;
using parsers::ParseError;

namespace {

// Who sent a request, and of which packages it may PUBLISH for others (User::publishes_for_domain).
struct Sender {
  CanonicalAor aor;
  uint32_t publishes_for_domain = 0;
};

}  // namespace

struct Shard::State {
  explicit State(const ShardEnvironment& environment)
      : core(environment),
        authenticator(core.config, environment.hashes, environment.index),
        publications(core),
        hard_states(core, publications),
        registrations(core),
        bindings(core, registrations),
        rules(core),
        views(core, registrations, rules),
        notifier(core, rules, views, bindings),
        subscribe(core, notifier, rules, views),
        publish(core, notifier, publications),
        registration(core, registrations, notifier, views),
        orders(core, rules, hard_states, notifier),
        listing(core, notifier, publications, registrations, rules, views),
        lost_connections(core, notifier, registrations, registration) {
    authenticator.set_nonce_keys(environment.nonce_key, {});
  }

  struct Door {
    bool may_hand_off = false;
    Reason refusal = Reason::kNone;  // It is read for this answer alone.
    const Reason* verdict = nullptr;  // Of who has verified its Identity.
  };
  DatagramFate on_message(Instant now, const Datagram& datagram, const Door& door, Outbox& out);
  // Both: false when its Identity has to be verified first.
  bool on_request(Instant now, const Request& request, const Reason* verdict, Outbox& out);
  bool serve(Exchange& exchange, Treatment treatment, const Reason* verdict);
  void serve_one(Exchange& exchange, Treatment treatment, const Domain* home, const CanonicalAor& subject);
  DatagramFate on_response(Instant now, ParseError error, bool may_hand_off);
  DatagramFate on_notify_response(Instant now, const NotifyResponse& response, bool may_hand_off);
  void on_own_notify(Instant now, const PeerMessage& peer, Outbox& out);
  bool serve_asserted(Exchange& exchange, Treatment treatment, const CanonicalAor& subject);
  void serve_proven(Exchange& exchange, Treatment treatment, const CanonicalAor& subject, const AssertedSender& sender);
  bool authenticate(Exchange& exchange, const Domain& domain, Sender& sender);
  void fire(Instant now, uint32_t timer, Outbox& out);
  DatagramFate fate_of(const Route& route) const;
  bool is_too_long(const Datagram& datagram, Reason reason) const;

  Core core;
  Authenticator authenticator;
  Publications publications;
  HardStates hard_states;
  Registrar registrations;
  BindingRouter bindings;
  RuleSets rules;
  Views views;
  Notifier notifier;
  SubscribeHandler subscribe;
  PublishHandler publish;
  RegisterHandler registration;
  Orders orders;
  Listing listing;
  LostConnections lost_connections;
  Message message;               // The one being handled; large, so it is not made anew for each.
};

Shard::Shard(const ShardEnvironment& environment) : state_(std::make_unique<State>(environment)) {}
Shard::~Shard() = default;

DatagramFate Shard::on_datagram(Instant now, const Datagram& datagram, Outbox& out) {
  Core& core = state_->core;
  core.counters.add(Counter::kDatagramsIn);
  const Reason refusal = core.admission.on_datagram(now, datagram.bytes, datagram.flow);
  if (refusal != Reason::kNone && entry_of(refusal).status == 0) {
    core.counters.add(refusal);
    return {};
  }
  return state_->on_message(now, datagram, {.may_hand_off = true, .refusal = refusal}, out);
}

void Shard::on_delay(Instant now, Duration delay) { state_->core.admission.on_delay(now, delay); }

DatagramFate Shard::on_peer(Instant now, const PeerMessage& message, Outbox& out) {
  state_->core.counters.add(Counter::kPeerMessagesIn);
  state_->core.admission.on_other_door();
  if (message.kind == PeerKind::kDatagram || message.kind == PeerKind::kVerified) {
    const Reason* verdict = message.kind == PeerKind::kVerified ? &message.verdict : nullptr;
    return state_->on_message(now, {message.bytes, message.flow}, {.verdict = verdict}, out);
  }
  if (message.kind == PeerKind::kConnectionLost) {
    state_->lost_connections.on_lost(message.flow.connection);
  } else {
    state_->on_own_notify(now, message, out);
  }
  return {};
}

void Shard::on_control(Instant now, const ControlMessage& message, Outbox& out) {
  switch (message.kind) {
    case ControlMessage::Kind::kLoadRules:
    case ControlMessage::Kind::kRemoveRules:
      state_->core.timers.start(now);
      state_->listing.start(state_->orders.change_rules(now, message), out);
      return state_->listing.run(now, out);
    case ControlMessage::Kind::kSetHardState:
    case ControlMessage::Kind::kRemoveHardState:
      state_->core.timers.start(now);
      state_->listing.start(state_->orders.change_hard_state(now, message), out);
      return state_->listing.run(now, out);
    case ControlMessage::Kind::kNonceKeys:
      state_->authenticator.set_nonce_keys(message.current, message.previous, message.next);
      return;
    case ControlMessage::Kind::kUsers:
      state_->core.users = message.users;
      state_->authenticator.set_users(*message.users);
      break;
    case ControlMessage::Kind::kListPrefixes: state_->core.admission.report_prefixes(now); break;
    case ControlMessage::Kind::kCountProven: state_->core.admission.begin_count(message.verdicts); break;
    case ControlMessage::Kind::kVerdicts: state_->core.admission.take_verdicts(message.verdicts); break;
    case ControlMessage::Kind::kQuiesce: state_->core.quiescing = true; break;
    default: break;
  }
  state_->core.counters.set(Counter::kSourcesForgotten, state_->core.admission.forgotten());
  state_->listing.start(message, out);
  state_->listing.run(now, out);
}

void Shard::on_time(Instant now, Outbox& out) {
  Core& core = state_->core;
  const uint32_t most = core.limits.timers_per_turn_max;
  for (uint32_t left = most - state_->notifier.run_first_resends(now, most, out); left > 0 && out.room() > 0; --left) {
    const uint32_t timer = core.timers.take_due(now);
    if (timer == kNoIndex) break;
    state_->fire(now, timer, out);
  }
  state_->lost_connections.run(now);
  state_->notifier.run(now, out);
  state_->listing.run(now, out);
}

Instant Shard::next_deadline() const {
  const bool has_work =
      state_->notifier.has_work() || state_->listing.has_work() || state_->lost_connections.has_work();
  if (has_work) return Instant();
  return std::min(state_->core.timers.next_deadline(), state_->core.first_resends.next_deadline());
}

const Counters& Shard::counters() const { return state_->core.counters; }
uint32_t Shard::subscription_count() const { return state_->core.subscriptions.size(); }

void Shard::check_invariants() const {
  state_->notifier.check_invariants();
  state_->publications.check_invariants();
  state_->registrations.check_invariants();
  state_->rules.check_invariants();
  state_->views.check_invariants();
}

DatagramFate Shard::State::fate_of(const Route& route) const {
  if (!route.has_owner) return {};
  const ShardIndex owner = core.partitions.owner(route.partition);
  return {.hand_off = owner != core.shard, .owner = owner};
}

// RFC 3261 §21.5.7 (513), also of a message of which the control thread gave the head alone: what a stream cannot hold
// is cut off there, and its Content-Length says why.
bool Shard::State::is_too_long(const Datagram& datagram, Reason reason) const {
  uint64_t body = 0;
  if (reason == Reason::kBadContentLength && !keeps_messages_apart(datagram.flow.transport)) {
    const std::string_view length = message.value(HeaderId::kContentLength);
    return message.count(HeaderId::kContentLength) == 1 &&
           parsers::parse_uint(length, UINT32_MAX, body) == ParseError::kOk &&
           datagram.bytes.size() + body > core.limits.datagram_bytes_max;
  }
  return reason == Reason::kNone && datagram.bytes.size() > core.limits.datagram_bytes_max;
}

DatagramFate Shard::State::on_message(Instant now, const Datagram& datagram, const Door& door, Outbox& out) {
  core.timers.start(now);
  const bool is_apart = keeps_messages_apart(datagram.flow.transport);
  // What a notifier receives most is not parsed at all.
  NotifyResponse response;
  if (is_apart && read_plain_notify_response(datagram.bytes, response)) {
    return on_notify_response(now, response, door.may_hand_off);
  }
  // RFC 3261 §18.3: on a stream a message says how long it is.
  const ParseError error = is_apart ? parsers::parse_message(datagram.bytes, message)
                                    : parsers::parse_stream_message(datagram.bytes, message);
  if (error == ParseError::kEmpty) {
    core.counters.add(Reason::kKeepAlive);
    return {};
  }
  if (!message.is_request()) return on_response(now, error, door.may_hand_off);
  Request request;
  Reason reason = message.method_name().empty() ? Reason::kNotSip
                                                : read_request(message, error, datagram.flow, request);
  if (is_too_long(datagram, reason)) reason = Reason::kMessageTooLong;
  if (reason == Reason::kNone) reason = door.refusal;
  if (reason == Reason::kNone) {
    const DatagramFate fate = fate_of(route_of_request(request));
    if (fate.hand_off) {
      if (door.may_hand_off) {
        // Its owner sees whether the digest is right, and does not say so here.
        const bool is_stranger = core.admission.work_class(now) == WorkClass::kNew;
        if (is_stranger && authenticator.has_fresh_nonce(now, message, datagram.flow)) core.admission.on_proof(now);
        core.counters.add(Counter::kHandedOff);
        return fate;
      }
      core.counters.add(Reason::kPeerBadMessage);
      return {};
    }
  }
  if (door.verdict == nullptr) core.counters.add(Counter::kRequestsIn);
  if (message.method() == Method::kAck) {
    core.counters.add(Reason::kStrayAck);
  } else if (reason == Reason::kNone) {
    return {.verify = !on_request(now, request, door.verdict, out)};
  } else if (reason == Reason::kNotSip || reason == Reason::kUnanswerable) {
    core.counters.add(reason);
  } else {
    Exchange(core, now, request, out).refuse(reason);
  }
  return {};
}

bool Shard::State::on_request(Instant now, const Request& request, const Reason* verdict, Outbox& out) {
  Exchange exchange(core, now, request, out);
  const Treatment treatment = kTreatments[static_cast<size_t>(request.method())];
  // RFC 3261 §17.2.2: a retransmission gets the same answer again and does nothing else.
  const Answer* answer = core.transactions.find(exchange.keys().transaction, now);
  if (answer != nullptr) {
    core.counters.add(Counter::kRetransmissionsIn);
    switch (treatment) {
      case Treatment::kSubscribe: return subscribe.answer(exchange, *answer), true;
      case Treatment::kPublish: return publish.answer(exchange, *answer), true;
      case Treatment::kRegister: return registration.answer(exchange), true;
      default: break;
    }
  }
  switch (treatment) {
    case Treatment::kUnknown: return exchange.refuse(Reason::kMethodUnknown), true;
    case Treatment::kNotAllowed: return exchange.refuse(Reason::kMethodNotAllowed), true;
    case Treatment::kNoTransaction: return exchange.refuse(Reason::kDialogUnknown), true;
    case Treatment::kSilence: return exchange.refuse(Reason::kStrayAck), true;
    default: break;
  }
  // RFC 3261 §8.2.2.2: "If the request has no tag in the To header field ... If the From tag, Call-ID, and CSeq exactly
  // match those associated with an ongoing transaction, but the request does not match that transaction ..., the UAS
  // core SHOULD generate a 482": it was forked, and its first copy has been served.
  if (core.transactions.is_merged(exchange.keys().merge, now)) return exchange.refuse(Reason::kMerged), true;
  if (requires_unknown_extension(*request.message)) return exchange.refuse(Reason::kExtensionRequired), true;
  return serve(exchange, treatment, verdict);
}

bool Shard::State::serve(Exchange& exchange, Treatment treatment, const Reason* verdict) {
  const Request& request = exchange.request();
  if (treatment == Treatment::kOptions) {
    // RFC 3261 §11.2.
    core.counters.add(Counter::kOptionsAccepted);
    exchange.accept({}, [](parsers::Writer& writer) {
      writer.put_header("Allow", kAllow).put_header("Accept", published_media_types());
      writer.put_header("Supported", kSupported).put_header("Allow-Events", package_names());
    });
    return true;
  }
  if (has_malformed_contact(*request.message)) return exchange.refuse(Reason::kBadContact), true;
  if (treatment == Treatment::kRegister && !may_be_registered(request.to.uri)) {
    return exchange.refuse(Reason::kBadFromTo), true;
  }
  // Whose state it is about: the To of a REGISTER (RFC 3261 §10.2), the Request-URI of an initial SUBSCRIBE and of
  // a PUBLISH.
  const CanonicalAor subject(treatment == Treatment::kRegister ? request.to.uri : request.uri);
  const bool in_dialog = treatment == Treatment::kSubscribe && !request.to.tag.empty();
  const Domain* home = in_dialog ? nullptr : core.config.find_domain(subject.domain());
  if (!in_dialog && home == nullptr) return exchange.refuse(Reason::kNotLocalDomain), true;
  if (home != nullptr && refuses(*home, core.config.peers, request.flow)) {
    return exchange.refuse(Reason::kPeerRefused), true;
  }
  if (core.checks_identities) {
    const IdentityJudgement judged = judge_identity(core.config, exchange.now(), request, home, verdict);
    if (judged.step == IdentityStep::kAsk) return core.counters.add(Counter::kIdentitiesAsked), false;
    if (judged.step == IdentityStep::kRefuse) return exchange.refuse(judged.reason), true;
    if (judged.step == IdentityStep::kProven) core.counters.add(Counter::kIdentitiesVerified);
    // What it proves is who watches. Whose state is set proves himself by a password, whoever has signed the request.
    if (judged.step == IdentityStep::kProven && treatment == Treatment::kSubscribe) {
      return serve_proven(exchange, treatment, subject, {.user = CanonicalAor(request.from.uri)}), true;
    }
  }
  serve_one(exchange, treatment, home, subject);
  return true;
}

// `home`: the domain of `subject`; null in a dialog.
void Shard::State::serve_one(Exchange& exchange, Treatment treatment, const Domain* home, const CanonicalAor& subject) {
  const Request& request = exchange.request();
  const bool in_dialog = home == nullptr;
  const bool is_asserted = request.message->find(HeaderId::kPAssertedIdentity) != nullptr;
  if (is_asserted && serve_asserted(exchange, treatment, subject)) return;
  // Whose word it is: for a SUBSCRIBE the From's.
  const CanonicalAor from(request.from.uri);
  const Domain* domain = core.config.find_domain(treatment == Treatment::kSubscribe ? from.domain() : subject.domain());
  // RFC 3323 §4.1.1.3: who is anonymous is of no domain, so in a dialog the presentity's decides, too.
  const bool is_anonymous = treatment == Treatment::kSubscribe && from.domain() == kAnonymousDomain;
  if (in_dialog && is_anonymous) domain = core.config.find_domain(CanonicalAor(request.to.uri).domain());
  // A watcher of another domain cannot prove who it is here, but by the word of a peer (serve_asserted).
  if (domain == nullptr && !in_dialog) domain = core.config.find_domain(subject.domain());
  if (domain == nullptr) return exchange.refuse(Reason::kForbidden);
  Sender sender;
  if (!authenticate(exchange, *domain, sender)) return;
  const CanonicalAor& user = sender.aor;
  const std::string_view claimed = treatment == Treatment::kSubscribe ? from.view() : subject.view();
  // RFC 3261 §22.1: "it MAY accept a default username, "anonymous", which has no password". Who sent it is nobody.
  const bool is_nobody = user.view() == kAnonymousAor && is_anonymous;
  const bool may_be_another = is_nobody || (treatment == Treatment::kPublish && sender.publishes_for_domain != 0);
  if (user.view() != claimed && !may_be_another) return exchange.refuse(Reason::kNotYourAor);
  switch (treatment) {
    case Treatment::kSubscribe: return subscribe.on_request(exchange, user.view());
    case Treatment::kPublish:
      return publish.on_request(exchange, subject.view(),
                                user.view() == claimed ? kAllPackages : sender.publishes_for_domain);
    default: return registration.on_request(exchange, subject.view());
  }
}

// As authenticate() would have it, by the word of a peer. False when nobody said so who may: then he is asked himself.
bool Shard::State::serve_asserted(Exchange& exchange, Treatment treatment, const CanonicalAor& subject) {
  AssertedSender sender;
  if (!read_asserted_sender(core.config, exchange.request(), subject, sender)) {
    core.counters.add(Counter::kAssertionsIgnored);
    return false;
  }
  core.counters.add(Counter::kIdentitiesAsserted);
  core.admission.on_proof(exchange.now());
  serve_proven(exchange, treatment, subject, sender);
  return true;
}

// Who sent it is known, without a password of his.
void Shard::State::serve_proven(Exchange& exchange, Treatment treatment, const CanonicalAor& subject,
                                const AssertedSender& sender) {
  if (sender.refusal != Reason::kNone) return exchange.refuse(sender.refusal);
  if (!core.admission.try_take_user(exchange.now(), sender.user.view())) return exchange.refuse(Reason::kUserTooFast);
  if (treatment == Treatment::kPublish) return publish.on_request(exchange, subject.view(), kAllPackages);
  subscribe.on_request(exchange, sender.user.view());
}

// Who sent it; without authentication in this domain, who they say they are. False when it has been refused.
bool Shard::State::authenticate(Exchange& exchange, const Domain& domain, Sender& sender) {
  const Request& request = exchange.request();
  if (!domain.authenticate) {
    const bool registers = request.method() == Method::kRegister;
    const bool publishes = request.method() == Method::kPublish;
    sender.aor = CanonicalAor(registers ? request.to.uri : publishes ? request.uri : request.from.uri);
    return true;
  }
  const AuthenticationRequest asked = {*request.message, request.flow, domain};
  const Authentication result = authenticator.authenticate(exchange.now(), asked);
  core.counters.set(Counter::kReplayWindowsForgotten, authenticator.windows_forgotten());
  if (result.reason == Reason::kNone) {
    core.admission.on_proof(exchange.now());
    // Who is anonymous is many, and who publishes for a domain speaks for many.
    const bool is_one = !result.user->is_anonymous && result.user->publishes_for_domain == 0;
    if (is_one && !core.admission.try_take_user(exchange.now(), result.user->aor)) {
      exchange.refuse(Reason::kUserTooFast);
      return false;
    }
    sender.aor = CanonicalAor::of(result.user->is_anonymous ? kAnonymousAor : std::string_view(result.user->aor));
    sender.publishes_for_domain = result.user->publishes_for_domain;
    return true;
  }
  if (entry_of(result.reason).status == 401) {
    exchange.refuse_with(result.reason, [&](parsers::Writer& writer) {
      authenticator.write_challenges(exchange.now(), asked, result.reason, writer);
    });
  } else {
    exchange.refuse(result.reason);
  }
  return false;
}

// `message`, with what was wrong with it.
DatagramFate Shard::State::on_response(Instant now, ParseError error, bool may_hand_off) {
  std::string_view vias = message.value(HeaderId::kVia);
  parsers::Via via;
  const bool has_via = parsers::next_via(vias, via) == ParseError::kOk;
  if (!has_via) via.branch = {};
  // RFC 3261 §8.1.3.3: more than one Via: not for us.
  const bool is_alone = has_via && vias.empty() && message.count(HeaderId::kVia) == 1;
  NotifyResponse response;
  if (error == ParseError::kOk && is_alone && read_notify_response(message, via.branch, response)) {
    return on_notify_response(now, response, may_hand_off);
  }
  const DatagramFate fate = fate_of(route_of_response(via));
  if (fate.hand_off && may_hand_off) return fate;
  core.counters.add(Counter::kResponsesIn);
  core.counters.add(error != ParseError::kOk ? Reason::kResponseMalformed : Reason::kStrayResponse);
  return {};
}

DatagramFate Shard::State::on_notify_response(Instant now, const NotifyResponse& response, bool may_hand_off) {
  const DatagramFate fate = fate_of({true, response.branch.partition});
  if (fate.hand_off && may_hand_off) return fate;
  core.counters.add(Counter::kResponsesIn);
  const bool is_expected = notifier.on_response(now, response);
  is_expected ? core.admission.on_proof(now) : core.counters.add(Reason::kStrayResponse);
  return {};
}

// A NOTIFY of a shard of ours: to be sent on through the bindings here, or come back because there were none, or
// because there was no connection for it.
void Shard::State::on_own_notify(Instant now, const PeerMessage& peer, Outbox& out) {
  core.timers.start(now);
  std::string_view vias;
  parsers::Via via;
  parsers::CSeq cseq;
  NotifyBranch branch;
  if (parsers::parse_message(peer.bytes, message) != ParseError::kOk || !message.is_request() ||
      (vias = message.value(HeaderId::kVia), parsers::next_via(vias, via)) != ParseError::kOk ||
      !NotifyBranch::parse(via.branch, branch) ||
      parsers::parse_cseq(message.value(HeaderId::kCSeq), cseq) != ParseError::kOk) {
    core.counters.add(Reason::kPeerBadMessage);
    return;
  }
  if (peer.kind == PeerKind::kNotifyUndeliverable) {
    if (!notifier.on_undeliverable(now, branch, cseq.number)) core.counters.add(Reason::kStaleHandle);
    return;
  }
  if (peer.kind == PeerKind::kForwardNotify || peer.kind == PeerKind::kForwardResend) {
    bindings.forward_notify(peer, message, core.partitions.owner(branch.partition), out);
    return;
  }
  // RFC 3261 §21.4.18: nobody is there: as if a 480 had come.
  if (!notifier.on_response(now, {branch, cseq.number, 480, 0})) core.counters.add(Reason::kStaleHandle);
}

void Shard::State::fire(Instant now, uint32_t timer, Outbox& out) {
  if (timer < core.publication_timer(0)) {
    core.subscriptions[timer].expiry_is_armed = false;
    notifier.on_timer(now, timer, out);
  } else if (timer < core.bindings_timer(0)) {
    publish.on_timer(now, timer - core.publication_timer(0));
  } else if (timer < core.rules_timer(0)) {
    registration.on_timer(now, timer - core.bindings_timer(0));
  } else if (timer == core.waiting_timer()) {
    notifier.on_waiting_timer(now);
  } else {
    // RFC 4745 §7.4: a period of validity begins or ends.
    notifier.on_rules_changed(now, core.authorizations[timer - core.rules_timer(0)].presentity);
  }
}

}  // namespace vedette::engine
