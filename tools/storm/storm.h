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

// Seconds of processor time, and of the time that passed from one turn to the next of those that had work: who polls
// uses all of a processor, with work or without.
struct ThreadTime {
  double cpu = 0, busy = 0;
};

struct PhaseReport {
  std::string name;              // "register", "publish", "subscribe", "steady", "drain".
  double seconds = 0;
  ThreadTime server;             // All zeros when it is not known.
  ThreadTime own;
  Counts counts;
};

// What a run asks of its surroundings.
struct Surroundings {
  std::function<Nanoseconds()> now;
  std::function<ThreadTime()> server_time;   // Since its start.
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
    ThreadTime server, own;
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
  ThreadTime own_time() const;

  const Plan& plan_;
  Session& session_;
  const Surroundings& around_;
  std::vector<Source> sources_;
  uint64_t flood_step_ = 0;
  unsigned idle_turns_ = 0;
  Nanoseconds progress_at_ = 0;
  Nanoseconds turned_at_ = 0;
  Nanoseconds busy_ = 0;
  uint64_t datagrams_ = 0;       // When the last turn began.
};

}  // namespace vedette::storm
