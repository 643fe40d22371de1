// All stream connections (RFC 3261 §18): takes them, opens them where a flow allows it, and moves whole messages
// between them and the shards. A message of a shard goes by its flow: on the connection of that number; if that is
// gone, on one that we opened to the same address or open now, by TLS to the same domain, which it has proved (RFC
// 5922); else a NOTIFY goes back to its shard, which ends what depended on it. No connection that a peer opened is used
// for anything but its own flows, unless it has proved its domain and asked for that (RFC 5923). Control thread only.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/control/log.h"
#include "engine/control/stream_connection.h"
#include "engine/control/stream_listener.h"
#include "engine/control/tls_caller.h"
#include "engine/control/tls_certificates.h"
#include "engine/control/workers.h"
#include "engine/partition.h"
#include "engine/peer.h"

namespace vedette::control {

class Streams final : public StreamOwner {
 public:
  // Listens at once; throws std::runtime_error, whose text says what to do. Nothing runs on `context` after this.
  Streams(boost::asio::io_context& context, const StreamConfig& config, Workers& workers, Log& log);
  ~Streams() override;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // Reads the certificates anew, for connections to come. When that fails, those there are stay, and the log says why.
  void reload_certificates();
  // Takes what the shards have to send, and what had no room before. Every millisecond or so.
  void on_turn(SteadyTime now);
  void close();  // Takes and opens no more connections, and ends those there are.

  // A connection whose other end has proved domains.
  struct Proof {
    uint32_t connection;
    engine::Endpoint remote;
    bool is_ours;                         // We opened it.
    bool is_alias;
    std::string peer;                     // The domains of each [[peer]] that it speaks for; empty: of none.
    std::vector<std::string> domains;     // All that its certificate has.
  };
  std::vector<Proof> proofs(size_t max) const;

  const StreamCounters& counters() const { return counters_; }
  size_t connections() const { return connections_.size(); }
  uint16_t port(size_t listener) const { return listeners_[listener]->port(); }   // As in the configuration's order.

 private:
  using Address = std::array<uint8_t, 16>;
  using Connection = std::shared_ptr<StreamConnection>;

  const StreamConfig& config() const override { return config_; }
  void count(StreamCounter counter) override { counters_.add(counter); }
  bool try_deliver(StreamConnection& connection, std::string_view message) override;
  void on_open(StreamConnection& connection) override;
  void on_end(StreamConnection& connection, std::optional<StreamCounter> why,
              const std::deque<StreamOutput>& unsent) override;

  // How many connections a peer has opened, how many of them have yet to shake hands, and how many we are opening to
  // it.
  struct Peer {
    uint32_t connections = 0, handshakes = 0, openings = 0;
  };
  // Where a connection leads that we opened. By TLS besides: as whom we called.
  struct Destination {
    Address address{};
    uint16_t port = 0;
    uint16_t peer = engine::kNoPeer;
    engine::Transport transport{};
    auto operator<=>(const Destination&) const = default;
  };
  // A connection that is gone. Shards hear of it when what came by it has crossed to whoever has it.
  struct Loss {
    uint32_t connection;
    SteadyTime at;
  };

  void on_accepted(engine::Transport transport, ByteStream::Socket socket);
  std::unique_ptr<ByteStream> make_stream(engine::Transport transport, ByteStream::Socket socket) const;
  void begin_handshake(uint32_t connection, Peer& peer);
  void on_handshake_over(const engine::Flow& flow);
  void send_all(SteadyTime now);
  void send_answers(SteadyTime now, std::vector<StreamOutput>& requests);
  void send(SteadyTime now, StreamOutput message);
  Connection find(const engine::Flow& flow) const;
  void listen(engine::Transport transport, const std::vector<engine::Endpoint>& addresses);
  // Null when a limit or the system forbids it.
  Connection open(SteadyTime now, const engine::Flow& flow);
  bool may_open_one_more(const engine::Flow& flow);
  std::unique_ptr<ByteStream> make_call(const engine::Flow& flow, ByteStream::Socket socket) const;
  void find_peers_of(StreamConnection& connection);
  void look_for_alias(const StreamConnection& connection, uint16_t place, std::string_view message);
  Connection find_alias(const engine::Flow& flow) const;
  const std::string& domain_of(const engine::Flow& flow) const;   // Of one with a peer.
  void on_opening_over(const engine::Flow& flow);
  void forget_if_idle(const Address& peer);
  void load_certificates();   // Throws as the constructor.
  void tell_of_losses(SteadyTime now);
  void give_back(const StreamOutput& message);
  bool try_give_back(const StreamOutput& message);
  void check_times(SteadyTime now);
  uint32_t new_number();
  static Address peer_of(const engine::IpAddress& address);
  static Destination destination_of(const engine::Flow& flow);

  boost::asio::io_context& context_;
  const StreamConfig& config_;
  Workers& workers_;
  Log& log_;
  const engine::PartitionMap partitions_;
  StreamCounters counters_;
  std::shared_ptr<const TlsContexts> tls_;                    // Null: TLS is not taken,
  std::shared_ptr<const TlsContexts> tls_web_;                // or no WebSocket over it.
  std::shared_ptr<const TlsCaller> tls_caller_;               // Null: no connection is opened by TLS.
  std::vector<std::unique_ptr<StreamListener>> listeners_;
  bool is_closed_ = false;

  uint32_t last_number_ = 0;
  std::map<uint32_t, Connection> connections_;
  std::map<Destination, uint32_t> opened_;                    // The numbers of ours.
  std::map<uint16_t, uint32_t> aliases_;                      // By Flow::peer: a connection that it opened.
  std::map<Address, Peer> peers_;
  uint32_t openings_ = 0;
  std::set<uint32_t> handshakes_;                             // Connections, in the order in which they came.
  std::deque<std::weak_ptr<StreamConnection>> waiting_;       // For room in a shard's ring.
  std::vector<StreamOutput> requests_;                        // Taken, and for the next turn.
  std::deque<StreamOutput> returning_;                        // NOTIFYs that no shard had room for.
  std::vector<std::deque<Loss>> lost_;                        // Those of whose end each shard has yet to hear.
  SteadyTime checked_;
};

}  // namespace vedette::control
