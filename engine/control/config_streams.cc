// [tcp], [tls], [ws], [wss], [[certificate]] and [streams]: where connections are taken, and the limits on them.
// Control thread, at start only.
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "engine/control/config_reader.h"

namespace vedette::control {
namespace {

using engine::Duration;
using engine::Endpoint;
using engine::IpAddress;

struct NumberKey {
  std::string_view name;
  uint32_t StreamConfig::*field;
  IntegerRange range;
};

constexpr NumberKey kNumberKeys[] = {
    {"threads", &StreamConfig::threads, {1, dataplane::kStreamThreadsMax}},
    {"connections_max", &StreamConfig::connections_max, {1, 1 << 20}},
    {"connections_per_peer_max", &StreamConfig::connections_per_peer_max, {1, 1 << 20}},
    {"handshakes_max", &StreamConfig::handshakes_max, {1, 65'536}},
    {"handshakes_per_peer_max", &StreamConfig::handshakes_per_peer_max, {1, 65'536}},
    {"openings_max", &StreamConfig::openings_max, {1, 65'536}},
    {"openings_per_peer_max", &StreamConfig::openings_per_peer_max, {1, 65'536}},
    {"write_bytes_max", &StreamConfig::write_bytes_max, {65'536, 1 << 30}},
};

struct DurationKey {
  std::string_view name;
  Duration StreamConfig::*field;
};

constexpr DurationKey kDurationKeys[] = {
    {"handshake_time_max", &StreamConfig::handshake_time_max},
    {"opening_time_max", &StreamConfig::opening_time_max},
    {"message_time_max", &StreamConfig::message_time_max},
    {"half_closed_max", &StreamConfig::half_closed_max},
    {"idle_max", &StreamConfig::idle_max},
    {"write_time_max", &StreamConfig::write_time_max},
    {"websocket_ping_interval", &StreamConfig::ping_interval},
};

constexpr uint16_t kWsPort = 80;        // RFC 7118 §10.1.
constexpr uint16_t kWssPort = 443;

constexpr DurationRange kTimes{Duration::milliseconds(100), Duration::seconds(86'400)};

// The addresses that the kernel is given for the ports.
std::vector<Endpoint> addresses_of(const dataplane::DataplaneConfig& dataplane, uint16_t port) {
  std::vector<Endpoint> all;
  for (const dataplane::PortConfig& config : dataplane.ports) {
    for (const std::string& address : config.addresses) {
      Endpoint endpoint{.port = port};
      if (IpAddress::parse(address.substr(0, address.find('/')), endpoint.address)) all.push_back(endpoint);
    }
  }
  return all;
}

void read_listen(TableReader& table, uint16_t port, std::vector<Endpoint>& out) {
  std::vector<std::string> texts;
  if (!table.read_texts("listen", texts)) return;
  out.clear();
  for (const std::string& text : texts) {
    if (parse_endpoint(text, port, out.emplace_back())) continue;
    table.add("listen", "holds \"" + text + R"(", which is no address; give it as in "192.0.2.1", )" +
                            R"("192.0.2.1:5080" or "[2001:db8::1]:5080")");
  }
}

void read_certificates(TableReader& top, std::vector<TlsCertificate>& out) {
  for (TableReader& table : top.read_tables("certificate")) {
    TlsCertificate& certificate = out.emplace_back();
    const bool has_chain = table.read_text("chain", certificate.chain);
    if (!has_chain) table.add("chain", "is missing; name the PEM file with the certificate and what leads to it");
    const bool has_key = table.read_text("key", certificate.key);
    if (!has_key) table.add("key", "is missing; name the PEM file with the certificate's key");
    table.finish();
  }
}

void read_tls_listen(TableReader& table, uint16_t port, const StreamConfig& streams, std::vector<Endpoint>& out) {
  read_listen(table, port, out);
  if (!out.empty() && streams.tls_certificates.empty()) {
    table.add("listen", "wants a certificate to show; add a [[certificate]] with chain and key, or leave it empty");
  }
}

void read_trust(TableReader& table, StreamConfig& out) {
  table.read_texts("trust", out.tls_trust);
  table.read_texts("revoked", out.tls_revoked);
  if (!out.tls_revoked.empty() && out.tls_trust.empty()) {
    table.add("revoked", "is of no use without trust; name the authorities' PEM files there");
  }
  constexpr std::pair<std::string_view, ClientCertificates> kChoices[] = {
      {"none", ClientCertificates::kNone},
      {"optional", ClientCertificates::kOptional},
      {"required", ClientCertificates::kRequired},
  };
  table.read_choice<ClientCertificates>("client_certificates", out.client_certificates, kChoices);
  if (out.client_certificates != ClientCertificates::kNone && out.tls_trust.empty()) {
    table.add("client_certificates", "asks for what nobody is believed by; name the authorities' PEM files in trust");
  }
}

void read_tls(TableReader& top, StreamConfig& out) {
  if (std::optional<TableReader> table = top.read_table("tls")) {
    read_tls_listen(*table, kTlsPort, out, out.tls_listen);
    read_trust(*table, out);
    table->finish();
  }
  const auto is_called = [](const engine::Peer& peer) { return peer.v4.port != 0 || peer.v6.port != 0; };
  if (out.tls_trust.empty() && std::any_of(out.peers.begin(), out.peers.end(), is_called)) {
    top.add("peer", "has addresses, but nobody is believed there; name the authorities' PEM files in [tls] trust");
  }
}

}  // namespace

bool parse_endpoint(std::string_view text, uint16_t port, Endpoint& out) {
  out.port = port;
  if (IpAddress::parse(text, out.address)) return true;
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !IpAddress::parse(text.substr(0, colon), out.address)) return false;
  if (text[0] != '[' && !out.address.is_v4()) return false;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  return error == std::errc() && end == digits.data() + digits.size() && out.port != 0;
}

void read_streams(TableReader& top, Config& out) {
  StreamConfig& streams = out.control.streams;
  const uint16_t port = out.dataplane.sip_port;
  streams.message_bytes_max = out.engine.limits.datagram_bytes_max;
  streams.ring_messages_max = out.dataplane.stream_ring_size;
  streams.tcp_listen = addresses_of(out.dataplane, port);
  if (std::optional<TableReader> table = top.read_table("tcp")) {
    read_listen(*table, port, streams.tcp_listen);
    table->finish();
  }
  read_certificates(top, streams.tls_certificates);
  if (!streams.tls_certificates.empty()) streams.tls_listen = addresses_of(out.dataplane, kTlsPort);
  streams.peers = out.engine.peers;
  read_tls(top, streams);
  if (std::optional<TableReader> table = top.read_table("ws")) {
    read_listen(*table, kWsPort, streams.ws_listen);
    table->finish();
  }
  if (std::optional<TableReader> table = top.read_table("wss")) {
    read_tls_listen(*table, kWssPort, streams, streams.wss_listen);
    table->finish();
  }
  std::optional<TableReader> table = top.read_table("streams");
  if (!table) return;
  for (const NumberKey& key : kNumberKeys) table->read_number(key.name, streams.*key.field, key.range);
  for (const DurationKey& key : kDurationKeys) table->read_duration(key.name, streams.*key.field, kTimes);
  table->read_texts("websocket_origins", streams.websocket_origins);
  table->finish();
  out.engine.limits.connections_max = streams.connections_max;
  out.dataplane.stream_threads = streams.threads;
}

}  // namespace vedette::control
