// [identity]: what is understood, which policy holds where, and what is said of each mistake.
#include <gtest/gtest.h>

#include "engine/control/config.h"

namespace vedette::control {
namespace {

using engine::IdentityPolicy;

ConfigVerdict after_least(std::string_view text) {
  std::string all =
      "[[domain]]\nname = \"a.test\"\nidentity = \"require\"\n[[domain]]\nname = \"b.test\"\n"
      "[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=v0\"\n";
  return read_config(all.append(text), "f");
}

std::string problem_of(std::string_view text) {
  const ConfigVerdict verdict = after_least(text);
  EXPECT_FALSE(verdict.config) << text;
  EXPECT_EQ(verdict.problems.size(), 1U) << testing::PrintToString(verdict.problems);
  return verdict.problems.empty() ? "" : verdict.problems[0];
}

bool says(const std::string& problem, std::string_view words) { return problem.find(words) != std::string::npos; }

const std::string kGood =
    "trust = [\"a.pem\"]\nfetch_hosts = [\"Certs.Example.org\", \"192.0.2.9:8443\", \"[::1]:443\"]\n";

TEST(IdentityConfigTest, PoliciesAreGlobalOrOfADomainOrAPeer) {
  const ConfigVerdict verdict =
      after_least("[[peer]]\ndomain = \"c.test\"\nidentity = \"off\"\n[[peer]]\ndomain = \"d.test\"\n"
                  "[identity]\npolicy = \"verify\"\nfreshness = \"30s\"\nheld_max = 7\nfetch_time_max = \"2s\"\n" +
                  kGood + "[[identity.certificate]]\nurl = \"https://x.test/a\"\nfile = \"x.pem\"\n");
  ASSERT_TRUE(verdict.config) << testing::PrintToString(verdict.problems);
  const engine::EngineConfig& engine = verdict.config->engine;
  EXPECT_EQ(engine.domains[0].identity, IdentityPolicy::kRequire);
  EXPECT_EQ(engine.domains[1].identity, IdentityPolicy::kVerify);
  EXPECT_EQ(engine.peers[0].identity, IdentityPolicy::kOff);
  EXPECT_FALSE(engine.peers[1].identity);
  EXPECT_EQ(engine.identity_freshness, engine::Duration::seconds(30));
  const IdentityConfig& identity = verdict.config->control.identity;
  EXPECT_TRUE(identity.is_on);
  EXPECT_EQ(identity.freshness, engine::Duration::seconds(30));
  EXPECT_EQ(identity.fetch_hosts, (std::vector<std::string>{"certs.example.org", "192.0.2.9:8443", "[::1]"}));
  EXPECT_EQ(identity.certificates, (std::vector<IdentityConfig::Certificate>{{"https://x.test/a", "x.pem"}}));
  EXPECT_EQ(identity.held_max, 7U);
  EXPECT_EQ(identity.fetch_time_max, engine::Duration::seconds(2));
}

TEST(IdentityConfigTest, EachMistakeIsSaid) {
  EXPECT_TRUE(says(problem_of("[identity]\nfetch_hosts = [\"c.test\"]\n"),
                   "name the authorities' PEM files in [identity] trust"));
  EXPECT_TRUE(says(problem_of("[identity]\ntrust = [\"a.pem\"]\n"), "name hosts in fetch_hosts, or add"));
  EXPECT_TRUE(says(problem_of("[identity]\npolicy = \"maybe\"\n" + kGood), "maybe"));
  EXPECT_TRUE(says(problem_of("[identity]\n" + kGood + "fetches_max = 0\n"), "fetches_max"));
  for (const char* host : {"https://x.test", "x.test/a", "user@x.test", "x..test", "x.test:0"}) {
    EXPECT_TRUE(says(problem_of("[identity]\ntrust = [\"a.pem\"]\nfetch_hosts = [\"c.test\", \"" + std::string(host) +
                                "\"]\n"),
                     "which is no host"))
        << host;
  }
  const std::string certificate = "[identity]\n" + kGood + "[[identity.certificate]]\n";
  EXPECT_TRUE(says(problem_of(certificate + "file = \"x.pem\"\n"), "url is missing"));
  EXPECT_TRUE(says(problem_of(certificate + "url = \"https://x.test/a\"\n"), "file is missing"));
  EXPECT_TRUE(says(problem_of(certificate + "url = \"http://x.test/a\"\nfile = \"x.pem\"\n"), "which no Identity may"));
}

TEST(IdentityConfigTest, WhereNobodyAsksNothingIsNeeded) {
  std::string text = "[[domain]]\nname = \"a.test\"\n[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=v0\"\n";
  const ConfigVerdict verdict = read_config(text, "f");
  ASSERT_TRUE(verdict.config);
  EXPECT_FALSE(verdict.config->control.identity.is_on);
}

}  // namespace
}  // namespace vedette::control
