// The loop of a poll thread.
#pragma once

#include "dataplane/worker.h"

namespace vedette::dataplane {

// Runs until the order to stop. After its start it makes no system call but the port driver's and, where
// configured, a nap; it takes no lock and allocates nothing but from the shard's arena.
void poll_until_stopped(Worker& worker);

}  // namespace vedette::dataplane
