#include "dataplane/poll_loop.h"

#include "dataplane/rx.h"
#include "dataplane/tx.h"

namespace vedette::dataplane {
namespace {

// What is due by time alone. Says whether the shard has more to do at once.
bool pass_time(Worker& worker, engine::Instant now) {
  worker.reassembly.expire(now);
  send_held(worker, now);
  if (worker.shard->next_deadline() > now) return false;
  show_mailbox_room(worker);
  // What is due must not wait for a turn without answers: under load there may be none.
  static_cast<void>(make_room_for_answers(worker, now));
  show_stream_room(worker);
  worker.shard->on_time(now, worker.out.outbox());
  // A listing that waits for the control thread to read is no reason to hurry.
  return worker.shard->next_deadline() <= now && worker.out.outbox().control_room() > 0;
}

// One turn. True: there was work.
bool turn(Worker& worker, engine::Instant now) {
  worker.table = worker.around.quiesce->renew(worker.index);
  worker.shard->on_delay(now, worker.queue.delay(now));
  size_t taken = receive_frames(worker, now);
  taken += receive_hand_offs(worker, now);
  taken += receive_streams(worker, now);
  if (worker.around.verification != nullptr) taken += receive_verdicts(worker, now);
  taken += receive_control(worker, now);
  taken += receive_kernel_frames(worker);
  const bool more = pass_time(worker, now);
  const bool answered = !worker.out.outbox().committed().empty();
  drain_outbox(worker, now);
  flush(worker);
  return taken > 0 || more || answered;
}

}  // namespace

void poll_until_stopped(Worker& worker) {
  engine::Instant turned_at;
  bool worked = false;
  while (!worker.around.quiesce->stop_ordered()) {
    const engine::Instant now = worker.around.clock.now();
    if (worked) worker.fates.add(Fate::kBusyNanoseconds, static_cast<uint64_t>((now - turned_at).to_nanoseconds()));
    turned_at = now;
    worked = turn(worker, now);
    worker.fates.add(Fate::kTurns);
    if (!worked) worker.fates.add(Fate::kIdleTurns);
    worker.idle.after_turn(worked);
  }
}

}  // namespace vedette::dataplane
