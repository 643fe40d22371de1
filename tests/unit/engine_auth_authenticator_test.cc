// Who sent this? Ladders of requests against one shard's authenticator: challenges, answers, stale and used nonces,
// and what an eavesdropper could try.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/auth/authenticator.h"
#include "engine/auth/digest_uri.h"
#include "engine/control/crypto.h"
#include "parsers/auth_params.h"
#include "tests/support/digest_client.h"

namespace vedette::engine {
namespace {

using support::DigestAnswer;
using support::make_user;

const Instant kNow = Instant::from_unix_seconds(1'700'000'000);

EngineConfig make_config() {
  EngineConfig config;
  config.domains = {
      Domain{.name = "example.com", .algorithms = {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}},
      Domain{.name = "example.org", .algorithms = {DigestAlgorithm::kSha256}}};
  config.users = {make_user("alice", "example.com", "secret"), make_user("alice", "example.org", "secret"),
                  make_user("bob", "example.com", "geheim")};
  config.limits.replay_windows_max = 8;
  return config;
}

Flow make_flow(uint16_t port = 5060) {
  Flow flow;
  flow.local = {IpAddress::v4(0xc00002fe), 5060};
  flow.remote = {IpAddress::v4(0xc0000201), port};
  return flow;
}

NonceKey make_key(uint8_t id) {
  NonceKey key{.id = id};
  key.secret.fill(static_cast<uint8_t>(0x50 + id));
  return key;
}

class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() : config(make_config()), shard(config, control::openssl_hashes(), ShardIndex{0}) {
    shard.set_nonce_keys(make_key(1), {});
  }

  // A request with these Authorization (or other) header lines.
  std::string request(const std::string& headers) const {
    return method + " " + request_uri + " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
           "User-Agent: ladder\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  Authentication send_headers(const std::string& headers, Authenticator* to = nullptr) {
    const std::string bytes = request(headers);
    EXPECT_EQ(parsers::parse_message(bytes, message), parsers::ParseError::kOk);
    return (to != nullptr ? *to : shard).authenticate(now, {message, flow, config.domains[domain]});
  }
  Authentication send(const DigestAnswer& answer, Authenticator* to = nullptr) {
    return send_headers("Authorization: " + answer.header() + "\r\n", to);
  }

  // The header lines of the 401 to a request without credentials.
  std::string challenge(Reason reason = Reason::kUnauthorized, Authenticator* from = nullptr) {
    const std::string bytes = request("");
    EXPECT_EQ(parsers::parse_message(bytes, message), parsers::ParseError::kOk);
    char buffer[2048];
    parsers::Writer writer(buffer, sizeof buffer);
    (from != nullptr ? *from : shard)
        .write_challenges(now, {message, flow, config.domains[domain]}, reason, writer);
    EXPECT_FALSE(writer.overflowed());
    return std::string(writer.text());
  }
  DigestAnswer answer_to(const std::string& challenge_text) const {
    DigestAnswer answer{.method = method};
    const size_t at = challenge_text.find("nonce=\"") + 7;
    answer.nonce = challenge_text.substr(at, challenge_text.find('"', at) - at);
    return answer;
  }
  DigestAnswer challenged() { return answer_to(challenge()); }

  EngineConfig config;
  Authenticator shard;
  parsers::Message message;
  Instant now = kNow;
  Flow flow = make_flow();
  size_t domain = 0;
  std::string method = "REGISTER";
  std::string request_uri = "sip:example.com";
  std::string body;
};

TEST_F(AuthenticatorTest, ChallengeAnswerUser) {
  EXPECT_EQ(send_headers("").reason, Reason::kUnauthorized);
  for (const DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}) {
    DigestAnswer answer = challenged();
    answer.algorithm = algorithm;
    const Authentication who = send(answer);
    EXPECT_EQ(who.reason, Reason::kNone);
    ASSERT_NE(who.user, nullptr);
    EXPECT_EQ(who.user->aor, "alice@example.com");
  }
}

TEST_F(AuthenticatorTest, TheChallengeOffersWhatTheDomainOffers) {
  const std::string text = challenge();
  EXPECT_LT(text.find("algorithm=SHA-256"), text.find("algorithm=MD5"));
  EXPECT_NE(text.find("realm=\"example.com\""), std::string::npos);
  EXPECT_EQ(text.find("stale"), std::string::npos);
}

// RFC 3261 §22.3: credentials for other realms are not ours to judge.
TEST_F(AuthenticatorTest, CredentialsForAnotherRealmOrSchemeAreNoCredentials) {
  DigestAnswer other = challenged();
  other.realm = "elsewhere.example";
  EXPECT_EQ(send(other).reason, Reason::kUnauthorized);
  EXPECT_EQ(send_headers("Authorization: Basic YWxpY2U6c2VjcmV0\r\n").reason, Reason::kUnauthorized);
}

TEST_F(AuthenticatorTest, OursAreFoundAmongOthers) {
  DigestAnswer other = challenged();
  other.realm = "elsewhere.example";
  const DigestAnswer ours = challenged();
  EXPECT_EQ(send_headers("Authorization: " + other.header() + "\r\nAuthorization: Basic YTpi\r\n" +
                         "Authorization: " + ours.header() + "\r\n")
                .reason,
            Reason::kNone);
  // Proxy-Authorization serves as well, and stands beside an Authorization for somebody else.
  const DigestAnswer again = challenged();
  EXPECT_EQ(
      send_headers("Authorization: " + other.header() + "\r\nProxy-Authorization: " + again.header() + "\r\n")
          .reason,
      Reason::kNone);
}

// RFC 8760 §2.4 has clients answer the topmost challenge that they know; who answers every one answers that, too.
TEST_F(AuthenticatorTest, OneRightAnswerPerAlgorithmIsEnough) {
  DigestAnswer strong = challenged();
  DigestAnswer weak = strong;
  weak.algorithm = DigestAlgorithm::kMd5;
  EXPECT_EQ(send_headers("Authorization: " + strong.header() + "\r\nAuthorization: " + weak.header() + "\r\n")
                .reason,
            Reason::kNone);
}

TEST_F(AuthenticatorTest, AnAlgorithmThatTheDomainDoesNotOfferIsChallengedAgain) {
  domain = 1;  // SHA-256 alone.
  DigestAnswer answer = challenged();
  answer.realm = "example.org";
  answer.algorithm = DigestAlgorithm::kMd5;
  EXPECT_EQ(send(answer).reason, Reason::kUnauthorized);
  answer.algorithm = DigestAlgorithm::kSha256;
  const Authentication who = send(answer);
  ASSERT_EQ(who.reason, Reason::kNone);
  EXPECT_EQ(who.user->aor, "alice@example.org");
}

TEST_F(AuthenticatorTest, WrongPasswordAndUnknownUserAreToldApartForTheOperatorAlone) {
  DigestAnswer answer = challenged();
  answer.password = "guess";
  EXPECT_EQ(send(answer).reason, Reason::kWrongDigest);
  answer.username = "mallory";
  EXPECT_EQ(send(answer).reason, Reason::kUserUnknown);
  answer.username = std::string(300, 'a');
  EXPECT_EQ(send(answer).reason, Reason::kUserUnknown);
  EXPECT_EQ(challenge(Reason::kWrongDigest).find("stale"), std::string::npos);
  EXPECT_EQ(challenge(Reason::kUserUnknown).find("stale"), std::string::npos);
}

// The hashes must be computed for an unknown user, too, or the answer's delay would tell that there is none.
TEST_F(AuthenticatorTest, AnUnknownUserCostsTheSameHashes) {
  static int calls;
  Hashes counted = control::openssl_hashes();
  counted.sha256 = [](void* context, std::span<const std::string_view> parts, Sha256Digest& out) {
    ++calls;
    control::openssl_hashes().sha256(context, parts, out);
  };
  Authenticator other(config, counted, ShardIndex{0});
  other.set_nonce_keys(make_key(1), {});
  DigestAnswer answer = challenged();
  answer.password = "guess";
  calls = 0;
  EXPECT_EQ(send(answer, &other).reason, Reason::kWrongDigest);
  const int known = calls;
  answer.username = "mallory";
  calls = 0;
  EXPECT_EQ(send(answer, &other).reason, Reason::kUserUnknown);
  EXPECT_EQ(calls, known);
  EXPECT_GT(known, 0);
}

TEST_F(AuthenticatorTest, AUserNameMayBeQuotedWithEscapes) {
  config.users.push_back(make_user("ca\"rol", "example.com", "pw"));
  std::sort(config.users.begin(), config.users.end(), [](auto& a, auto& b) { return a.aor < b.aor; });
  DigestAnswer answer = challenged();
  answer.username = "ca\"rol";
  answer.password = "pw";
  std::string header = answer.header();
  header.replace(header.find("ca\"rol"), 6, "c\\a\\\"rol");
  const Authentication who = send_headers("Authorization: " + header + "\r\n");
  ASSERT_EQ(who.reason, Reason::kNone);
  EXPECT_EQ(who.user->aor, "ca\"rol@example.com");
}

// RFC 7616 §3.3: stale=true is said only to who knows the password.
TEST_F(AuthenticatorTest, AnExpiredNonceIsStaleForWhoKnowsThePassword) {
  DigestAnswer answer = challenged();
  now = now + Duration::seconds(301);
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce);
  const std::string again = challenge(Reason::kStaleNonce);
  EXPECT_NE(again.find("stale=true"), std::string::npos);
  EXPECT_EQ(send(answer_to(again)).reason, Reason::kNone);

