// [[peer]] and whom [tls] believes: what is understood, and what is said of each mistake.
#include <gtest/gtest.h>

#include "engine/control/config.h"

namespace vedette::control {
namespace {

using engine::find_peer;

ConfigVerdict after_least(std::string_view text) {
  std::string all =
      "[[domain]]\nname = \"presence.test\"\n[[port]]\nname = \"lan\"\ndevice = \"net_af_packet0,iface=v0\"\n";
  return read_config(all.append(text), "f");
}

// What is said of a configuration with one mistake.
std::string problem_of(std::string_view text) {
  const ConfigVerdict verdict = after_least(text);
  EXPECT_FALSE(verdict.config) << text;
  EXPECT_EQ(verdict.problems.size(), 1U) << testing::PrintToString(verdict.problems);
  return verdict.problems.empty() ? "" : verdict.problems[0];
}

bool says(const std::string& problem, std::string_view words) { return problem.find(words) != std::string::npos; }

TEST(PeerConfig, PeersStandInTheirOrderByName) {
  const ConfigVerdict verdict = after_least(
      "[[peer]]\ndomain = \"Example.ORG\"\naddresses = [\"192.0.2.9\", \"[2001:db8::9]:5071\"]\n"
      "[[peer]]\ndomain = \"example.net\"\n"
      "[tls]\ntrust = [\"a.pem\", \"b.pem\"]\nrevoked = [\"c.pem\"]\nclient_certificates = \"required\"\n"
      "[streams]\nopenings_per_peer_max = 3\n");
  ASSERT_TRUE(verdict.config) << testing::PrintToString(verdict.problems);
  const engine::Peers& peers = verdict.config->engine.peers;
  ASSERT_EQ(peers.size(), 2U);
  EXPECT_EQ(peers[0].domain, "example.net");
  EXPECT_EQ(peers[0].v4.port, 0U);
  EXPECT_EQ(peers[1].domain, "example.org");
  EXPECT_EQ(peers[1].v4, (engine::Endpoint{engine::IpAddress::v4(0xc0000209), 5061}));
  EXPECT_EQ(peers[1].v6.port, 5071U);
  EXPECT_FALSE(peers[1].v6.address.is_v4());
  const StreamConfig& streams = verdict.config->control.streams;
  EXPECT_EQ(streams.peers, peers);
  EXPECT_EQ(streams.tls_trust, (std::vector<std::string>{"a.pem", "b.pem"}));
  EXPECT_EQ(streams.tls_revoked, (std::vector<std::string>{"c.pem"}));
  EXPECT_EQ(streams.client_certificates, ClientCertificates::kRequired);
  EXPECT_EQ(streams.openings_per_peer_max, 3U);
}

TEST(PeerConfig, EachMistakeIsSaid) {
  EXPECT_TRUE(says(problem_of("[[peer]]\n"), "domain is missing; give the name that its certificates are for"));
  EXPECT_TRUE(says(problem_of("[[peer]]\ndomain = \"*.example.org\"\n"), "which is no domain name"));
  EXPECT_TRUE(says(problem_of("[[peer]]\ndomain = \"a.test\"\n[[peer]]\ndomain = \"A.test\"\n"),
                   "\"a.test\" stands already in line 7"));
  const std::string trust = "[tls]\ntrust = [\"a.pem\"]\n[[peer]]\ndomain = \"a.test\"\naddresses = ";
  EXPECT_TRUE(says(problem_of(trust + "[\"host.a.test\"]\n"), "holds \"host.a.test\", which is no address"));
  EXPECT_TRUE(says(problem_of(trust + "[\"192.0.2.1\", \"192.0.2.2\"]\n"), "has two of one kind"));
  EXPECT_TRUE(says(problem_of("[[peer]]\ndomain = \"a.test\"\naddresses = [\"192.0.2.1\"]\n"),
                   "has addresses, but nobody is believed there; name the authorities' PEM files in [tls] trust"));
  EXPECT_TRUE(says(problem_of("[tls]\nrevoked = [\"a.pem\"]\n"), "is of no use without trust"));
  EXPECT_TRUE(says(problem_of("[tls]\nclient_certificates = \"optional\"\n"),
                   "name the authorities' PEM files in trust"));
}

TEST(PeerConfig, WhatAPeerMaySayAndWhomADomainRefuses) {
  const std::string text =
      "[[peer]]\ndomain = \"b.test\"\nasserts = [\"B.test\", \"c.test\"]\nsources = [\"192.0.2.0/28\"]\n"
      "[[peer]]\ndomain = \"a.test\"\n"
      "[[domain]]\nname = \"one.test\"\npeers = [\"A.test\"]\n"
      "[[domain]]\nname = \"two.test\"\npeers_denied = [\"a.test\"]\n"
      "[[domain]]\nname = \"three.test\"\npeers = []\n";
  const ConfigVerdict verdict = after_least(text);
  ASSERT_TRUE(verdict.config) << testing::PrintToString(verdict.problems);
  const engine::EngineConfig& config = verdict.config->engine;
  ASSERT_EQ(config.peers.size(), 2U);
  EXPECT_EQ(config.peers[1].asserts, (std::vector<std::string>{"b.test", "c.test"}));
  ASSERT_EQ(config.peers[1].sources.size(), 1U);
  EXPECT_TRUE(config.peers[1].sources[0].contains(engine::IpAddress::v4(0xc000020f)));
  EXPECT_TRUE(config.domains[0].refused_peers.empty());
  EXPECT_EQ(config.domains[1].refused_peers, (std::vector<bool>{false, false, true}));
  EXPECT_EQ(config.domains[2].refused_peers, (std::vector<bool>{false, true, false}));
  EXPECT_EQ(config.domains[3].refused_peers, (std::vector<bool>{false, true, true}));
  EXPECT_TRUE(says(problem_of("[[domain]]\nname = \"one.test\"\npeers = [\"z.test\"]\n"), "which is no [[peer]]"));
  EXPECT_TRUE(says(problem_of("[[peer]]\ndomain = \"a.test\"\nsources = [\"here\"]\n"), "which is no prefix"));
  EXPECT_TRUE(says(problem_of("[[peer]]\ndomain = \"a.test\"\nasserts = [\"*\"]\n"), "which is no domain name"));
}

// RFC 4343, and RFC 5922 §7.2: in its entirety.
TEST(Peers, AreFoundByTheirWholeNameInAnyCase) {
  const engine::Peers peers = {{.domain = "a.test"}, {.domain = "b.test"}, {.domain = "bb.test"}};
  EXPECT_EQ(find_peer(peers, "A.TEST"), 1U);
  EXPECT_EQ(find_peer(peers, "b.Test"), 2U);
  EXPECT_EQ(find_peer(peers, "bb.test"), 3U);
  for (const char* other : {"", "a", "a.tes", "a.test.", "x.a.test", "b.testx", "c.test", "~"}) {
    EXPECT_EQ(find_peer(peers, other), engine::kNoPeer) << other;
  }
  EXPECT_EQ(find_peer({}, "a.test"), engine::kNoPeer);
}

}  // namespace
}  // namespace vedette::control
