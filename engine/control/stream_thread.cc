// See stream_thread.h.
#include "engine/control/stream_thread.h"

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <string>

namespace vedette::control {

using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kTurnInterval{1};

}  // namespace

StreamThread::StreamThread(StreamShared& shared, unsigned number, Workers& workers, Log& log)
    : number_(number), turn_timer_(context_), streams_(context_, shared, number, workers, log) {}

StreamThread::~StreamThread() { stop(); }

void StreamThread::start() {
  thread_ = std::thread([this] { run(); });
}

void StreamThread::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void StreamThread::run() {
  // Signals are the control thread's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  pthread_setname_np(pthread_self(), ("vedette-io-" + std::to_string(number_)).c_str());
  wait_for_turn();
  context_.run();
}

void StreamThread::wait_for_turn() {
  turn_timer_.expires_after(kTurnInterval);
  turn_timer_.async_wait([this](error_code error) {
    if (error) return;
    streams_.on_turn(std::chrono::steady_clock::now());
    wait_for_turn();
  });
}

}  // namespace vedette::control
