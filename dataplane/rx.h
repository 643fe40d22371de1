// What comes to a worker: frames from its ports, packets from other workers, frames from the kernel, messages
// of stream connections, messages from the control thread. Each takes a bounded number and says how many it took.
// Poll thread.
#pragma once

#include <cstddef>

#include "dataplane/worker.h"
#include "engine/base/time.h"

namespace vedette::dataplane {

size_t receive_frames(Worker& worker, engine::Instant now);
size_t receive_hand_offs(Worker& worker, engine::Instant now);
size_t receive_kernel_frames(Worker& worker);
size_t receive_streams(Worker& worker, engine::Instant now);
size_t receive_verdicts(Worker& worker, engine::Instant now);
size_t receive_control(Worker& worker, engine::Instant now);

}  // namespace vedette::dataplane
