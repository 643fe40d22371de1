// The control thread as a whole, with shards on threads of their own: rotation reaches every shard, operators
// are answered under load, and the first and second request to stop do what they should. Meant for
// ThreadSanitizer, too.
#include "engine/control/control_thread.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <sstream>
#include <thread>

#include "tests/support/control_fake_workers.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kShards = 3;

// Asks as vedettectl does; empty when nobody answers.
std::string ask(const std::string& path, std::string_view request) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char piece[4096];
    ssize_t got = 0;
    while (!answer.ends_with("\n") && (got = recv(fd, piece, sizeof(piece), 0)) > 0) {
      answer.append(piece, static_cast<size_t>(got));
    }
  }
  close(fd);
  return answer;
}

class ControlThreadTest : public testing::Test {
 protected:
  ControlThreadTest() {
    config_.admin_socket = testing::TempDir() + "vedette-thread-" + std::to_string(getpid()) + ".sock";
    config_.nonce_key_lifetime = engine::Duration::milliseconds(5);
  }
  ~ControlThreadTest() override {
    stop_shards_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  void start(bool with_shards = true) {
    control_.emplace(config_, workers_, keys_, log_);
    threads_.emplace_back([this] {
      control_->run();
      ended_ = true;
    });
    for (unsigned shard = 0; with_shards && shard < kShards; ++shard) {
      threads_.emplace_back([this, shard] { run_shard(shard); });
    }
  }
  void run_shard(unsigned shard) {
    while (!stop_shards_) {
      engine::ControlMessage message;
      if (!workers_.try_take(shard, message)) {
        std::this_thread::sleep_for(200us);
      } else if (message.kind == engine::ControlMessage::Kind::kNonceKeys) {
        // Each key follows the one before: none was lost, none came twice.
        if (last_key_[shard] != 0 && message.previous.id != last_key_[shard] - 1) ++wrong_keys_;
        last_key_[shard] = message.current.id + 1;
        ++rotations_[shard];
      } else {
        answer_as_a_shard(workers_, shard, message);
      }
    }
  }
  bool ends_within(std::chrono::milliseconds time) const {
    const auto until = std::chrono::steady_clock::now() + time;
    while (!ended_ && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
    return ended_;
  }

  ControlConfig config_;
  FakeWorkers workers_{kShards, nullptr};
  NonceKeys keys_;
  std::ostringstream lines_;
  Log log_{LogFormat::kText, LogLevel::kDebug, std::make_shared<spdlog::sinks::ostream_sink_st>(lines_)};
  std::array<std::atomic<int>, kShards> last_key_{};
  std::array<std::atomic<int>, kShards> rotations_{};
  std::atomic<int> wrong_keys_ = 0;
  std::atomic<bool> stop_shards_ = false;
  std::atomic<bool> ended_ = false;
  std::optional<ControlThread> control_;
  std::vector<std::thread> threads_;
};

TEST_F(ControlThreadTest, OperatorsRotationAndTheTurnGoOnTogether) {
  start();
  constexpr int kAskers = 4;
  constexpr int kQuestions = 25;
  std::atomic<int> answered = 0;
  std::vector<std::thread> askers;
  for (int asker = 0; asker < kAskers; ++asker) {
    askers.emplace_back([&, asker] {
      const std::string_view requests[] = {"{\"command\":\"status\"}\n", "{\"command\":\"watchers\"}\n",
                                           "{\"command\":\"counters\"}\n", "garbage\n"};
      for (int i = 0; i < kQuestions; ++i) {
        const std::string answer = ask(config_.admin_socket, requests[(i + asker) % 4]);
        const auto json = nlohmann::json::parse(answer, nullptr, false);
        if (json.is_object() && json.contains("ok")) ++answered;
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(answered, kAskers * kQuestions);
  const auto patience = std::chrono::steady_clock::now() + 10s;
  for (const std::atomic<int>& rotations : rotations_) {
    while (rotations < 4 && std::chrono::steady_clock::now() < patience) std::this_thread::sleep_for(1ms);
    EXPECT_GE(rotations, 4);
  }
  control_->request_stop();
  EXPECT_TRUE(ends_within(5s));
  EXPECT_EQ(wrong_keys_, 0);
  EXPECT_GT(workers_.serviced, 4);
  EXPECT_NE(access(config_.admin_socket.c_str(), F_OK), 0) << "the socket is gone";
}

TEST_F(ControlThreadTest, SigtermEndsItAndSaysHowManySubscriptionsAreLeft) {
  start();
  EXPECT_NE(ask(config_.admin_socket, "{\"command\":\"status\"}\n"), "");
  raise(SIGTERM);
  ASSERT_TRUE(ends_within(5s));
  EXPECT_NE(lines_.str().find("signal=SIGTERM"), std::string::npos) << lines_.str();
  EXPECT_NE(lines_.str().find("live subscriptions are left to be refreshed subscriptions=6"),
            std::string::npos)
      << lines_.str();
  const auto is_quiesce = [](const FakeWorkers::Sent& sent) {
    return sent.message.kind == engine::ControlMessage::Kind::kQuiesce;
  };
  EXPECT_EQ(std::count_if(workers_.sent.begin(), workers_.sent.end(), is_quiesce), kShards);
}

TEST_F(ControlThreadTest, ASecondRequestDoesNotWaitForSilentShards) {
  start(false);  // Nobody answers.
  control_->request_stop();
  EXPECT_FALSE(ends_within(100ms)) << "the first waits for the shards";
  control_->request_stop();
  EXPECT_TRUE(ends_within(1s));
}

TEST_F(ControlThreadTest, SilentShardsAreNamedAndDoNotHoldUpTheEnd) {
  start(false);
  control_->request_stop();
  ASSERT_TRUE(ends_within(ShardQueries::kPatience + 2s));
  EXPECT_NE(lines_.str().find("shard did not answer in time shard=2"), std::string::npos) << lines_.str();
}

TEST(Log, TextForPeopleAndJsonForMachines) {
  std::ostringstream text;
  std::ostringstream json;
  Log people(LogFormat::kText, LogLevel::kInfo, std::make_shared<spdlog::sinks::ostream_sink_st>(text));
  Log machines(LogFormat::kJson, LogLevel::kWarning, std::make_shared<spdlog::sinks::ostream_sink_st>(json));
  for (Log* log : {&people, &machines}) {
    log->debug("below the level");
    log->warning("odd {} %v \"event\"", {{"aor", "a@b"}, {"why", "two \"words\"\n"}, {"count", 3}});
  }
  EXPECT_NE(text.str().find("Z warning odd {} %v \"event\" aor=a@b why=\"two \\\"words\\\"\\n\" count=3\n"),
            std::string::npos)
      << text.str();
  const auto object = nlohmann::json::parse(json.str());
  EXPECT_EQ(object["level"], "warning");
  EXPECT_EQ(object["event"], "odd {} %v \"event\"");
  EXPECT_EQ(object["why"], "two \"words\"\n");
  EXPECT_EQ(object["count"], 3);
  EXPECT_TRUE(object.contains("time"));
  machines.info("below the level");
  const std::string lines = text.str();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

}  // namespace
}  // namespace vedette::control