  answer.password = "guess";
  EXPECT_EQ(send(answer).reason, Reason::kWrongDigest);
}

TEST_F(AuthenticatorTest, ANonceOfAnotherAddressIsStaleAndAnotherPortIsFine) {
  DigestAnswer answer = challenged();
  flow.remote.port = 40'000;
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  answer.nc = "00000002";
  flow.remote.address = IpAddress::v4(0xc0000203);
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce);
}

TEST_F(AuthenticatorTest, AfterARestartOldNoncesAreStale) {
  const DigestAnswer answer = challenged();
  NonceKey fresh = make_key(1);
  fresh.secret[0] ^= 0xff;
  Authenticator restarted(config, control::openssl_hashes(), ShardIndex{0});
  restarted.set_nonce_keys(fresh, {});
  EXPECT_EQ(send(answer, &restarted).reason, Reason::kStaleNonce);
}

TEST_F(AuthenticatorTest, OneRotationOfTheKeyIsNotNoticed) {
  const DigestAnswer answer = challenged();
  shard.set_nonce_keys(make_key(2), make_key(1));
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  shard.set_nonce_keys(make_key(3), make_key(2));
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce);
}

// Of two shards one is told of a new key first: what it mints meanwhile is good at the other, which knows the key
// already.
TEST_F(AuthenticatorTest, TheNextKeyIsBelievedBeforeItSigns) {
  Authenticator early(config, control::openssl_hashes(), ShardIndex{1});
  early.set_nonce_keys(make_key(2), make_key(1), make_key(3));
  const DigestAnswer answer = answer_to(challenge(Reason::kUnauthorized, &early));
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce) << "without having been told";
  shard.set_nonce_keys(make_key(1), make_key(0), make_key(2));
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  const DigestAnswer late = challenged();
  EXPECT_EQ(send(late, &early).reason, Reason::kNone) << "and the other way round";
}

