#include "tests/sim/registration_client.h"

#include <iterator>

#include "parsers/number.h"

namespace vedette::sim {

using engine::Duration;
using parsers::HeaderId;

RegistrationClient::RegistrationClient(UserAgent& agent, Random random) : agent_(agent), random_(random) {
  const std::string hex = random_.hex() + random_.hex();
  instance_ = "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(12, 3) + "-8" +
              hex.substr(15, 3) + "-" + hex.substr(18, 12);
  forget();
}

void RegistrationClient::forget() {
  ++life_;
  ++refresh_number_;
  busy_ = false;
  registered_ = false;
  call_id_ = "reg-" + random_.hex();
}

void RegistrationClient::send(const std::string& contacts, const std::string& expires) {
  busy_ = true;
  const std::string aor = agent_.account().aor();
  RequestPlan plan = {.method = "REGISTER",
                      .uri = "sip:" + agent_.account().domain,
                      .from = "<sip:" + aor + ">;tag=" + random_.hex(),
                      .to = "<sip:" + aor + ">",
                      .call_id = call_id_,
                      .headers = "Supported: gruu, path\r\n" + contacts + expires};
  agent_.send_request(std::move(plan), [this, life = life_](const Answer& answer) { on_answer(answer, life); });
}

std::string RegistrationClient::own_contact() const {
  return "Contact: <" + agent_.contact_uri() + ">;+sip.instance=\"<" + instance_ + ">\"";
}

void RegistrationClient::register_for(uint32_t seconds) {
  if (stays_) return;
  lets_expire_ = true;
  registering_ = true;
  leaving_ = false;
  send(own_contact() + ";audio\r\n", "Expires: " + std::to_string(seconds) + "\r\n");
}

void RegistrationClient::register_here() {
  lets_expire_ = false;
  registering_ = true;
  leaving_ = false;
  const std::string seconds = std::to_string(stays_ ? 60 : random_.between({6, 150}));
  // What it can do changes now and then, and with it what watchers see.
  static constexpr const char* kCapabilities[] = {"", ";audio", ";audio;video=\"FALSE\"",
                                                  ";methods=\"INVITE,!MESSAGE\""};
  const std::string contact = own_contact() +
                              kCapabilities[random_.chance(0.8) ? 1 : random_.below(std::size(kCapabilities))];
  if (random_.chance(0.5)) return send(contact + ";expires=" + seconds + "\r\n", "");
  send(contact + "\r\n", "Expires: " + seconds + "\r\n");
}

void RegistrationClient::whim() {
  if (stays_ || busy_) return;
  registering_ = false;
  leaving_ = false;
  const std::string own = "<" + agent_.contact_uri() + ">";
  // Another contact at the same place. (A parameter would not do: one that only one URI has is ignored.)
  const std::string other = "<sip:" + agent_.account().user + "-" + std::to_string(random_.below(3)) + "@" +
                            to_text(agent_.own()) + ">";
  switch (random_.below(16)) {
    case 0: return forget();
    case 1: return send("Contact: *\r\n", "Expires: 0\r\n");
    case 2: return send("", "");                                                    // A query.
    case 3: return send("Contact: " + own + ";expires=1\r\n", "");                  // 423.
    case 4: return send("Contact: *\r\n", "Expires: 60\r\n");                       // 400.
    case 5: return send("Contact: " + own + ", " + other + ";expires=20;q=0.5\r\n", "Expires: 40\r\n");
    case 6:
      return send("Contact: " + other + "\r\n", random_.chance(0.3) ? "Expires: 0\r\n" : "Expires: 30\r\n");
    case 7:
    case 8:
      leaving_ = true;
      return send("Contact: " + own + "\r\n", "Expires: 0\r\n");
    case 9: return agent_.repeat_last_request();
    default: return register_here();
  }
}

void RegistrationClient::settle() {
  stays_ = true;
  if (!busy_) register_here();
}

void RegistrationClient::wind_down() {
  stays_ = false;
  ++refresh_number_;
  if (busy_ || random_.chance(0.5)) return forget();
  registering_ = false;
  leaving_ = true;
  send("Contact: *\r\n", "Expires: 0\r\n");
}

void RegistrationClient::on_answer(const Answer& answer, uint64_t life) {
  if (life != life_) return;
  busy_ = false;
  last_status_ = answer.status;
  uint32_t wait = 2;
  if (answer.status / 100 == 2) {
    if (leaving_) registered_ = false;
    if (registering_) {
      registered_ = true;
      return refresh_later();
    }
    wait = 0;
  } else if (answer.facts != nullptr) {
    parsers::parse_delta_seconds(answer.facts->value(HeaderId::kRetryAfter), wait);
  }
  if (!stays_ || answer.status == 401 || answer.status == 403 || answer.status == 404) return;
  agent_.stage().clock.after(Duration::seconds(wait), [this, life] {
    if (stays_ && life == life_ && !busy_) register_here();
  });
}

void RegistrationClient::refresh_later() {
  if (!stays_ && (lets_expire_ || random_.chance(0.3))) return;
  const uint64_t number = ++refresh_number_;
  const Duration delay =
      stays_ ? Duration::seconds(30) : random_.between({Duration::seconds(4), Duration::seconds(60)});
  agent_.stage().clock.after(delay, [this, number] {
    if (number == refresh_number_ && !busy_) register_here();
  });
}

}  // namespace vedette::sim
