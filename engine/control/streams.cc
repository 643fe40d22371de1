// See streams.h. Control thread only.
#include "engine/control/streams.h"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/control/asio_endpoint.h"
#include "engine/control/spoken_for.h"
#include "engine/control/tls_stream.h"
#include "engine/control/websocket_stream.h"
#include "parsers/message.h"
#include "parsers/param.h"
#include "parsers/via.h"

namespace vedette::control {

using boost::asio::ip::tcp;
using boost::system::error_code;
using engine::Flow;
using engine::Transport;
using std::chrono::steady_clock;

namespace {

// NOTIFYs that wait for a shard to take them back; more are left to their Timer F.
constexpr size_t kReturningMax = 1'024;
// Connections of whose end a shard that has no room has not heard; more are left to the next NOTIFY.
constexpr size_t kLostMax = 65'536;
// What came by a connection may still have to cross from one shard to another when that is lost, and would then be
// served after its end.
constexpr std::chrono::milliseconds kLossDelay{100};
constexpr std::chrono::milliseconds kCheckInterval{250};
constexpr rlim_t kOtherDescriptors = 256;
constexpr uint16_t kSipsPort = 5'061;   // RFC 3261 §19.1.2.
constexpr std::string_view kNotify = "NOTIFY ";

// As many descriptors as the limit of connections needs, if the system allows it.
void raise_descriptor_limit(uint32_t connections, Log& log) {
  const rlim_t wanted = connections + kOtherDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == wanted) return;
  log.warning("fewer file descriptors than streams.connections_max needs",
              {{"descriptors", limit.rlim_cur}, {"wanted", wanted}});
}

}  // namespace

Streams::Streams(boost::asio::io_context& context, const StreamConfig& config, Workers& workers, Log& log)
    : context_(context),
      config_(config),
      workers_(workers),
      log_(log),
      partitions_(engine::PartitionMap::spread_evenly(workers.count())),
      lost_(workers.count()) {
  load_certificates();
  listen(Transport::kTcp, config.tcp_listen);
  listen(Transport::kTls, config.tls_listen);
  listen(Transport::kWs, config.ws_listen);
  listen(Transport::kWss, config.wss_listen);
  if (!listeners_.empty()) raise_descriptor_limit(config.connections_max, log);
}

void Streams::listen(Transport transport, const std::vector<engine::Endpoint>& addresses) {
  for (const engine::Endpoint& at : addresses) {
    listeners_.push_back(std::make_unique<StreamListener>(
        context_, at, [=, this](ByteStream::Socket socket) { on_accepted(transport, std::move(socket)); }, log_));
  }
}

void Streams::load_certificates() {
  const auto load = [&](const std::vector<engine::Endpoint>& addresses, TlsProtocol protocol) {
    return addresses.empty() ? nullptr : std::make_shared<TlsContexts>(config_.tls_certificates, protocol);
  };
  std::shared_ptr<const TlsCaller> caller;
  auto sip = load(config_.tls_listen, TlsProtocol::kSip);
  if (!config_.tls_trust.empty()) {
    const TlsTrust trust(config_.tls_trust, config_.tls_revoked);
    const TlsCertificate* ours = config_.tls_certificates.empty() ? nullptr : &config_.tls_certificates.front();
    caller = std::make_shared<const TlsCaller>(ours, trust);
    const bool asks = config_.client_certificates != ClientCertificates::kNone;
    const bool is_required = config_.client_certificates == ClientCertificates::kRequired;
    if (sip != nullptr && asks) sip->ask_for_certificates(trust, is_required);
  }
  tls_web_ = load(config_.wss_listen, TlsProtocol::kHttp);
  tls_ = std::move(sip);
  tls_caller_ = std::move(caller);
}

void Streams::reload_certificates() {
  if (tls_ == nullptr && tls_web_ == nullptr && tls_caller_ == nullptr) return;
  try {
    load_certificates();
    log_.info("certificates read anew", {{"certificates", config_.tls_certificates.size()}});
  } catch (const std::runtime_error& error) {
    log_.error("certificates not read, those there were stay", {{"why", error.what()}});
  }
}

