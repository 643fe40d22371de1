// The laws of form: what every single message that leaves the server must look like, whatever it is about.
#pragma once

#include <set>

#include "tests/sim/facts.h"
#include "tests/sim/stage.h"

namespace vedette::sim {

class FormLaws {
 public:
  FormLaws(Stage& stage, const engine::EngineConfig& config) : stage_(stage), config_(config) {}

  // A message came from there: the address may be answered, as may what it gives as its Contact.
  void on_arrival(std::string_view bytes, const engine::Flow& flow);
  // `request` is what the server is at work on (responses answer it), null when it acts by itself.
  void check(std::string_view bytes, const Facts& sent, const engine::Flow& flow, const Facts* request);

 private:
  void broken(const Facts& sent, std::string law, std::string seen);
  void check_request(const Facts& sent);
  void check_response(const Facts& sent, const Facts& request);
  void check_gruu(const Facts& sent);
  void check_status_headers(const Facts& sent);
  void check_destination(const Facts& sent, const engine::Flow& flow);

  Stage& stage_;
  const engine::EngineConfig& config_;
  std::set<engine::Endpoint, EndpointLess> known_;
};

}  // namespace vedette::sim
