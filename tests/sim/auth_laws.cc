#include "tests/sim/auth_laws.h"

#include <algorithm>

#include "parsers/auth_params.h"
#include "parsers/param.h"
#include "tests/sim/fake_hashes.h"

namespace vedette::sim {

using engine::DigestAlgorithm;
using parsers::HeaderId;

namespace {

// RFC 7616 §3.4.1 with qop=auth, RFC 2617's older form without.
bool is_right_response(const parsers::AuthParams& params, const Facts& request, const engine::User& user) {
  const bool sha256 = parsers::equal_ignoring_case(params.algorithm, "SHA-256");
  if (sha256 ? !user.has_sha256 : !user.has_md5) return false;
  const DigestAlgorithm algorithm = sha256 ? DigestAlgorithm::kSha256 : DigestAlgorithm::kMd5;
  const auto hex = [](const auto& digest) {
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  };
  const std::string ha1 = sha256 ? hex(user.ha1_sha256) : hex(user.ha1_md5);
  const std::string ha2 =
      fake_hash_hex(algorithm, std::string(request.message.method_name()) + ":" + std::string(params.uri));
  std::string text = ha1 + ":" + std::string(params.nonce) + ":";
  if (!params.qop.empty()) {
    text.append(params.nc).append(":").append(params.cnonce).append(":").append(params.qop).append(":");
  }
  return parsers::equal_ignoring_case(fake_hash_hex(algorithm, text + ha2), params.response);
}

std::string_view domain_of(std::string_view aor) { return aor.substr(aor.find('@') + 1); }

// All that can be read.
std::vector<parsers::AuthParams> credentials_of(const Facts& request) {
  std::vector<parsers::AuthParams> all;
  for (const HeaderId header : {HeaderId::kAuthorization, HeaderId::kProxyAuthorization}) {
    const parsers::HeaderField* field = request.message.find(header);
    for (; field != nullptr; field = request.message.find_next(*field)) {
      parsers::AuthParams params;
      if (parsers::parse_auth_params(request.message.value(*field), params) != parsers::ParseError::kOk) continue;
      all.push_back(params);
    }
  }
  return all;
}

std::string aor_of_credentials(const parsers::AuthParams& params) {
  return std::string(params.username) + "@" + std::string(params.realm);
}

}  // namespace

void AuthLaws::on_challenge(const Facts& response) {
  const parsers::HeaderField* field = response.message.find(HeaderId::kWwwAuthenticate);
  for (; field != nullptr; field = response.message.find_next(*field)) {
    parsers::AuthParams params;
    if (parsers::parse_auth_params(response.message.value(*field), params) != parsers::ParseError::kOk ||
        params.nonce.empty() || params.realm.empty()) {
      stage_.verdict.broken({.law = "a challenge has a realm and a nonce",
                             .seen = std::string(response.message.value(*field)),
                             .call_id = std::string(response.call_id)});
      return;
    }
    // Of hexadecimal digits: one that came back with another case of a letter, by a flipped bit, is the same.
    nonces_.insert(lower_case(params.nonce));
  }
}

std::string AuthLaws::prove(const Facts& request) {
  for (const parsers::AuthParams& params : credentials_of(request)) {
    const std::string aor = aor_of_credentials(params);
    const engine::User* user = engine::find_user(config_.users, aor);
    if (user == nullptr || !is_right_response(params, request, *user)) continue;
    if (!nonces_.contains(lower_case(params.nonce))) continue;
    // RFC 7616 §3.4: a nonce count serves one request; without qop, and so without a count, the nonce does.
    const std::string use = lower_case(params.nonce) + "/" + std::string(params.nc);
    const auto [entry, is_new] = used_.try_emplace(use, transaction_key(request));
    if (!is_new && entry->second != transaction_key(request)) continue;
    return aor;
  }
  return {};
}

// Who is of no domain here is asked by that of whom he wants to watch.
bool AuthLaws::may_be_from(const Facts& request, std::string_view watcher, std::string_view target) const {
  const engine::Domain* domain = config_.find_domain(domain_of(watcher));
  if (domain == nullptr) domain = config_.find_domain(domain_of(target));
  if (domain == nullptr || !domain->authenticate) return !watcher.empty();
  const std::vector<parsers::AuthParams> all = credentials_of(request);
  return all.empty() || std::any_of(all.begin(), all.end(), [watcher](const parsers::AuthParams& params) {
    return aor_of_credentials(params) == watcher;
  });
}

// RFC 5025 §3.2.1. Who is blocked while he watches is told so next, whatever he asks for in his dialog until then.
bool AuthLaws::may_watch(const Facts& request, const WatchQuestion& question) const {
  const std::vector<Rights> rights = rights_.of(question);
  return rights.back().handling != Rights::Handling::kBlock ||
         (!request.to_tag.empty() && stage_.preset.events.has_rules && question.package == Package::kPresence);
}

void AuthLaws::on_carried_out(const Facts& request, const std::string& target) {
  const engine::Domain* local = config_.find_domain(domain_of(target));
  const bool subscribes = request.method == parsers::Method::kSubscribe;
  Package package{};
  read_package(request.message, package);
  if (local != nullptr && !local->authenticate) {
    // Who he says he is, he is.
    const std::string watcher = aor_of_address(request.value(HeaderId::kFrom));
    if (!subscribes || may_watch(request, {package, watcher, target})) return;
    stage_.verdict.broken({.law = "nobody watches who may not", .seen = watcher + " watches " + target,
                           .call_id = std::string(request.call_id)});
    return;
  }
  const std::string proved = prove(request);
  const auto report = [&](std::string law) {
    stage_.verdict.broken({.law = std::move(law), .seen = "proved to be \"" + proved + "\", asked for " + target,
                           .call_id = std::string(request.call_id)});
  };
  if (local == nullptr) return report("only local addresses of record are served");
  // What the rules let everybody see needs no proof.
  const std::string claimed = aor_of_address(request.value(HeaderId::kFrom));
  if (proved.empty() && subscribes && stage_.preset.events.has_rules && claimed.ends_with(kOpenDomain)) {
    if (!may_watch(request, {package, claimed, target})) report("nobody watches who may not");
    return;
  }
  if (proved.empty()) return report("without valid credentials nothing is carried out");
  if (!subscribes && proved != target) return report("only its owner publishes and registers for an address of record");
  if (subscribes && !may_watch(request, {package, proved, target})) {
    return report("nobody watches who may not");
  }
  if (subscribes && proved != aor_of_address(request.value(HeaderId::kFrom))) {
    return report("a watcher is who its From says");
  }
}

}  // namespace vedette::sim