Streams::~Streams() { close(); }

void Streams::close() {
  is_closed_ = true;
  for (const auto& listener : listeners_) listener->close();
  while (!connections_.empty()) {
    const Connection connection = connections_.begin()->second;
    connection->end({});
  }
}

void Streams::on_turn(SteadyTime now) {
  tell_of_losses(now);
  for (size_t left = returning_.size(); left > 0 && try_give_back(returning_.front()); --left) returning_.pop_front();
  for (size_t left = waiting_.size(); left > 0; --left) {
    const Connection connection = waiting_.front().lock();
    waiting_.pop_front();
    if (connection != nullptr) connection->go_on(now);
  }
  send_all(now);
  if (now - checked_ >= kCheckInterval) check_times(now);
}

// The NOTIFY for a GRUU leaves by another shard than the answer to its SUBSCRIBE, which was given before: it does not
// come before that on the connection. That answer may have come into one ring after that was looked into, and the
// NOTIFY into another before: all are looked into once more before any request goes, and the requests found then are
// for the next turn.
void Streams::send_all(SteadyTime now) {
  std::vector<StreamOutput> requests = std::move(requests_);
  requests_.clear();
  send_answers(now, requests);
  send_answers(now, requests_);
  for (StreamOutput& request : requests) send(now, std::move(request));
}

// Of each shard's messages as many as its ring held; the others are left to the caller.
void Streams::send_answers(SteadyTime now, std::vector<StreamOutput>& requests) {
  for (unsigned worker = 0; worker < workers_.count(); ++worker) {
    StreamOutput message;
    for (size_t i = 0; i < config_.ring_messages_max; ++i) {
      if (!workers_.try_from_shard(worker, message.bytes, message.flow)) break;
      message.bytes.starts_with("SIP/") ? send(now, std::move(message)) : requests.push_back(std::move(message));
    }
  }
}

void Streams::check_times(SteadyTime now) {
  checked_ = now;
  std::vector<Connection> all;
  all.reserve(connections_.size());
  for (const auto& [number, connection] : connections_) all.push_back(connection);
  for (const Connection& connection : all) connection->check_time(now);
}

void Streams::on_accepted(Transport transport, ByteStream::Socket socket) {
  error_code remote_error, local_error;
  const tcp::endpoint remote = socket.remote_endpoint(remote_error);
  const tcp::endpoint local = socket.local_endpoint(local_error);
  if (remote_error || local_error) return count(StreamCounter::kBroken);  // It has gone already.
  const Flow flow{.transport = transport,
                  .connection = new_number(),
                  .local = from_asio(local),
                  .remote = from_asio(remote)};
  if (connections_.size() >= config_.connections_max) return count(StreamCounter::kRefusedFull);
  const bool shakes_hands = transport != Transport::kTcp;
  Peer& peer = peers_[peer_of(flow.remote.address)];
  if (peer.connections >= config_.connections_per_peer_max) return count(StreamCounter::kRefusedPeer);
  if (shakes_hands && peer.handshakes >= config_.handshakes_per_peer_max) {
    return count(StreamCounter::kRefusedPeerHandshakes);
  }
  ++peer.connections;
  if (shakes_hands) begin_handshake(flow.connection, peer);
  count(StreamCounter::kAccepted);
  const auto connection = std::make_shared<StreamConnection>(*this, make_stream(transport, std::move(socket)), flow);
  connections_.emplace(flow.connection, connection);
  connection->accept(steady_clock::now());
}

std::unique_ptr<ByteStream> Streams::make_stream(Transport transport, ByteStream::Socket socket) const {
  const WebSocketRules rules{config_.message_bytes_max, config_.websocket_origins};
  switch (transport) {
    case Transport::kTls: return make_tls_stream(std::move(socket), tls_);
    case Transport::kWs: return make_websocket_stream(make_tcp_stream(std::move(socket)), rules);
    case Transport::kWss: return make_websocket_stream(make_tls_stream(std::move(socket), tls_web_), rules);
    default: return make_tcp_stream(std::move(socket));
  }
}

