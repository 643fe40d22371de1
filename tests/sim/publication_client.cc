#include "tests/sim/publication_client.h"

#include "parsers/number.h"

namespace vedette::sim {

using engine::Duration;
using parsers::HeaderId;

PublicationClient::PublicationClient(UserAgent& agent, Package package, unsigned device, Random random)
    : agent_(agent), package_(package), device_(device), random_(random) {
  forget();
}

void PublicationClient::forget() {
  ++life_;
  ++refresh_number_;
  busy_ = false;
  entity_tag_.clear();
  call_id_ = "pub-" + random_.hex();
}

std::string PublicationClient::next_document(bool initial) {
  if (initial) {
    stamp_.publication = agent_.account().user + "-d" + std::to_string(device_) + "-" + std::to_string(++chains_);
    stamp_.version = 0;
  }
  ++stamp_.version;
  if (package_ == Package::kPresence) return next_presence();
  // Two phones may call their dialogs alike.
  const PackageDocumentPlan plan = {.aor = agent_.account().aor(),
                                    .stamp = stamp_,
                                    .id = random_.chance(0.3) ? "same" : "d" + std::to_string(device_),
                                    .count = random_.below(4),
                                    .with_extension = random_.chance(0.1)};
  return package_ == Package::kDialog ? write_dialog_info(plan) : write_message_summary(plan);
}

std::string device_id_of(std::string_view user, unsigned device) {
  return "urn:x-device:" + std::string(user) + "-" + std::to_string(device);
}

std::string PublicationClient::next_presence() {
  const size_t padding = random_.chance(0.1) ? random_.below(3000) : random_.below(80);
  const size_t padding_max = agent_.stage().preset.limits.publication_body_bytes_max / 3;
  DocumentPlan plan = {.aor = agent_.account().aor(),
                         .tuple_id = random_.chance(0.3) ? "same" : "d" + std::to_string(device_),
                         .stamp = stamp_,
                         .open = random_.chance(0.7),
                         .padding = padding % padding_max,
                         .with_person = random_.chance(0.3),
                         .hides = random_.chance(0.05)};
  if (agent_.stage().preset.events.has_rules) {
    put_details(plan, device_id_of(agent_.account().user, device_), random_);
  }
  return write_document(plan);
}

void put_details(DocumentPlan& plan, std::string device_id, Random& random) {
  plan.with_person = random.chance(0.6);
  if (random.chance(0.5)) plan.class_name = random.pick(kClasses);
  if (random.chance(0.7)) plan.sphere = kSpheres[random.below(kSpheres.size())];
  if (random.chance(0.3)) plan.mood = random.chance(0.5) ? "happy" : "sad";
  if (random.chance(0.3)) plan.last_input = random.chance(0.5) ? "2027-01-15T08:00:00Z" : "2027-01-15T08:10:00Z";
  if (random.chance(0.5)) plan.device_id = std::move(device_id);
  plan.with_extension = random.chance(0.3);
}

void PublicationClient::whim() {
  if (stays_ || busy_) return;
  const uint32_t expires = static_cast<uint32_t>(random_.between({6, 150}));
  switch (random_.below(16)) {
    case 0: return forget();
    case 1: return misbehave();
    case 2: return agent_.repeat_last_request();
    case 3:
    case 4:
      if (!entity_tag_.empty()) publish({.expires = 0, .with_body = random_.chance(0.3), .tag = entity_tag_});
      return;
    case 5:
    case 6:
      if (!entity_tag_.empty()) publish({.expires = expires, .with_body = false, .tag = entity_tag_});
      return;
    case 7: return;
    default: return publish_state();
  }
}

void PublicationClient::publish_state() {
  publish({.expires = static_cast<uint32_t>(random_.between({6, 150})), .tag = entity_tag_,
           .says_expires = random_.chance(0.9)});
}

// Each of these is refused, and nothing may come of it.
void PublicationClient::misbehave() {
  switch (random_.below(9)) {
    case 8: return publish({.aor = "user0@" + std::string(kDigestDomain)});
    case 0: return publish({.tag = "nosuchtag"});
    case 1: return publish({.with_body = false, .tag = old_tag_.empty() ? "x" : old_tag_});
    case 2: return publish({.expires = 2, .tag = entity_tag_});
    case 3: return publish({.body = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"><tuple>"});
    case 4: return publish({.body = std::string(12'000, ' ')});
    case 5: return publish({.body = "hello", .more = "Content-Encoding: deflate\r\n"});
    case 6: return publish({.more = "Require: foo\r\n"});
    default: return publish({.with_body = false});
  }
}

void PublicationClient::publish_for(uint32_t seconds) {
  if (stays_ || busy_) return;
  publish({.expires = seconds, .tag = entity_tag_});
  lets_expire_ = true;
}

void PublicationClient::settle() {
  stays_ = true;
  if (!busy_) publish({.tag = entity_tag_});
}

void PublicationClient::wind_down() {
  stays_ = false;
  ++refresh_number_;
  if (!busy_ && !entity_tag_.empty() && random_.chance(0.5)) {
    publish({.expires = 0, .with_body = false, .tag = entity_tag_});
  } else {
    forget();
  }
}

void PublicationClient::publish(Wish wish) {
  busy_ = true;
  lets_expire_ = false;
  removing_ = wish.expires == 0;
  const bool plain = wish.body.empty();
  const PackageEntry& package = entry_of(package_);
  std::string headers = "Event: " + std::string(package.name) + "\r\n" + wish.more;
  if (wish.says_expires) headers += "Expires: " + std::to_string(wish.expires) + "\r\n";
  if (!wish.tag.empty()) headers += "SIP-If-Match: " + wish.tag + "\r\n";
  std::string body = std::move(wish.body);
  if (plain && wish.with_body) body = next_document(wish.tag.empty());
  if (!body.empty()) headers += "Content-Type: " + std::string(package.media_type) + "\r\n";
  const std::string aor = agent_.account().aor();
  RequestPlan plan = {.method = "PUBLISH",
                      .uri = "sip:" + (wish.aor.empty() ? aor : wish.aor),
                      .from = "<sip:" + aor + ">;tag=" + random_.hex(),
                      .to = "<sip:" + aor + ">",
                      .call_id = call_id_,
                      .headers = std::move(headers),
                      .body = std::move(body)};
  agent_.send_request(std::move(plan), [this, life = life_](const Answer& answer) { on_answer(answer, life); });
}

void PublicationClient::on_answer(const Answer& answer, uint64_t life) {
  if (life != life_) return;
  busy_ = false;
  last_status_ = answer.status;
  uint32_t wait = 2;
  if (answer.status / 100 == 2) {
    uint32_t expires = 0;
    read_expires(answer.facts->message, expires);
    old_tag_ = entity_tag_;
    entity_tag_ = removing_ || expires == 0 ? std::string() : std::string(answer.facts->value(HeaderId::kSipEtag));
    if (!entity_tag_.empty()) return keep_alive(expires);
  } else if (answer.status == 412) {
    entity_tag_.clear();
    wait = 0;
  } else if (answer.facts != nullptr) {
    parsers::parse_delta_seconds(answer.facts->value(HeaderId::kRetryAfter), wait);
  }
  if (!stays_ || answer.status == 401 || answer.status == 403 || answer.status == 404) return;
  agent_.stage().clock.after(Duration::seconds(wait), [this, life] {
    if (stays_ && life == life_ && !busy_) publish({.tag = entity_tag_});
  });
}

void PublicationClient::keep_alive(uint32_t expires) {
  // In the safety phase some forget to refresh, and it expires.
  if (!stays_ && (lets_expire_ || random_.chance(0.3))) return;
  const uint64_t number = ++refresh_number_;
  const Duration delay = Duration::milliseconds(static_cast<int64_t>(expires) *
                                                static_cast<int64_t>(random_.between({400, 900})));
  agent_.stage().clock.after(delay, [this, number] {
    if (number != refresh_number_ || busy_ || entity_tag_.empty()) return;
    publish({.with_body = stays_ && random_.chance(0.3), .tag = entity_tag_});
  });
}

}  // namespace vedette::sim
