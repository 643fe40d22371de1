// All stream connections, on as many threads as the configuration says: what the control thread has of them. Control
// thread only.
#pragma once

#include <memory>
#include <vector>

#include "engine/control/stream_shared.h"
#include "engine/control/stream_thread.h"

namespace vedette::control {

class StreamThreads {
 public:
  // Listens at once; throws std::runtime_error, whose text says what to do. All references outlive it.
  StreamThreads(const StreamConfig& config, Workers& workers, Log& log);
  ~StreamThreads() { stop(); }
  StreamThreads(const StreamThreads&) = delete;
  StreamThreads& operator=(const StreamThreads&) = delete;

  void start();
  // Takes and opens no more connections, and ends those there are; no thread runs when it returns. Idempotent.
  void stop();
  // Reads the certificates anew, for connections to come. When that fails, those there are stay, and the log says why.
  void reload_certificates() { shared_.tls.reload(log_); }

  StreamCounters counters() const;    // Of all threads.
  uint32_t connections() const { return shared_.places.connections(); }
  std::vector<StreamProof> proofs(size_t max) const { return shared_.routes.proofs(max); }
  const Streams& streams(unsigned thread) const { return threads_[thread]->streams(); }

 private:
  Log& log_;
  StreamShared shared_;
  std::vector<std::unique_ptr<StreamThread>> threads_;
};

}  // namespace vedette::control
