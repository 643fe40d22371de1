// The configuration file: what is understood, and what is said of each mistake, with its line and the way
// out.
#include "engine/control/config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "engine/control/crypto.h"

namespace vedette::control {
namespace {

using engine::Duration;

// The least that is served: what every file below begins with. Its lines are 1 to 5.
constexpr std::string_view kLeast =
    "[[domain]]\n"
    "name = \"presence.test\"\n"
    "[[port]]\n"
    "name = \"lan\"\n"
    "device = \"net_af_packet0,iface=v0\"\n";

ConfigVerdict verdict_of(std::string text) { return read_config(text, "f"); }
ConfigVerdict after_least(std::string_view text) { return verdict_of(std::string(kLeast).append(text)); }

Config good(std::string_view text) {
  const ConfigVerdict verdict = after_least(text);
  for (const std::string& problem : verdict.problems) ADD_FAILURE() << problem;
  return verdict.config.value_or(Config{});
}

TEST(Config, TheLeastHasTheDefaults) {
  const Config config = good("");
  ASSERT_EQ(config.engine.domains.size(), 1u);
  EXPECT_EQ(config.engine.domains[0].name, "presence.test");
  EXPECT_TRUE(config.engine.domains[0].authenticate);
  EXPECT_EQ(config.engine.domains[0].watch_policy, engine::WatchPolicy::kDomain);
  EXPECT_EQ(config.engine.domains[0].dialog_details, engine::DialogDetails::kState);
  EXPECT_EQ(config.engine.domains[0].algorithms, engine::Domain{}.algorithms);
  ASSERT_EQ(config.dataplane.ports.size(), 1u);
  EXPECT_EQ(config.dataplane.ports[0].device, "net_af_packet0,iface=v0");
  EXPECT_EQ(config.dataplane.workers, 1u);
  EXPECT_EQ(config.engine.limits.subscriptions_max, engine::Limits{}.subscriptions_max);
  EXPECT_EQ(config.control.admin_socket, "/run/vedette/admin.sock");
}

TEST(Config, EveryPartIsRead) {
  const std::string text =
      "workers = 3\n" + std::string(kLeast) +
      "tap_name = \"vd0\"\naddresses = [\"10.1.0.1/24\", \"fd00::1/64\"]\ngateways = [\"10.1.0.254\"]\nmtu = "
      "9000\n"
      "[[domain]]\nname = \"Open.Example\"\nauthenticate = false\nwatch_policy = \"everyone\"\n"
      "dialog_details = \"busy\"\nalgorithms = "
      "[\"MD5\"]\n"
      "[sip]\nport = 5070\nserver_name = \"\"\nnonce_lifetime = \"1h\"\nt1 = \"250ms\"\nt2 = 8\n"
      "[subscription]\nexpires_min = \"2m\"\nexpires_max = 7200\nexpires_when_absent = \"1h\"\n"
      "[publication]\nexpires_max = \"30m\"\n"
      "[registration]\nexpires_min = 1\n"
      "[limits]\nsubscriptions_max = 1000\ndocument_bytes_max = 5_000_000_000\nretry_after_seconds = 7\n"
      "[dataplane]\ncpus = \"1,3-5\"\neal_args = [\"--log-level=lib.eal:debug\"]\nidle = \"spin\"\n"
      "huge_pages = \"never\"\nmbufs_per_worker = 4096\n"
      "[admin]\nsocket = \"/tmp/a.sock\"\nclients_max = 3\nrows_max = 10\nidle_max = \"5s\"\n"
      "[log]\nlevel = \"debug\"\nformat = \"json\"\n";
  const ConfigVerdict verdict = verdict_of(text);
  for (const std::string& problem : verdict.problems) ADD_FAILURE() << problem;
  ASSERT_TRUE(verdict.config);
  const Config& config = *verdict.config;

  EXPECT_EQ(config.dataplane.workers, 3u);
  EXPECT_EQ(config.dataplane.sip_port, 5070);
  EXPECT_EQ(config.dataplane.cpus, "1,3-5");
  EXPECT_EQ(config.dataplane.eal_args.size(), 1u);
  EXPECT_EQ(config.dataplane.idle, dataplane::IdleMode::kSpin);
  EXPECT_EQ(config.dataplane.huge_pages, dataplane::HugePages::kNever);
  EXPECT_EQ(config.dataplane.mbufs_per_worker, 4096u);
  EXPECT_EQ(config.dataplane.ports[0].tap_name, "vd0");
  EXPECT_EQ(config.dataplane.ports[0].addresses[1], "fd00::1/64");
  EXPECT_EQ(config.dataplane.ports[0].gateways[0], "10.1.0.254");
  EXPECT_EQ(config.dataplane.ports[0].mtu, 9000);

  ASSERT_EQ(config.engine.domains.size(), 2u);
  EXPECT_EQ(config.engine.domains[1].name, "open.example");
  EXPECT_FALSE(config.engine.domains[1].authenticate);
  EXPECT_EQ(config.engine.domains[1].watch_policy, engine::WatchPolicy::kEveryone);
  EXPECT_EQ(config.engine.domains[1].dialog_details, engine::DialogDetails::kBusy);
  EXPECT_EQ(config.engine.domains[1].algorithms, std::vector{engine::DigestAlgorithm::kMd5});
  EXPECT_EQ(config.engine.server_name, "");
  EXPECT_EQ(config.engine.nonce_lifetime, Duration::seconds(3600));
  EXPECT_EQ(config.control.nonce_key_lifetime, Duration::seconds(3600)) << "follows a longer nonce_lifetime";
  EXPECT_EQ(config.engine.t1, Duration::milliseconds(250));
  EXPECT_EQ(config.engine.t2, Duration::seconds(8));
  EXPECT_EQ(config.engine.subscription.min, Duration::seconds(120));
  EXPECT_EQ(config.engine.subscription.max, Duration::seconds(7200));
  EXPECT_EQ(config.engine.subscription.when_absent, Duration::seconds(3600));
  EXPECT_EQ(config.engine.publication.when_absent, Duration::seconds(1800))
      << "a default follows a smaller maximum";
  EXPECT_EQ(config.engine.registration.min, Duration::seconds(1));
  EXPECT_EQ(config.engine.limits.subscriptions_max, 1000u);
  EXPECT_EQ(config.engine.limits.subscriptions_per_presentity_max, 1000u)
      << "a default follows a smaller whole";
  EXPECT_EQ(config.engine.limits.document_bytes_max, 5'000'000'000u);
  EXPECT_EQ(config.engine.limits.retry_after_seconds, 7u);

  EXPECT_EQ(config.control.admin_socket, "/tmp/a.sock");
  EXPECT_EQ(config.control.admin_clients_max, 3u);
  EXPECT_EQ(config.control.admin_rows_max, 10u);
  EXPECT_EQ(config.control.admin_idle_max, Duration::seconds(5));
  EXPECT_EQ(config.control.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.control.log_format, LogFormat::kJson);
}

TEST(Config, WhatOneWatcherAndOneConnectionMayHave) {
  const Config config = good(
      "[limits]\nsubscriptions_max = 500\nfilters_max = 90\ncounted_watchers_max = 40\n"
      "subscriptions_per_connection_max = 0\n");
  EXPECT_EQ(config.engine.limits.subscriptions_per_watcher_max, 500u) << "a default follows a smaller whole";
  EXPECT_EQ(config.engine.limits.filters_per_watcher_max, 90u);
  EXPECT_EQ(config.engine.limits.counted_watchers_max, 40u);
  EXPECT_EQ(config.engine.limits.subscriptions_per_connection_max, 0u) << "no limit";
}

TEST(Config, WhatOneSourceMaySendAndWhoIsTrusted) {
  const Config config = good(
      "[flood]\nsource_requests_per_second = 7\nstranger_requests_per_second = 0\nprefix_v4 = 20\n"
      "prefix_strangers_per_second = 9\nprefix_limited_per_second = 0\nverdict_seconds = 5\n"
      "trusted = [\"10.0.0.0/8\", \"2001:db8::1\"]\n");
  EXPECT_EQ(config.engine.limits.source_requests_per_second, 7u);
  EXPECT_EQ(config.engine.limits.stranger_requests_per_second, 0u);
  EXPECT_EQ(config.engine.limits.prefix_v4, 20u);
  EXPECT_EQ(config.control.floods.strangers_per_second, 9u);
  EXPECT_EQ(config.control.floods.limited_per_second, 0u);
  EXPECT_EQ(config.control.floods.verdict_seconds, 5u);
  ASSERT_EQ(config.engine.trusted_sources.size(), 2u);
  engine::IpAddress address;
  ASSERT_TRUE(engine::IpAddress::parse("10.9.8.7", address));
  EXPECT_TRUE(config.engine.is_trusted(address));
  ASSERT_TRUE(engine::IpAddress::parse("2001:db8::2", address));
  EXPECT_FALSE(config.engine.is_trusted(address));
  const ConfigVerdict wrong = after_least("[flood]\ntrusted = [\"10.0.0.0/8\", \"10.0.0.0/33\"]\n");
  ASSERT_EQ(wrong.problems.size(), 1u);
  EXPECT_NE(wrong.problems[0].find("\"10.0.0.0/33\", which is no prefix"), std::string::npos) << wrong.problems[0];
}

TEST(Config, WhatADigestCoversAndWhoIsNobody) {
  const ConfigVerdict verdict =
      after_least("[[domain]]\nname = \"b.test\"\nalgorithms = [\"SHA-512-256\", \"SHA-256\"]\n"
                  "qop = [\"auth-int\", \"auth\"]\nrequire_qop = true\nanonymous = true\n");
  for (const std::string& problem : verdict.problems) ADD_FAILURE() << problem;
  ASSERT_TRUE(verdict.config);
  const engine::EngineConfig& config = verdict.config->engine;
  const engine::Domain& least = config.domains[0];
  EXPECT_TRUE(least.offers_auth && !least.offers_auth_int && !least.require_qop && !least.serves_anonymous);
  const engine::Domain& domain = config.domains[1];
  EXPECT_TRUE(domain.offers_auth && domain.offers_auth_int && domain.require_qop && domain.serves_anonymous);
  EXPECT_EQ(domain.algorithms.front(), engine::DigestAlgorithm::kSha512256);
  ASSERT_EQ(config.users.size(), 1u) << "nobody, with the hash of an empty password";
  EXPECT_EQ(config.users[0].aor, "anonymous@b.test");
  EXPECT_TRUE(config.users[0].is_anonymous && config.users[0].has_sha512_256);
}

TEST(Config, UsersAreKeptAsHashesOnly) {
  std::string text = std::string(kLeast) +
                     "[[user]]\naor = \"sip:Bob@Presence.TEST\"\npassword = \"Circle of Life\"\n"
                     "[[user]]\naor = \"alice@presence.test\"\n"
                     "ha1_md5 = \"3d78807defe7de2157e2b0b6573a855F\"\n"
                     "ha1_sha256 = \"7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232\"\n";
  const ConfigVerdict verdict = read_config(text, "f");
  for (const std::string& problem : verdict.problems) ADD_FAILURE() << problem;
  ASSERT_TRUE(verdict.config);
  EXPECT_EQ(text.find("Circle"), std::string::npos) << "the file's text is wiped";

  // Expect: sorted, and canonical: the user part as it stands, the domain in lower case.
  const auto& users = verdict.config->engine.users;
  ASSERT_EQ(users.size(), 2u);
  EXPECT_EQ(users[0].aor, "Bob@presence.test");
  EXPECT_EQ(users[1].aor, "alice@presence.test");
  EXPECT_NE(engine::find_user(verdict.config->engine.users, "alice@presence.test"), nullptr);

  // Expect: RFC 7616 §3.4.2 A1 of the canonical user and domain.
  engine::Md5Digest md5{};
  engine::Sha256Digest sha256{};
  const std::array<std::string_view, 1> a1 = {"Bob:presence.test:Circle of Life"};
  openssl_hashes().md5(nullptr, a1, md5);
  openssl_hashes().sha256(nullptr, a1, sha256);
  EXPECT_TRUE(users[0].has_md5 && users[0].has_sha256);
  EXPECT_EQ(users[0].ha1_md5, md5);
  EXPECT_EQ(users[0].ha1_sha256, sha256);
  EXPECT_TRUE(users[1].has_md5 && users[1].has_sha256);
  EXPECT_EQ(users[1].ha1_md5[0], 0x3d);
  EXPECT_EQ(users[1].ha1_md5[15], 0x5f);
  EXPECT_EQ(users[1].ha1_sha256[31], 0x32);
}

struct Mistake {
  std::string_view text;  // Stands after kLeast, so its first line is line 6.
  std::vector<std::string_view> problems;
};

const Mistake kMistakes[] = {
    // Shape.
    {"[limits\n", {"f:6: is not TOML: "}},
    {"[limits]\nsubscription_max = 5\n",
     {"f:7: [limits] subscription_max is not known; did you mean subscriptions_max?"}},
    {"[colours]\nred = 1\n", {"f:6: colours is not known; remove it; known here: "}},
    {"[lmits]\n", {"f:6: lmits is not known; did you mean limits?"}},
    {"[log]\nlevel = 3\n", {"f:7: [log] level is 3; give text in quotes"}},
    {"[[log]]\nlevel = \"info\"\n", {"f:6: log is not of the right kind; give a table: [log]"}},
    {"[user]\naor = \"a@presence.test\"\n",
     {"f:6: user is not of the right kind; give a list of tables: [[user]] above each"}},
    {"[log]\nformat = \"jsn\"\n",
     {"f:7: [log] format is \"jsn\"; did you mean \"json\"? It can be text, json"}},
    {"[log]\nlevel = \"loquacious\"\n",
     {"f:7: [log] level is \"loquacious\"; give one of debug, info, warning, error"}},
    {"[[user]]\naor = \"a@presence.test\"\npassword = \"a\"\npublishes_for_domain = [\"reg\"]\n",
     {"f:9: [[user]] publishes_for_domain names \"reg\", which nobody can publish; give "}},
    // Numbers and times.
    {"[limits]\nsubscriptions_max = -3\n",
     {"f:7: [limits] subscriptions_max is -3; give a whole number from 1 to 256000000"}},
    {"[limits]\nsubscriptions_max = 1.5\n",
     {"f:7: [limits] subscriptions_max is 1.5; give a whole number from 1 to"}},
    {"[limits]\ndatagram_bytes_max = 70000\n",
     {"f:7: [limits] datagram_bytes_max is 70000; give a whole number from 2048 to 60000"}},
    {"[sip]\nnonce_lifetime = \"5 minutes\"\n",
     {"f:7: [sip] nonce_lifetime is '5 minutes'; give a time from 10s to 24h, as in \"90s\""}},
    {"[sip]\nnonce_lifetime = 1\n", {"f:7: [sip] nonce_lifetime is 1s; give a time from 10s to 24h"}},
    {"[sip]\nnonce_lifetime = -300\n", {"f:7: [sip] nonce_lifetime is -300; give a time"}},
    {"[sip]\nnonce_lifetime = 99999999999999999\n",
     {"f:7: [sip] nonce_lifetime is 99999999999999999; give a time"}},
    // Fields that must agree.
    {"[subscription]\nexpires_min = \"2h\"\n",
     {"f:7: [subscription] expires_min is 2h, above expires_max, which is 1h; "}},
    {"[publication]\nexpires_when_absent = 30\n",
     {"f:7: [publication] expires_when_absent is 30s, outside expires_min to expires_max (1m to 1h)"}},
    {"[sip]\nt1 = 5\nt2 = 1\n", {"f:7: [sip] t1 is 5s, above t2, which is 1s"}},
    {"[sip]\nnonce_key_lifetime = 60\n",
     {"f:7: [sip] nonce_key_lifetime is 1m, below nonce_lifetime, which is 5m; "}},
    {"[sip]\nserver_name = \"a\\r\\nVia: b\"\n", {"f:7: [sip] server_name cannot stand in a Server header"}},
    {"[limits]\nbindings_max = 4\nbindings_per_aor_max = 5\n",
     {"f:8: [limits] bindings_per_aor_max is above bindings_max, which is 4"}},
    {"[limits]\ndatagram_bytes_max = 8192\n",
     {"f:6: [limits] publication_body_bytes_max is 10240, too large for NOTIFYs of datagram_bytes_max, which "
      "is 8192"}},
    // Domains and users.
    {"[[domain]]\nname = \"PRESENCE.test\"\n",
     {"f:7: [[domain]] name \"presence.test\" stands already in line 2; remove one"}},
    {"[[domain]]\nauthenticate = true\n",
     {"f:6: [[domain]] name is missing; give it as in name = \"example.com\""}},
    {"[[domain]]\nname = \"two words\"\n",
     {"f:7: [[domain]] name is \"two words\", which is no domain name"}},
    {"[[domain]]\nname = \"b.test\"\nalgorithms = [\"SHA256\", \"MD5\", \"MD5\"]\n",
     {"f:8: [[domain]] algorithms is \"SHA256\"; did you mean \"SHA-256\"?",
      "f:8: [[domain]] algorithms names \"MD5\" twice"}},
    {"[[domain]]\nname = \"b.test\"\nqop = [\"auth-conf\"]\n", {"f:8: [[domain]] qop is \"auth-conf\""}},
    {"[[domain]]\nname = \"b.test\"\nqop = []\n", {"f:8: [[domain]] qop is empty"}},
    {"[[domain]]\nname = \"b.test\"\nanonymous = true\n[[user]]\naor = \"anonymous@b.test\"\npassword = \"x\"\n",
     {"f:10: [[user]] aor \"anonymous@b.test\" is everybody by the domain's anonymous = true"}},
    {"[[domain]]\nname = \"b.test\"\nalgorithms = [\"SHA-512-256\"]\n[[user]]\naor = \"a@b.test\"\nha1_md5 = "
     "\"3d78807defe7de2157e2b0b6573a855f\"\n",
     {"f:9: [[user]] ha1_sha512_256 is missing, but domain b.test offers SHA-512-256"}},
    {"[[domain]]\nname = \"b.test\"\nalgorithms = []\n", {"f:8: [[domain]] algorithms is empty"}},
    {"[[user]]\npassword = \"x\"\n", {"f:6: [[user]] aor is missing"}},
    {"[[user]]\naor = \"alice\"\npassword = \"x\"\n",
     {"f:7: [[user]] aor is \"alice\", which is no address of record"}},
    {"[[user]]\naor = \"alice@presence.tset\"\npassword = \"x\"\n",
     {"f:7: [[user]] aor is of domain \"presence.tset\", which is not served here; did you mean "
      "\"presence.test\"?"}},
    {"[[user]]\naor = \"alice@elsewhere.example\"\npassword = \"x\"\n",
     {"f:7: [[user]] aor is of domain \"elsewhere.example\", which is not served here; add [[domain]]"}},
    {"[[user]]\naor = \"alice@presence.test\"\n",
     {"f:6: [[user]] password is missing; give a password, or ha1_md5 and ha1_sha256"}},
    {"[[user]]\naor = \"alice@presence.test\"\npassword = \"\"\n",
     {"f:8: [[user]] password is not a text in quotes, or is empty"}},
    {"[[user]]\naor = \"a@presence.test\"\npassword = \"x\"\n[[user]]\naor = "
     "\"sip:a@presence.TEST\"\npassword = \"y\"\n",
     {"f:10: [[user]] aor \"a@presence.test\" stands already in line 7; remove one"}},
    {"[[user]]\naor = \"a@presence.test\"\nha1_md5 = \"3d78807defe7de2157e2b0b6573a855f\"\n",
     {"f:6: [[user]] ha1_sha256 is missing, but domain presence.test offers SHA-256; give it, or take "
      "SHA-256 out"}},
    {"[[user]]\naor = \"a@presence.test\"\nha1_md5 = \"3d78\"\nha1_sha256 = \"zz\"\n",
     {"f:8: [[user]] ha1_md5 is not an MD5 HA1; give the 32",
      "f:9: [[user]] ha1_sha256 is not a SHA-256 HA1; give the 64"}},
    {"[[user]]\naor = \"a@presence.test\"\npassword = \"x\"\nha1_md5 = "
     "\"3d78807defe7de2157e2b0b6573a855f\"\n",
     {"f:8: [[user]] password stands next to ha1_md5 or another hash; keep either"}},
    // Ports and the dataplane.
    {"[[port]]\nname = \"lan\"\ndevice = \"net_tap1\"\n",
     {"f:7: [[port]] name \"lan\" is already that of the port in line 4"}},
    {"[[port]]\nname = \"wan\"\ndevice = \"net_af_packet0,iface=v1\"\n",
     {"f:8: [[port]] device \"net_af_packet0\" is already that of the port in line 5"}},
    {"peer_mac = \"02:00:00:00:00:0\"\n", {"f:6: [[port]] peer_mac is \"02:00:00:00:00:0\"; give it as in"}},
    {"tap_name = \"vd0\"\npeer_mac = \"02:00:00:00:00:0a\"\n",
     {"f:7: [[port]] peer_mac is for ports without a TAP; "}},
    {"[[port]]\nname = \"wan\"\n",
     {"f:6: [[port]] device is missing; give a PCI address or a virtual device"}},
    {"[[port]]\nname = \"wan\"\ndevice = \"0000:03:00.0\"\n",
     {"f:8: [[port]] device is a PCI address; set pci = true in [dataplane]"}},
    {"mtu = 576\n", {"f:6: [[port]] mtu is 576; give a whole number from 1280 to 9600"}},
    {"tap_name = \"a/b\"\n", {"f:6: [[port]] tap_name is \"a/b\"; give an interface name of 1 to 15 bytes"}},
    {"addresses = [\"10.1.0.1/24\"]\n",
     {"f:6: [[port]] addresses needs a TAP to put them on; give tap_name"}},
    {"tap_name = \"vd0\"\naddresses = [\"10.1.0.1\", \"10.1.0.1/33\", \"fd00::1/64\"]\ngateways = [\"gw\"]\n",
     {"f:7: [[port]] addresses holds \"10.1.0.1\", which is no address with its prefix length",
      "f:7: [[port]] addresses holds \"10.1.0.1/33\"",
      "f:8: [[port]] gateways holds \"gw\", which is no address"}},
    {"[dataplane]\ncpus = \"1,,2\"\n", {"f:7: [dataplane] cpus is \"1,,2\"; give \"auto\" or CPU numbers"}},
    {"[dataplane]\nidle = \"nap\"\n", {"f:7: [dataplane] idle is \"nap\"; "}},
    {"[dataplane]\neal_args = [1]\n",
     {"f:7: [dataplane] eal_args is not of the right kind; give a list of texts"}},
    // The admin socket.
    {"[admin]\nsocket = \"admin.sock\"\n", {"f:7: [admin] socket is \"admin.sock\"; give a whole path"}},
    // All at once, in the order of lines.
    {"[log]\nlevel = \"lo\"\n[limits]\nx = 1\nbindings_max = 0\n[admin]\nclients_max = \"many\"\n",
     {"f:7: [log] level", "f:9: [limits] x is not known", "f:10: [limits] bindings_max is 0",
      "f:12: [admin] clients_max is 'many'"}},
};

TEST(Config, EveryMistakeIsSaidWithItsLineAndTheWayOut) {
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.text);
    const ConfigVerdict verdict = after_least(mistake.text);
    EXPECT_FALSE(verdict.config);
    EXPECT_EQ(verdict.problems.size(), mistake.problems.size());
    for (size_t i = 0; i < verdict.problems.size(); ++i) {
      const std::string& said = verdict.problems[i];
      EXPECT_NE(said.find("; "), std::string::npos) << said << "\nsays nothing of what to do";
      if (i >= mistake.problems.size()) {
        ADD_FAILURE() << "unexpected: " << said;
        continue;
      }
      EXPECT_EQ(said.substr(0, mistake.problems[i].size()), mistake.problems[i]);
    }
  }
}

// The documented example, as it stands in the sources.
std::string example() {
  std::ifstream stream(VEDETTE_EXAMPLE_CONFIG);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// With every key that stands there commented out, at its default, put to work.
std::string example_with_all_keys() {
  return std::regex_replace(example(), std::regex("\\n#(\\[\\[|[a-z0-9_]+ = )"), "\n$1");
}

// What is there only when it is given is taken out of `spelled_out`.
void expect_same_defaults(const ControlConfig& plain, ControlConfig& spelled_out) {
  EXPECT_EQ(plain.streams.tcp_listen, spelled_out.streams.tcp_listen);
  ASSERT_EQ(spelled_out.streams.tls_certificates.size(), 1U);
  EXPECT_EQ(spelled_out.streams.tls_certificates[0].key, "/etc/vedette/example.com.key");
  spelled_out.streams.tls_certificates.clear();
  ASSERT_EQ(spelled_out.streams.peers.size(), 1U);
  spelled_out.streams.peers.clear();
  EXPECT_TRUE(plain.streams == spelled_out.streams) << "a limit's default has changed";
  ASSERT_EQ(spelled_out.identity.certificates.size(), 1U);
  spelled_out.identity.certificates.clear();
  EXPECT_TRUE(plain.identity == spelled_out.identity) << "a limit's default has changed";
}

TEST(Config, TheExampleIsGoodAndShowsTheDefaults) {
  std::string text = example();
  const ConfigVerdict plain = read_config(text, "example");
  for (const std::string& problem : plain.problems) ADD_FAILURE() << problem;
  text = example_with_all_keys();
  ConfigVerdict spelled_out = read_config(text, "example");
  for (const std::string& problem : spelled_out.problems) ADD_FAILURE() << problem;
  ASSERT_TRUE(plain.config && spelled_out.config);

  const auto& [engine, dataplane, control] = *plain.config;
  auto& [engine2, dataplane2, control2] = *spelled_out.config;
  EXPECT_TRUE(engine.limits == engine2.limits) << "a limit's default has changed";
  EXPECT_EQ(engine.domains[0].algorithms, engine2.domains[0].algorithms);
  EXPECT_EQ(engine.domains[0].watch_policy, engine2.domains[0].watch_policy);
  EXPECT_EQ(engine.domains[0].dialog_details, engine2.domains[0].dialog_details);
  EXPECT_EQ(engine.domains[0].authenticate, engine2.domains[0].authenticate);
  EXPECT_EQ(engine.nonce_lifetime, engine2.nonce_lifetime);
  EXPECT_EQ(engine.t1, engine2.t1);
  EXPECT_EQ(engine.t2, engine2.t2);
  EXPECT_EQ(engine.server_name, engine2.server_name);
  for (const auto range : {&engine::EngineConfig::subscription, &engine::EngineConfig::publication,
                           &engine::EngineConfig::registration}) {
    EXPECT_EQ((engine.*range).min, (engine2.*range).min);
    EXPECT_EQ((engine.*range).max, (engine2.*range).max);
    EXPECT_EQ((engine.*range).when_absent, (engine2.*range).when_absent);
    EXPECT_EQ((engine.*range).spread_percent, (engine2.*range).spread_percent);
  }
  EXPECT_EQ(engine.pace.interval, engine2.pace.interval);
  EXPECT_EQ(engine.pace.interval_max, engine2.pace.interval_max);
  EXPECT_EQ(engine.pace.unchanged_interval_min, engine2.pace.unchanged_interval_min);
  EXPECT_EQ(dataplane.workers, dataplane2.workers);
  EXPECT_EQ(dataplane.cpus, dataplane2.cpus);
  EXPECT_EQ(dataplane.idle, dataplane2.idle);
  EXPECT_EQ(dataplane.huge_pages, dataplane2.huge_pages);
  EXPECT_EQ(dataplane.sip_port, dataplane2.sip_port);
  EXPECT_EQ(dataplane.ports[0].mtu, dataplane2.ports[0].mtu);
  for (const auto number :
       {&dataplane::DataplaneConfig::memory_mb, &dataplane::DataplaneConfig::mbufs_per_worker,
        &dataplane::DataplaneConfig::rx_descriptors, &dataplane::DataplaneConfig::tx_descriptors,
        &dataplane::DataplaneConfig::handoff_ring_size, &dataplane::DataplaneConfig::exception_ring_size,
        &dataplane::DataplaneConfig::stream_ring_size,
        &dataplane::DataplaneConfig::verification_ring_size,
        &dataplane::DataplaneConfig::control_messages_max, &dataplane::DataplaneConfig::control_records_max,
        &dataplane::DataplaneConfig::reassemblies_max, &dataplane::DataplaneConfig::reassembly_timeout_ms,
        &dataplane::DataplaneConfig::unresolved_held_max, &dataplane::DataplaneConfig::unresolved_hold_ms,
        &dataplane::DataplaneConfig::neighbours_max, &dataplane::DataplaneConfig::routes_max,
        &dataplane::DataplaneConfig::local_addresses_max, &dataplane::DataplaneConfig::idle_turns_before_nap,
        &dataplane::DataplaneConfig::idle_nap_max_microseconds}) {
    EXPECT_EQ(dataplane.*number, dataplane2.*number);
  }
  expect_same_defaults(control, control2);
  EXPECT_EQ(engine.identity_freshness, engine2.identity_freshness);
  EXPECT_FALSE(engine.checks_identities() || engine2.checks_identities());
  EXPECT_TRUE(control.floods == control2.floods) << "a limit's default has changed";
  EXPECT_EQ(engine.trusted_sources, engine2.trusted_sources);
  EXPECT_EQ(engine.prove_contacts, engine2.prove_contacts);
  EXPECT_EQ(control.admin_socket, control2.admin_socket);
  EXPECT_EQ(control.admin_clients_max, control2.admin_clients_max);
  EXPECT_EQ(control.admin_rows_max, control2.admin_rows_max);
  EXPECT_EQ(control.admin_idle_max, control2.admin_idle_max);
  EXPECT_EQ(control.nonce_key_lifetime, control2.nonce_key_lifetime);
  EXPECT_EQ(control.log_level, control2.log_level);
  EXPECT_EQ(control.log_format, control2.log_format);
}

// What is said of a key that is like no other lists all that there are: each must stand in the example.
TEST(Config, TheExampleHasEveryKey) {
  const std::string text = example_with_all_keys();
  size_t keys = 0;
  for (const char* table :
       {"", "[[domain]]\n", "[[user]]\n", "[[port]]\n", "[sip]\n", "[subscription]\n", "[publication]\n",
        "[registration]\n", "[pace]\n", "[tcp]\n",
        "[tls]\n", "[[certificate]]\n", "[[peer]]\n", "[identity]\n", "[streams]\n", "[limits]\n", "[flood]\n",
        "[dataplane]\n", "[admin]\n",
        "[log]\n"}) {
    const ConfigVerdict verdict =
        verdict_of(std::string(table) + "quite_unlike_any_other_key_there_is = 1\n");
    const std::string all = testing::PrintToString(verdict.problems);
    const size_t list = all.find("known here: ");
    ASSERT_NE(list, std::string::npos) << table << all;
    std::istringstream names(all.substr(list + 12, all.find('"', list) - list - 12));
    for (std::string name; std::getline(names >> std::ws, name, ',');) {
      const bool is_there = std::regex_search(text, std::regex("\\n(" + name + " = |\\[+" + name + "\\])"));
      EXPECT_TRUE(is_there) << table << name;
      ++keys;
    }
  }
  EXPECT_GT(keys, 60u);
}

TEST(Config, AnEmptyFileServesNobody) {
  const ConfigVerdict verdict = verdict_of("");
  EXPECT_FALSE(verdict.config);
  ASSERT_EQ(verdict.problems.size(), 2u);
  EXPECT_NE(verdict.problems[0].find("domain is missing"), std::string::npos) << verdict.problems[0];
  EXPECT_NE(verdict.problems[1].find("port is missing"), std::string::npos) << verdict.problems[1];
}

TEST(Config, PasswordsAreNeverShown) {
  const ConfigVerdict verdict = after_least(
      "[[user]]\naor = \"a@nowhere.example\"\npassword = 271828\n[[user]]\naor = 1\npassword = \"314159\"\n");
  EXPECT_FALSE(verdict.config);
  for (const std::string& problem : verdict.problems) {
    EXPECT_EQ(problem.find("271828"), std::string::npos) << problem;
    EXPECT_EQ(problem.find("314159"), std::string::npos) << problem;
  }
}

TEST(Config, AFileThatIsNotThere) {
  const ConfigVerdict verdict = read_config_file("/nonexistent/vedette.toml");
  EXPECT_FALSE(verdict.config);
  ASSERT_EQ(verdict.problems.size(), 1u);
  EXPECT_EQ(verdict.problems[0].find("/nonexistent/vedette.toml: cannot be opened (No such file"), 0u)
      << verdict.problems[0];
  EXPECT_FALSE(read_config_file("/tmp").config) << "a folder is no configuration";
}

}  // namespace
}  // namespace vedette::control
