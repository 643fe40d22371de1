// The seal of a poll thread: between seal_poll_thread and unseal_poll_thread the calling thread makes no
// system call outside its ports' drivers, takes no lock, and allocates nothing outside its shard's arena.
//
// In production the two do nothing. Under the test library tests/support/guard (preloaded: it
// defines the hooks) a breach ends the process with words that name the call and where it came from.
#pragma once

extern "C" {
[[gnu::weak]] void vedette_poll_thread_sealed();
[[gnu::weak]] void vedette_poll_thread_unsealed();
}

namespace vedette::dataplane {

inline void seal_poll_thread() {
  if (vedette_poll_thread_sealed != nullptr) vedette_poll_thread_sealed();
}

inline void unseal_poll_thread() {
  if (vedette_poll_thread_unsealed != nullptr) vedette_poll_thread_unsealed();
}

}  // namespace vedette::dataplane
