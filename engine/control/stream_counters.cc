// The names of the counters, as operators see them. Constant.
#include "engine/control/stream_counters.h"

namespace vedette::control {
namespace {

struct Name {
  StreamCounter counter;
  std::string_view text;
};

constexpr size_t kCounters = static_cast<size_t>(StreamCounter::kCount);

constexpr std::array<Name, kCounters> kNames = {{
    {StreamCounter::kAccepted, "connections_accepted"},
    {StreamCounter::kOpened, "connections_opened"},
    {StreamCounter::kRefusedFull, "connections_refused_full"},
    {StreamCounter::kRefusedPeer, "connections_refused_peer"},
    {StreamCounter::kRefusedOpenings, "connections_refused_openings"},
    {StreamCounter::kRefusedPeerOpenings, "connections_refused_peer_openings"},
    {StreamCounter::kOpenFailed, "connections_open_failed"},
    {StreamCounter::kOpenTooSlow, "connections_open_too_slow"},
    {StreamCounter::kRefusedPeerHandshakes, "connections_refused_peer_handshakes"},
    {StreamCounter::kHandshakeTooSlow, "connections_handshake_too_slow"},
    {StreamCounter::kDroppedHandshakes, "connections_dropped_handshakes"},
    {StreamCounter::kTlsHandshakes, "tls_handshakes"},
    {StreamCounter::kTlsVersion, "tls_refused_version"},
    {StreamCounter::kTlsNoCipher, "tls_refused_cipher"},
    {StreamCounter::kTlsNoProtocol, "tls_refused_protocol"},
    {StreamCounter::kTlsNotTls, "tls_not_tls"},
    {StreamCounter::kTlsPeerRefused, "tls_peer_refused"},
    {StreamCounter::kTlsFailed, "tls_failed"},
    {StreamCounter::kTlsPeerWrongDomain, "tls_peer_wrong_domain"},
    {StreamCounter::kTlsPeerExpired, "tls_peer_expired"},
    {StreamCounter::kTlsPeerRevoked, "tls_peer_revoked"},
    {StreamCounter::kTlsPeerRevocationUnknown, "tls_peer_revocation_unknown"},
    {StreamCounter::kTlsPeerSelfSigned, "tls_peer_self_signed"},
    {StreamCounter::kTlsPeerUnknownIssuer, "tls_peer_unknown_issuer"},
    {StreamCounter::kTlsPeerInvalid, "tls_peer_invalid"},
    {StreamCounter::kTlsPeerNoCertificate, "tls_peer_no_certificate"},
    {StreamCounter::kTlsPeerProved, "tls_peer_proved"},
    {StreamCounter::kUpgrades, "websocket_upgrades"},
    {StreamCounter::kUpgradeMalformed, "websocket_refused_malformed"},
    {StreamCounter::kUpgradeMissing, "websocket_refused_no_upgrade"},
    {StreamCounter::kUpgradeOrigin, "websocket_refused_origin"},
    {StreamCounter::kUpgradeProtocol, "websocket_refused_protocol"},
    {StreamCounter::kClosedByPeer, "connections_closed_by_peer"},
    {StreamCounter::kBroken, "connections_broken"},
    {StreamCounter::kIdle, "connections_idle"},
    {StreamCounter::kMessageTooSlow, "connections_message_too_slow"},
    {StreamCounter::kMessageTooLong, "connections_message_too_long"},
    {StreamCounter::kFramingLost, "connections_framing_lost"},
    {StreamCounter::kHalfClosed, "connections_half_closed"},
    {StreamCounter::kNoPong, "connections_no_pong"},
    {StreamCounter::kWriteTooSlow, "connections_write_too_slow"},
    {StreamCounter::kWriteQueueFull, "connections_write_queue_full"},
    {StreamCounter::kMessagesIn, "connection_messages_in"},
    {StreamCounter::kMessagesOut, "connection_messages_out"},
    {StreamCounter::kMessagesDeferred, "connection_messages_deferred"},
    {StreamCounter::kPings, "connection_pings"},
    {StreamCounter::kAliased, "connection_aliases"},
    {StreamCounter::kUndeliverable, "connection_notifies_undeliverable"},
    {StreamCounter::kAnswersLost, "connection_answers_lost"},
}};

constexpr bool in_order() {
  for (size_t i = 0; i < kCounters; ++i) {
    if (static_cast<size_t>(kNames[i].counter) != i || kNames[i].text.empty()) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::string_view to_string(StreamCounter counter) { return kNames[static_cast<size_t>(counter)].text; }

}  // namespace vedette::control
