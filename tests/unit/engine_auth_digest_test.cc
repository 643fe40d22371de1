// Digest responses: the RFCs' own examples, what real clients sent, and the challenges that they answer.
#include <gtest/gtest.h>

#include <string>

#include "engine/auth/challenge.h"
#include "engine/auth/digest.h"
#include "engine/control/crypto.h"
#include "parsers/auth_params.h"
#include "tests/support/digest_client.h"

namespace vedette::engine {
namespace {

using support::make_user;

const Hashes kHashes = control::openssl_hashes();

struct Recorded {
  const char* what;
  const char* method;
  const char* name;
  const char* realm;
  const char* password;
  const char* authorization;
};

const Recorded kRecorded[] = {
    {"RFC 2617 §3.5", "GET", "Mufasa", "testrealm@host.com", "Circle Of Life",
     R"(Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",)"
     R"( uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b",)"
     R"( response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41")"},
    {"RFC 7616 §3.9.1, MD5", "GET", "Mufasa", "http-auth@example.org", "Circle of Life",
     R"(Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5,)"
     R"( nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,)"
     R"( cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,)"
     R"( response="8ca523f5e9506fed4657c9700eebdbec")"},
    {"RFC 7616 §3.9.1, SHA-256", "GET", "Mufasa", "http-auth@example.org", "Circle of Life",
     R"(Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256,)"
     R"( nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,)"
     R"( cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,)"
     R"( response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")"},
    {"RFC 2069 §2.4 as corrected by its erratum 749", "GET", "Mufasa", "testrealm@host.com", "CircleOfLife",
     R"(Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",)"
     R"( uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea")"},
    {"baresip 1.0", "REGISTER", "alice", "presence.test", "alicepw",
     R"(Digest username="alice", realm="presence.test", nonce="awMt3msDLLLVTNNcKYuCTJ0nNwnwkSwj",)"
     R"( uri="sip:presence.test;transport=udp", response="6ef419b72a2b8cffd13fa10434f85c3a",)"
     R"( cnonce="faa75c01b6f8b7d9", qop=auth, nc=00000001)"},
    {"Linphone 5.1", "REGISTER", "alice", "presence.test", "alicepw",
     R"( Digest realm="presence.test", nonce="awMv2GsDLqyr4MkqPGlIgnUGK2OBidJf", username="alice",)"
     R"(  uri="sip:presence.test", response="853350833a0d50cb169ee6e7984c8775", cnonce="5uX4D2jlsTWL~NeC",)"
     R"( nc=00000001, qop=auth)"},
    {"SIPp 3.6", "REGISTER", "sipp1", "presence.test", "sipp1pw",
     R"(Digest username="sipp1",realm="presence.test",cnonce="6b8b4567",nc=00000001,qop=auth,)"
     R"(uri="sip:127.0.0.1:5060",nonce="awM1NmsDNApJmZqcPutW416KLbro61fb",)"
     R"(response="bd0ffcfd60ba7140ff4f89a238dc138f",algorithm=MD5)"},
    {"JsSIP 3.13", "REGISTER", "alice", "presence.test", "alicepw",
     R"(Digest algorithm=MD5, username="alice", realm="presence.test", nonce="awM0SGsDMxzPyR2O6xv/j6rAdsw/eY41",)"
     R"( uri="sip:presence.test", response="7642fc96bdc502059a118dc6cec16700", qop=auth,)"
     R"( cnonce="5bngh084etqr", nc=00000001)"},
};

bool matches(const Recorded& recorded, const User& user, std::string_view method,
             std::string_view authorization) {
  parsers::AuthParams params;
  EXPECT_EQ(parsers::parse_auth_params(authorization, params), parsers::ParseError::kOk) << recorded.what;
  DigestAlgorithm algorithm{};
  EXPECT_TRUE(parse_digest_algorithm(params.algorithm, algorithm)) << recorded.what;
  return digest_matches(kHashes, algorithm, {params, method, user});
}

TEST(Digest, AcceptsTheRfcsExamplesAndRealClients) {
  for (const Recorded& recorded : kRecorded) {
    const User user = make_user(recorded.name, recorded.realm, recorded.password);
    EXPECT_TRUE(matches(recorded, user, recorded.method, recorded.authorization)) << recorded.what;
  }
}

TEST(Digest, RefusesTheSameWithAnotherPasswordMethodOrResponse) {
  for (const Recorded& recorded : kRecorded) {
    const User user = make_user(recorded.name, recorded.realm, recorded.password);
    const User other = make_user(recorded.name, recorded.realm, std::string(recorded.password) + "x");
    EXPECT_FALSE(matches(recorded, other, recorded.method, recorded.authorization)) << recorded.what;
    EXPECT_FALSE(matches(recorded, user, "PUBLISH", recorded.authorization)) << recorded.what;
    EXPECT_FALSE(matches(recorded, User(), recorded.method, recorded.authorization)) << recorded.what;

    // Any one digit of the response.
    const std::string text = recorded.authorization;
    const size_t at = text.find("response=\"") + 10;
    for (size_t i = at; text[i] != '"'; ++i) {
      std::string changed = text;
      changed[i] = changed[i] == '0' ? '1' : '0';
      EXPECT_FALSE(matches(recorded, user, recorded.method, changed)) << recorded.what << " digit " << i - at;
    }
    std::string shortened = text;
    shortened.erase(at, 2);
    EXPECT_FALSE(matches(recorded, user, recorded.method, shortened)) << recorded.what;
  }
}

