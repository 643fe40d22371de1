// See stream_tls.h. Any thread.
#include "engine/control/stream_tls.h"

#include <stdexcept>
#include <utility>
#include <vector>

namespace vedette::control {

StreamTls::Contexts StreamTls::load(const StreamConfig& config) {
  const auto load = [&](const std::vector<engine::Endpoint>& addresses, TlsProtocol protocol) {
    return addresses.empty() ? nullptr : std::make_shared<TlsContexts>(config.tls_certificates, protocol);
  };
  Contexts contexts;
  auto sip = load(config.tls_listen, TlsProtocol::kSip);
  if (!config.tls_trust.empty()) {
    const TlsTrust trust(config.tls_trust, config.tls_revoked);
    const TlsCertificate* ours = config.tls_certificates.empty() ? nullptr : &config.tls_certificates.front();
    contexts.caller = std::make_shared<const TlsCaller>(ours, trust);
    const bool asks = config.client_certificates != ClientCertificates::kNone;
    const bool is_required = config.client_certificates == ClientCertificates::kRequired;
    if (sip != nullptr && asks) sip->ask_for_certificates(trust, is_required);
  }
  contexts.web = load(config.wss_listen, TlsProtocol::kHttp);
  contexts.sip = std::move(sip);
  return contexts;
}

StreamTls::Contexts StreamTls::contexts() const {
  const std::lock_guard lock(mutex_);
  return contexts_;
}

void StreamTls::reload(Log& log) {
  const Contexts before = contexts();
  if (before.sip == nullptr && before.web == nullptr && before.caller == nullptr) return;
  try {
    Contexts fresh = load(config_);
    const std::lock_guard lock(mutex_);
    std::swap(contexts_, fresh);   // Those there were end after the lock.
  } catch (const std::runtime_error& error) {
    return log.error("certificates not read, those there were stay", {{"why", error.what()}});
  }
  log.info("certificates read anew", {{"certificates", config_.tls_certificates.size()}});
}

}  // namespace vedette::control
