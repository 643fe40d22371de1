// The admin socket against hostile clients: oversized, idle, slow to read, too many; and its file's mode and
// life.
#include "engine/control/admin_server.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

namespace vedette::control {
namespace {

using namespace std::chrono_literals;

// A client without Asio: what an operator's script would do.
class Client {
 public:
  explicit Client(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view text) const {
    (void)::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // What has come so far; `closed` when the other side is done.
  std::string take() {
    std::string out;
    char piece[4096];
    while (true) {
      const ssize_t got = recv(fd_, piece, sizeof(piece), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) closed = true;
      if (got <= 0) return out;
      out.append(piece, static_cast<size_t>(got));
    }
  }
  bool closed = false;

 private:
  int fd_;
  bool connected_ = false;
};

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() { std::filesystem::remove_all(folder_); }
  ~AdminServerTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(AdminServerLimits limits = {}) {
    server_.emplace(
        context_, path_, limits,
        [this](std::string_view line, AdminServer::Respond respond) {
          requests_.emplace_back(line);
          if (line == "later") {
            later_.push_back(std::move(respond));
          } else {
            respond(line == "much" ? std::string(8 << 20, 'x') + "\n"
                                   : "you said " + std::string(line) + "\n");
          }
        },
        log_);
  }
  void run(std::chrono::milliseconds time = 20ms) {
    context_.restart();
    context_.run_for(time);
  }
  std::string exchange(Client& client, std::string_view text) {
    client.send(text);
    run();
    return client.take();
  }

  std::string folder_ = testing::TempDir() + "vedette-admin-" + std::to_string(getpid());
  std::string path_ = folder_ + "/deep/admin.sock";
  Log log_{LogFormat::kText, LogLevel::kError, std::make_shared<spdlog::sinks::null_sink_st>()};
  std::vector<std::string> requests_;
  std::vector<AdminServer::Respond> later_;
  boost::asio::io_context context_;
  std::optional<AdminServer> server_;
};

TEST_F(AdminServerTest, OnlyItsOwnerMayConnect) {
  start();
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(AdminServerTest, RequestsAreAnsweredOneAfterTheOther) {
  start();
  Client client(path_);
  EXPECT_EQ(exchange(client, "hello\n"), "you said hello\n");
  // Expect: a request may come in pieces, and several at once.
  EXPECT_EQ(exchange(client, "in "), "");
  EXPECT_EQ(exchange(client, "pieces\n"), "you said in pieces\n");
  EXPECT_EQ(exchange(client, "one\ntwo\n\n"), "you said one\nyou said two\nyou said \n");
  EXPECT_FALSE(client.closed);
}

TEST_F(AdminServerTest, SeveralClientsAtATimeAndOneTooMany) {
  start({.clients_max = 3});
  Client first(path_), second(path_);
  std::optional<Client> third(path_);
  Client fourth(path_);
  run();
  EXPECT_EQ(server_->clients(), 3u);
  EXPECT_NE(fourth.take().find("too many admin clients; "), std::string::npos);
  EXPECT_TRUE(fourth.closed);
  EXPECT_EQ(exchange(*third, "a\n"), "you said a\n");
  EXPECT_EQ(exchange(first, "b\n"), "you said b\n");
  // Expect: a place is free again when somebody leaves.
  third.reset();
  run();
  Client fifth(path_);
  EXPECT_EQ(exchange(fifth, "c\n"), "you said c\n");
}

TEST_F(AdminServerTest, AnOversizedRequestIsRefusedAndTheClientClosed) {
  start({.request_bytes_max = 100});
  Client client(path_);
  EXPECT_EQ(exchange(client, std::string(99, 'a') + "\n"), "you said " + std::string(99, 'a') + "\n");
  const std::string answer = exchange(client, std::string(101, 'b'));
  EXPECT_NE(answer.find("the request is longer than 100 bytes; "), std::string::npos) << answer;
  EXPECT_TRUE(client.closed);
  EXPECT_EQ(requests_.size(), 1u);
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(AdminServerTest, AnIdleClientIsClosed) {
  start({.idle_max = 50ms});
  Client idle(path_), dripping(path_);
  run(20ms);
  dripping.send("drip");  // Half a request does not count.
  run(60ms);
  idle.take();
  dripping.take();
  EXPECT_TRUE(idle.closed);
  EXPECT_TRUE(dripping.closed);
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(AdminServerTest, AClientThatDoesNotReadIsCutOff) {
  start({.write_max = 50ms});
  Client slow(path_), quick(path_);
  slow.send("much\n");
  run(20ms);
  EXPECT_EQ(exchange(quick, "hello\n"), "you said hello\n") << "nobody waits for the slow one";
  run(80ms);
  slow.take();
  EXPECT_TRUE(slow.closed);
  EXPECT_EQ(server_->clients(), 1u);
}

TEST_F(AdminServerTest, AClientThatLeavesBeforeItsAnswer) {
  start();
  {
    Client client(path_);
    EXPECT_EQ(exchange(client, "later\n"), "");
  }
  ASSERT_EQ(later_.size(), 1u);
  later_[0]("answer\n");
  later_.clear();
  run();
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(AdminServerTest, AnAnswerThatComesLater) {
  start();
  Client client(path_);
  EXPECT_EQ(exchange(client, "later\nnext\n"), "") << "the next request waits for the first one's answer";
  later_.at(0)("now\n");
  later_.clear();
  run();
  EXPECT_EQ(client.take(), "now\nyou said next\n");
}

TEST_F(AdminServerTest, WhatAKilledEngineLeftIsReplaced) {
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
  {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    close(fd);  // The file stays.
  }
  start();
  Client client(path_);
  EXPECT_EQ(exchange(client, "hello\n"), "you said hello\n");
}

TEST_F(AdminServerTest, ASecondEngineDoesNotTakeTheSocket) {
  start();
  const auto start_another = [&] { AdminServer another(context_, path_, {}, nullptr, log_); };
  try {
    start_another();
    ADD_FAILURE() << "two on one socket";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("another vedette is running there; stop it"), std::string::npos)
        << error.what();
  }
  Client client(path_);
  EXPECT_EQ(exchange(client, "hello\n"), "you said hello\n");
}

TEST_F(AdminServerTest, AnotherFileInItsPlaceIsLeftAlone) {
  std::filesystem::create_directories(path_);  // Not a socket.
  EXPECT_THROW(start(), std::runtime_error);
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(AdminServerTest, TheSocketGoesWithTheServer) {
  start();
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace vedette::control
