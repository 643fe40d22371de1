// Someone on the network who means no good or knows no better: garbage, broken messages, unknown methods, floods
// of strange requests, and replays of what others sent, from its own address and under theirs.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/phone.h"

namespace vedette::sim {

class Stranger : public Receiver {
 public:
  Stranger(Stage& stage, engine::Endpoint own, const std::vector<std::unique_ptr<Phone>>& victims, Random random);

  void start();
  void on_packet(const Packet&) override {}

 private:
  void act();
  void send(std::string bytes) { send_as(own_, std::move(bytes)); }
  void send_as(const engine::Endpoint& from, std::string bytes);
  std::string with_new_branch(std::string bytes);
  std::string garbage();
  std::string strange_request();
  std::string strange_vias();
  std::string stray_response();

  Stage& stage_;
  engine::Endpoint own_;
  const std::vector<std::unique_ptr<Phone>>& victims_;
  Random random_;
};

}  // namespace vedette::sim
