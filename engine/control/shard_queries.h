// Conversations with the shards: a message goes to one or all, rows come back until each has said its end, or
// until time is up. Time is handed in, so that tests need not wait. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/control/shard_row.h"
#include "engine/control/workers.h"
#include "engine/control_message.h"

namespace vedette::control {

using SteadyTime = std::chrono::steady_clock::time_point;

struct ShardQuestion {
  engine::ControlMessage message;  // Its number is given by ShardQueries.
  std::optional<unsigned> only;    // One shard, else all.
  size_t rows_max = 100'000;       // More are counted and left out.
  // What the message points into: kept until the shard that is asked has said its end, however late.
  std::shared_ptr<const std::string> lent;
};

struct ShardAnswer {
  std::vector<ShardRow> rows;
  uint64_t rows_total = 0;       // With those that were left out.
  std::vector<unsigned> silent;  // Shards that have not said their end in time.
};

class ShardQueries {
 public:
  using Done = std::function<void(ShardAnswer)>;
  static constexpr std::chrono::milliseconds kPatience{2'000};  // Since the last row, of whichever shard.
  static constexpr size_t kOpenMax = 8;       // A shard answers as many at a time; more questions wait here.
  static constexpr size_t kWaitingMax = 256;  // Per worker, while its ring is full.
  static constexpr size_t kReceivedPerTurnMax = 4'096;

  explicit ShardQueries(Workers& workers);

  // No answer is expected.
  void tell_all(const engine::ControlMessage& message);
  // `done` is called by on_turn, once. Whoever asks bounds how many questions there are.
  void ask(SteadyTime now, const ShardQuestion& question, Done done);
  // Sends what waits, takes what has come, ends what is complete or too late.
  void on_turn(SteadyTime now);
  size_t open() const { return open_.size() + asked_.size(); }

 private:
  struct Query {
    engine::ControlMessage::Kind kind{};
    size_t rows_max = 0;
    SteadyTime deadline;
    std::vector<bool> pending;  // By shard.
    ShardAnswer answer;
    Done done;
  };

  struct Asked {
    ShardQuestion question;
    Done done;
  };

  void start(SteadyTime now, Asked asked);
  void end_if_complete_or_late(SteadyTime now);
  // False: too many messages wait for this worker.
  bool queue(unsigned worker, const engine::ControlMessage& message);
  void send_waiting(unsigned worker);
  void on_record(SteadyTime now, unsigned worker, const dataplane::ControlRecord& record);

  Workers& workers_;
  uint32_t next_query_ = 1;
  std::vector<std::deque<engine::ControlMessage>> waiting_;  // By worker.
  std::deque<Asked> asked_;                                  // Not begun yet.
  std::map<uint32_t, Query> open_;
  // By query. Those of questions that ended in silence stay: at most as many as messages may wait, here and in a ring.
  std::map<uint32_t, std::shared_ptr<const std::string>> lent_;
};

}  // namespace vedette::control
