// One user agent's registration (RFC 3261 §10.2, RFC 5627 for its GRUU): registers, refreshes, asks, leaves, with
// wildcards and with second contacts.
#pragma once

#include <string>

#include "tests/sim/user_agent.h"

namespace vedette::sim {

class RegistrationClient {
 public:
  RegistrationClient(UserAgent& agent, Random random);

  void whim();
  // Registers for so many seconds, and does not refresh.
  void register_for(uint32_t seconds);
  void settle();
  void wind_down();
  void forget();

  bool is_registered() const { return registered_; }
  // Its public GRUU, as real clients put it into Contact.
  std::string gruu() const { return "sip:" + agent_.account().aor() + ";gr=" + instance_; }
  unsigned last_status() const { return last_status_; }

 private:
  void send(const std::string& contacts, const std::string& expires);
  void register_here();
  std::string own_contact() const;
  void on_answer(const Answer& answer, uint64_t life);
  void refresh_later();

  UserAgent& agent_;
  Random random_;
  std::string instance_;
  std::string call_id_;
  bool registered_ = false;
  bool registering_ = false;      // What is under way would register this contact.
  bool leaving_ = false;
  bool stays_ = false;
  bool busy_ = false;
  bool lets_expire_ = false;      // Since register_for().
  unsigned last_status_ = 0;
  uint64_t life_ = 0;
  uint64_t refresh_number_ = 0;
};

}  // namespace vedette::sim
