#include "tests/sim/subscription_client.h"

#include <algorithm>
#include <array>

#include "parsers/address.h"
#include "parsers/number.h"
#include "parsers/subscription_state.h"

namespace vedette::sim {

using engine::Duration;
using parsers::HeaderId;
using parsers::ParseError;

namespace {

constexpr Duration kAsksAgainAfter = Duration::seconds(15);
constexpr std::array<unsigned, 8> kRefusals = {1, 481, 404, 408, 480, 486, 500, 503};

}  // namespace

SubscriptionClient::SubscriptionClient(UserAgent& agent, Watch watch, std::function<std::string()> contact,
                                       Random random)
    : agent_(agent), watch_(std::move(watch)), contact_(std::move(contact)), random_(random) {}

void SubscriptionClient::whim() {
  if (stays_ || busy_) return;
  if (state_ == State::kIdle) {
    act_when_idle();
  } else if (state_ == State::kActive) {
    act_when_active();
  } else if (random_.chance(0.3)) {
    forget();       // Waits for a last NOTIFY, and does not for ever.
  }
}

void SubscriptionClient::act_when_idle() {
  const uint32_t expires = static_cast<uint32_t>(random_.between({8, 120}));
  const std::string name(entry_of(watch_.package).name);
  switch (random_.below(16)) {
    case 0: return subscribe({.expires = 0, .accept = random_accept()});       // A fetch.
    case 1: return subscribe({.expires = 1});                                  // 423.
    case 2: return subscribe({.expires = expires, .event = "astrology"});         // 489.
    case 3: return subscribe({.expires = expires, .more = "Require: recipient-list-subscribe\r\n"});   // 420.
    case 4: return subscribe({.expires = expires, .more = "Accept: text/html\r\n"});                   // 406.
    case 5: return subscribe({.expires = expires, .event = name + ";id=" + random_.hex()});
    case 6: return subscribe({.expires = expires, .has_contact = false});                              // 400.
    // Behind a proxy of its own, a loose router or a strict one.
    case 7: return subscribe({.expires = expires, .more = record_route(";lr")});
    case 8: return subscribe({.expires = expires, .more = record_route("")});
    default:
      return subscribe({.expires = expires, .accept = random_accept()});
  }
}

// Nothing, what its package has, or, of presence, what changed.
std::string SubscriptionClient::random_accept() {
  const std::string whole(entry_of(watch_.package).media_type);
  const std::string partial(kPartialMediaType);
  const uint64_t choice = random_.below(watch_.package == Package::kPresence ? 4 : 2);
  if (choice == 0) return {};
  if (choice == 1) return "Accept: " + whole + "\r\n";
  return "Accept: " + partial + (choice == 2 ? ", " + whole + ";q=0.3" : "") + "\r\n";
}

// RFC 6446 §9.2: how often it wants to be told, at most and at least.
std::string SubscriptionClient::random_rates() {
  if (!random_.chance(0.2)) return {};
  std::string rates;
  if (random_.chance(0.5)) rates += random_.chance(0.5) ? ";max-rate=0.1" : ";max-rate=0.05";
  if (random_.chance(0.5)) rates += random_.chance(0.5) ? ";min-rate=0.03" : ";min-rate=0.02";
  if (random_.chance(0.3)) rates += random_.chance(0.5) ? ";adaptive-min-rate=0.025" : ";adaptive-min-rate=0.5";
  return rates;
}

// Filters that leave everything, so that whoever watches with one has to see what the others see.
void SubscriptionClient::put_filter(RequestPlan& plan) {
  static constexpr std::array<std::string_view, 5> kWishes = {
      "<filter id=\"a\" remove=\"true\"/>", "<filter id=\"a\"><what><exclude>//nothing</exclude></what></filter>",
      "<filter id=\"a\"><what><exclude>//nobody</exclude></what></filter>",
      "<filter id=\"a\"><what><include>/presence</include></what></filter>",
      "<filter id=\"a\"><what><exclude>//*[@id='nobody']</exclude></what></filter>"};
  if (watch_.package != Package::kPresence || !random_.chance(0.1)) return;
  // One of the last two that is damaged on its way would leave something else.
  const uint64_t count = agent_.stage().preset.faults.corruption > 0 ? 3 : kWishes.size();
  plan.headers += "Content-Type: application/simple-filter+xml\r\n";
  plan.body = "<filter-set xmlns=\"urn:ietf:params:xml:ns:simple-filter\">" +
              std::string(kWishes[random_.below(count)]) + "</filter-set>";
}

// RFC 5839 §5.2. Where NOTIFYs are damaged on their way, a tag might be kept with what it does not stand for.
void SubscriptionClient::put_condition(RequestPlan& plan) {
  condition_.clear();
  if (!tag_.empty() && agent_.stage().preset.faults.corruption == 0 && random_.chance(0.4)) {
    condition_ = tag_;
  } else if (!stays_ && random_.chance(0.05)) {
    condition_ = random_.chance(0.5) ? "*" : random_.hex();
  }
  if (!condition_.empty()) plan.headers += "Suppress-If-Match: " + condition_ + "\r\n";
}

void SubscriptionClient::see_again() {
  if (tag_.empty() || condition_ != tag_) return;
  seen_ = kept_;
  seen_at_ = agent_.stage().now();
  has_seen_ = true;
}

std::string SubscriptionClient::record_route(const std::string& parameter) const {
  return "Record-Route: <sip:" + to_text(agent_.own()) + parameter + ">\r\n";
}

void SubscriptionClient::act_when_active() {
  switch (random_.below(16)) {
    case 0:
    case 1: return subscribe_in_dialog(0);
    case 2: return forget();                                  // NOTIFYs will be answered 481.
    case 3:
    case 4:
      refusal_ = kRefusals[random_.below(kRefusals.size())];
      refuses_until_ = agent_.stage().now() + random_.between({Duration::seconds(1), Duration::seconds(50)});
      return;
    case 5: return agent_.repeat_last_request();
    case 6: return subscribe_in_dialog(2);                    // 423; the subscription goes on as it was.
    case 7: return subscribe_in_dialog(60, 1);                // Its CSeq is out of order: 500.
    case 8:
    case 9: return subscribe_in_dialog(static_cast<uint32_t>(random_.between({8, 120})));
    default: return;
  }
}

void SubscriptionClient::insist(bool forgets) {
  if (stays_) return;
  if (state_ == State::kActive && !forgets) return subscribe_in_dialog(60);
  if (state_ != State::kSubscribing || forgets) subscribe({.expires = 8});
}

void SubscriptionClient::settle() {
  stays_ = true;
  refusal_ = 0;
  last_cseq_ = 0;
  if (busy_) return;      // Its answer goes on from here.
  if (state_ == State::kActive) return subscribe_in_dialog(60);
  forget();
  subscribe({.accept = random_accept()});
}

void SubscriptionClient::wind_down() {
  stays_ = false;
  if (state_ != State::kActive || busy_) return forget();
  switch (random_.below(3)) {
    case 0: return subscribe_in_dialog(0);
    case 1: return forget();
    default: ++refresh_number_;      // Answers NOTIFYs, but refreshes no more.
  }
}

void SubscriptionClient::forget() {
  state_ = State::kIdle;
  busy_ = false;
  ++life_;
  ++refresh_number_;
  call_id_.clear();
  partial_.clear();
  watchers_.clear();
  has_seen_ = is_pending_ = false;
}

void SubscriptionClient::subscribe(const Wish& wish) {
  forget();
  state_ = State::kSubscribing;
  busy_ = true;
  call_id_ = "sub-" + random_.hex() + "@" + agent_.account().user;
  own_tag_ = random_.hex();
  event_ = wish.event.empty() ? std::string(entry_of(watch_.package).name) : wish.event;
  rates_ = random_rates();
  remote_tag_.clear();
  last_cseq_ = 0;
  accept_ = wish.accept;
  RequestPlan plan = {.method = "SUBSCRIBE",
                      .uri = "sip:" + watch_.aor,
                      .from = "<sip:" + agent_.account().aor() + ">;tag=" + own_tag_,
                      .to = "<sip:" + watch_.aor + ">",
                      .call_id = call_id_,
                      .headers = "Event: " + event_ + rates_ + "\r\nExpires: " + std::to_string(wish.expires) +
                                 "\r\n" + (wish.has_contact ? "Contact: <" + contact_() + ">\r\n" : "") + accept_ +
                                 wish.more};
  put_filter(plan);
  put_condition(plan);
  agent_.send_request(std::move(plan),
                      [this, life = life_](const Answer& answer) { on_subscribe_answer(answer, life); });
}

void SubscriptionClient::subscribe_in_dialog(uint32_t expires, uint32_t cseq) {
  busy_ = true;
  if (expires == 0) state_ = State::kLeaving;
  if (random_.chance(0.1)) accept_ = random_accept();
  if (random_.chance(0.1)) rates_ = random_rates();
  RequestPlan plan = {.method = "SUBSCRIBE",
                      .uri = remote_target_,
                      .from = "<sip:" + agent_.account().aor() + ">;tag=" + own_tag_,
                      .to = "<sip:" + watch_.aor + ">;tag=" + remote_tag_,
                      .call_id = call_id_,
                      .headers = "Event: " + event_ + rates_ + "\r\nExpires: " + std::to_string(expires) +
                                 "\r\nContact: <" +
                                 contact_() + ">\r\n" + accept_,
                      .cseq = cseq};
  put_filter(plan);
  put_condition(plan);
  agent_.send_request(std::move(plan), [this, life = life_](const Answer& answer) { on_refresh_answer(answer, life); });
}

void SubscriptionClient::on_subscribe_answer(const Answer& answer, uint64_t life) {
  if (life != life_) return;
  busy_ = false;
  last_status_ = answer.status;
  if (answer.status / 100 == 2) {
    parsers::Address contact;
    uint32_t expires = 0;
    if (parsers::parse_address(answer.facts->value(HeaderId::kContact), contact) != ParseError::kOk ||
        !read_expires(answer.facts->message, expires)) {
      return end();     // Damaged on the way.
    }
    remote_tag_ = answer.facts->to_tag;
    remote_target_ = contact.uri.text;
    if (expires == 0) return;       // A fetch: the NOTIFY ends it.
    state_ = State::kActive;
    if (stays_ && condition_ == "*") return subscribe_in_dialog(60);
    refresh_later(expires);
    return;
  }
  uint32_t wait = 2;
  if (answer.facts != nullptr) parsers::parse_delta_seconds(answer.facts->value(HeaderId::kRetryAfter), wait);
  forget();
  if (!stays_) return;
  if (!was_forbidden()) return try_again(Duration::seconds(wait));
  // Rules may be others soon.
  if (agent_.stage().preset.events.has_rules) try_again(kAsksAgainAfter);
}

void SubscriptionClient::on_refresh_answer(const Answer& answer, uint64_t life) {
  if (life != life_) return;
  busy_ = false;
  last_status_ = answer.status;
  const bool leaving = state_ == State::kLeaving;
  if (answer.status / 100 == 2) {
    uint32_t expires = 0;
    read_expires(answer.facts->message, expires);
    if (answer.status == 204) {
      if (leaving) return end();
      see_again();
    }
    // Who settled meanwhile is awake.
    if (!leaving && stays_ && condition_ == "*") return subscribe_in_dialog(60);
    if (!leaving) refresh_later(expires);
    return;               // When leaving, the final NOTIFY ends it.
  }
  if (answer.status == 423 && !stays_) return;
  end();                  // 481 and the rest: start again.
}

void SubscriptionClient::end() {
  forget();
  if (stays_) try_again(Duration::milliseconds(1500));
}

void SubscriptionClient::try_again(Duration delay) {
  agent_.stage().clock.after(delay, [this, life = life_] {
    if (stays_ && life == life_) subscribe({.accept = random_accept()});
  });
}

void SubscriptionClient::refresh_later(uint32_t expires) {
  const uint64_t number = ++refresh_number_;
  const Duration delay = Duration::milliseconds(static_cast<int64_t>(expires) *
                                                static_cast<int64_t>(random_.between({400, 900})));
  agent_.stage().clock.after(delay, [this, number] {
    if (number != refresh_number_ || busy_ || state_ != State::kActive) return;
    subscribe_in_dialog(stays_ ? 60 : static_cast<uint32_t>(random_.between({8, 120})));
  });
}

Reply SubscriptionClient::on_notify(const Facts& notify) {
  if (state_ == State::kIdle) return {.status = 481};
  if (refusal_ != 0 && agent_.stage().now() < refuses_until_) {
    if (refusal_ == 481) forget();
    return {.status = refusal_, .silent = refusal_ == 1};
  }
  refusal_ = 0;
  if (remote_tag_.empty()) remote_tag_ = notify.from_tag;
  if (notify.from_tag != remote_tag_) return {.status = 481};
  // RFC 3261 §12.2.2: a lower CSeq is out of order.
  if (notify.cseq < last_cseq_) return {.status = 500};
  last_cseq_ = notify.cseq;
  take_document(notify);
  take_state(notify);
  return {};
}

void SubscriptionClient::take_document(const Facts& notify) {
  PackageView view;
  std::string_view body = notify.message.body();
  std::string whole;
  if (notify.value(HeaderId::kContentType) == kPartialMediaType) {
    // RFC 5263 §4.5: who cannot follow, because a NOTIFY was damaged on its way, asks for everything.
    if (!partial_.take(body).empty() && state_ == State::kActive && !busy_) subscribe_in_dialog(60);
    body = whole = partial_.document();
  }
  if (body.empty() && notify.value(HeaderId::kSipEtag) == tag_) see_again();
  if (body.empty() || !read_shown(watch_.package, body, view)) return;
  if (watch_.package == Package::kWatcherInfo) {
    // RFC 3858 §4: "the watcherinfo subscriber SHOULD generate a refresh request to trigger a full state notification."
    if (!watchers_.take(view).empty() && state_ == State::kActive && !busy_) subscribe_in_dialog(60);
    view = watchers_.view();
  }
  // A watcher never sees an older version after a newer one. Without authentication, and where limits make the
  // server forget transactions, a PUBLISH that arrives twice is two publications: there it cannot hold.
  const bool holds = agent_.stage().preset.serves_everybody && !watch_.aor.ends_with(kOpenDomain);
  for (const Stamp& now : stamps_of(view)) {
    for (const Stamp& before : stamps_of(seen_)) {
      if (!holds || !has_seen_ || now.publication != before.publication || now.version >= before.version) continue;
      agent_.stage().verdict.broken({.law = "a watcher never sees an older version after a newer one",
                                     .seen = to_text(view) + " after " + to_text(seen_),
                                     .call_id = call_id_});
    }
  }
  tag_ = notify.value(HeaderId::kSipEtag);
  seen_ = kept_ = std::move(view);
  seen_at_ = agent_.stage().now();
  has_seen_ = true;
}

void SubscriptionClient::take_state(const Facts& notify) {
  parsers::SubscriptionState state;
  if (parsers::parse_subscription_state(notify.value(HeaderId::kSubscriptionState), state) != ParseError::kOk) return;
  is_pending_ = state.value == parsers::SubscriptionState::Value::kPending;
  if (is_pending_) has_seen_ = false;
  if (state.value == parsers::SubscriptionState::Value::kTerminated) end();
}

}  // namespace vedette::sim
