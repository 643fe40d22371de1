// A SIP element on the simulated network, with a transaction layer of its own that shares nothing with the
// engine's: RFC 3261 §17.1.2 (client, non-INVITE, UDP) and §17.2.2 (server). Digest challenges are answered here.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/sim/digest_client.h"
#include "tests/sim/facts.h"
#include "tests/sim/stage.h"

namespace vedette::sim {

// How an agent writes: real clients differ.
struct Dialect {
  bool compact = false;                  // Compact header names.
  bool rport = true;
  bool pads = false;                     // White space before values, empty lines before requests.
  bool omits_content_length = false;     // On requests without a body.
};

struct RequestPlan {
  std::string method;
  std::string uri;
  std::string from;                      // Whole header values, with their tags.
  std::string to;
  std::string call_id;
  std::string headers;                   // Further lines, each with its line end.
  std::string body;
  uint32_t cseq = 0;                     // 0: the next one.
};

// A final answer, or 408 without a message when none came (Timer F).
struct Answer {
  unsigned status = 408;
  const Facts* facts = nullptr;
};
using OnAnswer = std::function<void(const Answer&)>;

// What a user agent says to a request.
struct Reply {
  unsigned status = 200;
  std::string headers;
  bool silent = false;
  engine::Duration delay = {};           // It is said that much later.
};

class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual Reply on_request(const Facts& request) = 0;
};

class UserAgent : public Receiver {
 public:
  UserAgent(Stage& stage, engine::Endpoint own, Account account, Random random);

  void handle_requests(RequestHandler& handler) { handler_ = &handler; }
  // Sends it, again after a challenge, and says in the end what came of it.
  void send_request(RequestPlan plan, OnAnswer on_answer);
  // Sends its latest request once more, as a confused client would.
  void repeat_last_request();
  // All is forgotten: transactions, challenges, what was answered.
  void crash();
  void on_packet(const Packet& packet) override;

  Stage& stage() { return stage_; }
  Random& random() { return random_; }
  const Account& account() const { return account_; }
  const engine::Endpoint& own() const { return own_; }
  std::string contact_uri() const { return "sip:" + account_.user + "@" + to_text(own_); }
  // The last whole request that was sent; for those who replay it.
  const std::string& last_request() const { return last_request_; }

 private:
  struct Transaction {
    RequestPlan plan;
    OnAnswer on_answer;
    std::string bytes;
    engine::Duration interval;
    engine::Instant ends_at;
    bool proceeding = false;
    bool is_forked = false;
    bool with_credentials = false;
    unsigned challenges = 0;
  };

  void start(Transaction transaction);
  void retransmit_later(const std::string& branch, engine::Duration delay);
  void on_timer(const std::string& branch);
  void on_response(const Facts& response);
  void on_request(const Facts& request, const Packet& packet);
  std::string write(const Transaction& transaction, const std::string& branch);
  std::string write_reply(const Facts& request, const Reply& reply);
  void send(std::string bytes);

  Stage& stage_;
  engine::Endpoint own_;
  Account account_;
  Random random_;
  DigestClient digest_;
  Dialect dialect_;
  RequestHandler* handler_ = nullptr;
  uint32_t next_cseq_;
  std::map<std::string, Transaction, std::less<>> transactions_;     // By branch.
  std::map<std::string, std::string, std::less<>> forks_;            // Branch of a copy -> that of its request.
  std::map<std::string, std::string> replies_;                       // Branch of a request -> what was said.
  std::string last_request_;
};

}  // namespace vedette::sim
