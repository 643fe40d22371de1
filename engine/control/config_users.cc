// [[domain]] and [[user]]: who is served here, and the secrets they prove themselves with. Control thread, at
// start only.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "engine/auth/digest.h"
#include "engine/control/aor.h"
#include "engine/control/config_reader.h"
#include "engine/control/crypto.h"
#include "engine/control/host_name.h"
#include "engine/presence/packages/package.h"

namespace vedette::control {
namespace {

using engine::DigestAlgorithm;
using engine::DialogDetails;
using engine::Domain;
using engine::User;
using engine::WatchPolicy;

constexpr std::pair<std::string_view, WatchPolicy> kWatchPolicies[] = {
    {"domain", WatchPolicy::kDomain},
    {"authenticated", WatchPolicy::kAuthenticated},
    {"everyone", WatchPolicy::kEveryone},
    {"owner", WatchPolicy::kOwner},
};

constexpr std::pair<std::string_view, DialogDetails> kDialogDetails[] = {
    {"busy", DialogDetails::kBusy},
    {"state", DialogDetails::kState},
    {"all", DialogDetails::kAll},
};

// The names of RFC 8760 §2.
constexpr std::pair<std::string_view, DigestAlgorithm> kAlgorithms[] = {
    {"SHA-256", DigestAlgorithm::kSha256},
    {"SHA-512-256", DigestAlgorithm::kSha512256},
    {"MD5", DigestAlgorithm::kMd5},
};

void read_algorithms(TableReader& table, Domain& out) {
  std::vector<std::string> names;
  if (!table.read_texts("algorithms", names)) return;
  out.algorithms.clear();
  if (names.empty()) table.add("algorithms", R"(is empty; give ["SHA-256", "MD5"], or authenticate = false)");
  for (const std::string& name : names) {
    DigestAlgorithm algorithm{};
    if (!table.find_choice<DigestAlgorithm>("algorithms", name, algorithm, kAlgorithms)) continue;
    if (std::find(out.algorithms.begin(), out.algorithms.end(), algorithm) != out.algorithms.end()) {
      table.add("algorithms", "names \"" + name + "\" twice; once is enough");
      continue;
    }
    out.algorithms.push_back(algorithm);
  }
}

// RFC 7616 §3.3.
void read_qop(TableReader& table, Domain& out) {
  table.read_boolean("require_qop", out.require_qop);
  std::vector<std::string> names;
  if (!table.read_texts("qop", names)) return;
  if (names.empty()) table.add("qop", R"(is empty; give ["auth"] or ["auth", "auth-int"])");
  out.offers_auth = out.offers_auth_int = false;
  for (const std::string& name : names) {
    bool is_integrity = false;
    constexpr std::pair<std::string_view, bool> kQops[] = {{"auth", false}, {"auth-int", true}};
    if (!table.find_choice<bool>("qop", name, is_integrity, kQops)) continue;
    (is_integrity ? out.offers_auth_int : out.offers_auth) = true;
  }
}

// Hexadecimal digits, exactly as many as the digest has.
bool read_hex(std::string_view text, std::span<uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

void read_ha1(TableReader& table, User& out) {
  std::string text;
  if (table.read_text("ha1_md5", text)) {
    out.has_md5 = read_hex(text, out.ha1_md5);
    if (!out.has_md5)
      table.add("ha1_md5", "is not an MD5 HA1; give the 32 hexadecimal digits of MD5(user:domain:password)");
  }
  if (table.read_text("ha1_sha256", text)) {
    out.has_sha256 = read_hex(text, out.ha1_sha256);
    if (!out.has_sha256) {
      table.add("ha1_sha256",
                "is not a SHA-256 HA1; give the 64 hexadecimal digits of SHA-256(user:domain:password)");
    }
  }
  if (table.read_text("ha1_sha512_256", text)) {
    out.has_sha512_256 = read_hex(text, out.ha1_sha512_256);
    if (!out.has_sha512_256) {
      table.add("ha1_sha512_256",
                "is not a SHA-512/256 HA1; give the 64 hexadecimal digits of SHA-512/256(user:domain:password)");
    }
  }
}

bool names_a_hash(TableReader& table) {
  return table.find("ha1_md5") != nullptr || table.find("ha1_sha256") != nullptr ||
         table.find("ha1_sha512_256") != nullptr;
}

// RFC 7616 §3.4.2: A1 = user ":" realm ":" password.
void hash_password(User& out, std::string_view password) {
  const size_t at = out.aor.rfind('@');
  const std::string_view aor = out.aor;
  const std::array<std::string_view, 5> parts = {aor.substr(0, at), ":", aor.substr(at + 1), ":", password};
  const engine::Hashes hashes = openssl_hashes();
  hashes.md5(hashes.context, parts, out.ha1_md5);
  hashes.sha256(hashes.context, parts, out.ha1_sha256);
  hashes.sha512_256(hashes.context, parts, out.ha1_sha512_256);
  out.has_md5 = out.has_sha256 = out.has_sha512_256 = true;
}

// RFC 3261 §22.1: "a default username, "anonymous", which has no password (password of "")".
User make_anonymous(const Domain& domain) {
  User user{.aor = "anonymous@" + domain.name, .is_anonymous = true};
  hash_password(user, "");
  return user;
}

void read_publishes(TableReader& table, User& out) {
  std::vector<std::string> names;
  table.read_texts("publishes_for_domain", names);
  for (const std::string& name : names) {
    engine::PackageId id{};
    const engine::EventPackage* package = engine::find_package(name, id);
    if (package != nullptr && package->normalise != nullptr) {
      out.publishes_for_domain |= engine::bit_of(id);
      continue;
    }
    table.add("publishes_for_domain", "names \"" + name + R"(", which nobody can publish; give "presence", "dialog" )"
                                      R"(or "message-summary")");
  }
}

// Then the password is no longer in our memory.
void read_password(TableReader& table, User& out) {
  toml::node* node = table.find("password");
  if (node == nullptr) return;
  if (!node->is_string() || node->as_string()->get().empty()) {
    return table.add("password", "is not a text in quotes, or is empty; give the user's password");
  }
  std::string& password = node->as_string()->get();
  if (out.aor.rfind('@') != std::string::npos) hash_password(out, password);
  wipe(password);
  if (names_a_hash(table)) {
    table.add("password", "stands next to ha1_md5 or another hash; keep either the password or the hashes");
  }
}

bool read_aor(TableReader& table, std::string& out) {
  std::string text;
  if (!table.read_text("aor", text)) {
    if (table.find("aor") == nullptr)
      table.add("aor", R"(is missing; give it as in aor = "alice@example.com")");
    return false;
  }
  const std::optional<std::string> aor = canonical_aor(text);
  if (!aor || aor->find('@') == std::string::npos) {
    table.add("aor",
              "is \"" + text + R"(", which is no address of record; give it as in "alice@example.com")");
    return false;
  }
  out = *aor;
  return true;
}

const char* key_of(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kSha256: return "ha1_sha256";
    case DigestAlgorithm::kSha512256: return "ha1_sha512_256";
    case DigestAlgorithm::kMd5: break;
  }
  return "ha1_md5";
}

// A client may choose any algorithm that its domain offers, so the user needs a hash for each.
void check_secrets(TableReader& table, const User& user, const Domain& domain) {
  if (!domain.authenticate) return;
  if (!user.has_md5 && !user.has_sha256 && !user.has_sha512_256) {
    if (table.find("password") != nullptr || names_a_hash(table)) return;  // Said already.
    return table.add("password", "is missing; give a password, or ha1_md5 and ha1_sha256");
  }
  for (const DigestAlgorithm algorithm : domain.algorithms) {
    if (engine::has_secret(user, algorithm)) continue;
    const std::string key = key_of(algorithm);
    const std::string name(engine::to_string(algorithm));
    if (table.find(key) != nullptr) continue;
    table.add(key, "is missing, but domain " + domain.name + " offers " + name + "; give it, or take " +
                       name + " out of the domain's algorithms");
  }
}

const Domain* find_domain_of(TableReader& table, const User& user, const engine::EngineConfig& config) {
  const std::string_view aor = user.aor;
  const std::string_view name = aor.substr(aor.rfind('@') + 1);
  if (const Domain* domain = config.find_domain(name)) return domain;
  std::vector<std::string> names;
  for (const Domain& domain : config.domains) names.push_back(domain.name);
  const std::string_view nearest = nearest_name(name, names);
  std::string text = "is of domain \"" + std::string(name) + "\", which is not served here; ";
  if (nearest.empty()) {
    text += "add [[domain]] name = \"" + std::string(name) + "\"";
  } else {
    text += "did you mean \"" + std::string(nearest) + "\"?";
  }
  table.add("aor", text);
  return nullptr;
}

}  // namespace