// Who is silent takes the place of nobody else: the handshake that has taken longest makes room.
void Streams::begin_handshake(uint32_t connection, Peer& peer) {
  ++peer.handshakes;
  if (handshakes_.size() >= config_.handshakes_max) {
    const Connection oldest = connections_.at(*handshakes_.begin());
    oldest->end(StreamCounter::kDroppedHandshakes);
  }
  handshakes_.insert(handshakes_.end(), connection);
}

void Streams::on_handshake_over(const Flow& flow) {
  handshakes_.erase(flow.connection);
  --peers_.at(peer_of(flow.remote.address)).handshakes;
}

bool Streams::try_deliver(StreamConnection& connection, std::string_view message) {
  // Always the same worker, so that messages of one connection keep their order.
  const unsigned worker = connection.flow().connection % workers_.count();
  Flow flow = connection.flow();
  if (connection.peers().size() > 1) {
    flow.peer = spoken_for(config_.peers, connection.peers(), message) & engine::kPeersMax;
  }
  if (workers_.try_to_shard(worker, {message, flow, engine::PeerKind::kDatagram})) {
    for (const uint16_t peer : connection.peers()) look_for_alias(connection, peer, message);
    return true;
  }
  count(StreamCounter::kMessagesDeferred);
  waiting_.push_back(connection.weak_from_this());
  return false;
}

void Streams::on_open(StreamConnection& connection) {
  if (connection.is_ours()) {
    on_opening_over(connection.flow());
    return count(StreamCounter::kOpened);
  }
  if (connection.shakes_hands()) {
    on_handshake_over(connection.flow());
    const Transport transport = connection.flow().transport;
    if (transport != Transport::kWs) count(StreamCounter::kTlsHandshakes);
    if (transport != Transport::kTls) count(StreamCounter::kUpgrades);
    if (transport == Transport::kTls) find_peers_of(connection);
  }
}

// RFC 5922 §7.1: a certificate has a set of identities, so it may be for several of them. Of those that we call it is
// the one that was called.
void Streams::find_peers_of(StreamConnection& connection) {
  std::vector<uint16_t> places;
  for (const std::string& domain : connection.proved_domains()) {
    const uint16_t place = engine::find_peer(config_.peers, domain);
    if (place != engine::kNoPeer) places.push_back(place);
  }
  if (places.empty()) return;
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  connection.speak_for(std::move(places));
  count(StreamCounter::kTlsPeerProved);
}

// RFC 5923 §5, §8: a peer that has proved its domain may ask, by "alias" in its topmost Via, that what goes to the
// address it names there goes on its connection. That address has to be the one that it would be called at.
void Streams::look_for_alias(const StreamConnection& connection, uint16_t place, std::string_view message) {
  const Flow& flow = connection.flow();
  const auto known = aliases_.find(place);
  if (known != aliases_.end() && known->second == flow.connection) return;
  parsers::Message parsed;
  parsers::Via via;
  parsers::Param alias;
  if (parsers::parse_stream_message(message, parsed) != parsers::ParseError::kOk || !parsed.is_request()) return;
  std::string_view vias = parsed.value(parsers::HeaderId::kVia);
  if (parsers::next_via(vias, via) != parsers::ParseError::kOk) return;
  if (!parsers::find_param(via.params, "alias", alias)) return;
  const engine::Peer& peer = config_.peers.at(place - 1U);
  const engine::Endpoint& called = peer.endpoint(flow.remote.address.is_v4());
  engine::IpAddress address;
  const bool is_its_name = parsers::equal_ignoring_case(via.host, peer.domain);
  const bool is_its_address = engine::IpAddress::parse(via.host, address) && address == called.address;
  if (called.port == 0 || (via.port != 0 ? via.port : kSipsPort) != called.port) return;
  if (!is_its_name && !is_its_address) return;
  aliases_[place] = flow.connection;
  count(StreamCounter::kAliased);
}

Streams::Connection Streams::find_alias(const Flow& flow) const {
  if (flow.transport != Transport::kTls || flow.peer == engine::kNoPeer) return nullptr;
  const auto alias = aliases_.find(flow.peer);
  if (alias == aliases_.end()) return nullptr;
  const Connection connection = connections_.at(alias->second);
  // Of another family of addresses it would be another place.
  return connection->flow().remote.address.is_v4() == flow.remote.address.is_v4() ? connection : nullptr;
}

