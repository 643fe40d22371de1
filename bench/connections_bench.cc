// What an idle connection costs: opens many to the real thing (control/stream_threads.h), each of which shakes hands,
// becomes a WebSocket if it is to be one, and says one ping, and asks the system how much memory there is less. The
// peers are a process of their own, which keeps nothing but sockets. Or how many TLS handshakes are answered a second,
// to peers that say one hello over and over, so that it is the engine whose processor time is measured. Prints a JSON
// object.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/control/stream_threads.h"
#include "tests/support/certificate_file.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

using engine::Transport;

constexpr std::string_view kPing = "\r\n\r\n";
// RFC 7118 §4.1, and the same ping as a frame whose mask is zeros.
constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
constexpr std::string_view kFramedPing("\x81\x84\0\0\0\0\r\n\r\n", 10);
constexpr unsigned kPeers = 64;   // Loopback addresses, each with ports of its own.
constexpr unsigned kCallers = 16;  // That say hello at a time.

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

uint64_t kilobytes_of(const char* file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;) {
    uint64_t value = 0;
    if (word == name && lines >> value) return value;
  }
  fail(name.c_str());
}

struct Memory {
  uint64_t process = kilobytes_of("/proc/self/status", "VmRSS:") * 1'024;
  uint64_t kernel = kilobytes_of("/proc/meminfo", "Slab:") * 1'024;
};

int connect_from(unsigned peer, uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in local{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(0x7f000002 + peer)}, .sin_zero = {}};
  sockaddr_in remote = local;
  remote.sin_port = htons(port);
  remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(descriptor, reinterpret_cast<sockaddr*>(&local), sizeof local) != 0) fail("bind");
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&remote), sizeof remote) != 0) fail("connect");
  return descriptor;
}

constexpr bool is_tls(Transport transport) { return transport == Transport::kTls || transport == Transport::kWss; }
constexpr bool is_web(Transport transport) { return transport == Transport::kWs || transport == Transport::kWss; }

// The end of a connection that forgets all but its socket when it goes.
class Caller {
 public:
  Caller(SSL_CTX* context, int descriptor) : descriptor_(descriptor) {
    if (context == nullptr) return;
    session_.reset(SSL_new(context));
    SSL_set_fd(session_.get(), descriptor);
    SSL_set_quiet_shutdown(session_.get(), 1);
    if (SSL_connect(session_.get()) != 1) fail("handshake");
  }
  // Says it, and hears what is answered up to `end`.
  void ask(std::string_view text, std::string_view end) {
    const auto length = static_cast<int>(text.size());
    const bool is_said = session_ ? SSL_write(session_.get(), text.data(), length) == length
                                  : write(descriptor_, text.data(), text.size()) == length;
    if (!is_said) fail("write");
    for (std::string heard; !heard.ends_with(end);) {
      char piece[1'024];
      const ssize_t got =
          session_ ? SSL_read(session_.get(), piece, sizeof piece) : read(descriptor_, piece, sizeof piece);
      if (got <= 0) fail("read");
      heard.append(piece, static_cast<size_t>(got));
    }
  }

 private:
  int descriptor_;
  SslSession session_;               // Null: no TLS.
};

// The peers: says a byte when all are there, and goes when nobody listens any more.
[[noreturn]] void be_peers(Transport transport, unsigned connections, uint16_t port, int said, int told) {
  const std::unique_ptr<SSL_CTX, SslDeleter> context(is_tls(transport) ? SSL_CTX_new(TLS_client_method()) : nullptr);
  for (unsigned i = 0; i < connections; ++i) {
    Caller caller(context.get(), connect_from(i % kPeers, port));
    if (is_web(transport)) caller.ask(kUpgrade, "\r\n\r\n");
    caller.ask(is_web(transport) ? kFramedPing : kPing, "\r\n");
  }
  char byte = 1;
  if (write(said, &byte, 1) != 1) fail("write");
  std::_Exit(read(told, &byte, 1) == 0 ? 0 : 1);
}

double seconds_of_processor() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::vector<engine::Endpoint>& listen_of(StreamConfig& config, Transport transport) {
  switch (transport) {
    case Transport::kTls: return config.tls_listen;
    case Transport::kWs: return config.ws_listen;
    case Transport::kWss: return config.wss_listen;
    default: return config.tcp_listen;
  }
}

// What is measured, and the threads that connections are spread over.
struct Wanted {
  std::string name;
  Transport transport{};
  unsigned count = 0;
  unsigned threads = 1;
};

// The engine's side, which listens on the loopback interface.
class Engine {
 public:
  Engine(const Wanted& wanted, const std::filesystem::path& folder) {
    config_.threads = workers_.stream_threads = wanted.threads;
    config_.connections_max = config_.connections_per_peer_max = wanted.count + kCallers;
    config_.handshakes_max = config_.handshakes_per_peer_max = wanted.count + kCallers;
    config_.message_time_max = config_.handshake_time_max = engine::Duration::seconds(600);
    config_.ping_interval = engine::Duration::seconds(600);
    if (is_tls(wanted.transport)) {
      config_.tls_certificates = {{(folder / "chain.pem").string(), (folder / "key.pem").string()}};
      if (!support::write_certificate(config_.tls_certificates[0], "example.com", 1)) fail("certificate");
    }
    listen_of(config_, wanted.transport) = {{engine::IpAddress::v4(0x7f000001), 0}};
    streams_.emplace(config_, workers_, log_);
  }
  StreamThreads& streams() { return *streams_; }
  uint16_t port() const { return streams_->streams(0).port(0); }

