// See streams.h. On its thread only, but where that says so.
#include "engine/control/streams.h"

#include <algorithm>
#include <boost/asio/post.hpp>
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
// Messages that other threads have for connections here, and that have not been sent; more are given back.
constexpr uint32_t kArrivingMax = 1'024;
constexpr uint16_t kSipsPort = 5'061;   // RFC 3261 §19.1.2.
constexpr std::string_view kNotify = "NOTIFY ";

}  // namespace

Streams::Streams(boost::asio::io_context& context, StreamShared& shared, unsigned thread, Workers& workers, Log& log)
    : context_(context),
      shared_(shared),
      config_(shared.config),
      thread_(thread),
      workers_(workers),
      log_(log),
      partitions_(engine::PartitionMap::spread_evenly(workers.count())),
      last_number_(thread),
      lost_(workers.count()) {
  listen(Transport::kTcp, config_.tcp_listen);
  listen(Transport::kTls, config_.tls_listen);
  listen(Transport::kWs, config_.ws_listen);
  listen(Transport::kWss, config_.wss_listen);
  shared_.threads[thread_] = this;
}

void Streams::listen(Transport transport, const std::vector<engine::Endpoint>& addresses) {
  using Share = StreamListener::Share;
  const Share share = config_.threads == 1 ? Share::kAlone : thread_ == 0 ? Share::kFirst : Share::kFurther;
  for (engine::Endpoint at : addresses) {
    if (share == Share::kFurther) at.port = shared_.threads[0]->port(listeners_.size());
    listeners_.push_back(std::make_unique<StreamListener>(
        context_, at, share, [=, this](ByteStream::Socket socket) { on_accepted(transport, std::move(socket)); },
        log_));
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
      if (!workers_.try_from_shard({worker, thread_}, message.bytes, message.flow)) break;
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
  const bool shakes_hands = transport != Transport::kTcp;
  const StreamPlaces::Verdict place = shared_.places.take(flow.connection, flow.remote.address, shakes_hands);
  if (place.refused) return count(*place.refused);
  if (place.dropped != 0) shared_.threads[shared_.thread_of(place.dropped)]->drop_handshake(place.dropped);
  count(StreamCounter::kAccepted);
  const auto connection = std::make_shared<StreamConnection>(*this, make_stream(transport, std::move(socket)), flow);
  connections_.emplace(flow.connection, connection);
  connection->accept(steady_clock::now());
}

std::unique_ptr<ByteStream> Streams::make_stream(Transport transport, ByteStream::Socket socket) const {
  const WebSocketRules rules{config_.message_bytes_max, config_.websocket_origins};
  switch (transport) {
    case Transport::kTls: return make_tls_stream(std::move(socket), shared_.tls.contexts().sip);
    case Transport::kWs: return make_websocket_stream(make_tcp_stream(std::move(socket)), rules);
    case Transport::kWss:
      return make_websocket_stream(make_tls_stream(std::move(socket), shared_.tls.contexts().web), rules);
    default: return make_tcp_stream(std::move(socket));
  }
}

void Streams::drop_handshake(uint32_t number) {
  boost::asio::post(context_, [this, number] {
    const Connection connection = find(number);
    // It may have shaken hands meanwhile.
    if (connection != nullptr && !connection->is_open()) connection->end(StreamCounter::kDroppedHandshakes);
  });
}

bool Streams::try_deliver(StreamConnection& connection, std::string_view message) {
  // Always the same worker, so that messages of one connection keep their order; of a thread's connections one after
  // the other.
  const unsigned worker = connection.flow().connection / config_.threads % workers_.count();
  Flow flow = connection.flow();
  if (connection.peers().size() > 1) {
    flow.peer = spoken_for(config_.peers, connection.peers(), message) & engine::kPeersMax;
  }
  if (workers_.try_to_shard({worker, thread_}, {message, flow, engine::PeerKind::kDatagram})) {
    for (const uint16_t peer : connection.peers()) look_for_alias(connection, peer, message);
    return true;
  }
  count(StreamCounter::kMessagesDeferred);
  waiting_.push_back(connection.weak_from_this());
  return false;
}

void Streams::on_open(StreamConnection& connection) {
  const Flow flow = connection.flow();
  std::vector<std::string> domains = connection.proved_domains();
  if (connection.is_ours()) {
    shared_.places.on_opening_over(flow.remote.address);
    count(StreamCounter::kOpened);
  } else if (connection.shakes_hands()) {
    shared_.places.on_handshake_over(flow.connection);
    if (flow.transport != Transport::kWs) count(StreamCounter::kTlsHandshakes);
    if (flow.transport != Transport::kTls) count(StreamCounter::kUpgrades);
    if (flow.transport == Transport::kTls) find_peers_of(connection, domains);
  }
  if (!domains.empty()) add_proof(connection, std::move(domains));
}

void Streams::add_proof(const StreamConnection& connection, std::vector<std::string> domains) {
  const Flow& flow = connection.flow();
  std::string peers = flow.peer == engine::kNoPeer ? "" : domain_of(flow);
  for (size_t i = 1; i < connection.peers().size(); ++i) {
    peers += ", " + config_.peers.at(connection.peers()[i] - 1U).domain;
  }
  shared_.routes.add({.connection = flow.connection,
                      .remote = flow.remote,
                      .is_ours = connection.is_ours(),
                      .is_alias = false,
                      .peer = std::move(peers),
                      .domains = std::move(domains)});
}

// RFC 5922 §7.1: a certificate has a set of identities, so it may be for several of them. Of those that we call it is
// the one that was called.
void Streams::find_peers_of(StreamConnection& connection, const std::vector<std::string>& domains) {
  std::vector<uint16_t> places;
  for (const std::string& domain : domains) {
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
  if (shared_.routes.is_lent(place, flow.connection)) return;
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
  if (shared_.routes.lend(place, flow)) count(StreamCounter::kAliased);
}

void Streams::on_end(StreamConnection& connection, std::optional<StreamCounter> why,
                     const std::deque<StreamOutput>& unsent) {
  const Flow& flow = connection.flow();
  shared_.routes.forget(flow);
  if (connection.is_ours()) {
    if (!connection.is_open()) {
      shared_.places.on_opening_over(flow.remote.address);
      if (flow.peer != engine::kNoPeer && why) {
        log_.warning("no connection to a peer", {{"peer", domain_of(flow)}, {"why", to_string(*why)}});
      }
    }
    shared_.places.leave_ours();
  } else {
    if (connection.shakes_hands()) shared_.places.on_handshake_over(flow.connection);
    shared_.places.leave(flow.remote.address);
  }
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
  if (const Connection connection = find(message.flow.connection)) return connection->send(now, std::move(message));
  if (!message.flow.may_open || is_closed_) return give_back(message);
  uint32_t number = shared_.routes.find(message.flow);
  if (number == 0) number = open(now, message.flow);
  if (number == 0) return give_back(message);
  Streams* const thread = shared_.threads[shared_.thread_of(number)];
  if (thread == this) return find(number)->send(now, std::move(message));
  if (thread->arriving_.fetch_add(1, std::memory_order_relaxed) < kArrivingMax) {
    return thread->send_from_elsewhere(std::move(message));
  }
  thread->arriving_.fetch_sub(1, std::memory_order_relaxed);
  give_back(message);
}

void Streams::send_from_elsewhere(StreamOutput message) {
  boost::asio::post(context_, [this, message = std::move(message)]() mutable {
    arriving_.fetch_sub(1, std::memory_order_relaxed);
    send(steady_clock::now(), std::move(message));
  });
}

Streams::Connection Streams::find(uint32_t connection) const {
  const auto found = connections_.find(connection);
  return found == connections_.end() ? nullptr : found->second;
}

bool Streams::may_be_opened(const Flow& flow, const StreamTls::Contexts& tls) const {
  const bool is_call = flow.transport == Transport::kTls && tls.caller != nullptr && flow.peer != engine::kNoPeer;
  return flow.transport == Transport::kTcp || is_call;
}

const std::string& Streams::domain_of(const Flow& flow) const { return config_.peers.at(flow.peer - 1U).domain; }

std::unique_ptr<ByteStream> Streams::make_call(const Flow& flow, const StreamTls::Contexts& tls,
                                               ByteStream::Socket socket) const {
  if (flow.transport == Transport::kTcp) return make_tcp_stream(std::move(socket));
  return make_tls_call(std::move(socket), tls.caller, domain_of(flow));
}

uint32_t Streams::open(SteadyTime now, const Flow& wanted) {
  const StreamTls::Contexts tls = shared_.tls.contexts();
  if (!may_be_opened(wanted, tls)) return 0;
  if (const auto refused = shared_.places.take_for_ours(wanted.remote.address)) return count(*refused), 0;
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
  if (error) count(StreamCounter::kOpenFailed);
  // Another thread may be opening one there, too.
  const uint32_t number = error ? 0 : shared_.routes.claim(flow, flow.connection);
  if (number != flow.connection) {
    shared_.places.on_opening_over(flow.remote.address);
    shared_.places.leave_ours();
    return number;
  }
  const auto connection = std::make_shared<StreamConnection>(*this, make_call(flow, tls, std::move(socket)), flow);
  connections_.emplace(flow.connection, connection);
  connection->open(now);
  return number;
}

// Each shard may have subscriptions or bindings that depend on it.
void Streams::tell_of_losses(SteadyTime now) {
  for (unsigned worker = 0; worker < lost_.size(); ++worker) {
    std::deque<Loss>& lost = lost_[worker];
    const auto is_told = [&](const Loss& loss) {
      const Flow flow{.transport = Transport::kTcp, .connection = loss.connection};
      const engine::PeerKind kind = engine::PeerKind::kConnectionLost;
      return now - loss.at >= kLossDelay && workers_.try_to_shard({worker, thread_}, {"", flow, kind});
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
  return workers_.try_to_shard({owner, thread_}, {message.bytes, message.flow, engine::PeerKind::kNotifyUndeliverable});
}

// Those of each thread are apart by the number of threads (StreamShared::thread_of).
uint32_t Streams::new_number() {
  do {
    last_number_ = last_number_ > UINT32_MAX - config_.threads ? thread_ : last_number_ + config_.threads;
  } while (last_number_ == 0 || connections_.contains(last_number_));
  return last_number_;
}

}  // namespace vedette::control
