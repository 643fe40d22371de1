// See port_drops.h. Control thread only.
#include "engine/control/port_drops.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/admission/proven_sources.h"
#include "engine/admission/source_key.h"

namespace vedette::control {
namespace {

using engine::AddressPrefix;
using Kind = engine::ControlMessage::Kind;

// So many times what a shard lets in of a network: nine of ten requests of a stranger there, with the ten
// retransmissions of RFC 3261 §17.1.2.2, find nobody as it is.
constexpr uint64_t kTimesTheLimit = 100;

bool overlap(const AddressPrefix& a, const AddressPrefix& b) {
  return a.contains(b.address) || b.contains(a.address);
}

std::string prefix_in(const ShardRow& row) { return row.text.substr(0, row.text.find('\t')); }

ShardQuestion question_about(const std::vector<std::string>& prefixes) {
  const engine::SourceKeys keys(32, 64);    // They are cut already.
  std::vector<engine::PrefixVerdict> networks;
  for (const std::string& prefix : prefixes) {
    AddressPrefix parsed;
    if (AddressPrefix::parse(prefix, parsed)) networks.push_back({.key = keys.of(parsed.address)});
  }
  const auto* const bytes = reinterpret_cast<const char*>(networks.data());
  auto lent = std::make_shared<const std::string>(bytes, networks.size() * sizeof networks[0]);
  ShardQuestion question;
  question.message.kind = Kind::kCountProven;
  question.message.verdicts = {lent->data(), static_cast<uint32_t>(networks.size())};
  question.lent = std::move(lent);
  return question;
}

}  // namespace

void PortDrops::on_verdicts(SteadyTime now, Floods floods) {
  floods_ = std::move(floods);
  std::erase_if(drops_, [&](const auto& one) {
    if (floods_.contains(one.first)) return false;
    if (one.second.ports > 0) {
      workers_.admit_at_ports(one.second.source);
      log_.info("ports drop nothing of a network any more", {{"prefix", one.first}});
    }
    return true;
  });
  if (is_asking_ || installed_now() >= policy_.port_rules_max) return;
  std::vector<std::string> candidates;
  for (const auto& [prefix, flood] : floods_) {
    if (candidates.size() == engine::ProvenSources::kNetworksMax) break;
    if (is_worth_a_rule(prefix, flood)) candidates.push_back(prefix);
  }
  if (candidates.empty()) return;
  is_asking_ = true;
  queries_.ask(now, question_about(candidates), [this](const ShardAnswer& answer) { on_proven(answer); });
}

// A flood of one source comes to one shard, and strangers who come to the others are served there.
bool PortDrops::is_worth_a_rule(const std::string& prefix, const Flood& flood) const {
  const bool is_hopeless = flood.to_least >= kTimesTheLimit * policy_.limited_per_second;
  if (flood.to_all == 0 || !is_hopeless || drops_.contains(prefix)) return false;
  AddressPrefix network;
  return AddressPrefix::parse(prefix, network) &&
         std::none_of(policy_.never_dropped.begin(), policy_.never_dropped.end(),
                      [&](const AddressPrefix& other) { return overlap(network, other); });
}

void PortDrops::on_proven(const ShardAnswer& answer) {
  is_asking_ = false;
  // Who has not answered may know somebody there.
  if (!answer.silent.empty()) return;
  std::map<std::string, std::pair<unsigned, int64_t>> heard;   // Shards that said how many, and how many.
  for (const ShardRow& row : answer.rows) {
    auto& [shards, proven] = heard[prefix_in(row)];
    ++shards;
    proven += number_in(row, "sources");
  }
  for (const auto& [prefix, what] : heard) {
    const bool is_strange = what.first == workers_.count() && what.second == 0;
    if (is_strange && floods_.contains(prefix) && installed_now() < policy_.port_rules_max) drop(prefix);
  }
}

void PortDrops::drop(const std::string& prefix) {
  Drop made;
  if (!AddressPrefix::parse(prefix, made.source)) return;
  const dataplane::PortRules rules = workers_.drop_at_ports(made.source);
  made.ports = rules.installed;
  installed_ += rules.installed;
  refused_ += rules.refusals.size();
  for (const auto& [port, why] : rules.refusals) {
    if (!unable_.insert(port).second) continue;
    log_.warning("a port drops no network by itself; its workers do", {{"port", port}, {"why", why}});
  }
  if (made.ports > 0) log_.warning("ports drop what comes from a network", {{"prefix", prefix}, {"ports", made.ports}});
  drops_[prefix] = made;
}

unsigned PortDrops::ports_against(const std::string& prefix) const {
  const auto found = drops_.find(prefix);
  return found == drops_.end() ? 0 : found->second.ports;
}

size_t PortDrops::installed_now() const {
  return static_cast<size_t>(
      std::count_if(drops_.begin(), drops_.end(), [](const auto& one) { return one.second.ports > 0; }));
}

nlohmann::ordered_json PortDrops::facts() const {
  return {{"networks", installed_now()}, {"installed", installed_}, {"refused", refused_}};
}

}  // namespace vedette::control
