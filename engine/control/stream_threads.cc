// See stream_threads.h. Control thread only.
#include "engine/control/stream_threads.h"

#include <sys/resource.h>

#include <algorithm>

namespace vedette::control {
namespace {

constexpr rlim_t kOtherDescriptors = 256;

// As many descriptors as the limit of connections needs, if the system allows it.
void raise_descriptor_limit(const StreamConfig& config, Log& log) {
  const size_t listeners = config.tcp_listen.size() + config.tls_listen.size() + config.ws_listen.size() +
                           config.wss_listen.size();
  if (listeners == 0) return;
  const rlim_t wanted = config.connections_max + config.threads * listeners + kOtherDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == wanted) return;
  log.warning("fewer file descriptors than streams.connections_max needs",
              {{"descriptors", limit.rlim_cur}, {"wanted", wanted}});
}

}  // namespace

StreamThreads::StreamThreads(const StreamConfig& config, Workers& workers, Log& log) : log_(log), shared_(config) {
  for (unsigned number = 0; number < config.threads; ++number) {
    threads_.push_back(std::make_unique<StreamThread>(shared_, number, workers, log));
  }
  raise_descriptor_limit(config, log);
}

void StreamThreads::start() {
  for (const auto& thread : threads_) thread->start();
}

// What one is doing may need another, so all have stopped before any is closed.
void StreamThreads::stop() {
  for (const auto& thread : threads_) thread->stop();
  for (const auto& thread : threads_) thread->close();
}

StreamCounters StreamThreads::counters() const {
  StreamCounters sum;
  for (const auto& thread : threads_) sum.add(thread->streams().counters());
  return sum;
}

}  // namespace vedette::control
