#include "engine/peer.h"

#include <algorithm>

namespace vedette::engine {
namespace {

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

uint16_t find_peer(const Peers& peers, std::string_view domain) {
  const auto is_before = [](const Peer& peer, std::string_view wanted) {
    return std::lexicographical_compare(peer.domain.begin(), peer.domain.end(), wanted.begin(), wanted.end(),
                                        [](char ours, char given) { return to_lower(ours) < to_lower(given); });
  };
  const auto at = std::lower_bound(peers.begin(), peers.end(), domain, is_before);
  const bool is_it = at != peers.end() && std::equal(domain.begin(), domain.end(), at->domain.begin(), at->domain.end(),
                                                     [](char given, char ours) { return to_lower(given) == ours; });
  return is_it ? static_cast<uint16_t>(at - peers.begin() + 1) : kNoPeer;
}

uint16_t find_sender(const Peers& peers, const Flow& flow) {
  if (flow.peer != kNoPeer) return flow.peer;
  for (size_t i = 0; i < peers.size(); ++i) {
    const auto& sources = peers[i].sources;
    const auto has_it = [&](const AddressPrefix& prefix) { return prefix.contains(flow.remote.address); };
    if (std::any_of(sources.begin(), sources.end(), has_it)) return static_cast<uint16_t>(i + 1);
  }
  return kNoPeer;
}

}  // namespace vedette::engine