void read_domains(TableReader& top, engine::EngineConfig& out) {
  std::map<std::string, uint32_t> lines;
  for (TableReader& table : top.read_tables("domain")) {
    Domain domain;
    const bool named = table.read_text("name", domain.name);
    table.read_choice<WatchPolicy>("watch_policy", domain.watch_policy, kWatchPolicies);
    table.read_choice<DialogDetails>("dialog_details", domain.dialog_details, kDialogDetails);
    table.read_boolean("authenticate", domain.authenticate);
    table.read_boolean("anonymous", domain.serves_anonymous);
    read_algorithms(table, domain);
    read_qop(table, domain);
    read_refused_peers(table, out.peers, domain);
    engine::IdentityPolicy identity{};
    if (read_identity_policy(table, "identity", identity)) domain.identity = identity;
    table.finish();
    if (!named) {
      if (table.find("name") == nullptr)
        table.add("name", R"(is missing; give it as in name = "example.com")");
      continue;
    }
    domain.name = lower_case(domain.name);
    if (!is_host_name(domain.name)) {
      table.add("name", "is \"" + domain.name + R"(", which is no domain name; give it as in "example.com")");
      continue;
    }
    const auto [first, is_new] = lines.emplace(domain.name, table.line_of("name"));
    if (!is_new) {
      table.add("name", "\"" + domain.name + "\" stands already in line " + std::to_string(first->second) +
                            "; remove one of the two");
      continue;
    }
    out.domains.push_back(std::move(domain));
  }
  if (lines.empty() && top.find("domain") == nullptr) {
    top.add("domain", R"(is missing, so nobody would be served; add [[domain]] with name = "example.com")");
  }
}

