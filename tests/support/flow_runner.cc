#include "tests/support/flow_runner.h"

#include <algorithm>
#include <cctype>

#include "tests/support/flow_message.h"
#include "tests/support/flow_rules.h"

namespace vedette::support {
namespace {

std::string shown(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c != '\r') out += c;
  }
  return out;
}

}  // namespace

FlowRunner::FlowRunner(const FlowScript& script, unsigned shards)
    : script_(script), bench_(script.config, shards), shards_(shards) {
  for (const FlowParty& party : script.parties) {
    FlowAgent& agent = agents_.emplace(party.name, FlowAgent(party)).first->second;
    if (party.transport != engine::Transport::kUdp) agent.connect(++connections_);
  }
}

void FlowRunner::run() {
  int caused_at = 0;      // The step whose outcome is waiting.
  for (const FlowStep& step : script_.steps) {
    if (step.kind != FlowStep::Kind::kReceive && step.kind != FlowStep::Kind::kKeeps &&
        step.kind != FlowStep::Kind::kConnect) {
      expect_nothing(caused_at);
      caused_at = step.line;
    }
    take(step);
    give_back_undeliverable();
  }
  expect_nothing(caused_at);
}

void FlowRunner::take(const FlowStep& step) {
  switch (step.kind) {
    case FlowStep::Kind::kSend: {
      FlowAgent& agent = agents_.at(step.party);
      waiting_ = bench_.send_raw(agent.compose(step, placeholders_), agent.flow(), turn_++ % shards_);
      break;
    }
    case FlowStep::Kind::kWait:
      waiting_ = bench_.advance(step.duration);
      break;
    case FlowStep::Kind::kReceive:
      expect_message(step);
      break;
    case FlowStep::Kind::kNothing:
      break;
    case FlowStep::Kind::kConnect:
      agents_.at(step.party).connect(++connections_);
      break;
    case FlowStep::Kind::kClose: {
      FlowAgent& agent = agents_.at(step.party);
      const engine::Flow lost = agent.flow();
      agent.connect(0);
      waiting_ = bench_.lose(lost);
      break;
    }
    case FlowStep::Kind::kEnd:
      waiting_ = bench_.end_watchers(step.aor, step.reason);
      break;
    case FlowStep::Kind::kRules:
      waiting_ = bench_.load_rules(step.aor, rules_document_of(step));
      break;
    case FlowStep::Kind::kHardState: {
      FlowMessage message;
      message.start_line = "PUBLISH sip:" + step.aor + " SIP/2.0";
      message.change(step.details, placeholders_);
      waiting_ = bench_.set_hard_state(step.aor, message.body, step.duration);
      break;
    }
    case FlowStep::Kind::kKeeps:
      if (bench_.subscriptions() != step.subscriptions) {
        throw FlowFault{step.line, "expected " + std::to_string(step.subscriptions) + " subscriptions, got " +
                                       std::to_string(bench_.subscriptions())};
      }
      break;
  }
}

bool FlowRunner::is_open(uint32_t connection) const {
  const auto has_it = [&](const auto& named) { return named.second.flow().connection == connection; };
  return connection != 0 && std::any_of(agents_.begin(), agents_.end(), has_it);
}

// What the control thread does with a message for a connection that is gone: a new one where it may be opened (what
// its receiver is, is_theirs() tells), else a NOTIFY goes back, and an answer is lost.
void FlowRunner::give_back_undeliverable() {
  for (size_t i = 0; i < waiting_.size();) {
    const Sent sent = waiting_[i];
    if (!is_reliable(sent.flow.transport) || sent.flow.may_open || is_open(sent.flow.connection)) {
      ++i;
      continue;
    }
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!sent.text.starts_with("NOTIFY")) continue;
    const std::vector<Sent> caused = bench_.give_back(sent);
    waiting_.insert(waiting_.end(), caused.begin(), caused.end());
  }
}

bool FlowRunner::is_theirs(const FlowAgent& agent, const Sent& sent) const {
  if (is_open(sent.flow.connection)) return sent.flow.connection == agent.flow().connection;
  return sent.flow.remote == agent.flow().remote && sent.flow.transport == agent.flow().transport;
}

void FlowRunner::expect_nothing(int line) const {
  if (waiting_.empty()) return;
  std::string all;
  for (const Sent& sent : waiting_) all += "\n" + shown(sent.text);
  throw FlowFault{line, "expected nothing more, got" + all};
}

