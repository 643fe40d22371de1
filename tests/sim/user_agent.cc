#include "tests/sim/user_agent.h"

#include <algorithm>

namespace vedette::sim {

using engine::Duration;
using parsers::HeaderId;
using parsers::Method;

namespace {

// RFC 3261 §17.1.2.2.
constexpr Duration kT1 = Duration::milliseconds(500);
constexpr Duration kT2 = Duration::seconds(4);
constexpr Duration kTimerF = Duration::seconds(32);
constexpr unsigned kChallengesMax = 4;
constexpr size_t kRepliesKept = 64;

std::string_view reason_phrase(unsigned status) { return status == 200 ? "OK" : "Said The Simulation"; }

}  // namespace

UserAgent::UserAgent(Stage& stage, engine::Endpoint own, Account account, Random random)
    : stage_(stage),
      own_(own),
      account_(account),
      random_(random),
      digest_(std::move(account), random.fork("digest")),
      next_cseq_(static_cast<uint32_t>(random.below(1000)) + 1) {
  dialect_.compact = random_.chance(0.2);
  dialect_.rport = random_.chance(0.8);
  dialect_.pads = random_.chance(0.2);
  dialect_.omits_content_length = random_.chance(0.3);
  stage.network.attach(own, *this);
}

void UserAgent::send_request(RequestPlan plan, OnAnswer on_answer) {
  start({.plan = std::move(plan), .on_answer = std::move(on_answer)});
}

void UserAgent::start(Transaction transaction) {
  const std::string branch = "z9hG4bK" + random_.hex();
  transaction.with_credentials = digest_.has_challenge();
  transaction.bytes = write(transaction, branch);
  transaction.interval = kT1;
  transaction.ends_at = stage_.now() + kTimerF;
  last_request_ = transaction.bytes;
  send(transaction.bytes);
  // As if a proxy had forked it: the same request once more, on a branch of its own.
  if (random_.chance(stage_.preset.fork_chance)) {
    const std::string other = "z9hG4bK" + random_.hex();
    std::string copy = transaction.bytes;
    send(copy.replace(copy.find(branch), branch.size(), other));
    forks_[other] = branch;
    transaction.is_forked = true;
  }
  transactions_.emplace(branch, std::move(transaction));
  retransmit_later(branch, kT1);
}

void UserAgent::repeat_last_request() {
  if (!last_request_.empty()) send(last_request_);
}

void UserAgent::crash() {
  transactions_.clear();
  forks_.clear();
  replies_.clear();
  digest_.forget();
}

void UserAgent::retransmit_later(const std::string& branch, Duration delay) {
  stage_.clock.after(delay, [this, branch] { on_timer(branch); });
}

// Timers E and F.
void UserAgent::on_timer(const std::string& branch) {
  const auto found = transactions_.find(branch);
  if (found == transactions_.end()) return;
  Transaction& transaction = found->second;
  if (stage_.now() >= transaction.ends_at) {
    const OnAnswer on_answer = std::move(transaction.on_answer);
    transactions_.erase(found);
    on_answer({});
    return;
  }
  send(transaction.bytes);
  transaction.interval = transaction.proceeding ? kT2 : std::min(transaction.interval * 2, kT2);
  retransmit_later(branch, std::min(transaction.interval, transaction.ends_at - stage_.now()));
}

void UserAgent::on_packet(const Packet& packet) {
  Facts facts;
  if (!read_facts(packet.bytes, facts)) return;
  if (facts.is_request()) {
    on_request(facts, packet);
  } else {
    on_response(facts);
  }
}

void UserAgent::on_response(const Facts& response) {
  const auto fork = forks_.find(response.branch);
  const auto found = transactions_.find(fork == forks_.end() ? response.branch : std::string_view(fork->second));
  // RFC 3261 §17.1.3: branch and CSeq method.
  if (found == transactions_.end() || parsers::to_string(response.method) != found->second.plan.method) return;
  // RFC 3261 §16.7 step 6: of the answers to a fork the best is the client's, and the first copy's is better than
  // these: that a copy is merged, or, where the server has forgotten the first one's transaction, out of order.
  if ((response.status() == 482 || response.status() == 500) && found->second.is_forked) return;
  if (response.status() < 200) {
    found->second.proceeding = true;
    return;
  }
  Transaction transaction = std::move(found->second);
  transactions_.erase(found);
  if (response.status() == 401 && transaction.challenges < kChallengesMax && digest_.take_challenge(response.message)) {
    // RFC 7616 §3.3: a stale nonce says nothing against the password; without it one try is all.
    if (!transaction.with_credentials || digest_.was_stale() || transaction.challenges == 0) {
      start({.plan = std::move(transaction.plan),
             .on_answer = std::move(transaction.on_answer),
             .challenges = transaction.challenges + 1});
      return;
    }
  }
  transaction.on_answer({response.status(), &response});
}

void UserAgent::on_request(const Facts& request, const Packet& packet) {
  if (request.method == Method::kAck) return;
  const std::string branch(request.branch);
  if (const auto before = replies_.find(branch); before != replies_.end()) {
    stage_.network.send({.from = own_, .to = packet.from, .bytes = before->second});
    return;
  }
  Reply reply = {.status = 405, .headers = "Allow: NOTIFY\r\n"};
  if (handler_ != nullptr) reply = handler_->on_request(request);
  if (reply.silent) return;
  if (replies_.size() >= kRepliesKept) replies_.clear();
  const std::string bytes = write_reply(request, reply);
  if (reply.delay > Duration()) {
    stage_.clock.after(reply.delay, [this, to = packet.from, bytes] {
      stage_.network.send({.from = own_, .to = to, .bytes = bytes});
    });
    return;
  }
  replies_[branch] = bytes;
  stage_.network.send({.from = own_, .to = packet.from, .bytes = bytes});
}

void UserAgent::send(std::string bytes) {
  stage_.network.send({.from = own_, .to = stage_.server_for(own_), .bytes = std::move(bytes)});
}

std::string UserAgent::write(const Transaction& transaction, const std::string& branch) {
  const RequestPlan& plan = transaction.plan;
  const auto name = [this](std::string_view full, std::string_view compact) {
    return std::string(dialect_.compact ? compact : full) + (dialect_.pads ? " :  " : ": ");
  };
  std::string text = dialect_.pads ? "\r\n" : "";
  text += plan.method + " " + plan.uri + " SIP/2.0\r\n";
  text += name("Via", "v") + "SIP/2.0/UDP " + to_text(own_) + ";branch=" + branch +
          (dialect_.rport ? ";rport\r\n" : "\r\n");
  text += name("From", "f") + plan.from + "\r\n" + name("To", "t") + plan.to + "\r\n";
  text += name("Call-ID", "i") + plan.call_id + "\r\n";
  text += "CSeq: " + std::to_string(plan.cseq != 0 ? plan.cseq : next_cseq_++) + " " + plan.method +
          "\r\nMax-Forwards: 70\r\n" + plan.headers;
  if (transaction.with_credentials) text += digest_.authorize(plan.method, plan.uri);
  if (!plan.body.empty() || !dialect_.omits_content_length) {
    text += name("Content-Length", "l") + std::to_string(plan.body.size()) + "\r\n";
  }
  return text + "\r\n" + plan.body;
}

// RFC 3261 §8.2.6.
std::string UserAgent::write_reply(const Facts& request, const Reply& reply) {
  std::string text =
      "SIP/2.0 " + std::to_string(reply.status) + " " + std::string(reason_phrase(reply.status)) + "\r\n";
  const parsers::HeaderField* via = request.message.find(HeaderId::kVia);
  for (; via != nullptr; via = request.message.find_next(*via)) {
    text += "Via: " + std::string(request.message.value(*via)) + "\r\n";
  }
  text += "From: " + std::string(request.value(HeaderId::kFrom)) + "\r\n";
  text += "To: " + std::string(request.value(HeaderId::kTo)) +
          (request.to_tag.empty() ? ";tag=" + random_.hex() : "") + "\r\n";
  text += "Call-ID: " + std::string(request.call_id) + "\r\n";
  text += "CSeq: " + std::string(request.value(HeaderId::kCSeq)) + "\r\n" + reply.headers;
  return text + "Content-Length: 0\r\n\r\n";
}

}  // namespace vedette::sim