// A secret that is not there is all zeros in memory: nobody may log in with that.
TEST(Digest, ASecretThatIsNotThereMatchesNothing) {
  for (const DigestAlgorithm algorithm :
       {DigestAlgorithm::kMd5, DigestAlgorithm::kSha256, DigestAlgorithm::kSha512256}) {
    support::DigestAnswer answer{.nonce = "00ff", .algorithm = algorithm};
    answer.ha1 = std::string(algorithm == DigestAlgorithm::kMd5 ? 32 : 64, '0');
    const std::string header = answer.header();
    parsers::AuthParams params;
    ASSERT_EQ(parsers::parse_auth_params(header, params), parsers::ParseError::kOk);
    User user;
    EXPECT_FALSE(digest_matches(kHashes, algorithm, {params, "REGISTER", user, ""}));
    user.has_md5 = user.has_sha256 = user.has_sha512_256 = true;
    EXPECT_TRUE(digest_matches(kHashes, algorithm, {params, "REGISTER", user, ""})) << "the answer itself is well made";
  }
}

TEST(DigestAlgorithm, NoneMeansMd5AndOthersAreNotOffered) {
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  EXPECT_TRUE(parse_digest_algorithm("", algorithm));
  EXPECT_EQ(algorithm, DigestAlgorithm::kMd5);
  EXPECT_TRUE(parse_digest_algorithm("sha-256", algorithm));
  EXPECT_EQ(algorithm, DigestAlgorithm::kSha256);
  EXPECT_TRUE(parse_digest_algorithm("md5", algorithm));
  EXPECT_EQ(algorithm, DigestAlgorithm::kMd5);
  EXPECT_TRUE(parse_digest_algorithm("sha-512-256", algorithm));
  EXPECT_EQ(algorithm, DigestAlgorithm::kSha512256);
  for (const char* other : {"MD5-sess", "SHA-256-sess", "SHA-512-256-sess", "SHA-512", "AKAv1-MD5", "SHA256", "x"}) {
    EXPECT_FALSE(parse_digest_algorithm(other, algorithm)) << other;
  }
}

std::string challenges(const Domain& domain, bool stale, std::string_view user_agent = "Linphonec/5.1.65") {
  char buffer[1024];
  parsers::Writer writer(buffer, sizeof buffer);
  write_challenges({.domain = domain, .nonce = "00ff", .stale = stale, .user_agent = user_agent}, writer);
  return std::string(writer.text());
}

const Domain kBoth{.name = "example.com", .algorithms = {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}};

// RFC 8760 §2.3: one header field for each algorithm, in order of preference.
TEST(Challenge, OffersEachAlgorithmInTheDomainsOrder) {
  EXPECT_EQ(
      challenges(kBoth, false),
      "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"00ff\", qop=\"auth\", algorithm=SHA-256\r\n"
      "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"00ff\", qop=\"auth\", algorithm=MD5\r\n");
  const Domain md5{.name = "example.com", .algorithms = {DigestAlgorithm::kMd5}};
  EXPECT_EQ(challenges(md5, true),
            "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"00ff\", qop=\"auth\", algorithm=MD5,"
            " stale=true\r\n");
}

// RFC 7616 §3.3: qop is a list.
TEST(Challenge, OffersTheDomainsQualityOfProtection) {
  Domain domain{.name = "example.com", .algorithms = {DigestAlgorithm::kSha512256}, .offers_auth_int = true};
  EXPECT_EQ(challenges(domain, false), "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"00ff\", "
                                       "qop=\"auth,auth-int\", algorithm=SHA-512-256\r\n");
  domain.offers_auth = false;
  EXPECT_NE(challenges(domain, false).find("qop=\"auth-int\","), std::string::npos);
}

TEST(Challenge, BaresipIsOfferedOnlyWhatItCanRead) {
  const std::string text = challenges(kBoth, false, "baresip v1.0.0 (x86_64/linux)");
  EXPECT_EQ(text.find("SHA-256"), std::string::npos);
  EXPECT_NE(text.find("algorithm=MD5"), std::string::npos);
  const Domain strict{.name = "example.com", .algorithms = {DigestAlgorithm::kSha256}};
  EXPECT_NE(challenges(strict, false, "baresip v1.0.0").find("SHA-256"), std::string::npos)
      << "never what the operator does not offer";
}

// SIPp's stock scenarios name no User-Agent; it answers the first challenge, and knows MD5 alone.
TEST(Challenge, ClientsThatReadOnlyTheFirstFindMd5There) {
  for (const char* user_agent : {"", "SIPp/Linux"}) {
    const std::string text = challenges(kBoth, false, user_agent);
    EXPECT_LT(text.find("algorithm=MD5"), text.find("algorithm=SHA-256"));
    EXPECT_NE(text.find("algorithm=SHA-256"), std::string::npos);
  }
}

}  // namespace
}  // namespace vedette::engine
