// A simulated user's device: one user agent with a registration, some publications and some subscriptions, each
// following its whims in the safety phase.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/publication_client.h"
#include "tests/sim/registration_client.h"
#include "tests/sim/subscription_client.h"
#include "tests/sim/user_agent.h"

namespace vedette::sim {

struct PhonePlan {
  engine::Endpoint own;
  Account account;
  unsigned device = 0;
  bool registers = true;
  bool watches_by_gruu = false;           // Its Contact in SUBSCRIBE is its public GRUU while it is registered.
  bool is_impostor = false;               // Its password is wrong: nothing it asks for may be done.
  std::vector<Package> publishes = {};    // The packages that it publishes.
  std::vector<Watch> watches;
};

class Phone : public RequestHandler {
 public:
  Phone(Stage& stage, PhonePlan plan, Random random);

  // Begins to act on its whims, for as long as the safety phase lasts.
  void start();
  void settle();
  void wind_down();
  Reply on_request(const Facts& request) override;

  const UserAgent& agent() const { return agent_; }
  const PhonePlan& plan() const { return plan_; }
  const std::vector<std::unique_ptr<SubscriptionClient>>& subscriptions() const { return subscriptions_; }
  const std::vector<std::unique_ptr<PublicationClient>>& publications() const { return publications_; }
  const RegistrationClient& registration() const { return registration_; }

 private:
  void think();
  void crash();
  std::string contact() const;

  Stage& stage_;
  PhonePlan plan_;
  Random random_;
  UserAgent agent_;
  RegistrationClient registration_;
  std::vector<std::unique_ptr<PublicationClient>> publications_;
  std::vector<std::unique_ptr<SubscriptionClient>> subscriptions_;
  engine::Instant off_until_;             // Switched off: no answer to anything.
};

}  // namespace vedette::sim
