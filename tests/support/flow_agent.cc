#include "tests/support/flow_agent.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "parsers/message.h"
#include "tests/support/presence_schema.h"
#include "tests/support/shard_bench.h"

namespace vedette::support {
namespace {

std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" \r")); }

std::string uri_of(const std::string& address) {
  const size_t open = address.find('<');
  if (open == std::string::npos) return address.substr(0, address.find(';'));
  return address.substr(open + 1, address.find('>') - open - 1);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void demand(bool holds, int line, const std::string& law, const std::string& bytes) {
  if (!holds) throw FlowFault{line, law + "; it was\n" + bytes};
}

// RFC 3261 §8.1.1, §8.2.6: what every message has, once.
void demand_form(const std::string& bytes, int line) {
  parsers::Message message;
  demand(parsers::parse_message(bytes, message) == parsers::ParseError::kOk, line, "a message that parses", bytes);
  for (const char* name : {"From", "To", "Call-ID", "CSeq", "Content-Length"}) {
    bool is_present = false;
    const std::string value = joined_header(bytes, name, &is_present);
    demand(is_present && value.find(", ") == std::string::npos, line, std::string("one ") + name, bytes);
  }
  const size_t body = bytes.size() - bytes.find("\r\n\r\n") - 4;
  demand(joined_header(bytes, "Content-Length") == std::to_string(body), line, "Content-Length that is true", bytes);
  demand((body > 0) == !joined_header(bytes, "Content-Type").empty(), line, "Content-Type with a body alone", bytes);
}

}  // namespace

FlowAgent::FlowAgent(const FlowParty& party)
    : name_(party.name), host_(party.address), flow_(bench_flow(party.address, party.port)) {
  if (host_.find(':') != std::string::npos) host_ = "[" + host_ + "]";
  if (party.port != 5060) host_ += ":" + std::to_string(party.port);
  flow_.transport = party.transport;
}

std::string FlowAgent::compose(const FlowStep& step, const Placeholders& placeholders) {
  if (step.words[0] == "again") {
    if (last_sent_.empty()) throw FlowFault{step.line, name_ + " has sent nothing yet"};
    return last_sent_;
  }
  const bool is_response = std::isdigit(static_cast<unsigned char>(step.words[0][0])) != 0;
  last_sent_ = (is_response ? compose_response(step, placeholders) : compose_request(step, placeholders)).bytes();
  if (!is_response) requests_.push_back(last_sent_);
  return last_sent_;
}

FlowMessage FlowAgent::compose_request(const FlowStep& step, const Placeholders& placeholders) {
  const std::string& method = step.words[0];
  const bool is_in_dialog = step.words.size() == 3 && step.words[1] == "in" && step.words[2] == "dialog";
  if (step.words.size() != 2 && !is_in_dialog) {
    throw FlowFault{step.line, "METHOD URI, or METHOD in dialog"};
  }
  const std::string uri = is_in_dialog ? "" : placeholders.fill(step.words[1], step.line);
  FlowMessage message;
  message.start_line = method + " " + uri + " SIP/2.0";
  message.headers = {
      {"Via", "SIP/2.0/" + std::string(to_string(flow_.transport)) + " " + host_ + ";branch=z9hG4bK" + name_ +
                  std::to_string(++branches_)},
      {"Max-Forwards", "70"},
      {"From", "<sip:" + name_ + "@example.com>;tag=" + name_},
      {"To", "<" + uri.substr(0, uri.find(';')) + ">"},
      {"Call-ID", name_ + "-" + lower(method) + "@" + host_},
      {"CSeq", ""}};
  if (method == "SUBSCRIBE" || method == "REGISTER") {
    const bool is_udp = flow_.transport == engine::Transport::kUdp;
    const std::string transport = is_udp ? "" : ";transport=" + lower(std::string(to_string(flow_.transport)));
    message.headers.emplace_back("Contact", "<sip:" + name_ + "@" + host_ + transport + ">");
  }
  if (method == "SUBSCRIBE" || method == "PUBLISH") message.headers.emplace_back("Event", "presence");
  message.change(step.details, placeholders);
  if (is_in_dialog) put_into_dialog(message, step.line);
  for (auto& [name, value] : message.headers) {
    uint32_t& cseq = cseqs_[message.value("Call-ID")];
    if (!same_name(name, "CSeq")) continue;
    if (value.empty()) value = std::to_string(cseq + 1) + " " + method;
    cseq = static_cast<uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
  }
  return message;
}

// RFC 3261 §12.2.1.1; the route set is left out, for a proxy would have taken its Route away.
void FlowAgent::put_into_dialog(FlowMessage& message, int line) {
  const auto found = dialogs_.find({message.value("Call-ID"), parameter_of(message.value("From"), "tag")});
  if (found == dialogs_.end()) throw FlowFault{line, name_ + " has no such dialog"};
  const Dialog& dialog = found->second;
  const size_t space = message.start_line.find(' ');
  message.start_line.replace(space, 1, " " + dialog.remote_target);
  for (auto& [name, value] : message.headers) {
    if (same_name(name, "To") && value == "<>") value = "<" + dialog.remote_uri + ">;tag=" + dialog.remote_tag;
  }
}

