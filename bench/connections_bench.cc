// What an idle connection costs: opens many to the real thing (control/streams.h), each of which shakes hands and says
// one ping, and asks the system how much memory there is less. The peers are a process of their own, which keeps
// nothing but sockets. Prints a JSON object.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "engine/control/streams.h"
#include "tests/support/certificate_file.h"
#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kPing = "\r\n\r\n";
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

// Shakes hands, pings, and forgets all but the socket.
void speak_tls(SSL_CTX* context, int descriptor) {
  const SslSession session(SSL_new(context));
  SSL_set_fd(session.get(), descriptor);
  SSL_set_quiet_shutdown(session.get(), 1);
  char heard[8];
  const bool is_served = SSL_connect(session.get()) == 1 &&
                         SSL_write(session.get(), kPing.data(), static_cast<int>(kPing.size())) > 0 &&
                         SSL_read(session.get(), heard, sizeof heard) > 0;
  if (!is_served) fail("handshake");
}

void speak_plainly(int descriptor) {
  char heard[8];
  const bool is_served = write(descriptor, kPing.data(), kPing.size()) > 0 && read(descriptor, heard, sizeof heard) > 0;
  if (!is_served) fail("ping");
}

// The peers: says a byte when all are there, and goes when nobody listens any more.
[[noreturn]] void be_peers(bool is_tls, unsigned connections, uint16_t port, int said, int told) {
  const std::unique_ptr<SSL_CTX, SslDeleter> context(SSL_CTX_new(TLS_client_method()));
  for (unsigned i = 0; i < connections; ++i) {
    const int descriptor = connect_from(i % kPeers, port);
    is_tls ? speak_tls(context.get(), descriptor) : speak_plainly(descriptor);
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

void measure(bool is_tls, unsigned connections, const std::filesystem::path& folder) {
  StreamConfig config;
  config.connections_max = config.connections_per_peer_max = connections;
  config.message_time_max = config.handshake_time_max = engine::Duration::seconds(600);
  if (is_tls) {
    config.tls_certificates = {{(folder / "chain.pem").string(), (folder / "key.pem").string()}};
    if (!support::write_certificate(config.tls_certificates[0], "example.com", 1)) fail("certificate");
  }
  (is_tls ? config.tls_listen : config.tcp_listen) = {{engine::IpAddress::v4(0x7f000001), 0}};
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
    be_peers(is_tls, connections, streams.port(0), said[1], told[0]);
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
              is_tls ? "tls" : "tcp", connections, each(after.process, before.process),
              each(after.kernel, before.kernel) / 2, busy * 1e6 / connections);
  close(told[1]);
  waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace vedette::control

int main(int argc, char** argv) {
  const std::string transport = argc > 1 ? argv[1] : "";
  const long connections = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 0;
  if (argc != 3 || (transport != "tcp" && transport != "tls") || connections < 1 || connections > 1'000'000) {
    std::fprintf(stderr, "usage: connections_bench tcp|tls CONNECTIONS\n");
    return 2;
  }
  constexpr rlim_t kSpare = 64;
  const auto folder = std::filesystem::temp_directory_path() / ("vedette-connections-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const rlimit limit{static_cast<rlim_t>(connections) + kSpare, static_cast<rlim_t>(connections) + kSpare};
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  if (now.rlim_cur < limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &limit) != 0) vedette::control::fail("setrlimit");
  vedette::control::measure(transport == "tls", static_cast<unsigned>(connections), folder);
  std::filesystem::remove_all(folder);
  return 0;
}