 private:
  StreamConfig config_;
  FakeWorkers workers_{1, nullptr};
  Log log_{LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_mt>()};
  std::optional<StreamThreads> streams_;
};

// The memory of idle connections.
void measure(const Wanted& wanted, const std::filesystem::path& folder) {
  const unsigned connections = wanted.count;
  Engine engine(wanted, folder);
  StreamThreads& streams = engine.streams();
  int said[2], told[2];
  if (pipe(said) != 0 || pipe(told) != 0) fail("pipe");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    close(told[1]);
    be_peers(wanted.transport, connections, engine.port(), said[1], told[0]);
  }
  close(said[1]);
  const Memory before;
  const double busy_before = seconds_of_processor();
  streams.start();
  while (streams.counters().get(StreamCounter::kPings) < connections) {
    if (waitpid(child, nullptr, WNOHANG) == child) std::exit(1);
    std::this_thread::sleep_for(5ms);
  }
  const double busy = seconds_of_processor() - busy_before;
  char byte = 0;
  if (read(said[0], &byte, 1) != 1) fail("read");
  std::this_thread::sleep_for(1s);
  const Memory after;
  if (streams.connections() != connections) fail("connections were lost");
  const auto each = [&](uint64_t now, uint64_t then) { return static_cast<double>(now - then) / connections; };
  // Both ends of each are here.
  std::printf("{\"transport\": \"%s\", \"connections\": %u, \"threads\": %u, \"bytes\": %.0f, "
              "\"kernel_bytes\": %.0f, \"cpu_us\": %.0f}\n",
              wanted.name.c_str(), connections, wanted.threads, each(after.process, before.process),
              each(after.kernel, before.kernel) / 2, busy * 1e6 / connections);
  close(told[1]);
  waitpid(child, nullptr, 0);
}

// What a client says first: it can be said for many, and is answered to each.
std::string client_hello() {
  const std::unique_ptr<SSL_CTX, SslDeleter> context(SSL_CTX_new(TLS_client_method()));
  const SslSession session(SSL_new(context.get()));
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_connect(session.get());
  std::string hello(static_cast<size_t>(BIO_pending(SSL_get_wbio(session.get()))), '\0');
  BIO_read(SSL_get_wbio(session.get()), hello.data(), static_cast<int>(hello.size()));
  return hello;
}

// One of the callers: says hello so many times, each on a connection of its own, and waits for what the engine shows.
[[noreturn]] void call(unsigned caller, unsigned times, uint16_t port, const std::string& hello) {
  for (unsigned i = 0; i < times; ++i) {
    const int descriptor = connect_from(caller, port);
    char byte = 0;
    if (write(descriptor, hello.data(), hello.size()) != static_cast<ssize_t>(hello.size())) fail("write");
    if (read(descriptor, &byte, 1) != 1) fail("read");
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(descriptor);
  }
  std::_Exit(0);
}

// TLS handshakes: how many are answered a second, and the processor time that each takes.
void measure_hellos(const Wanted& wanted, const std::filesystem::path& folder) {
  Engine engine(wanted, folder);
  const std::string hello = client_hello();
  std::vector<pid_t> callers;
  const unsigned times = wanted.count / kCallers + 1;
  const double busy_before = seconds_of_processor();
  const Clock::time_point began = Clock::now();
  for (unsigned caller = 0; caller < kCallers; ++caller) {
    callers.push_back(fork());
    if (callers.back() < 0) fail("fork");
    if (callers.back() == 0) call(caller, times, engine.port(), hello);
  }
  engine.streams().start();
  for (const pid_t caller : callers) {
    int status = 0;
    if (waitpid(caller, &status, 0) != caller || status != 0) std::exit(1);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const double busy = seconds_of_processor() - busy_before;
  const unsigned hellos = times * kCallers;
  std::printf("{\"hellos\": %u, \"threads\": %u, \"per_second\": %.0f, \"cpu_us\": %.0f}\n", hellos,
              wanted.threads, hellos / seconds, busy * 1e6 / hellos);
}

}  // namespace
}  // namespace vedette::control

int main(int argc, char** argv) {
  using vedette::control::fail;
  using vedette::engine::Transport;
  constexpr std::pair<std::string_view, Transport> kWhat[] = {{"tcp", Transport::kTcp},
                                                              {"tls", Transport::kTls},
                                                              {"ws", Transport::kWs},
                                                              {"wss", Transport::kWss},
                                                              {"hellos", Transport::kTls}};
  const std::string name = argc > 1 ? argv[1] : "";
  const auto* const found = std::find_if(std::begin(kWhat), std::end(kWhat),
                                         [&](const auto& one) { return one.first == name; });
  const long count = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 0;
  const long threads = argc > 3 ? std::strtol(argv[3], nullptr, 10) : 1;
  if (argc < 3 || argc > 4 || found == std::end(kWhat) || count < 1 || count > 1'000'000 || threads < 1 ||
      threads > vedette::dataplane::kStreamThreadsMax) {
    std::fprintf(stderr, "usage: connections_bench tcp|tls|ws|wss|hellos COUNT [THREADS]\n");
    return 2;
  }
  constexpr rlim_t kSpare = 128;
  const auto folder = std::filesystem::temp_directory_path() / ("vedette-connections-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const rlimit limit{static_cast<rlim_t>(count) + kSpare, static_cast<rlim_t>(count) + kSpare};
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  const bool is_hellos = name == "hellos";
  if (!is_hellos && now.rlim_cur < limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
  const vedette::control::Wanted wanted{name, found->second, static_cast<unsigned>(count),
                                        static_cast<unsigned>(threads)};
  is_hellos ? vedette::control::measure_hellos(wanted, folder) : vedette::control::measure(wanted, folder);
  std::filesystem::remove_all(folder);
  return 0;
}
