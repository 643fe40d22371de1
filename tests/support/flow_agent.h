// A party of a call flow: a user agent (or proxy) that knows of SIP what the flow's lines leave unsaid: branches,
// sequence numbers, its dialogs (RFC 3261 §12.2.1.1), which NOTIFY it has not answered yet. It holds what it receives
// to what every message must have (RFC 3261 §8.1.1, §8.2.6.2; RFC 6665 §4.2.2), so that no flow need repeat it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow.h"
#include "tests/support/flow_message.h"
#include "tests/support/flow_pattern.h"
#include "tests/support/flow_script.h"

namespace vedette::support {

class FlowAgent {
 public:
  explicit FlowAgent(const FlowParty& party);

  const engine::Flow& flow() const { return flow_; }
  // Parties by `tcp` or `tls`: the connection that they have from now on; 0: none.
  void connect(uint32_t connection) { flow_.connection = connection; }
  // The bytes that a `->` step sends.
  std::string compose(const FlowStep& step, const Placeholders& placeholders);
  // Throws FlowFault when the message breaks a law that holds for all.
  void receive(const std::string& bytes, int line);
  const std::string& last_received() const { return last_received_; }

 private:
  struct Dialog {
    std::string remote_tag, remote_target, remote_uri;
    std::string notify;     // The last one.
  };
  using DialogKey = std::pair<std::string, std::string>;    // Call-ID and our tag.

  FlowMessage compose_request(const FlowStep& step, const Placeholders& placeholders);
  FlowMessage compose_response(const FlowStep& step, const Placeholders& placeholders);
  void put_into_dialog(FlowMessage& message, int line);
  void receive_response(const std::string& bytes, int line);
  void receive_notify(const std::string& bytes, int line);
  void demand_valid_body(const std::string& bytes, int line) const;

  std::string name_, host_;
  engine::Flow flow_;
  unsigned branches_ = 0;
  std::map<std::string, uint32_t> cseqs_;       // By Call-ID.
  std::map<DialogKey, Dialog> dialogs_;
  std::vector<std::string> requests_;           // All that were sent.
  std::deque<std::string> unanswered_;          // NOTIFYs.
  std::string last_sent_, last_received_;
};

}  // namespace vedette::support