// Others take their places while it runs: a nonce's counts stay with whom they were used by.
TEST_F(AuthenticatorTest, UsersComeAndGo) {
  DigestAnswer answer = challenged();
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  const UserTable others = {make_user("aaron", "example.com", "a"), make_user("alice", "example.com", "anew"),
                            make_user("dora", "example.com", "d")};
  shard.set_users(others);
  EXPECT_EQ(send(answer).reason, Reason::kWrongDigest);
  answer.password = "anew";
  EXPECT_EQ(send(answer).reason, Reason::kReplayedNonce);
  answer.nc = "00000002";
  EXPECT_EQ(send(answer).user, &others[1]);
  DigestAnswer gone = challenged();
  gone.username = "bob";
  gone.password = "geheim";
  EXPECT_EQ(send(gone).reason, Reason::kUserUnknown);
}

TEST_F(AuthenticatorTest, ANonceServesManyRequestsWithRisingCounts) {
  DigestAnswer answer = challenged();
  for (const char* nc : {"00000001", "00000002", "00000004", "00000003", "0000000a"}) {
    answer.nc = nc;
    EXPECT_EQ(send(answer).reason, Reason::kNone) << nc;
  }
  EXPECT_EQ(send(answer).reason, Reason::kReplayedNonce);
  EXPECT_NE(challenge(Reason::kReplayedNonce).find("stale=true"), std::string::npos);
}

TEST_F(AuthenticatorTest, AWrongPasswordUsesUpNothing) {
  DigestAnswer wrong = challenged();
  DigestAnswer right = wrong;
  wrong.password = "guess";
  EXPECT_EQ(send(wrong).reason, Reason::kWrongDigest);
  EXPECT_EQ(send(right).reason, Reason::kNone);
}

TEST_F(AuthenticatorTest, AForgottenWindowMakesItsNonceStale) {
  const DigestAnswer first = challenged();
  EXPECT_EQ(send(first).reason, Reason::kNone);
  for (uint32_t i = 0; i < config.limits.replay_windows_max; ++i) {
    now = now + Duration::milliseconds(5);
    EXPECT_EQ(send(challenged()).reason, Reason::kNone);
  }
  EXPECT_EQ(shard.windows_forgotten(), 1u);
  EXPECT_EQ(send(first).reason, Reason::kStaleNonce);
}

