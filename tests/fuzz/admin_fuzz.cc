// Any bytes of an operator's client, in pieces that the first byte chooses, into the admin protocol: lines out of
// bytes, JSON out of lines, commands, documents of rules and of hard state, answers. Each line is answered once and in
// order, by one line of JSON that says whether it went well; one that is too long is told so, and is the last. The
// answers do not depend on the pieces. Shards are fakes that answer at once. One input, two connections.
//
// Byte 0: the pieces; if odd, the client says its end behind its bytes. The rest: what the client sends.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <spdlog/sinks/null_sink.h>
#include <string>
#include <string_view>

#include "engine/control/admin_commands.h"
#include "engine/control/admin_server.h"
#include "engine/control/admin_session.h"
#include "tests/support/control_fake_workers.h"
#include "tests/support/fuzzed_stream.h"

using namespace vedette::control;
using vedette::support::expect;
using vedette::support::Pieces;

namespace {

constexpr size_t kRequestBytesMax = 4'096;
constexpr size_t kBytesMax = 3 * kRequestBytesMax;
constexpr size_t kByteByByteMax = 600;
constexpr unsigned kTurnsMax = 100'000;

AdminCommands::Facts facts() {
  return {.status = [] { return nlohmann::ordered_json{{"version", "7"}}; },
          .stream_counters = [] { return StreamCounters(); },
          .identity_counters = [] { return IdentityCounters(); },
          .floods = [] { return nlohmann::ordered_json::object(); }};
}

// The protocol without its listener: that has a socket of its own, which nobody calls.
class Operators {
 public:
  // What the client hears.
  std::string talk(std::string_view bytes, unsigned seed, bool says_end) {
    int ends[2];
    expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
    workers_.sent.clear();
    AdminSession::Socket socket(context_);
    socket.assign(boost::asio::local::stream_protocol(), ends[0]);
    std::make_shared<AdminSession>(server_, std::move(socket))->read();
    std::string heard;
    Pieces pieces(seed);
    while (!bytes.empty()) {
      const ssize_t sent = send(ends[1], bytes.data(), pieces.next(bytes.size()), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
      turn(ends[1], heard);
      if (sent < 0 && errno != EAGAIN) break;
    }
    if (says_end) shutdown(ends[1], SHUT_WR);
    turn(ends[1], heard);
    close(ends[1]);
    std::string nothing;
    turn(-1, nothing);
    expect(server_.clients() == 0, "a client who is gone is counted");
    expect(queries_.open() == 0, "a question is left open");
    return heard;
  }

 private:
  // Until nothing moves any more.
  void turn(int client, std::string& heard) {
    for (unsigned turns = 0;; ++turns) {
      expect(turns < kTurnsMax, "a session that always has something to do never gets anything done");
      context_.restart();
      bool moves = context_.poll() > 0;
      moves = moves || queries_.open() > 0;
      queries_.on_turn({});
      char piece[16'384];
      ssize_t got = 0;
      while (client >= 0 && (got = recv(client, piece, sizeof piece, 0)) > 0) {
        heard.append(piece, static_cast<size_t>(got));
        moves = true;
      }
      if (!moves) return;
    }
  }

  Log log_{LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_st>()};
  FakeWorkers workers_{3, answer_as_a_shard};
  ShardQueries queries_{workers_};
  AdminCommands commands_{workers_, queries_, 4, facts(),
                          [](const AdminCommands::ReloadDone& done) { done({.users = 3}); }};
  boost::asio::io_context context_{1};
  AdminServer server_{context_,
                      (std::filesystem::temp_directory_path() / ("vedette-fuzz-" + std::to_string(getpid()))).string(),
                      {.request_bytes_max = kRequestBytesMax},
                      [this](std::string_view line, AdminServer::Respond respond) {
                        commands_.on_request({}, line, std::move(respond));
                      },
                      log_};
};

// How many answers these bytes get.
size_t answers_to(std::string_view bytes) {
  for (size_t answers = 0;; ++answers) {
    const size_t end = bytes.find('\n');
    if (end >= kRequestBytesMax) return answers + (bytes.size() >= kRequestBytesMax ? 1 : 0);
    bytes.remove_prefix(end + 1);
  }
}

void check_answers(std::string_view heard, size_t expected) {
  size_t answers = 0;
  for (; !heard.empty(); ++answers) {
    const size_t end = heard.find('\n');
    expect(end != std::string_view::npos, "an answer has no end");
    const auto answer = nlohmann::json::parse(heard.substr(0, end), nullptr, false);
    expect(answer.is_object() && answer.contains("ok") && answer["ok"].is_boolean(), "an answer is none");
    const bool is_good = answer["ok"].get<bool>();
    expect(answer.size() == 2 && (is_good ? answer.contains("result") && answer["result"].is_object()
                                          : answer.contains("error") && answer["error"].is_string()),
           "an answer has neither result nor error, or more");
    heard.remove_prefix(end + 1);
  }
  expect(answers == expected, "not each request has one answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  static Operators operators;
  if (size == 0 || size > kBytesMax) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
  const unsigned seed = input[0];
  const std::string whole = operators.talk(bytes, 0, seed % 2 == 1);
  check_answers(whole, answers_to(bytes));
  if (seed == 1 && bytes.size() > kByteByByteMax) return 0;
  expect(operators.talk(bytes, seed, seed % 2 == 1) == whole, "the answers depend on the pieces");
  return 0;
}