// The first message to that party: their order counts, that of messages to different parties does not.
void FlowRunner::expect_message(const FlowStep& step) {
  FlowAgent& agent = agents_.at(step.party);
  const auto found =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Sent& sent) { return is_theirs(agent, sent); });
  if (found == waiting_.end()) {
    std::string got = "nothing";
    for (const Sent& sent : waiting_) got += ", but to another\n" + shown(sent.text);
    throw FlowFault{step.line, "expected " + step.words[0] + " to " + step.party + ", got " + got};
  }
  const std::string bytes = found->text;
  // RFC 3261 §18.1.1: the Via names the transport that a request is sent by; an answer's is the request's.
  const std::string protocol = "SIP/2.0/" + std::string(to_string(found->flow.transport)) + " ";
  if (!joined_header(bytes, "Via").starts_with(protocol)) {
    throw FlowFault{step.line, "expected a Via of " + protocol + ", got\n" + shown(bytes)};
  }
  waiting_.erase(found);
  const std::string before = agent.last_received();
  expect_start(step, bytes);
  agent.receive(bytes, step.line);
  if (step.words[0] == "again" && bytes != before) {
    throw FlowFault{step.line, "expected the same again as\n" + shown(before) + "\ngot\n" + shown(bytes)};
  }
  expect_details(step, bytes);
}

// 200 | 423 | NOTIFY | NOTIFY sip:bob@192.0.2.1 | again
void FlowRunner::expect_start(const FlowStep& step, const std::string& bytes) {
  if (step.words[0] == "again") return;
  std::string pattern = "SIP/2.0 " + step.words[0] + " {*}";
  if (std::isdigit(static_cast<unsigned char>(step.words[0][0])) == 0) {
    pattern = step.words[0] + " " + (step.words.size() > 1 ? step.words[1] : "{*}") + " SIP/2.0";
  } else if (step.words.size() > 1) {
    throw FlowFault{step.line, "a status alone: phrases are for people"};
  }
  const std::string line = bytes.substr(0, bytes.find("\r\n"));
  if (!placeholders_.match(pattern, line, step.line)) {
    throw FlowFault{step.line, "expected " + pattern + ", got\n" + shown(bytes)};
  }
}

void FlowRunner::expect_details(const FlowStep& step, const std::string& bytes) {
  std::vector<std::string> done;
  for (const FlowDetail& detail : step.details) {
    const bool is_not = detail.text.starts_with("not ");
    const std::string text = is_not ? detail.text.substr(4) : detail.text;
    std::string name, value;
    if (!is_not && text.starts_with("body ")) {
      expect_body(detail, bytes);
    } else if (is_not && text.find_first_of(": ") == std::string::npos) {
      expect_header(detail, "{*}", text, bytes, false);
    } else if (!split_header(text, name, value)) {
      throw FlowFault{detail.line, "unknown line of a message that is expected: " + detail.text};
    } else if (is_not) {
      expect_header(detail, value, name, bytes, false);
    } else if (std::find(done.begin(), done.end(), name) == done.end()) {
      // Lines of one name are one list, in order.
      std::string pattern, other_name, other;
      for (const FlowDetail& line : step.details) {
        if (split_header(line.text, other_name, other) && other_name == name) {
          pattern += (pattern.empty() ? "" : ", ") + other;
        }
      }
      expect_header(detail, pattern, name, bytes, true);
      done.push_back(name);
    }
  }
}

void FlowRunner::expect_header(const FlowDetail& detail, const std::string& pattern, const std::string& name,
                               const std::string& bytes, bool is_wanted) {
  bool is_present = false;
  const std::string value = joined_header(bytes, name, &is_present);
  if ((is_present && placeholders_.match(pattern, value, detail.line)) == is_wanted) return;
  throw FlowFault{detail.line, "expected " + detail.text + ", got " + (is_present ? value : "no " + name) + " in\n" +
                                   shown(bytes)};
}

bool FlowRunner::is_in_body(const std::string& text, std::string body, int line) {
  if (text.find("{?") == std::string::npos && text.find("{*}") == std::string::npos) {
    return body.find(placeholders_.fill(text, line)) != std::string::npos;
  }
  // A pattern is one line.
  std::replace(body.begin(), body.end(), '\n', ' ');
  return placeholders_.match("{*}" + text + "{*}", body, line);
}

// body has TEXT | body lacks TEXT | body none
void FlowRunner::expect_body(const FlowDetail& detail, const std::string& bytes) {
  const std::string body = bytes.substr(bytes.find("\r\n\r\n") + 4);
  const std::vector<std::string> words = words_of(detail.text);
  const size_t at = detail.text.find(' ', 5);
  bool holds = body.empty();
  if (words.size() > 2 && (words[1] == "has" || words[1] == "lacks")) {
    holds = is_in_body(detail.text.substr(at + 1), body, detail.line) == (words[1] == "has");
  } else if (words.size() != 2 || words[1] != "none") {
    throw FlowFault{detail.line, "body has TEXT, body lacks TEXT or body none"};
  }
  if (!holds) throw FlowFault{detail.line, "expected " + detail.text + ", got\n" + shown(bytes)};
}

FlowVerdict play_flow(std::string_view text, unsigned shards) {
  try {
    const FlowScript script = parse_flow(text);
    FlowRunner(script, shards).run();
  } catch (const FlowFault& fault) {
    return {false, fault};
  }
  return {};
}

}  // namespace vedette::support