void read_users(TableReader& top, engine::EngineConfig& out) {
  std::map<std::string, uint32_t> lines;
  for (const Domain& domain : out.domains) {
    if (domain.serves_anonymous) out.users.push_back(make_anonymous(domain));
  }
  for (TableReader& table : top.read_tables("user")) {
    User user;
    const bool named = read_aor(table, user.aor);
    read_password(table, user);
    if (table.find("password") == nullptr) read_ha1(table, user);
    read_publishes(table, user);
    if (named) {
      if (const Domain* domain = find_domain_of(table, user, out)) check_secrets(table, user, *domain);
      const auto [first, is_new] = lines.emplace(user.aor, table.line_of("aor"));
      const Domain* domain = out.find_domain(std::string_view(user.aor).substr(user.aor.rfind('@') + 1));
      if (domain != nullptr && domain->serves_anonymous && user.aor.starts_with("anonymous@")) {
        table.add("aor", "\"" + user.aor + "\" is everybody by the domain's anonymous = true; remove one of the two");
      } else if (is_new) {
        out.users.push_back(std::move(user));
      } else {
        table.add("aor", "\"" + first->first + "\" stands already in line " + std::to_string(first->second) +
                             "; remove one of the two");
      }
    }
    table.finish();
  }
  std::sort(out.users.begin(), out.users.end(), [](const User& a, const User& b) { return a.aor < b.aor; });
}

}  // namespace vedette::control
