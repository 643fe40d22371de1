#include "tests/support/flow_script.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/shard_bench.h"

namespace vedette::support {
namespace {

using engine::Duration;
using engine::EngineConfig;

using Words = std::vector<std::string>;

const std::set<std::string> kPlainSteps = {"wait", "nothing", "keeps", "operator", "rules", "presence"};

uint32_t number_of(const std::string& text, int line) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw FlowFault{line, "not a number: " + text};
  return number;
}

// What `set` may set; durations in whole seconds.
using Setter = std::function<void(EngineConfig&, uint32_t)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = [] {
    std::map<std::string, Setter> table;
    const auto range = [&](const std::string& name, engine::ExpiryRange EngineConfig::*which) {
      const auto bound = [&](const char* part, Duration engine::ExpiryRange::*bound_of) {
        table[name + part] = [=](EngineConfig& c, uint32_t n) { (c.*which).*bound_of = Duration::seconds(n); };
      };
      bound(".min", &engine::ExpiryRange::min);
      bound(".max", &engine::ExpiryRange::max);
      bound(".when_absent", &engine::ExpiryRange::when_absent);
    };
    range("subscription", &EngineConfig::subscription);
    range("publication", &EngineConfig::publication);
    range("registration", &EngineConfig::registration);
    const auto pace = [&](const std::string& name, engine::PackageId package) {
      table["pace." + name] = [=](EngineConfig& c, uint32_t n) {
        c.pace.interval[static_cast<size_t>(package)] = Duration::seconds(n);
      };
    };
    pace("presence", engine::PackageId::kPresence);
    pace("presence_winfo", engine::PackageId::kWatcherInfo);
    pace("dialog", engine::PackageId::kDialog);
    table["pace.interval_max"] = [](EngineConfig& c, uint32_t n) { c.pace.interval_max = Duration::seconds(n); };
    table["pace.unchanged_interval_min"] = [](EngineConfig& c, uint32_t n) {
      c.pace.unchanged_interval_min = Duration::seconds(n);
    };
    const auto limit = [&](const std::string& name, uint32_t engine::Limits::*which) {
      table["limits." + name] = [=](EngineConfig& c, uint32_t n) { c.limits.*which = n; };
    };
    limit("presentities_max", &engine::Limits::presentities_max);
    limit("subscriptions_max", &engine::Limits::subscriptions_max);
    limit("filters_max", &engine::Limits::filters_max);
    limit("publications_max", &engine::Limits::publications_max);
    limit("subscriptions_per_presentity_max", &engine::Limits::subscriptions_per_presentity_max);
    limit("bindings_per_aor_max", &engine::Limits::bindings_per_aor_max);
    limit("subscriptions_per_watcher_max", &engine::Limits::subscriptions_per_watcher_max);
    limit("counted_watchers_max", &engine::Limits::counted_watchers_max);
    limit("filters_per_watcher_max", &engine::Limits::filters_per_watcher_max);
    limit("subscriptions_per_connection_max", &engine::Limits::subscriptions_per_connection_max);
    limit("publications_per_presentity_max", &engine::Limits::publications_per_presentity_max);
    limit("publication_body_bytes_max", &engine::Limits::publication_body_bytes_max);
    limit("hard_states_max", &engine::Limits::hard_states_max);
    limit("rule_sets_max", &engine::Limits::rule_sets_max);
    limit("rule_set_bytes_max", &engine::Limits::rule_set_bytes_max);
    limit("views_max", &engine::Limits::views_max);
    limit("views_per_presentity_max", &engine::Limits::views_per_presentity_max);
    limit("waiting_watchers_max", &engine::Limits::waiting_watchers_max);
    limit("waiting_watchers_per_presentity_max", &engine::Limits::waiting_watchers_per_presentity_max);
    limit("waiting_watchers_per_watcher_max", &engine::Limits::waiting_watchers_per_watcher_max);
    limit("waiting_watcher_seconds", &engine::Limits::waiting_watcher_seconds);
    limit("watcher_changes_max", &engine::Limits::watcher_changes_max);
    limit("watcher_changes_per_presentity_max", &engine::Limits::watcher_changes_per_presentity_max);
    limit("dialog_bytes_max", &engine::Limits::dialog_bytes_max);
    limit("datagram_bytes_max", &engine::Limits::datagram_bytes_max);
    return table;
  }();
  return all;
}

