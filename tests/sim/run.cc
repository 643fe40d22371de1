#include "tests/sim/run.h"

#include "tests/sim/world.h"

namespace vedette::sim {

RunResult run_seed(const RunPlan& plan) {
  World world(plan);
  world.run();
  const RunResult result = world.result();
  if (result.broken) world.print_story(plan.messages_shown);
  return result;
}

}  // namespace vedette::sim
