// What leaves a worker: what its shard wrote, cut and addressed; frames of the kernel and of other workers.
// Poll thread.
#pragma once

#include <cstddef>

#include "dataplane/worker.h"
#include "engine/base/time.h"

struct rte_mbuf;

namespace vedette::dataplane {

// Before a shard's door: true when the outbox has the room that one call may need; sends what is in it first
// if it must.
bool make_room_for_answers(Worker& worker, engine::Instant now);
// Before a door that may list: tells the outbox how many records the mailbox takes.
void show_mailbox_room(Worker& worker);
// Before on_time: tells the outbox how many messages to connections can leave.
void show_stream_room(Worker& worker);
// Sends, hands over and posts everything in the outbox.
void drain_outbox(Worker& worker, engine::Instant now);
// A complete frame, by this worker's queue or by that of a worker that has one.
void send_frame(Worker& worker, PortEnd& end, rte_mbuf* frame);
// Tries held datagrams again when the forwarding table has changed, and gives up those whose time is over.
void send_held(Worker& worker, engine::Instant now);
// At the end of a turn: the staged frames of each port leave.
void flush(Worker& worker);

}  // namespace vedette::dataplane
