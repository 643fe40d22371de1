// See flood_watch.h. Control thread only.
#include "engine/control/flood_watch.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "engine/admission/prefix_verdicts.h"
#include "engine/admission/source_key.h"

namespace vedette::control {
namespace {

using engine::PrefixVerdicts;
using Kind = engine::ControlMessage::Kind;
using Json = nlohmann::ordered_json;

constexpr size_t kShownMax = 32;

std::string prefix_in(const ShardRow& row) { return row.text.substr(0, row.text.find('\t')); }

// Heaviest first.
template <typename Map, typename Rate>
std::vector<typename Map::const_iterator> by_rate(const Map& map, Rate rate) {
  std::vector<typename Map::const_iterator> all;
  for (auto at = map.begin(); at != map.end(); ++at) all.push_back(at);
  std::sort(all.begin(), all.end(), [&](auto a, auto b) { return rate(a) > rate(b); });
  return all;
}

}  // namespace

void FloodWatch::on_turn(SteadyTime now) {
  now_ = now;
  if (is_asking_ || policy_.strangers_per_second == 0 || now - asked_ < kInterval) return;
  is_asking_ = true;
  asked_ = now;
  const ShardQuestion question{.message = {.kind = Kind::kListPrefixes}};
  queries_.ask(now, question, [this](const ShardAnswer& answer) { on_report(answer); });
}

void FloodWatch::on_report(const ShardAnswer& answer) {
  is_asking_ = false;
  networks_.clear();
  to_shards_.clear();
  for (const ShardRow& row : answer.rows) {
    const int64_t over_ms = number_in(row, "over_ms");
    if (over_ms <= 0) continue;
    const auto per_second = static_cast<uint64_t>(number_in(row, "datagrams") * 1'000 / over_ms);
    networks_[prefix_in(row)] += per_second;
    to_shards_[prefix_in(row)].push_back(per_second);
  }
  bool is_changed = false;
  for (const auto& [prefix, per_second] : networks_) {
    if (per_second >= policy_.strangers_per_second) is_changed |= condemn(prefix, per_second);
  }
  is_changed |= std::erase_if(verdicts_, [&](const auto& one) {
    if (one.second.until > now_) return false;
    log_.info("a network may send as others do again", {{"prefix", one.first}});
    return true;
  }) > 0;
  if (is_changed) tell_shards();
  tell_ports();
}

void FloodWatch::tell_ports() {
  PortDrops::Floods floods;
  for (const auto& [prefix, verdict] : verdicts_) {
    PortDrops::Flood& flood = floods[prefix];
    const auto found = to_shards_.find(prefix);
    if (found == to_shards_.end()) continue;
    flood.to_all = networks_.at(prefix);
    // What a shard says nothing of is little there.
    const bool is_everywhere = found->second.size() == drops_.shards();
    flood.to_least = is_everywhere ? *std::min_element(found->second.begin(), found->second.end()) : 0;
  }
  drops_.on_verdicts(now_, std::move(floods));
}

bool FloodWatch::condemn(const std::string& prefix, uint64_t per_second) {
  const SteadyTime until = now_ + std::chrono::seconds(policy_.verdict_seconds);
  const auto found = verdicts_.find(prefix);
  if (found != verdicts_.end()) {
    found->second = {per_second, until};
    return false;
  }
  if (verdicts_.size() >= PrefixVerdicts::kMax) {
    // The one that sends least makes room, if it is that one.
    const auto least = std::min_element(verdicts_.begin(), verdicts_.end(), [](const auto& a, const auto& b) {
      return a.second.per_second < b.second.per_second;
    });
    if (least->second.per_second >= per_second) return false;
    verdicts_.erase(least);
  }
  verdicts_[prefix] = {per_second, until};
  ++verdicts_made_;
  log_.warning("strangers from a network send too much and are limited", {{"prefix", prefix},
                                                                          {"datagrams_per_second", per_second}});
  return true;
}

void FloodWatch::tell_shards() {
  const engine::SourceKeys keys(32, 64);    // They are cut already.
  std::vector<engine::PrefixVerdict> verdicts;
  for (const auto& [prefix, verdict] : verdicts_) {
    engine::AddressPrefix parsed;
    if (!engine::AddressPrefix::parse(prefix, parsed)) continue;
    verdicts.push_back({keys.of(parsed.address), policy_.limited_per_second});
  }
  auto bytes = std::make_shared<std::string>(verdicts.size() * sizeof(engine::PrefixVerdict), '\0');
  if (!verdicts.empty()) std::memcpy(bytes->data(), verdicts.data(), bytes->size());
  ShardQuestion question;
  question.message.kind = Kind::kVerdicts;
  question.message.verdicts = {bytes->data(), static_cast<uint32_t>(verdicts.size())};
  question.lent = std::move(bytes);
  queries_.ask(now_, question, [this](const ShardAnswer& answer) {
    for (const unsigned shard : answer.silent) {
      log_.warning("shard did not take the verdicts in time", {{"shard", shard}});
    }
  });
}

Json FloodWatch::facts(SteadyTime now) const {
  Json networks = Json::array(), verdicts = Json::array();
  for (const auto& at : by_rate(networks_, [](auto one) { return one->second; })) {
    if (networks.size() == kShownMax) break;
    networks.push_back({{"prefix", at->first}, {"datagrams_per_second", at->second}});
  }
  for (const auto& at : by_rate(verdicts_, [](auto one) { return one->second.per_second; })) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(at->second.until - now).count();
    verdicts.push_back({{"prefix", at->first},
                        {"datagrams_per_second", at->second.per_second},
                        {"limit_per_second", policy_.limited_per_second},
                        {"seconds_left", std::max<int64_t>(left, 0)},
                        {"dropped_by_ports", drops_.ports_against(at->first)}});
  }
  return {{"networks", std::move(networks)},
          {"verdicts", std::move(verdicts)},
          {"verdicts_made", verdicts_made_},
          {"port_drops", drops_.facts()}};
}

}  // namespace vedette::control