FlowMessage FlowAgent::compose_response(const FlowStep& step, const Placeholders& placeholders) {
  if (unanswered_.empty()) throw FlowFault{step.line, name_ + " has no NOTIFY to answer"};
  FlowMessage message;
  message.start_line = "SIP/2.0";
  for (const std::string& word : step.words) message.start_line += " " + word;
  if (step.words.size() == 1) message.start_line += " Answer";
  for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    message.headers.emplace_back(name, joined_header(unanswered_.front(), name));
  }
  message.change(step.details, placeholders);
  if (step.words[0][0] != '1') unanswered_.pop_front();
  return message;
}

void FlowAgent::receive(const std::string& bytes, int line) {
  demand_form(bytes, line);
  first_word(bytes) == "SIP/2.0" ? receive_response(bytes, line) : receive_notify(bytes, line);
  last_received_ = bytes;
}

// RFC 3261 §8.2.6.2: a response repeats its request's From, Call-ID, CSeq and Via, and To but for the tag.
void FlowAgent::receive_response(const std::string& bytes, int line) {
  const std::string branch = parameter_of(joined_header(bytes, "Via"), "branch");
  const auto is_asked = [&](const std::string& request) {
    return parameter_of(joined_header(request, "Via"), "branch") == branch &&
           joined_header(request, "CSeq") == joined_header(bytes, "CSeq");
  };
  const auto request = std::find_if(requests_.rbegin(), requests_.rend(), is_asked);
  demand(request != requests_.rend(), line, name_ + " asked for no such response", bytes);
  for (const char* name : {"From", "Call-ID"}) {
    const std::string asked = joined_header(*request, name);
    demand(asked.empty() || asked == joined_header(bytes, name), line, std::string("the request's ") + name, bytes);
  }
  const std::string asked = joined_header(*request, "To"), to = joined_header(bytes, "To");
  const bool had_tag = !parameter_of(asked, "tag").empty();
  demand(had_tag ? to == asked : to.starts_with(asked), line, "the request's To", bytes);
  demand(!parameter_of(to, "tag").empty(), line, "a tag in To", bytes);
  if (bytes[8] != '2' || first_word(*request) != "SUBSCRIBE") return;
  Dialog& dialog = dialogs_[{joined_header(bytes, "Call-ID"), parameter_of(joined_header(bytes, "From"), "tag")}];
  dialog.remote_tag = parameter_of(to, "tag");
  dialog.remote_uri = uri_of(to);
  dialog.remote_target = uri_of(joined_header(bytes, "Contact"));
  demand(!dialog.remote_target.empty(), line, "a Contact in a 2xx to SUBSCRIBE", bytes);
  demand(!joined_header(bytes, "Expires").empty(), line, "Expires in a 2xx to SUBSCRIBE", bytes);
}

// What has a schema in tests/rfc/schemas is valid by it.
void FlowAgent::demand_valid_body(const std::string& bytes, int line) const {
  static const std::set<std::string> kTypes = {"application/pidf+xml", "application/pidf-diff+xml",
                                               "application/watcherinfo+xml"};
  if (!kTypes.contains(joined_header(bytes, "Content-Type"))) return;
  const std::string fault = presence_schema_fault(bytes.substr(bytes.find("\r\n\r\n") + 4));
  demand(fault.empty(), line, "a valid body (" + fault + ")", bytes);
}

void FlowAgent::receive_notify(const std::string& bytes, int line) {
  demand(first_word(bytes) == "NOTIFY", line, "no other request than NOTIFY", bytes);
  for (const char* name : {"Via", "Max-Forwards", "Contact", "Event", "Subscription-State"}) {
    demand(!joined_header(bytes, name).empty(), line, std::string(name) + " in a NOTIFY", bytes);
  }
  demand(parameter_of(joined_header(bytes, "Via"), "branch").starts_with("z9hG4bK"), line, "a branch", bytes);
  const std::string ours = parameter_of(joined_header(bytes, "To"), "tag");
  const std::string theirs = parameter_of(joined_header(bytes, "From"), "tag");
  // RFC 3261 §12.1.1: a tag that was not there stays away.
  const auto is_tagless = [&](const std::string& request) {
    return joined_header(request, "Call-ID") == joined_header(bytes, "Call-ID") &&
           parameter_of(joined_header(request, "From"), "tag").empty();
  };
  const bool had_no_tag = std::any_of(requests_.begin(), requests_.end(), is_tagless);
  demand(ours.empty() == had_no_tag && !theirs.empty(), line, "both tags in a NOTIFY", bytes);
  Dialog& dialog = dialogs_[{joined_header(bytes, "Call-ID"), ours}];
  // RFC 3261 §12.2.1.1: sequence numbers strictly grow; only a retransmission, the same in each byte, has the same.
  const uint64_t cseq = std::strtoull(joined_header(bytes, "CSeq").c_str(), nullptr, 10);
  const bool is_resent = dialog.notify == bytes;
  const bool is_first = parameter_of(joined_header(dialog.notify, "From"), "tag") != theirs;
  const std::string before = joined_header(dialog.notify, "CSeq");
  demand(is_resent || is_first || cseq > std::strtoull(before.c_str(), nullptr, 10), line, "a CSeq that grows", bytes);
  dialog.notify = bytes;
  dialog.remote_tag = theirs;
  dialog.remote_uri = uri_of(joined_header(bytes, "From"));
  dialog.remote_target = uri_of(joined_header(bytes, "Contact"));
  if (!is_resent) unanswered_.push_back(bytes);
  demand_valid_body(bytes, line);
}

}  // namespace vedette::support
