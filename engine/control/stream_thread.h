// One of the threads that stream connections are spread over ([streams] threads): its connections, and the turns in
// which they meet the shards. Made, started and stopped by the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "engine/control/streams.h"

namespace vedette::control {

class StreamThread {
 public:
  // Listens at once, as Streams does; throws as that.
  StreamThread(StreamShared& shared, unsigned number, Workers& workers, Log& log);
  ~StreamThread();
  StreamThread(const StreamThread&) = delete;
  StreamThread& operator=(const StreamThread&) = delete;

  void start();
  // It does nothing more when this returns; what it has stays. Idempotent.
  void stop();
  // When all have stopped: ends its connections.
  void close() { streams_.close(); }

  const Streams& streams() const { return streams_; }   // What of it any thread may ask.

 private:
  void run();
  void wait_for_turn();

  const unsigned number_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer turn_timer_;
  Streams streams_;
  std::thread thread_;
};

}  // namespace vedette::control
