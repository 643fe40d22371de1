// What TLS connections are begun with, of all threads: so that a session that began on one is resumed on another, and
// certificates and revocation lists that are read anew are those of all of them at once. Any thread.
#pragma once

#include <memory>
#include <mutex>

#include "engine/control/log.h"
#include "engine/control/stream_config.h"
#include "engine/control/tls_caller.h"
#include "engine/control/tls_certificates.h"

namespace vedette::control {

class StreamTls {
 public:
  struct Contexts {
    std::shared_ptr<const TlsContexts> sip;     // Null: TLS is not taken,
    std::shared_ptr<const TlsContexts> web;     // or no WebSocket over it.
    std::shared_ptr<const TlsCaller> caller;    // Null: no connection is opened by TLS.
  };

  // Throws std::runtime_error, whose text says what to do.
  explicit StreamTls(const StreamConfig& config) : config_(config), contexts_(load(config)) {}
  StreamTls(const StreamTls&) = delete;
  StreamTls& operator=(const StreamTls&) = delete;

  // For a connection that begins, which keeps them.
  Contexts contexts() const;
  // Reads the files anew, for connections to come. When that fails, those there are stay, and the log says why.
  void reload(Log& log);

 private:
  static Contexts load(const StreamConfig& config);

  const StreamConfig& config_;
  mutable std::mutex mutex_;
  Contexts contexts_;
};

}  // namespace vedette::control