// A client that ignores qop: its nonce counts are not part of the digest, so a copy of its request looks like the next.
TEST_F(AuthenticatorTest, WithoutQopANonceServesOneRequest) {
  DigestAnswer answer = challenged();
  answer.qop = "";
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  EXPECT_EQ(send(answer).reason, Reason::kReplayedNonce);
  EXPECT_EQ(send_headers("Authorization: " + answer.header() + ", nc=\"00000009\"\r\n").reason,
            Reason::kReplayedNonce);
  const std::string again = challenge(Reason::kReplayedNonce);
  EXPECT_NE(again.find("stale=true"), std::string::npos) << "so that the client goes on without asking its user";
  answer.nonce = answer_to(again).nonce;
  EXPECT_EQ(send(answer).reason, Reason::kNone);
}

// Who has counted up on a nonce does not get it anew by leaving qop out, nor the other way round.
TEST_F(AuthenticatorTest, WithAndWithoutQopShareTheNonce) {
  DigestAnswer answer = challenged();
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  answer.qop = "";
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  EXPECT_EQ(send(answer).reason, Reason::kReplayedNonce);
  answer.qop = "auth";
  answer.nc = "00000002";
  EXPECT_EQ(send(answer).reason, Reason::kReplayedNonce);
}

TEST_F(AuthenticatorTest, QopMayBeRequired) {
  config.domains[0].require_qop = true;
  DigestAnswer answer = challenged();
  answer.qop = "";
  EXPECT_EQ(send(answer).reason, Reason::kBadCredentials);
  answer.qop = "auth";
  EXPECT_EQ(send(answer).reason, Reason::kNone);
}

// RFC 7616 §3.4.3: the digest covers the body, an empty one, too.
TEST_F(AuthenticatorTest, AuthIntCoversTheBody) {
  config.domains[0].offers_auth_int = true;
  for (const DigestAlgorithm algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kMd5}) {
    for (const char* text : {"", "<presence/>"}) {
      body = text;
      DigestAnswer answer = challenged();
      answer.algorithm = algorithm;
      answer.qop = "auth-int";
      answer.body = text;
      const Authentication who = send(answer);
      ASSERT_EQ(who.reason, Reason::kNone) << text;
      EXPECT_EQ(who.user->aor, "alice@example.com");
      answer.nc = "00000002";
      body = std::string(text) + " ";
      EXPECT_EQ(send(answer).reason, Reason::kWrongDigest) << "the body was changed on its way";
      answer.qop = "auth";
      EXPECT_EQ(send(answer).reason, Reason::kNone) << "auth is offered beside it, and does not cover the body";
    }
  }
  config.domains[0].offers_auth = false;
  EXPECT_EQ(send(challenged()).reason, Reason::kBadCredentials);
}

TEST_F(AuthenticatorTest, Sha512Slash256Proves) {
  config.domains[0].algorithms = {DigestAlgorithm::kSha512256, DigestAlgorithm::kSha256};
  DigestAnswer answer = challenged();
  answer.algorithm = DigestAlgorithm::kSha512256;
  EXPECT_EQ(send(answer).reason, Reason::kNone);
  answer.password = "guess";
  EXPECT_EQ(send(answer).reason, Reason::kWrongDigest);
  EXPECT_NE(challenge().find("algorithm=SHA-512-256"), std::string::npos);
}

TEST_F(AuthenticatorTest, IncompleteOrUnreadableCredentialsAreABadRequest) {
  const DigestAnswer answer = challenged();
  const std::string whole = answer.header();
  for (const std::string& part :
       {std::string("username=\"alice\", "), "nonce=\"" + answer.nonce + "\", ",
        std::string("uri=\"sip:example.com\", "), "response=\"" + answer.response() + "\", ",
        std::string(", nc=00000001"), std::string(", cnonce=\"0a4f113b\"")}) {
    std::string without = whole;
    ASSERT_NE(without.find(part), std::string::npos) << part;
    without.erase(without.find(part), part.size());
    EXPECT_EQ(send_headers("Authorization: " + without + "\r\n").reason, Reason::kBadCredentials) << part;
  }
  DigestAnswer integrity = answer;
  integrity.qop = "auth-int";
  EXPECT_EQ(send(integrity).reason, Reason::kBadCredentials);
  EXPECT_EQ(send_headers("Authorization: Digest username=\"alice\r\n").reason, Reason::kBadCredentials);
  EXPECT_EQ(send(answer).reason, Reason::kNone) << "none of these used the nonce up";
}