std::vector<Streams::Proof> Streams::proofs(size_t max) const {
  std::vector<Proof> out;
  for (const auto& [number, connection] : connections_) {
    if (out.size() == max) break;
    std::vector<std::string> domains = connection->proved_domains();
    if (!connection->is_open() || domains.empty()) continue;
    const Flow& flow = connection->flow();
    const auto is_this = [&](const auto& alias) { return alias.second == flow.connection; };
    const bool is_alias = std::any_of(aliases_.begin(), aliases_.end(), is_this);
    std::string peers = flow.peer == engine::kNoPeer ? "" : domain_of(flow);
    for (size_t i = 1; i < connection->peers().size(); ++i) {
      peers += ", " + config_.peers.at(connection->peers()[i] - 1U).domain;
    }
    out.push_back({number, flow.remote, connection->is_ours(), is_alias, std::move(peers), std::move(domains)});
  }
  return out;
}

void Streams::on_end(StreamConnection& connection, std::optional<StreamCounter> why,
                     const std::deque<StreamOutput>& unsent) {
  const Flow& flow = connection.flow();
  if (handshakes_.contains(flow.connection)) on_handshake_over(flow);
  if (connection.is_ours()) {
    opened_.erase(destination_of(flow));
    if (!connection.is_open()) {
      on_opening_over(flow);
      if (flow.peer != engine::kNoPeer && why) {
        log_.warning("no connection to a peer", {{"peer", domain_of(flow)}, {"why", to_string(*why)}});
      }
    }
  } else {
    --peers_.at(peer_of(flow.remote.address)).connections;
    forget_if_idle(peer_of(flow.remote.address));
  }
  std::erase_if(aliases_, [&](const auto& alias) { return alias.second == flow.connection; });
  connections_.erase(flow.connection);
  if (connection.has_delivered() && !is_closed_) {
    for (std::deque<Loss>& lost : lost_) {
      if (lost.size() < kLostMax) lost.push_back({flow.connection, steady_clock::now()});
    }
  }
  for (const StreamOutput& message : unsent) {
    // One more try where a connection that was open is lost; none for one that could not be opened.
    if (connection.is_open() && message.flow.may_open && !is_closed_) {
      send(steady_clock::now(), message);
    } else {
      give_back(message);
    }
  }
}

void Streams::send(SteadyTime now, StreamOutput message) {
  Connection connection = find(message.flow);
  if (connection == nullptr) connection = open(now, message.flow);
  if (connection == nullptr) return give_back(message);
  connection->send(now, std::move(message));
}

Streams::Connection Streams::find(const Flow& flow) const {
  auto found = connections_.find(flow.connection);
  if (found == connections_.end() && flow.may_open) {
    const auto ours = opened_.find(destination_of(flow));
    if (ours != opened_.end()) found = connections_.find(ours->second);
    if (found == connections_.end()) return find_alias(flow);
  }
  return found == connections_.end() ? nullptr : found->second;
}

bool Streams::may_open_one_more(const Flow& flow) {
  if (!flow.may_open || is_closed_) return false;
  const bool is_call = flow.transport == Transport::kTls && tls_caller_ != nullptr && flow.peer != engine::kNoPeer;
  if (flow.transport != Transport::kTcp && !is_call) return false;
  const auto peer = peers_.find(peer_of(flow.remote.address));
  if (peer != peers_.end() && peer->second.openings >= config_.openings_per_peer_max) {
    return count(StreamCounter::kRefusedPeerOpenings), false;
  }
  if (openings_ >= config_.openings_max) return count(StreamCounter::kRefusedOpenings), false;
  if (connections_.size() >= config_.connections_max) return count(StreamCounter::kRefusedFull), false;
  return true;
}

const std::string& Streams::domain_of(const Flow& flow) const { return config_.peers.at(flow.peer - 1U).domain; }

