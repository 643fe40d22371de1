#include "tests/sim/phone.h"

namespace vedette::sim {

using engine::Duration;
using parsers::Method;

Phone::Phone(Stage& stage, PhonePlan plan, Random random)
    : stage_(stage),
      plan_(std::move(plan)),
      random_(random.fork("phone")),
      agent_(stage, plan_.own, plan_.account, random.fork("agent")),
      registration_(agent_, random.fork("registration")) {
  for (const Package package : plan_.publishes) {
    publications_.push_back(std::make_unique<PublicationClient>(
        agent_, package, plan_.device, random.fork("publication " + std::to_string(publications_.size()))));
  }
  for (const Watch& watch : plan_.watches) {
    subscriptions_.push_back(std::make_unique<SubscriptionClient>(
        agent_, watch, [this] { return contact(); }, random.fork("watch " + std::to_string(subscriptions_.size()))));
  }
  agent_.handle_requests(*this);
}

std::string Phone::contact() const {
  return plan_.watches_by_gruu && registration_.is_registered() ? registration_.gruu() : agent_.contact_uri();
}

void Phone::start() {
  stage_.clock.after(random_.between({{}, stage_.preset.think_max}), [this] { think(); });
}

void Phone::think() {
  if (stage_.phase != Phase::kSafety) return;
  if (stage_.now() >= off_until_ && !plan_.is_left_to_expire) {
    const uint64_t which = random_.below(1 + publications_.size() + subscriptions_.size());
    if (random_.chance(0.01)) {
      crash();
    } else if (which == 0) {
      if (plan_.registers) registration_.whim();
    } else if (which <= publications_.size()) {
      publications_[which - 1]->whim();
    } else {
      subscriptions_[which - 1 - publications_.size()]->whim();
    }
  }
  stage_.clock.after(random_.between({stage_.preset.think_min, stage_.preset.think_max}), [this] { think(); });
}

// The battery is out; some time later the device starts with an empty memory.
void Phone::crash() {
  forget();
  off_until_ = stage_.now() + random_.between({Duration::seconds(1), Duration::seconds(60)});
}

void Phone::forget() {
  agent_.crash();
  registration_.forget();
  for (const auto& publication : publications_) publication->forget();
  for (const auto& subscription : subscriptions_) subscription->forget();
}

void Phone::cut_power(Duration dark) {
  forget();
  off_until_ = stage_.now() + dark;
  stage_.clock.after(dark, [this] { log_on(); });
}

void Phone::log_on() {
  if (stage_.phase != Phase::kSafety || stage_.now() < off_until_ || plan_.is_left_to_expire) return;
  if (plan_.registers) registration_.register_for(60);
  for (const auto& publication : publications_) publication->publish_for(60);
  for (const auto& subscription : subscriptions_) subscription->insist(false);
}

void Phone::insist(bool forgets) {
  if (stage_.phase != Phase::kSafety || stage_.now() < off_until_) return;
  for (const auto& subscription : subscriptions_) subscription->insist(forgets);
  stage_.played.add(Play::kStormSubscribe, subscriptions_.size());
}

void Phone::show_for(uint32_t registered_seconds, uint32_t published_seconds) {
  registration_.register_for(registered_seconds);
  for (const auto& publication : publications_) publication->publish_for(published_seconds);
}

void Phone::settle() {
  off_until_ = {};
  if (plan_.registers) registration_.settle();
  for (const auto& publication : publications_) publication->settle();
  // Watching by GRUU works once the registration is there.
  stage_.clock.after(Duration::seconds(4), [this] {
    for (const auto& subscription : subscriptions_) subscription->settle();
  });
}

void Phone::wind_down() {
  registration_.wind_down();
  for (const auto& publication : publications_) publication->wind_down();
  for (const auto& subscription : subscriptions_) subscription->wind_down();
}

Reply Phone::on_request(const Facts& request) {
  if (stage_.now() < off_until_) return {.silent = true};
  if (request.method != Method::kNotify) return {.status = 405, .headers = "Allow: NOTIFY\r\n"};
  for (const auto& subscription : subscriptions_) {
    if (!subscription->owns(request)) continue;
    Reply reply = subscription->on_notify(request);
    if (plan_.answering == Answering::kNever) {
      reply.silent = true;
      stage_.played.add(Play::kUnanswered);
    } else if (plan_.answering == Answering::kLate) {
      // Before and after Timer F.
      reply.delay = random_.between({Duration::milliseconds(100), Duration::seconds(45)});
      stage_.played.add(Play::kAnsweredLate);
    }
    return reply;
  }
  return {.status = 481};
}

}  // namespace vedette::sim