class FlowReader {
 public:
  FlowScript read(std::string_view text) {
    script_.config = bench_config();
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line); ) {
      ++line_;
      while (!line.empty() && line.back() == ' ') line.pop_back();
      const size_t indent = line.find_first_not_of(' ');
      if (indent == std::string::npos || line[0] == '#') continue;
      indent == 0 ? read_line(line) : read_detail(line.substr(indent));
    }
    if (script_.title.empty()) fail("the flow has no title");
    if (script_.rfcs.empty()) fail("the flow cites no RFC");
    if (script_.steps.empty()) fail("the flow has no steps");
    return std::move(script_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw FlowFault{line_, what}; }

  void read_line(const std::string& line) {
    const Words words = words_of(line);
    if (words.size() >= 2 && (words[1] == "->" || words[1] == "<-")) return read_message(words);
    if (words.size() == 2 && (words[1] == "connects" || words[1] == "closes")) return read_connection(words);
    if (kPlainSteps.contains(words[0])) return read_plain_step(words);
    if (!script_.steps.empty()) fail("unknown step, or a heading behind the first step: " + line);
    read_heading(words, line);
  }

  void read_heading(const Words& words, const std::string& line) {
    if (words.size() < 2) fail("a heading without a value: " + line);
    if (words[0] == "title") {
      script_.title = line.substr(line.find(words[1]));
    } else if (words[0] == "rfc") {
      read_citation(words);
    } else if (words[0] == "party") {
      read_party(words);
    } else if (words[0] == "set") {
      const auto found = setters().find(words[1]);
      if (found == setters().end() || words.size() != 3) fail("unknown setting: " + line);
      found->second(script_.config, number_of(words[2], line_));
    } else if (words[0] == "domain") {
      read_domain(words);
    } else if (words[0] == "peer") {
      read_peer(words);
    } else {
      fail("unknown heading: " + words[0]);
    }
  }

  void read_citation(const Words& words) {
    number_of(words[1], line_);
    if (words.size() < 3) fail("which section of RFC " + words[1] + "?");
    for (size_t i = 2; i < words.size(); ++i) {
      if (!words[i].starts_with("§")) fail("not a section: " + words[i]);
    }
    auto& rfcs = script_.rfcs;
    if (std::find(rfcs.begin(), rfcs.end(), words[1]) == rfcs.end()) rfcs.push_back(words[1]);
  }

  void read_party(const Words& words) {
    const bool is_tls = words.size() == 4 && words[3] == "tls";
    const bool is_by_stream = is_tls || (words.size() == 4 && words[3] == "tcp");
    if (words.size() != 3 && !is_by_stream) fail("party NAME ADDRESS[:PORT] [tcp|tls]");
    FlowParty party{words[1], words[2], 5060};
    if (is_by_stream) party.transport = is_tls ? engine::Transport::kTls : engine::Transport::kTcp;
    // One colon: a port. More of them: an IPv6 address.
    if (std::count(party.address.begin(), party.address.end(), ':') == 1) {
      const size_t colon = party.address.find(':');
      party.port = static_cast<uint16_t>(number_of(party.address.substr(colon + 1), line_));
      party.address.resize(colon);
    }
    for (const FlowParty& other : script_.parties) {
      if (other.name == party.name) fail("two parties of one name: " + party.name);
    }
    script_.parties.push_back(party);
  }

  // domain NAME open|asks [domain|authenticated|everyone|owner [busy|state|all]]
  void read_domain(const Words& words) {
    static const std::map<std::string, engine::WatchPolicy> policies = {
        {"domain", engine::WatchPolicy::kDomain}, {"authenticated", engine::WatchPolicy::kAuthenticated},
        {"everyone", engine::WatchPolicy::kEveryone}, {"owner", engine::WatchPolicy::kOwner}};
    static const std::map<std::string, engine::DialogDetails> details = {
        {"busy", engine::DialogDetails::kBusy}, {"state", engine::DialogDetails::kState},
        {"all", engine::DialogDetails::kAll}};
    if (words.size() < 3 || (words[2] != "open" && words[2] != "asks")) fail("domain NAME open|asks [POLICY]");
    engine::Domain domain{.name = words[1], .authenticate = words[2] == "asks"};
    if (words.size() > 3) {
      const auto policy = policies.find(words[3]);
      if (policy == policies.end()) fail("unknown watch policy: " + words[3]);
      domain.watch_policy = policy->second;
    }
    if (words.size() > 4) {
      const auto detail = details.find(words[4]);
      if (detail == details.end()) fail("unknown details of dialogs: " + words[4]);
      domain.dialog_details = detail->second;
    }
    if (!has_domains_) script_.config.domains.clear();
    has_domains_ = true;
    script_.config.domains.push_back(domain);
  }

  void read_peer(const Words& words) {
    engine::Peer peer{.domain = words[1]};
    if (words.size() != 3 || !engine::IpAddress::parse(words[2], peer.v4.address) || !peer.v4.address.is_v4()) {
      fail("peer DOMAIN IPV4-ADDRESS");
    }
    peer.v4.port = 5061;
    engine::Peers& peers = script_.config.peers;
    peers.push_back(peer);
    std::sort(peers.begin(), peers.end(), [](const auto& a, const auto& b) { return a.domain < b.domain; });
  }

  const FlowParty& find_party(const std::string& name) {
    const auto is_named = [&](const FlowParty& party) { return party.name == name; };
    const auto found = std::find_if(script_.parties.begin(), script_.parties.end(), is_named);
    if (found == script_.parties.end()) fail("no such party: " + name);
    return *found;
  }

  void read_connection(const Words& words) {
    if (find_party(words[0]).transport == engine::Transport::kUdp) fail("not by tcp or tls: " + words[0]);
    FlowStep step;
    step.kind = words[1] == "closes" ? FlowStep::Kind::kClose : FlowStep::Kind::kConnect;
    step.line = line_;
    step.party = words[0];
    script_.steps.push_back(step);
  }

  void read_message(const Words& words) {
    find_party(words[0]);
    if (words.size() < 3) fail("which message?");
    FlowStep step;
    step.kind = words[1] == "->" ? FlowStep::Kind::kSend : FlowStep::Kind::kReceive;
    step.line = line_;
    step.party = words[0];
    step.words.assign(words.begin() + 2, words.end());
    script_.steps.push_back(step);
  }

  // wait 10 s | wait 500 ms | nothing | keeps 1 subscription | operator ends alice@example.com deactivated
  void read_plain_step(const Words& words) {
    FlowStep step;
    step.line = line_;
    if (words[0] == "wait") {
      step.kind = FlowStep::Kind::kWait;
      if (words.size() != 3 || (words[2] != "s" && words[2] != "ms")) fail("wait NUMBER s|ms");
      step.duration = Duration::milliseconds(int64_t{number_of(words[1], line_)} * (words[2] == "s" ? 1000 : 1));
    } else if (words[0] == "keeps") {
      step.kind = FlowStep::Kind::kKeeps;
      if (words.size() != 3 || !words[2].starts_with("subscription")) fail("keeps NUMBER subscriptions");
      step.subscriptions = number_of(words[1], line_);
    } else if (words[0] == "operator") {
      step.kind = FlowStep::Kind::kEnd;
      if (words.size() != 4 || words[1] != "ends" || !engine::parse_end_reason(words[3], step.reason)) {
        fail("operator ends AOR REASON");
      }
      step.aor = words[2];
    } else if (words[0] == "rules") {
      step.kind = FlowStep::Kind::kRules;
      if (words.size() != 2) fail("rules AOR");
      step.aor = words[1];
    } else if (words[0] == "presence") {
      step.kind = FlowStep::Kind::kHardState;
      const bool ends = words.size() == 5 && words[2] == "for" && words[4] == "s";
      if (words.size() != 2 && !ends) fail("presence AOR [for NUMBER s]");
      step.aor = words[1];
      if (ends) step.duration = Duration::seconds(number_of(words[3], line_));
    } else if (words.size() != 1) {
      fail("nothing behind 'nothing'");
    }
    script_.steps.push_back(step);
  }

  void read_detail(const std::string& text) {
    if (script_.steps.empty()) fail("a message's line before any message");
    FlowStep& step = script_.steps.back();
    if (step.kind != FlowStep::Kind::kSend && step.kind != FlowStep::Kind::kReceive &&
        step.kind != FlowStep::Kind::kRules && step.kind != FlowStep::Kind::kHardState) {
      fail("a message's line below what is no message");
    }
    step.details.push_back({line_, text});
  }

  FlowScript script_;
  int line_ = 0;
  bool has_domains_ = false;
};

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word; ) {
    while (word.size() > 1 && word.back() == ',') word.pop_back();
    words.push_back(word);
  }
  return words;
}

FlowScript parse_flow(std::string_view text) { return FlowReader().read(text); }

}  // namespace vedette::support
