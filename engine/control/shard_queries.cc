// See shard_queries.h. Control thread only.
#include "engine/control/shard_queries.h"

#include <algorithm>
#include <utility>

namespace vedette::control {
namespace {

using engine::ControlMessage;
using engine::ControlReplyHeader;

// One row of kSummary is the whole answer to these.
bool is_answered_by_summary(ControlMessage::Kind kind) {
  return kind == ControlMessage::Kind::kSummary || kind == ControlMessage::Kind::kQuiesce;
}

}  // namespace

ShardQueries::ShardQueries(Workers& workers) : workers_(workers), waiting_(workers.count()) {}

void ShardQueries::tell_all(const ControlMessage& message) {
  for (unsigned worker = 0; worker < waiting_.size(); ++worker) queue(worker, message);
}

void ShardQueries::ask(SteadyTime now, const ShardQuestion& question, Done done) {
  asked_.push_back({question, std::move(done)});
  if (open_.size() < kOpenMax) {
    start(now, std::move(asked_.front()));
    asked_.pop_front();
  }
}

void ShardQueries::start(SteadyTime now, Asked asked) {
  ControlMessage message = asked.question.message;
  message.query = next_query_++;
  Query query{.kind = message.kind,
              .rows_max = asked.question.rows_max,
              .deadline = now + kPatience,
              .done = std::move(asked.done)};
  query.pending.assign(waiting_.size(), !asked.question.only.has_value());
  if (asked.question.only) query.pending.at(*asked.question.only) = true;
  for (unsigned worker = 0; worker < waiting_.size(); ++worker) {
    if (!query.pending[worker]) continue;
    if (asked.question.lent) lent_[message.query] = asked.question.lent;
    if (!queue(worker, message)) lent_.erase(message.query);
  }
  open_.emplace(message.query, std::move(query));
}

void ShardQueries::on_turn(SteadyTime now) {
  for (unsigned worker = 0; worker < waiting_.size(); ++worker) {
    send_waiting(worker);
    dataplane::ControlRecord record;
    for (size_t i = 0; i < kReceivedPerTurnMax && workers_.try_receive(worker, record); ++i) {
      on_record(now, worker, record);
    }
  }
  end_if_complete_or_late(now);
  while (!asked_.empty() && open_.size() < kOpenMax) {
    Asked next = std::move(asked_.front());
    asked_.pop_front();
    start(now, std::move(next));
  }
}

void ShardQueries::end_if_complete_or_late(SteadyTime now) {
  for (auto at = open_.begin(); at != open_.end();) {
    Query& query = at->second;
    const bool complete = std::find(query.pending.begin(), query.pending.end(), true) == query.pending.end();
    if (!complete && now < query.deadline) {
      ++at;
      continue;
    }
    for (unsigned shard = 0; shard < query.pending.size(); ++shard) {
      if (query.pending[shard]) query.answer.silent.push_back(shard);
    }
    const Query ended = std::move(query);
    at = open_.erase(at);  // Before done, which may ask again.
    ended.done(ended.answer);
  }
}

bool ShardQueries::queue(unsigned worker, const ControlMessage& message) {
  // A worker whose messages pile up is stuck: what more it is asked is told as silence when time is up.
  const bool has_room = waiting_[worker].size() < kWaitingMax;
  if (has_room) waiting_[worker].push_back(message);
  send_waiting(worker);
  return has_room;
}

void ShardQueries::send_waiting(unsigned worker) {
  std::deque<ControlMessage>& waiting = waiting_[worker];
  while (!waiting.empty() && workers_.try_send(worker, waiting.front())) waiting.pop_front();
}

void ShardQueries::on_record(SteadyTime now, unsigned worker, const dataplane::ControlRecord& record) {
  if (record.header.kind == ControlReplyHeader::Kind::kEnd) lent_.erase(record.header.query);
  const auto at = open_.find(record.header.query);
  if (at == open_.end()) return;  // Too late: the asker has been told of the silence.
  Query& query = at->second;
  query.deadline = now + kPatience;
  if (record.header.kind == ControlReplyHeader::Kind::kEnd) {
    query.pending[worker] = false;
    return;
  }
  if (record.header.kind == ControlReplyHeader::Kind::kSummary && is_answered_by_summary(query.kind)) {
    query.pending[worker] = false;
  }
  ++query.answer.rows_total;
  if (query.answer.rows.size() < query.rows_max) {
    query.answer.rows.push_back({record.header.kind, record.header.shard, std::string(record.text())});
  }
}

}  // namespace vedette::control
