// The stream connections (RFC 3261 §18) of one thread: takes them, opens them where a flow allows it, and moves whole
// messages between them and the shards. A message of a shard goes by its flow: on the connection of that number; if
// that is gone, on one that we opened to the same address or open now, by TLS to the same domain, which it has proved
// (RFC 5922), whichever thread has it; else a NOTIFY goes back to its shard, which ends what depended on it. No
// connection that a peer opened is used for anything but its own flows, unless it has proved its domain and asked for
// that (RFC 5923). On its thread only, but where it says so.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/control/log.h"
#include "engine/control/stream_connection.h"
#include "engine/control/stream_listener.h"
#include "engine/control/stream_shared.h"
#include "engine/control/workers.h"
#include "engine/partition.h"
#include "engine/peer.h"

namespace vedette::control {

class Streams final : public StreamOwner {
 public:
  // Listens at once, as those of `shared` with smaller numbers do already; throws std::runtime_error, whose text says
  // what to do. Nothing runs on `context` after this.
  Streams(boost::asio::io_context& context, StreamShared& shared, unsigned thread, Workers& workers, Log& log);
  ~Streams() override;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  // Takes what the shards have to send, and what had no room before. Every millisecond or so.
  void on_turn(SteadyTime now);
  void close();  // Takes and opens no more connections, and ends those there are.

  // Any thread.
  void send_from_elsewhere(StreamOutput message);   // For a connection here that another thread found.
  void drop_handshake(uint32_t connection);         // Its place is another's by now.
  StreamCounters counters() const { return counters_.read(); }
  uint16_t port(size_t listener) const { return listeners_[listener]->port(); }   // As in the configuration's order.

 private:
  using Connection = std::shared_ptr<StreamConnection>;

  const StreamConfig& config() const override { return config_; }
  void count(StreamCounter counter) override { counters_.add(counter); }
  bool try_deliver(StreamConnection& connection, std::string_view message) override;
  void on_open(StreamConnection& connection) override;
  void on_end(StreamConnection& connection, std::optional<StreamCounter> why,
              const std::deque<StreamOutput>& unsent) override;

  // A connection that is gone. Shards hear of it when what came by it has crossed to whoever has it.
  struct Loss {
    uint32_t connection;
    SteadyTime at;
  };

  void on_accepted(engine::Transport transport, ByteStream::Socket socket);
  std::unique_ptr<ByteStream> make_stream(engine::Transport transport, ByteStream::Socket socket) const;
  void send_all(SteadyTime now);
  void send_answers(SteadyTime now, std::vector<StreamOutput>& requests);
  void send(SteadyTime now, StreamOutput message);
  Connection find(uint32_t connection) const;
  void listen(engine::Transport transport, const std::vector<engine::Endpoint>& addresses);
  // The number of the connection that leads there: one that is opened now, if no thread has another one. 0: a limit or
  // the system forbids it.
  uint32_t open(SteadyTime now, const engine::Flow& wanted);
  bool may_be_opened(const engine::Flow& flow, const StreamTls::Contexts& tls) const;
  std::unique_ptr<ByteStream> make_call(const engine::Flow& flow, const StreamTls::Contexts& tls,
                                        ByteStream::Socket socket) const;
  void find_peers_of(StreamConnection& connection, const std::vector<std::string>& domains);
  void look_for_alias(const StreamConnection& connection, uint16_t place, std::string_view message);
  void add_proof(const StreamConnection& connection, std::vector<std::string> domains);
  const std::string& domain_of(const engine::Flow& flow) const;   // Of one with a peer.
  void tell_of_losses(SteadyTime now);
  void give_back(const StreamOutput& message);
  bool try_give_back(const StreamOutput& message);
  void check_times(SteadyTime now);
  uint32_t new_number();

  boost::asio::io_context& context_;
  StreamShared& shared_;
  const StreamConfig& config_;
  const unsigned thread_;
  Workers& workers_;
  Log& log_;
  const engine::PartitionMap partitions_;
  StreamTally counters_;
  std::vector<std::unique_ptr<StreamListener>> listeners_;
  bool is_closed_ = false;

  uint32_t last_number_;
  std::map<uint32_t, Connection> connections_;
  std::atomic<uint32_t> arriving_{0};                         // From other threads, and not sent yet.
  std::deque<std::weak_ptr<StreamConnection>> waiting_;       // For room in a shard's ring.
  std::vector<StreamOutput> requests_;                        // Taken, and for the next turn.
  std::deque<StreamOutput> returning_;                        // NOTIFYs that no shard had room for.
  std::vector<std::deque<Loss>> lost_;                        // Those of whose end each shard has yet to hear.
  SteadyTime checked_;
};

}  // namespace vedette::control
