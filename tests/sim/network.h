// The simulated network: every datagram takes its time and may be lost, doubled, overtaken or changed on the
// way. All by the seed; heal() ends the faults (the liveness phase) and leaves the delays.
#pragma once

#include <map>

#include "tests/sim/event_queue.h"
#include "tests/sim/packet.h"
#include "tests/sim/random.h"

namespace vedette::sim {

class Trace;

struct Faults {
  double loss = 0;            // Probabilities for one datagram on one way.
  double duplication = 0;
  double corruption = 0;
  double reordering = 0;      // Kept back for up to reordering_delay, so that later ones overtake it.
  DurationRange delay = {engine::Duration::microseconds(100), engine::Duration::milliseconds(40)};
  engine::Duration reordering_delay = engine::Duration::milliseconds(900);
};

class Network {
 public:
  Network(EventQueue& clock, Trace& trace, const Faults& faults, Random random);

  void attach(const engine::Endpoint& at, Receiver& receiver);
  void send(Packet packet);
  // From now on nothing is lost, doubled, changed or kept back; what is under way arrives.
  void heal();

 private:
  // What one actor's access line is like: some are far away, some lose more.
  struct Line {
    engine::Duration delay;
    double loss_factor = 1;
  };
  const Line& line_of(const engine::Endpoint& actor);
  void deliver_after(engine::Duration delay, Packet packet);
  void corrupt(std::string& bytes);
  void corrupt_once(std::string& bytes);

  EventQueue& clock_;
  Trace& trace_;
  Faults faults_;
  Random random_;
  std::map<engine::Endpoint, Receiver*, EndpointLess> receivers_;
  std::map<engine::Endpoint, Line, EndpointLess> lines_;
};

}  // namespace vedette::sim