std::unique_ptr<ByteStream> Streams::make_call(const Flow& flow, ByteStream::Socket socket) const {
  if (flow.transport == Transport::kTcp) return make_tcp_stream(std::move(socket));
  return make_tls_call(std::move(socket), tls_caller_, domain_of(flow));
}

Streams::Connection Streams::open(SteadyTime now, const Flow& wanted) {
  if (!may_open_one_more(wanted)) return nullptr;
  Flow flow = wanted;
  flow.connection = new_number();
  flow.may_open = false;
  // From the address that the watcher knows us by.
  engine::Endpoint from = flow.local;
  from.port = 0;
  ByteStream::Socket socket(context_);
  error_code error;
  socket.open(to_asio(flow.remote).protocol(), error);
  if (!error) socket.bind(to_asio(from), error);
  if (error) return count(StreamCounter::kOpenFailed), nullptr;
  const auto connection = std::make_shared<StreamConnection>(*this, make_call(flow, std::move(socket)), flow);
  connections_.emplace(flow.connection, connection);
  opened_.emplace(destination_of(flow), flow.connection);
  ++openings_;
  ++peers_[peer_of(flow.remote.address)].openings;
  connection->open(now);
  return connection;
}

void Streams::on_opening_over(const Flow& flow) {
  --openings_;
  const Address peer = peer_of(flow.remote.address);
  --peers_.at(peer).openings;
  forget_if_idle(peer);
}

void Streams::forget_if_idle(const Address& address) {
  const auto peer = peers_.find(address);
  if (peer->second.connections == 0 && peer->second.openings == 0) peers_.erase(peer);
}

Streams::Destination Streams::destination_of(const Flow& flow) {
  return {flow.remote.address.bytes, flow.remote.port, flow.peer, flow.transport};
}

// Each shard may have subscriptions or bindings that depend on it.
void Streams::tell_of_losses(SteadyTime now) {
  for (unsigned worker = 0; worker < lost_.size(); ++worker) {
    std::deque<Loss>& lost = lost_[worker];
    const auto is_told = [&](const Loss& loss) {
      const Flow flow{.transport = Transport::kTcp, .connection = loss.connection};
      const engine::PeerKind kind = engine::PeerKind::kConnectionLost;
      return now - loss.at >= kLossDelay && workers_.try_to_shard(worker, {"", flow, kind});
    };
    while (!lost.empty() && is_told(lost.front())) lost.pop_front();
  }
}

void Streams::give_back(const StreamOutput& message) {
  // RFC 3261 §18.2.2 would have a lost connection opened anew for an answer; who asked has lost it and asks again.
  if (!message.bytes.starts_with(kNotify)) {
    if (message.bytes.starts_with("SIP/")) count(StreamCounter::kAnswersLost);
    return;
  }
  count(StreamCounter::kUndeliverable);
  if (!try_give_back(message) && returning_.size() < kReturningMax) returning_.push_back(message);
}

// To the shard that sent it, which its branch names. False: no room there now.
bool Streams::try_give_back(const StreamOutput& message) {
  parsers::Message parsed;
  parsers::Via via;
  engine::Partition partition;
  if (parsers::parse_message(message.bytes, parsed) != parsers::ParseError::kOk) return true;
  std::string_view vias = parsed.value(parsers::HeaderId::kVia);
  if (parsers::next_via(vias, via) != parsers::ParseError::kOk) return true;
  if (!engine::partition_of_branch(via.branch, partition)) return true;
  const unsigned owner = partitions_.owner(partition).value;
  return workers_.try_to_shard(owner, {message.bytes, message.flow, engine::PeerKind::kNotifyUndeliverable});
}

uint32_t Streams::new_number() {
  do {
    ++last_number_;
  } while (last_number_ == 0 || connections_.contains(last_number_));
  return last_number_;
}

// One customer has one IPv4 address, or an IPv6 /64.
Streams::Address Streams::peer_of(const engine::IpAddress& address) {
  Address peer = address.bytes;
  if (!address.is_v4()) std::fill(peer.begin() + 8, peer.end(), uint8_t{0});
  return peer;
}

}  // namespace vedette::control
