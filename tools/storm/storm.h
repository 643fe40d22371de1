// A run: everybody arrives, then a measured phase of the mix at its rates or as fast as the server answers, then what
// is under way comes to its end. Gives a report of each phase.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "tools/storm/pacer.h"
#include "tools/storm/session.h"

namespace vedette::storm {

struct PhaseReport {
  std::string name;              // "register", "publish", "subscribe", "steady", "drain".
  double seconds = 0;
  double server_cpu_seconds = 0; // 0 when it is not known.
  double own_cpu_seconds = 0;
  Counts counts;
};

// What a run asks of its surroundings.
struct Surroundings {
  std::function<Nanoseconds()> now;
  std::function<double()> server_cpu_seconds;
  std::function<void(const std::string& phase, double share_done, const Session&)> progress;  // Now and then.
  std::function<void()> idle;    // Nothing to do in many turns.
  std::function<void(bool on)> attack = [](bool) {};   // From the measured phase on, until nothing is under way.
};

class Storm {
 public:
  Storm(const Plan& plan, Session& session, const Surroundings& around);

  // All phases in order.
  std::vector<PhaseReport> run();

  void arrive(std::vector<PhaseReport>& reports);
  PhaseReport steady();
  PhaseReport drain();

 private:
  // What one kind of request is about, step by step; false: there is nothing to be sent at this step.
  struct Step {
    uint32_t subject = 0;
    uint8_t device = 0;
  };
  struct Source {
    Ask ask = Ask::kSubscribe;
    Pacer pacer;
    uint64_t step = 0;
  };
  struct Mark {
    Nanoseconds at = 0;
    double server_cpu = 0, own_cpu = 0;
  };

  PhaseReport arrive_by(const std::string& name, Ask ask, uint64_t steps, double per_second);
  bool step_of(Ask ask, uint64_t number, bool arriving, Step& step) const;
  void start_sources(Nanoseconds now);
  void run_source(Source& source, Nanoseconds now);
  void flood(Nanoseconds now);
  void push_crowd(Nanoseconds now);
  void steady_for(double seconds, const std::string& name);
  size_t turn(const std::string& phase, double share_done);
  Mark begin();
  PhaseReport end(const std::string& name, const Mark& mark);

  const Plan& plan_;
  Session& session_;
  const Surroundings& around_;
  std::vector<Source> sources_;
  uint64_t flood_step_ = 0;
  unsigned idle_turns_ = 0;
  Nanoseconds progress_at_ = 0;
};

}  // namespace vedette::storm
