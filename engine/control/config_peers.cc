// [[peer]]: domains elsewhere that there is an understanding with. Control thread, at start only.
#include <algorithm>
#include <map>
#include <string>

#include "engine/control/config_reader.h"
#include "engine/control/host_name.h"

namespace vedette::control {
namespace {

using engine::Endpoint;
using engine::Peer;

void read_addresses(TableReader& table, Peer& out) {
  std::vector<std::string> texts;
  table.read_texts("addresses", texts);
  for (const std::string& text : texts) {
    Endpoint endpoint;
    if (!parse_endpoint(text, kTlsPort, endpoint)) {
      table.add("addresses", "holds \"" + text + R"(", which is no address; give it as in "192.0.2.9", )" +
                                 R"("192.0.2.9:5071" or "[2001:db8::9]:5071")");
      continue;
    }
    Endpoint& place = endpoint.address.is_v4() ? out.v4 : out.v6;
    if (place.port != 0) table.add("addresses", "has two of one kind; give one IPv4 and one IPv6 address at most");
    place = endpoint;
  }
}

void read_asserts(TableReader& table, Peer& out) {
  std::vector<std::string> names;
  table.read_texts("asserts", names);
  for (const std::string& name : names) {
    out.asserts.push_back(lower_case(name));
    if (is_host_name(out.asserts.back())) continue;
    table.add("asserts", "holds \"" + name + R"(", which is no domain name; give it as in "example.org")");
  }
}

void read_sources(TableReader& table, Peer& out) {
  std::vector<std::string> texts;
  table.read_texts("sources", texts);
  for (const std::string& text : texts) {
    if (engine::AddressPrefix::parse(text, out.sources.emplace_back())) continue;
    table.add("sources", "holds \"" + text + R"(", which is no prefix; give it as in "192.0.2.0/28")");
  }
}

bool read_name(TableReader& table, std::string& out) {
  std::string text;
  if (!table.read_text("domain", text)) {
    if (table.find("domain") == nullptr) {
      table.add("domain", R"(is missing; give the name that its certificates are for, as in domain = "example.org")");
    }
    return false;
  }
  out = lower_case(text);
  if (is_host_name(out)) return true;
  table.add("domain", "is \"" + text + R"(", which is no domain name; give it as in "example.org")");
  return false;
}

}  // namespace

void read_peers(TableReader& top, engine::Peers& out) {
  std::map<std::string, uint32_t> lines;
  for (TableReader& table : top.read_tables("peer")) {
    Peer peer;
    const bool is_named = read_name(table, peer.domain);
    read_addresses(table, peer);
    read_asserts(table, peer);
    read_sources(table, peer);
    engine::IdentityPolicy identity{};
    if (read_identity_policy(table, "identity", identity)) peer.identity = identity;
    table.finish();
    if (!is_named) continue;
    const auto [first, is_new] = lines.emplace(peer.domain, table.line_of("domain"));
    if (!is_new) {
      table.add("domain", "\"" + peer.domain + "\" stands already in line " + std::to_string(first->second) +
                              "; remove one of the two");
    } else if (out.size() == engine::kPeersMax) {
      table.add("domain", "is one too many; at most " + std::to_string(engine::kPeersMax) + " peers are possible");
    } else {
      out.push_back(std::move(peer));
    }
  }
  std::sort(out.begin(), out.end(), [](const Peer& a, const Peer& b) { return a.domain < b.domain; });
}

void read_refused_peers(TableReader& table, const engine::Peers& peers, engine::Domain& out) {
  std::vector<std::string> allowed, denied;
  const bool is_list = table.read_texts("peers", allowed) && allowed != std::vector<std::string>{"all"};
  table.read_texts("peers_denied", denied);
  if (!is_list && denied.empty()) return;
  out.refused_peers.assign(peers.size() + 1, is_list);
  out.refused_peers[engine::kNoPeer] = false;   // Those who are nobody's are asked who they are.
  const auto set = [&](const char* key, const std::string& peer, bool is_refused) {
    const uint16_t place = engine::find_peer(peers, peer);
    if (place != engine::kNoPeer) {
      out.refused_peers[place] = is_refused;
    } else {
      table.add(key, "names \"" + peer + "\", which is no [[peer]]; add it, or leave it out");
    }
  };
  if (is_list) {
    for (const std::string& peer : allowed) set("peers", peer, false);
  }
  for (const std::string& peer : denied) set("peers_denied", peer, true);
}

}  // namespace vedette::control
