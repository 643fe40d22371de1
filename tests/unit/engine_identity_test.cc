// Identity (RFC 8224) as far as no signature is looked at: what a PASSporT says of a request, which fields are worth
// verifying, for whom it is asked, and what a verdict is good for.
#include "engine/auth/identity.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "engine/control/crypto.h"
#include "tests/support/digest_client.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string written(void (*write)(const Passport&, parsers::Writer&), const Passport& passport) {
  std::array<char, kSigningInputBytesMax> out;
  parsers::Writer writer(out.data(), out.size());
  write(passport, writer);
  return writer.overflowed() ? "too long" : std::string(writer.text());
}

PassportParty party(std::string_view text) {
  parsers::Uri uri;
  EXPECT_EQ(parsers::parse_uri(text, uri), parsers::ParseError::kOk) << text;
  return PassportParty(uri);
}

// RFC 8225, appendix A.
TEST(PassportTest, IsSerialisedAsTheRfcsExample) {
  Passport passport{.x5u = "https://cert.example.org/passport.cer",
                    .orig = party("tel:+1-215-555-1212"),
                    .dest = party("sip:alice@example.com"),
                    .iat = 1'471'375'418};
  EXPECT_EQ(written(write_passport_header, passport),
            R"({"alg":"ES256","typ":"passport","x5u":"https://cert.example.org/passport.cer"})");
  EXPECT_EQ(written(write_passport_payload, passport),
            R"({"dest":{"uri":["sip:alice@example.com"]},"iat":1471375418,"orig":{"tn":"12155551212"}})");
  EXPECT_EQ(written(write_signing_input, passport),
            "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9j"
            "ZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9."
            "eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI"
            "6MTQ3MTM3NTQxOCwib3JpZyI6eyJ0biI6IjEyMTU1NTUxMjEyIn19");
  const std::string long_one = "https://cert.example.org/" + std::string(2'000, 'a');
  passport.x5u = long_one;
  EXPECT_EQ(written(write_signing_input, passport), "too long");
  passport.x5u = R"(https://a.b/\)";
  EXPECT_EQ(written(write_passport_header, passport), R"({"alg":"ES256","typ":"passport","x5u":"https://a.b/\\"})");
}

// RFC 8224 §8.3, §8.5.
TEST(PassportTest, PartiesHaveOneForm) {
  for (const auto& [text, canonical] : {std::pair("sip:alice@Example.COM:5070;transport=tcp", "sip:alice@example.com"),
                                        std::pair("SIPS:al%69ce:secret@example.com", "sips:alice@example.com"),
                                        std::pair("sip:Alice@example.com", "sip:Alice@example.com")}) {
    EXPECT_EQ(party(text).view(), canonical);
    EXPECT_FALSE(party(text).is_number());
  }
  for (const auto& [text, canonical] : {std::pair("tel:+1-(215)-555.1212", "12155551212"),
                                        std::pair("sip:+12155551212@example.com", "12155551212"),
                                        std::pair("sip:7042;phone-context=x@example.com;user=phone", "7042"),
                                        std::pair("sip:*69@example.com;user=PHONE", "*69")}) {
    EXPECT_EQ(party(text).view(), canonical);
    EXPECT_TRUE(party(text).is_number());
  }
  EXPECT_TRUE(party("sip:example.com").empty());
  EXPECT_TRUE(party("sip:alice@example.com;user=phone").empty());
  EXPECT_TRUE(party("http://example.com").empty());
}

// The bench's clock stands at 1,800,000,000.
const std::string kDate = "Date: Fri, 15 Jan 2027 08:00:00 GMT\n";
const std::string kSignature(kIdentitySignatureBytes, 'A');
const std::string kIdentity = "Identity: .." + kSignature + ";info=<https://certs.example.net/a.pem>;alg=ES256\n";

class IdentityTest : public testing::Test {
 protected:
  IdentityTest() : config_(support::bench_config()) {
    config_.domains = {Domain{.name = "example.com", .watch_policy = WatchPolicy::kEveryone}};
    config_.domains[0].identity = IdentityPolicy::kVerify;
    config_.users = {support::make_user("alice", "example.com", "secret")};
  }

  std::string request(const std::string& headers) {
    const std::string number = std::to_string(++cseq_);
    const std::string package = method_ == "REGISTER" ? "" : "Event: presence\n";
    return method_ + " sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + number +
           "\nFrom: <" + from_ + ">;tag=w\nTo: <sip:alice@example.com>" + to_tag_ + "\nCall-ID: c@192.0.2.1\nCSeq: " +
           number + " " + method_ + "\nContact: <sip:w@192.0.2.1>\nExpires: 600\n" + package + headers +
           "Content-Length: 0\n\n";
  }
  // The status of the answer; 0 when it waits for a verdict, or is not answered.
  int ask(const std::string& headers) {
    sent_ = bench().send(request(headers), "192.0.2.1");
    return status();
  }
  int give(Reason verdict) {
    sent_ = bench().give_verdict(verdict);
    return status();
  }
  int status() const { return sent_.empty() ? 0 : std::stoi(sent_.front().first_line().substr(8, 3)); }
  ShardBench& bench() {
    if (bench_ == nullptr) bench_ = std::make_unique<ShardBench>(config_, shards_, control::openssl_hashes());
    return *bench_;
  }

  EngineConfig config_;
  unsigned shards_ = 1;
  std::string method_ = "SUBSCRIBE", from_ = "sip:carol@example.net", to_tag_;
  std::vector<Sent> sent_;

 private:
  std::unique_ptr<ShardBench> bench_;
  int cseq_ = 0;
};

TEST_F(IdentityTest, WhoseDomainHasSignedIsWhoTheFromNames) {
  EXPECT_EQ(ask(kDate + kIdentity), 0);
  ASSERT_EQ(bench().unverified(), 1U);
  EXPECT_EQ(bench().subscriptions(), 0U);
  EXPECT_EQ(give(Reason::kNone), 200);
  EXPECT_EQ(bench().subscriptions(), 1U);
  EXPECT_EQ(bench().count(Counter::kIdentitiesAsked), 1U);
  EXPECT_EQ(bench().count(Counter::kIdentitiesVerified), 1U);
  EXPECT_EQ(bench().count(Counter::kRequestsIn), 1U);
  // A refresh has to be signed, too.
  const std::string to = sent_[0].header("To");
  to_tag_ = to.substr(to.find(";tag="));
  EXPECT_EQ(ask(kDate + kIdentity), 0);
  EXPECT_EQ(give(Reason::kNone), 200);
  from_ = "sip:dave@example.net";
  EXPECT_EQ(ask(kDate + kIdentity), 0);
  EXPECT_EQ(give(Reason::kNone), 403) << "another one's dialog";
  from_ = "sip:carol@example.net";
  EXPECT_EQ(ask(kDate), 403) << "unsigned";
}

TEST_F(IdentityTest, ItCrossesToItsOwnerFirst) {
  shards_ = 4;
  const unsigned owner = bench().owner_of("alice@example.com");
  sent_ = bench().send(request(kDate + kIdentity), "192.0.2.1", (owner + 1) % 4);
  ASSERT_EQ(bench().unverified(), 1U);
  EXPECT_EQ(give(Reason::kNone), 200);
  EXPECT_EQ(bench().shard(owner).subscription_count(), 1U);
}

TEST_F(IdentityTest, WhatIsFoundWrongIsSaid) {
  for (const auto& [verdict, status] :
       {std::pair(Reason::kBadIdentityInfo, 436), std::pair(Reason::kUnsupportedCredential, 437),
        std::pair(Reason::kInvalidIdentity, 438), std::pair(Reason::kIdentityReplayed, 438),
        std::pair(Reason::kStaleDate, 403), std::pair(Reason::kIdentitiesFull, 503)}) {
    EXPECT_EQ(ask(kDate + kIdentity), 0);
    EXPECT_EQ(give(verdict), status);
    EXPECT_EQ(bench().count(verdict), 1U);
    EXPECT_EQ(sent_.front().header("Retry-After").empty(), status != 503);
  }
  EXPECT_EQ(bench().subscriptions(), 0U);
}

// What is wrong at a glance costs nobody a signature.
TEST_F(IdentityTest, WhatCannotBeRightIsNotVerified) {
  const std::string info = ";info=<https://certs.example.net/a.pem>\n";
  for (const auto& [headers, status] : std::initializer_list<std::pair<std::string, int>>{
           {kDate + "Identity: " + kSignature + info, 438},
           {kDate + "Identity: .." + kSignature.substr(1) + info, 438},
           {kDate + "Identity: ..." + kSignature + info, 438},
           {kDate + "Identity: .." + kSignature + "\n", 436},
           {kDate + "Identity: .." + kSignature + ";info=https://certs.example.net/a.pem\n", 436},
           {kDate + "Identity: .." + kSignature + ";info=<http://certs.example.net/a.pem>\n", 436},
           {kDate + "Identity: .." + kSignature + ";info=<file:///etc/passwd>\n", 436},
           {kDate + "y: .." + kSignature + ";info=<https://a.b/" + std::string(600, 'a') + ">\n", 436},
           {kDate + "Identity: .." + kSignature + ";alg=none" + info, 437},
           {kDate + "Identity: .." + kSignature + ";alg=RS256" + info, 437},
           {kDate + "Identity: " + std::string(1'100, 'a') + ".b." + kSignature + info, 438},
           {kIdentity, 403},
           {"Date: today\n" + kIdentity, 403},
           {"Date: Fri, 15 Jan 2027 07:58:59 GMT\n" + kIdentity, 403},
           {"Date: Fri, 15 Jan 2027 08:01:01 GMT\n" + kIdentity, 403}}) {
    EXPECT_EQ(ask(headers), status) << headers;
  }
  from_ = "sip:+12155551212@example.net";
  EXPECT_EQ(ask(kDate + kIdentity), 437) << "a number";
  from_ = "tel:+12155551212";
  EXPECT_EQ(ask(kDate + kIdentity), 437);
  EXPECT_EQ(bench().unverified(), 0U);
  EXPECT_EQ(bench().count(Reason::kStaleDate), 4U);
}

TEST_F(IdentityTest, ADateMayBeAMinuteOff) {
  EXPECT_EQ(ask("Date: Fri, 15 Jan 2027 07:59:00 GMT\n" + kIdentity), 0);
  EXPECT_EQ(ask("Date: Fri, 15 Jan 2027 08:01:00 GMT\n" + kIdentity), 0);
  EXPECT_EQ(bench().unverified(), 2U);
}

// RFC 8224 §4: one that may be right is enough; §6.2: what is of another type is passed over.
TEST_F(IdentityTest, OfSeveralOneIsEnough) {
  const std::string bad = "Identity: ..x;info=<https://certs.example.net/a.pem>\n";
  const std::string other = "Identity: a.b.c;info=<https://certs.example.net/a.pem>;ppt=shaken\n";
  EXPECT_EQ(ask(kDate + bad + other + kIdentity), 0);
  EXPECT_EQ(bench().unverified(), 1U);
  EXPECT_EQ(ask(kDate + bad + other), 438);
  EXPECT_EQ(ask(kDate + bad + bad + bad + bad + kIdentity), 438) << "the fifth is not looked at";
  EXPECT_EQ(ask(kDate + other), 401) << "as if it were not there";
}

TEST_F(IdentityTest, NobodyHasToHaveOneUnlessItIsRequired) {
  EXPECT_EQ(ask(kDate), 401);
  EXPECT_EQ(bench().count(Reason::kIdentityMissing), 0U);
}

TEST_F(IdentityTest, WhereItIsRequiredItHasToBeThere) {
  config_.domains[0].identity = IdentityPolicy::kRequire;
  EXPECT_EQ(ask(kDate), 428);
  EXPECT_EQ(ask(kDate + "Identity: a.b.c;info=<https://certs.example.net/a.pem>;ppt=shaken\n"), 428);
  EXPECT_EQ(bench().count(Reason::kIdentityMissing), 2U);
  EXPECT_EQ(ask(kDate + kIdentity), 0);
  from_ = "sip:alice@example.com";
  EXPECT_EQ(ask(kDate), 401) << "our own users have passwords";
  from_ = "sip:anonymous@anonymous.invalid";
  EXPECT_EQ(ask(kDate), 428);
}

TEST_F(IdentityTest, WhoMayBeNobodyNeedsNone) {
  config_.domains[0].identity = IdentityPolicy::kRequire;
  config_.domains[0].serves_anonymous = true;
  from_ = "sip:anonymous@anonymous.invalid";
  EXPECT_EQ(ask(kDate), 401);
}

TEST_F(IdentityTest, OurOwnUsersProveThemselvesByPassword) {
  from_ = "sip:alice@example.com";
  EXPECT_EQ(ask(kDate + kIdentity), 401);
  EXPECT_EQ(ask(kDate + "Identity: nonsense\n"), 401);
  EXPECT_EQ(bench().unverified(), 0U);
}

// Nobody sets another one's state by a signature.
TEST_F(IdentityTest, ASignatureDoesNotPublish) {
  for (const std::string method : {"PUBLISH", "REGISTER"}) {
    method_ = method;
    EXPECT_EQ(ask(kDate + kIdentity), 0);
    EXPECT_EQ(give(Reason::kNone), 401) << method;
    EXPECT_EQ(ask(kDate + kIdentity), 0);
    EXPECT_EQ(give(Reason::kInvalidIdentity), 438) << method;
  }
}

TEST_F(IdentityTest, WhereItIsOffItIsAsIfItWereNotThere) {
  config_.domains[0].identity = IdentityPolicy::kOff;
  EXPECT_EQ(ask(kDate + kIdentity), 401);
  EXPECT_EQ(ask(kDate + "Identity: nonsense\n"), 401);
  EXPECT_EQ(bench().unverified(), 0U);
}

TEST_F(IdentityTest, APeerMayHaveAPolicyOfItsOwn) {
  AddressPrefix lan;
  ASSERT_TRUE(AddressPrefix::parse("192.0.2.1", lan));
  config_.domains[0].identity = IdentityPolicy::kRequire;
  config_.peers = {Peer{.domain = "example.net", .sources = {lan}, .identity = IdentityPolicy::kOff}};
  EXPECT_EQ(ask(kDate), 401);
  sent_ = bench().send(request(kDate), "192.0.2.2");
  EXPECT_EQ(status(), 428);
}

TEST_F(IdentityTest, RulesKnowTheWatcherByIt) {
  config_.domains[0].watch_policy = WatchPolicy::kDomain;
  EXPECT_EQ(ask(kDate + kIdentity), 0);
  EXPECT_EQ(give(Reason::kNone), 403) << "users of the domain alone";
}

}  // namespace
}  // namespace vedette::engine
