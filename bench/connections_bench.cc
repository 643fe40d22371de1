// What an idle connection costs: opens many to the real thing (control/streams.h), each of which shakes hands, becomes
// a WebSocket if it is to be one, and says one ping, and asks the system how much memory there is less. The peers are a
// process of their own, which keeps nothing but sockets. Prints a JSON object.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/control/streams.h"
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

void measure(Transport transport, const char* name, unsigned connections, const std::filesystem::path& folder) {
  StreamConfig config;
  config.connections_max = config.connections_per_peer_max = connections;
  config.message_time_max = config.handshake_time_max = engine::Duration::seconds(600);
  config.ping_interval = engine::Duration::seconds(600);
  if (is_tls(transport)) {
    config.tls_certificates = {{(folder / "chain.pem").string(), (folder / "key.pem").string()}};
    if (!support::write_certificate(config.tls_certificates[0], "example.com", 1)) fail("certificate");
  }
  listen_of(config, transport) = {{engine::IpAddress::v4(0x7f000001), 0}};
  boost::asio::io_context context;
  FakeWorkers workers(1, nullptr);
  Log log(LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_st>());
  Streams streams(context, config, workers, log);
  int said[2], told[2];
  if (pipe(said) != 0 || pipe(told) != 0) fail("pipe");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    close(told[1]);
    be_peers(transport, connections, streams.port(0), said[1], told[0]);
  }
  close(said[1]);
  const Memory before;
  const double busy_before = seconds_of_processor();
  while (streams.counters().get(StreamCounter::kPings) < connections) {
    if (waitpid(child, nullptr, WNOHANG) == child) std::exit(1);
    context.restart();
    context.run_for(1ms);
    streams.on_turn(Clock::now());
  }
  const double busy = seconds_of_processor() - busy_before;
  char byte = 0;
  if (read(said[0], &byte, 1) != 1) fail("read");
  const Clock::time_point settled = Clock::now() + 1s;
  while (Clock::now() < settled) {
    context.restart();
    context.run_for(10ms);
    streams.on_turn(Clock::now());
  }
  const Memory after;
  if (streams.connections() != connections) fail("connections were lost");
  const auto each = [&](uint64_t now, uint64_t then) { return static_cast<double>(now - then) / connections; };
  // Both ends of each are here.
  std::printf("{\"transport\": \"%s\", \"connections\": %u, \"bytes\": %.0f, \"kernel_bytes\": %.0f, "
              "\"cpu_us\": %.0f}\n",
              name, connections, each(after.process, before.process),
              each(after.kernel, before.kernel) / 2, busy * 1e6 / connections);
  close(told[1]);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace vedette::control

int main(int argc, char** argv) {
  using vedette::engine::Transport;
  constexpr std::pair<std::string_view, Transport> kTransports[] = {
      {"tcp", Transport::kTcp}, {"tls", Transport::kTls}, {"ws", Transport::kWs}, {"wss", Transport::kWss}};
  const std::string name = argc > 1 ? argv[1] : "";
  const auto* const found = std::find_if(std::begin(kTransports), std::end(kTransports),
                                         [&](const auto& one) { return one.first == name; });
  const long connections = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 0;
  if (argc != 3 || found == std::end(kTransports) || connections < 1 || connections > 1'000'000) {
    std::fprintf(stderr, "usage: connections_bench tcp|tls|ws|wss CONNECTIONS\n");
    return 2;
  }
  constexpr rlim_t kSpare = 64;
  const auto folder = std::filesystem::temp_directory_path() / ("vedette-connections-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const rlimit limit{static_cast<rlim_t>(connections) + kSpare, static_cast<rlim_t>(connections) + kSpare};
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  if (now.rlim_cur < limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &limit) != 0) vedette::control::fail("setrlimit");
  vedette::control::measure(found->second, name.c_str(), static_cast<unsigned>(connections), folder);
  std::filesystem::remove_all(folder);
  return 0;
}
