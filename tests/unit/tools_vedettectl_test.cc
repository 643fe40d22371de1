// vedettectl's words for answers, and what it says when there is no good answer. The engine's side is a socket that
// gives one answer.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>

#include "tools/ctl/admin_client.h"
#include "tools/ctl/tables.h"

namespace vedette::tools {
namespace {

using Json = nlohmann::ordered_json;

// A socket that gives one client `answer`, whatever it asks, and hangs up.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {
    unlink(path_.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(fd_, 1) != 0)
      return;
    thread_ = std::thread([this] {
      const int client = accept(fd_, nullptr, nullptr);
      char piece[4096];
      const ssize_t got = recv(client, piece, sizeof(piece), 0);
      if (got > 0) asked_.assign(piece, static_cast<size_t>(got));
      (void)send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      close(client);
    });
  }
  ~OneAnswer() {
    thread_.join();
    close(fd_);
    unlink(path_.c_str());
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "vedettectl-test-" + std::to_string(getpid());
  std::string answer_;
  std::string asked_;
  int fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::thread thread_;
};

std::string error_of(const std::string& path) {
  try {
    ask_engine(path, {{"command", "status"}});
    return "";
  } catch (const AdminError& error) {
    return error.what();
  }
}

TEST(AdminClient, GivesTheResult) {
  const OneAnswer engine("{\"ok\":true,\"result\":{\"a\":1}}\n");
  EXPECT_EQ(ask_engine(engine.path(), {{"command", "status"}}), (Json{{"a", 1}}));
}

TEST(AdminClient, SaysWhyThereIsNoResult) {
  EXPECT_EQ(error_of("/nonexistent/admin.sock"),
            "/nonexistent/admin.sock: vedette is not running there. Start it, or name its [admin] socket "
            "with --socket.");
  EXPECT_NE(error_of("/" + std::string(200, 'x')).find("too long"), std::string::npos);
  const std::pair<const char*, const char*> kAnswers[] = {
      {"{\"ok\":false,\"error\":\"no such thing; ask for another\"}\n", "no such thing; ask for another"},
      {"HTTP/1.1 400 Bad Request\n", "not a vedette's answer"},
      {"{\"ok\":true", "hung up"},
      {"", "hung up"},
  };
  for (const auto& [answer, error] : kAnswers) {
    const OneAnswer engine(answer);
    EXPECT_NE(error_of(engine.path()).find(error), std::string::npos)
        << answer << " gave " << error_of(engine.path());
  }
}

TEST(Tables, Status) {
  const Json result = {{"version", "1.2"},
                       {"pid", 7},
                       {"uptime_seconds", 3'725},
                       {"stopping", false},
                       {"nonce_key", 9},
                       {"nonce_key_age_seconds", 61},
                       {"workers", 3},
                       {"workers_silent", Json::array()},
                       {"memory_bytes", 3 << 20},
                       {"subscriptions", 5},
                       {"presentities", 4},
                       {"publications", 3},
                       {"bindings", 2},
                       {"waiting_watchers", 9},
                       {"hard_states", 8},
                       {"hard_state_bytes", 1024},
                       {"document_bytes", 2048},
                       {"ports", {{{"name", "lan"}, {"device", "net_null0"}, {"mtu", 1500}}}},
                       {"proved_connections",
                        {{{"connection", 12}, {"address", "192.0.2.9:40000"}, {"peer", "example.org"},
                          {"domains", "example.org, other.test"}, {"opened_by_us", false}, {"alias", true}}}}};
  const std::string words = status_in_words(result);
  EXPECT_NE(words.find("vedette 1.2, process 7, up 1 h 2 min\n"), std::string::npos) << words;
  EXPECT_NE(words.find("3 workers, 3.0 MiB of memory reserved, 2.0 KiB in documents\n"), std::string::npos)
      << words;
  EXPECT_NE(words.find("4 presentities, 5 subscriptions, 3 publications, 2 bindings, 9 waiting watchers\n"),
            std::string::npos)
      << words;
  EXPECT_NE(words.find("8 with hard state (1.0 KiB)\n"), std::string::npos) << words;
  EXPECT_NE(words.find("lan   net_null0"), std::string::npos) << words;
  EXPECT_NE(words.find("12          192.0.2.9:40000  example.org  example.org, other.test  false         true"),
            std::string::npos)
      << words;
  EXPECT_EQ(words.find("Not all"), std::string::npos);
}

TEST(Tables, CountersWithoutThoseAtZero) {
  const Json result = {{"engine", {{"requests_in", 5}, {"notifies_out", 0}}},
                       {"dataplane", {{"rx_frames", 9}}},
                       {"connections", {{"tls_peer_proved", 3}}}};
  EXPECT_NE(counters_in_words(result, false).find("tls_peer_proved"), std::string::npos);
  EXPECT_NE(counters_in_words(result, false).find("requests_in"), std::string::npos);
  EXPECT_EQ(counters_in_words(result, false).find("notifies_out"), std::string::npos);
  EXPECT_NE(counters_in_words(result, true).find("notifies_out"), std::string::npos);
}

TEST(Tables, ColumnsAreAsWideAsTheirWidestValue) {
  const Json result = {
      {"aor", "a@b"},
      {"watchers_total", 5},
      {"watchers",
       {{{"presentity", "a@b"}, {"watcher", "someone.with.a.long.name@example.com"}, {"state", "active"}},
        {{"presentity", "a@b"}, {"watcher", "c@d"}, {"state", "active"}}}}};
  const std::string words = watchers_in_words(result);
  EXPECT_EQ(words.substr(0, words.find("  DECIDED")),
            "PRESENTITY  WATCHER                               STATE ");
  EXPECT_NE(words.find("a@b         c@d                                   active\n"), std::string::npos)
      << words;
  EXPECT_NE(words.find("and 3 more: "), std::string::npos) << words;
}

TEST(Tables, SubscriptionsWithAllThatIsKnownOfThem) {
  const Json result = {{"aor", "a@b"},
                       {"watchers_total", 2},
                       {"watchers",
                        {{{"presentity", "a@b"}, {"watcher", "c@d"}, {"state", "pending"}, {"event", "presence"},
                          {"expires_in", 61}, {"decided_by", "confirm"}, {"view", 3}, {"version", 7},
                          {"etag", "0123456789abcdef"}, {"document", "partial"}, {"filter", ""}, {"pace_ms", 2500},
                          {"rates", "max-rate=0.4"}, {"next_in", 2}, {"waits_for", "its pace"}}}}};
  const std::string words = subscriptions_in_words(result);
  for (const char* part : {"c@d watches a@b (presence): pending, for another 1 min 1 s\n",
                           "decided by  confirm; view 3\n",
                           "version 7, partial documents, entity-tag 0123456789abcdef, filter -\n",
                           "at least 2.5 s apart, the next in 2 s; rates asked for: max-rate=0.4\n",
                           "waits for   its pace\n", "and 1 more"}) {
    EXPECT_NE(words.find(part), std::string::npos) << part << "\n" << words;
  }
  EXPECT_EQ(subscriptions_in_words({{"aor", "a@b"}, {"watchers", Json::array()}}), "Nobody watches a@b.\n");
}

TEST(Tables, WhatClientsWroteDoesNotReachTheTerminal) {
  const Json result = {{"watchers", {{{"watcher", "a\x1b[2J\x07@b"}}}}, {"watchers_total", 1}};
  EXPECT_NE(watchers_in_words(result).find("a?[2J?@b"), std::string::npos);
}

TEST(Tables, NothingIsSaidInWords) {
  const Json nobody = {{"aor", "a@b"}, {"reason", "giveup"}, {"watchers", Json::array()}};
  EXPECT_EQ(ended_in_words(nobody), "Nobody watches a@b.\n");
  const Json ended = {{"reason", "giveup"}, {"watchers", {{{"watcher", "c@d"}}}}, {"watchers_total", 1}};
  EXPECT_TRUE(ended_in_words(ended).starts_with("Ended as giveup:\n"));
  EXPECT_EQ(watchers_in_words({{"aor", "a@b"}, {"watchers", Json::array()}}), "Nobody watches a@b.\n");
  EXPECT_EQ(watchers_in_words({{"aor", ""}, {"watchers", Json::array()}}), "Nobody watches anybody.\n");
  EXPECT_NE(presentity_in_words({{"aor", "a@b"}, {"presentities", Json::array()}}).find("Nothing is known of a@b"),
            std::string::npos);
}

TEST(Tables, PresentityAndShards) {
  const Json presentity = {
      {"aor", "a@b"},
      {"presentities", {{{"aor", "a@b"}, {"event", "dialog"}, {"version", 7}, {"subscriptions", 2}, {"shard", 1}}}},
      {"publications", {{{"event", "dialog"}, {"etag", "tag1"}, {"expires_in", 9}}}},
      {"bindings", Json::array()}};
  const std::string words = presentity_in_words(presentity);
  EXPECT_NE(words.find("a@b on shard 1\n"), std::string::npos) << words;
  EXPECT_NE(words.find("dialog"), std::string::npos) << words;
  EXPECT_NE(words.find("tag1"), std::string::npos);
  EXPECT_NE(words.find("No bindings."), std::string::npos);

  const Json shards = {{"shards_silent", {2}},
                       {"shards", {{{"shard", 0}, {"quiescing", 1}, {"dataplane", {{"rx_frames", 55}}}}}}};
  EXPECT_NE(shards_in_words(shards).find("stopping"), std::string::npos);
  EXPECT_NE(shards_in_words(shards).find("55"), std::string::npos);
  EXPECT_NE(shards_in_words(shards).find("Not all: shards [2] did not answer"), std::string::npos);
}

TEST(Tables, FloodsShowNetworksAndWhatIsLimited) {
  const Json floods = {
      {"networks", {{{"prefix", "192.0.2.0/24"}, {"datagrams_per_second", 31}}}},
      {"verdicts",
       {{{"prefix", "10.1.2.0/24"}, {"datagrams_per_second", 900}, {"limit_per_second", 7}, {"seconds_left", 42},
         {"dropped_by_ports", 2}}}},
      {"verdicts_made", 3},
      {"port_drops", {{"networks", 1}, {"installed", 5}, {"refused", 4}}}};
  EXPECT_EQ(floods_in_words(floods),
            "Strangers, in the last second\n"
            "NETWORK       DATAGRAMS/S\n"
            "192.0.2.0/24  31\n"
            "\n"
            "Limited now: 1, since start: 3\n"
            "NETWORK      DATAGRAMS/S  LIMIT/S  SECONDS LEFT  PORTS THAT DROP IT\n"
            "10.1.2.0/24  900          7        42            2\n"
            "\n"
            "Dropped by ports now: 1; rules since start: 5, refused by a port: 4\n");
}

}  // namespace
}  // namespace vedette::tools
