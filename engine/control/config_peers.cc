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

}  // namespace vedette::control