// RFC 3261 §22.4 item 7.
TEST_F(AuthenticatorTest, TheDigestUriMayDifferButMustBeOurs) {
  struct Step {
    const char* request_uri;
    const char* digest_uri;
    Reason expected;
  };
  method = "SUBSCRIBE";
  for (const Step& step : {
           Step{"sip:bob@example.com", "sip:bob@example.com", Reason::kNone},
           Step{"sip:bob@example.com", "sip:bob@EXAMPLE.com:5060;transport=udp", Reason::kNone},
           Step{"sip:bob@example.com", "sips:b%6fb@example.com", Reason::kNone},
           Step{"sip:bob@example.com", "sip:example.com", Reason::kNone},
           Step{"sip:bob@example.com", "sip:192.0.2.254:5060", Reason::kNone},   // As SIPp does it.
           Step{"sip:192.0.2.254:5060", "sip:192.0.2.254:5060", Reason::kNone},  // In-dialog: our Contact.
           Step{"sip:bob@example.com", "sip:bob@evil.example", Reason::kBadCredentials},
           Step{"sip:bob@example.com", "sip:192.0.2.66", Reason::kBadCredentials},
           Step{"sip:bob@example.com", "/dir/index.html", Reason::kBadCredentials},
       }) {
    request_uri = step.request_uri;
    DigestAnswer answer = challenged();
    answer.uri = step.digest_uri;
    EXPECT_EQ(send(answer).reason, step.expected) << step.request_uri << " | " << step.digest_uri;
  }
}

// SIPp over IPv6 leaves the brackets out.
TEST(DigestTarget, OurIpv6AddressCountsWithoutItsBrackets) {
  EngineConfig config;
  config.domains = {Domain{.name = "example.com"}};
  IpAddress local;
  ASSERT_TRUE(IpAddress::parse("2001:db8::1", local));
  const auto target = [&](const char* digest_uri) {
    return digest_target(config, {"sip:bob@example.com", digest_uri, local});
  };
  EXPECT_EQ(target("sip:2001:db8::1:5060"), DigestTarget::kOurs);
  EXPECT_EQ(target("sip:2001:db8::1"), DigestTarget::kOurs);
  EXPECT_EQ(target("sip:[2001:db8::1]:5060"), DigestTarget::kOurs);
  EXPECT_EQ(target("sip:2001:db8::2:5060"), DigestTarget::kForeign);
  EXPECT_EQ(target("2001:db8::1:5060"), DigestTarget::kForeign);
  EXPECT_EQ(target("sip:"), DigestTarget::kForeign);
}

// A copied request must not be taken by a shard that did not see the original.
TEST_F(AuthenticatorTest, ANonceOfAnotherShardServesOnlyWhatThisShardAloneOwns) {
  Authenticator other(config, control::openssl_hashes(), ShardIndex{1});
  other.set_nonce_keys(make_key(1), {});

  DigestAnswer answer = answer_to(challenge(Reason::kUnauthorized, &other));
  EXPECT_EQ(send(answer).reason, Reason::kNone) << "REGISTER";

  method = "SUBSCRIBE";
  request_uri = "sip:bob@example.com";
  answer = answer_to(challenge(Reason::kUnauthorized, &other));
  answer.uri = request_uri;
  EXPECT_EQ(send(answer).reason, Reason::kNone) << "the same AOR";
  answer.uri = "sip:carol@example.com";
  answer.nc = "00000002";
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce) << "another AOR";
  request_uri = answer.uri = "sip:192.0.2.254:5060";
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce) << "no AOR";
  request_uri = answer.uri = "sip:vedette@192.0.2.254:5060";
  EXPECT_EQ(send(answer).reason, Reason::kStaleNonce) << "no AOR of ours";
  answer = answer_to(challenge());
  answer.uri = request_uri;
  EXPECT_EQ(send(answer).reason, Reason::kNone) << "with a nonce of its own shard";
}

TEST_F(AuthenticatorTest, NoPrefixOfTheHeaderBreaksAnything) {
  const std::string whole = challenged().header();
  for (size_t length = 0; length < whole.size(); ++length) {
    const Reason reason = send_headers("Authorization: " + whole.substr(0, length) + "\r\n").reason;
    // All that may be left out at the end is nothing: cnonce is the last parameter.
    EXPECT_NE(reason, Reason::kNone) << length;
  }
}

}  // namespace
}  // namespace vedette::engine
