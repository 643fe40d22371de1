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

// How it answers NOTIFYs.
enum class Answering : uint8_t { kPromptly, kNever, kLate };

struct PhonePlan {
  engine::Endpoint own;
  Account account;
  unsigned device = 0;
  bool registers = true;
  bool watches_by_gruu = false;           // Its Contact in SUBSCRIBE is its public GRUU while it is registered.
  bool is_impostor = false;               // Its password is wrong: nothing it asks for may be done.
  Answering answering = Answering::kPromptly;
  bool is_left_to_expire = false;         // Shows for a while when told to (show_for), and has no whims.
  std::vector<Package> publishes = {};    // The packages that it publishes.
  std::vector<Watch> watches;
};

class Phone : public RequestHandler {
 public:
  Phone(Stage& stage, PhonePlan plan, Random random);

  // Begins to act on its whims, for as long as the safety phase lasts.
  void start();
  // Goes dark and forgets everything; when the light is on again it registers, publishes and subscribes at once.
  void cut_power(engine::Duration dark);
  // SUBSCRIBEs, whatever is under way.
  void insist(bool forgets);
  // Registers and publishes for so many seconds, and does not refresh.
  void show_for(uint32_t registered_seconds, uint32_t published_seconds);
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
  void forget();
  void log_on();
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
