// Verifying identities (RFC 8224 §6.2): signatures in both forms, whose certificates are believed and for whom,
// replays, and the limits on what is held. Certificates are files here; another test fetches them.
#include "engine/control/identity_verifier.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <spdlog/sinks/ostream_sink.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "parsers/base64url.h"
#include "tests/support/certificate_authority.h"
#include "tests/support/control_fake_workers.h"
#include "tests/support/identity_signer.h"

namespace vedette::control {
namespace {

using namespace std::chrono_literals;
using engine::Reason;
using support::IdentitySigner;
using support::PassportWish;

constexpr int64_t kWall = 1'900'000'000;

class IdentityVerifierTest : public testing::Test {
 protected:
  IdentityVerifierTest()
      : folder_(std::filesystem::temp_directory_path() / ("identity-" + std::to_string(getpid()))),
        authority_(folder_, "authority"),
        sink_(std::make_shared<spdlog::sinks::ostream_sink_mt>(said_)),
        log_(LogFormat::kText, LogLevel::kInfo, sink_),
        workers_(2, {}) {
    config_.is_on = true;
    config_.freshness = engine::Duration::seconds(60);
    config_.trust = {authority_.certificate_file()};
    add("a", {.names = "DNS:example.net"});
    wish_.iat = kWall;
  }
  ~IdentityVerifierTest() override { std::filesystem::remove_all(folder_); }

  // A certificate at https://certs.example.net/NAME.pem, and its key at hand.
  void add(const std::string& name, const support::CertificateWish& wish) {
    const TlsCertificate files = authority_.issue(name, wish);
    config_.certificates.push_back({"https://certs.example.net/" + name + ".pem", files.chain});
    keys_[name] = files.key;
  }
  IdentitySigner signer(const std::string& name = "a") { return IdentitySigner(keys_.at(name)); }
  IdentityVerifier& verifier() {
    if (verifier_ == nullptr) verifier_ = std::make_unique<IdentityVerifier>(context_, config_, workers_, log_);
    return *verifier_;
  }

  struct Wish {
    std::string from = "<sip:carol@example.net>;tag=w", to = "<sip:alice@example.com>", call_id = "c@192.0.2.1";
    int64_t date = kWall;
    int cseq = 1;
    std::string contact = "<sip:carol@192.0.2.1>", body;
  };
  static std::string request(const std::string& identity, const Wish& wish) {
    const std::string date = wish.date == 0 ? "" : "Date: " + support::sip_date(wish.date) + "\r\n";
    return "SUBSCRIBE sip:alice@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" +
           std::to_string(wish.cseq) + "\r\nFrom: " + wish.from + "\r\nTo: " + wish.to + "\r\nCall-ID: " +
           wish.call_id + "\r\nCSeq: " + std::to_string(wish.cseq) + " SUBSCRIBE\r\nContact: " + wish.contact +
           "\r\nEvent: presence\r\n" + date + identity + "Content-Length: " + std::to_string(wish.body.size()) +
           "\r\n\r\n" + wish.body;
  }
  void turn(std::chrono::milliseconds passed = 1ms) {
    now_ += passed;
    verifier().on_turn(now_, engine::Instant::from_unix_seconds(wall_));
  }
  Reason verdict_on(const std::string& identity) { return verdict_on(identity, Wish{}); }
  Reason verdict_on(const std::string& identity, const Wish& wish) {
    engine::Flow flow;
    flow.port_index = 7;
    const std::string bytes = request(identity, wish);
    workers_.have_verified(1, bytes, flow);
    turn();
    if (workers_.verdicts.size() != 1) return Reason::kCount;
    const FakeWorkers::Verdict given = workers_.verdicts.front();
    workers_.verdicts.clear();
    EXPECT_EQ(given.worker, 1U);
    EXPECT_EQ(given.bytes, bytes);
    EXPECT_EQ(given.flow, flow);
    return given.verdict;
  }
  uint64_t count(IdentityCounter counter) { return verifier().counters().get(counter); }

  const std::filesystem::path folder_;
  const support::CertificateAuthority authority_;
  std::map<std::string, std::string> keys_;
  std::ostringstream said_;
  spdlog::sink_ptr sink_;
  Log log_;
  FakeWorkers workers_;
  boost::asio::io_context context_;
  IdentityConfig config_;
  PassportWish wish_;
  SteadyTime now_ = std::chrono::steady_clock::now();
  int64_t wall_ = kWall;

 private:
  std::unique_ptr<IdentityVerifier> verifier_;
};

TEST_F(IdentityVerifierTest, BothFormsAreVerified) {
  EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kNone);
  EXPECT_EQ(verdict_on(signer().full(wish_)), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kVerified), 2U);
  EXPECT_EQ(verifier().held(), 0U);
}

// RFC 8224 §4.1, §8.5: what does not change who it is does not matter.
TEST_F(IdentityVerifierTest, SpellingsOfAUriAreOne) {
  const Wish spelt{.from = "Carol <sip:c%61rol@EXAMPLE.net:5070;transport=tcp>;tag=w", .to = "sip:alice@Example.com"};
  EXPECT_EQ(verdict_on(signer().compact(wish_), spelt), Reason::kNone);
  EXPECT_EQ(verdict_on(signer().full(wish_), spelt), Reason::kNone);
}

TEST_F(IdentityVerifierTest, OfAnotherRequestItIsWrong) {
  for (const bool is_full : {false, true}) {
    const auto sign = [&](const PassportWish& wish) { return is_full ? signer().full(wish) : signer().compact(wish); };
    EXPECT_EQ(verdict_on(sign(wish_), {.from = "<sip:dave@example.net>;tag=w"}), Reason::kInvalidIdentity);
    EXPECT_EQ(verdict_on(sign(wish_), {.to = "<sip:bob@example.com>"}), Reason::kInvalidIdentity);
    PassportWish other = wish_;
    other.url = "https://certs.example.net/b.pem";
    std::string moved = sign(other);
    moved.replace(moved.find("b.pem"), 5, "a.pem");
    EXPECT_EQ(verdict_on(moved), Reason::kInvalidIdentity) << "x5u is signed, too";
  }
  EXPECT_EQ(verdict_on(signer().compact(wish_), {.date = kWall + 1}), Reason::kInvalidIdentity);
  EXPECT_EQ(count(IdentityCounter::kWrongSignature), 4U);
  EXPECT_EQ(count(IdentityCounter::kWrongClaims), 3U);
}

TEST_F(IdentityVerifierTest, WhatIsTooOldIsStale) {
  PassportWish old = wish_;
  old.iat = kWall - 61;
  EXPECT_EQ(verdict_on(signer().compact(old), {.date = kWall - 61}), Reason::kStaleDate);
  EXPECT_EQ(verdict_on(signer().full(old), {.date = kWall - 61}), Reason::kStaleDate);
  EXPECT_EQ(verdict_on(signer().full(old)), Reason::kStaleDate) << "a fresh Date does not help";
  old.iat = kWall + 61;
  EXPECT_EQ(verdict_on(signer().full(old)), Reason::kStaleDate);
  old.iat = kWall - 60;
  EXPECT_EQ(verdict_on(signer().full(old), {.date = 0}), Reason::kNone) << "nor is one needed";
  EXPECT_EQ(verdict_on(signer().compact(old), {.date = kWall - 60}), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kStale), 3U);
}

TEST_F(IdentityVerifierTest, TheFullFormHasToSayWhatItIs) {
  const auto verdict_of = [&](const nlohmann::json& header, const nlohmann::json& payload) {
    return verdict_on(IdentitySigner::field(signer().token(header, payload), wish_.url));
  };
  nlohmann::json more = wish_.payload();
  more["attest"] = "A";
  EXPECT_EQ(verdict_of(wish_.header(), more), Reason::kNone) << "what else it says is its own";
  more["dest"]["uri"] = {"sip:bob@example.com", "sip:alice@example.com"};
  EXPECT_EQ(verdict_of(wish_.header(), more), Reason::kNone);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, nlohmann::json>>{
           {"alg", "none"}, {"alg", "RS256"}, {"typ", "JWT"}, {"x5u", "https://evil.example/a.pem"}, {"x5u", 1},
           {"ppt", "shaken"}, {"crit", {"x"}}}) {
    nlohmann::json header = wish_.header();
    header[name] = value;
    EXPECT_EQ(verdict_of(header, wish_.payload()), Reason::kInvalidIdentity) << header;
  }
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, nlohmann::json>>{
           {"orig", "sip:carol@example.net"}, {"orig", {{"tn", "12155551212"}}}, {"orig", {{"uri", 7}}},
           {"orig", {{"uri", "nonsense"}}}, {"orig", {{"uri", {"sip:carol@example.net"}}}},
           {"orig", {{"uri", "sip:carol@example.net"}, {"tn", "1"}}}, {"dest", {{"uri", "sip:alice@example.com"}}},
           {"dest", nlohmann::json::array()}, {"dest", {{"tn", {"1"}}}}, {"iat", "1900000000"}, {"iat", 1.5},
           {"iat", nullptr}}) {
    nlohmann::json payload = wish_.payload();
    payload[name] = value;
    EXPECT_EQ(verdict_of(wish_.header(), payload), Reason::kInvalidIdentity) << payload;
  }
  EXPECT_EQ(verdict_of({{"x", 1}}, nullptr), Reason::kInvalidIdentity);
  for (const nlohmann::json& iat : {nlohmann::json(-1), nlohmann::json(UINT64_MAX), nlohmann::json(INT64_MIN)}) {
    nlohmann::json payload = wish_.payload();
    payload["iat"] = iat;
    EXPECT_EQ(verdict_of(wish_.header(), payload), Reason::kStaleDate) << iat;
  }
  const std::string token = support::base64url("{{{{") + "." + support::base64url("x") + "." + std::string(86, 'A');
  EXPECT_EQ(verdict_on(IdentitySigner::field(token, wish_.url)), Reason::kInvalidIdentity);
}

TEST_F(IdentityVerifierTest, ASignatureOfAnotherKeyIsWrong) {
  add("b", {.names = "DNS:example.net", .serial = 2});
  EXPECT_EQ(verdict_on(signer("b").compact(wish_)), Reason::kInvalidIdentity);
  EXPECT_EQ(verdict_on(signer("b").full(wish_)), Reason::kInvalidIdentity);
  for (const std::string& raw : {std::string(64, '\0'), std::string(64, '\xff')}) {
    EXPECT_EQ(verdict_on(IdentitySigner::field(".." + support::base64url(raw), wish_.url)), Reason::kInvalidIdentity);
  }
  EXPECT_EQ(count(IdentityCounter::kWrongSignature), 4U);
}

// RFC 5922 §7: a SIP URI or a DNS name, never a wildcard.
TEST_F(IdentityVerifierTest, ACertificateSpeaksForItsDomain) {
  add("uri", {.names = "URI:sip:example.net", .serial = 2});
  add("other", {.names = "DNS:example.org", .serial = 3});
  add("wild", {.names = "DNS:*.net,DNS:*.example.net", .serial = 4});
  for (const auto& [name, verdict] :
       {std::pair("uri", Reason::kNone), std::pair("other", Reason::kUnsupportedCredential),
        std::pair("wild", Reason::kUnsupportedCredential)}) {
    wish_.url = "https://certs.example.net/" + std::string(name) + ".pem";
    EXPECT_EQ(verdict_on(signer(name).compact(wish_)), verdict) << name;
  }
  EXPECT_EQ(count(IdentityCounter::kWrongDomain), 2U);
}

TEST_F(IdentityVerifierTest, OnlyCertificatesOfAnAuthorityAreBelieved) {
  add("expired", {.names = "DNS:example.net", .serial = 2, .begins = -7'000, .ends = -60});
  add("early", {.names = "DNS:example.net", .serial = 3, .begins = 600});
  add("revoked", {.names = "DNS:example.net", .serial = 4});
  config_.revoked = {authority_.revoke("revoked.list", {4})};
  const support::CertificateAuthority stranger(folder_ / "other", "stranger");
  const TlsCertificate theirs = stranger.issue("theirs", {.names = "DNS:example.net"});
  config_.certificates.push_back({"https://certs.example.net/theirs.pem", theirs.chain});
  config_.certificates.push_back({"https://certs.example.net/own.pem", stranger.certificate_file()});
  keys_["theirs"] = keys_["own"] = theirs.key;
  for (const auto& [name, counter] : {std::pair("expired", IdentityCounter::kCertificateExpired),
                                      std::pair("early", IdentityCounter::kCertificateExpired),
                                      std::pair("revoked", IdentityCounter::kCertificateRevoked),
                                      std::pair("theirs", IdentityCounter::kCertificateUnknownIssuer)}) {
    wish_.url = "https://certs.example.net/" + std::string(name) + ".pem";
    EXPECT_EQ(verdict_on(signer(name).compact(wish_)), Reason::kUnsupportedCredential) << name;
    EXPECT_GE(count(counter), 1U) << name;
  }
  wish_.url = "https://certs.example.net/own.pem";   // Self-signed; its key is for certificates alone.
  EXPECT_EQ(verdict_on(signer("own").compact(wish_)), Reason::kUnsupportedCredential);
  EXPECT_EQ(count(IdentityCounter::kCertificateNotBelieved), 5U);
  wish_.url = "https://certs.example.net/a.pem";
  EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kNone);
}

TEST_F(IdentityVerifierTest, AListOfYesterdaySaysNothing) {
  config_.revoked = {authority_.revoke("revoked.list", {}, -60)};
  EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kUnsupportedCredential);
  EXPECT_EQ(count(IdentityCounter::kCertificateRevocationUnknown), 1U);
}

TEST_F(IdentityVerifierTest, ListsAreReadAgain) {
  config_.revoked = {authority_.revoke("revoked.list", {})};
  EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kNone);
  authority_.revoke("revoked.list", {1});
  verifier().reload();
  EXPECT_EQ(verdict_on(signer().full(wish_)), Reason::kUnsupportedCredential);
  std::filesystem::remove(config_.revoked[0]);
  verifier().reload();
  EXPECT_NE(said_.str().find("those there were stay"), std::string::npos) << said_.str();
  EXPECT_EQ(verdict_on(signer().full(wish_)), Reason::kUnsupportedCredential);
}

TEST_F(IdentityVerifierTest, WhatIsAtNoHostOfOursIsNotFetched) {
  for (const std::string url :
       {"https://certs.example.net/other.pem", "https://127.0.0.1/a.pem", "https://user@certs.example.net/a.pem",
        "https://certs.example.net:99999/a.pem", "https:///a.pem", "https://[::1/a.pem"}) {
    wish_.url = url;
    EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kBadIdentityInfo) << url;
  }
  EXPECT_EQ(count(IdentityCounter::kHostNotAllowed), 6U);
  EXPECT_EQ(count(IdentityCounter::kFetches), 0U);
}

// RFC 8224 §12.1: a copy that asks for something else is somebody else's.
TEST_F(IdentityVerifierTest, ATokenIsForOneRequest) {
  for (const std::string& identity : {signer().compact(wish_), signer().full(wish_)}) {
    EXPECT_EQ(verdict_on(identity), Reason::kNone);
    EXPECT_EQ(verdict_on(identity), Reason::kNone) << "sent again";
    EXPECT_EQ(verdict_on(identity, {.call_id = "d@192.0.2.66"}), Reason::kIdentityReplayed);
    EXPECT_EQ(verdict_on(identity, {.contact = "<sip:mallory@192.0.2.66>"}), Reason::kIdentityReplayed);
    EXPECT_EQ(verdict_on(identity, {.cseq = 2}), Reason::kIdentityReplayed);
    EXPECT_EQ(verdict_on(identity, {.body = "x"}), Reason::kIdentityReplayed);
    EXPECT_EQ(verdict_on(identity, {.from = "<sip:carol@example.net>;tag=m"}), Reason::kIdentityReplayed);
    EXPECT_EQ(verdict_on(identity), Reason::kNone);
  }
  EXPECT_EQ(count(IdentityCounter::kVerified), 2U);
  EXPECT_EQ(count(IdentityCounter::kRecognised), 4U);
  EXPECT_EQ(count(IdentityCounter::kReplayed), 10U);
  wall_ += 61;
  EXPECT_EQ(verdict_on(signer().compact(wish_)), Reason::kStaleDate);
}

TEST_F(IdentityVerifierTest, TokensAreForgottenWhenTheyAreStale) {
  const std::string identity = signer().compact(wish_);
  EXPECT_EQ(verdict_on(identity), Reason::kNone);
  wall_ += 121;
  EXPECT_EQ(verdict_on(identity, {.call_id = "d"}), Reason::kStaleDate);
  PassportWish later = wish_;
  later.iat = wall_;
  EXPECT_EQ(verdict_on(signer().compact(later), {.date = wall_}), Reason::kNone);
  EXPECT_EQ(count(IdentityCounter::kTokensForgotten), 0U);
}

TEST_F(IdentityVerifierTest, SoManyTokensAreKept) {
  config_.tokens_max = 2;
  for (int64_t second = 0; second < 3; ++second) {
    wish_.iat = kWall + second;
    EXPECT_EQ(verdict_on(signer().full(wish_)), Reason::kNone);
  }
  EXPECT_EQ(count(IdentityCounter::kTokensForgotten), 1U);
}

// RFC 8224 §4.
TEST_F(IdentityVerifierTest, OfSeveralOneHasToBeRight) {
  add("other", {.names = "DNS:example.org", .serial = 3});
  PassportWish theirs = wish_;
  theirs.url = "https://certs.example.net/other.pem";
  const std::string wrong = signer("other").compact(theirs);
  EXPECT_EQ(verdict_on(wrong + signer().compact(wish_)), Reason::kNone);
  EXPECT_EQ(verdict_on(signer().full(wish_) + wrong), Reason::kNone);
  EXPECT_EQ(verdict_on(wrong + "Identity: ..x;info=<https://a.b>\r\n"), Reason::kUnsupportedCredential);
}

TEST_F(IdentityVerifierTest, SoManySignaturesATurn) {
  config_.signatures_per_turn_max = 2;
  for (int i = 0; i < 5; ++i) {
    workers_.have_verified(0, request(signer().compact(wish_), {.call_id = std::to_string(i)}), {});
  }
  for (const size_t given : {2U, 4U, 5U}) {
    turn();
    EXPECT_EQ(workers_.verdicts.size(), given);
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(workers_.verdicts[static_cast<size_t>(i)].bytes.find("Call-ID: " + std::to_string(i)), std::string::npos);
  }
}

TEST_F(IdentityVerifierTest, SoManyAreHeldAndOfEachWorkerOneInTurn) {
  config_.held_max = 2;
  config_.signatures_per_turn_max = 1;
  for (int i = 0; i < 3; ++i) workers_.have_verified(0, request(signer().compact(wish_), {.cseq = i}), {});
  workers_.have_verified(1, request(signer().compact(wish_), {.cseq = 9}), {});
  turn();
  EXPECT_EQ(verifier().held(), 1U);
  turn();
  ASSERT_EQ(workers_.verdicts.size(), 2U);
  EXPECT_EQ(workers_.verdicts[1].worker, 1U);
}

TEST_F(IdentityVerifierTest, VerdictsWaitForRoom) {
  workers_.stream_capacity = 0;
  workers_.have_verified(0, request(signer().compact(wish_), {}), {});
  turn();
  EXPECT_EQ(verifier().held(), 1U);
  workers_.stream_capacity = 1;
  turn();
  EXPECT_EQ(verifier().held(), 0U);
  ASSERT_EQ(workers_.verdicts.size(), 1U);
  EXPECT_EQ(workers_.verdicts[0].verdict, Reason::kNone);
}

TEST_F(IdentityVerifierTest, FilesThatAreNoCertificatesAreSaidAtStart) {
  config_.certificates.push_back({"https://certs.example.net/none.pem", "/nonexistent"});
  EXPECT_THROW(verifier(), std::runtime_error);
}

// RFC 8225 §7.1, signed with the key of its appendix A.2: as it was given, iat in quotes.
TEST(IdentityCredentialTest, VerifiesTheRfcsExample) {
  constexpr std::string_view kKey =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH\n"
      "78YTU8qLS8I5HLHSSmlATLcslQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==\n"
      "-----END PUBLIC KEY-----\n";
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> in(BIO_new_mem_buf(kKey.data(), static_cast<int>(kKey.size())),
                                                         BIO_free_all);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const auto folder = std::filesystem::temp_directory_path() / ("rfc8225-" + std::to_string(getpid()));
  const support::CertificateAuthority authority(folder, "authority");
  const auto certificate = authority.make({.names = "DNS:example.org"}, *key);
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate.get(), &der);
  const auto credential =
      IdentityCredential::read({reinterpret_cast<const char*>(der), static_cast<size_t>(length)});
  OPENSSL_free(der);
  std::filesystem::remove_all(folder);
  ASSERT_NE(credential, nullptr);
  std::string input =
      "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3Nwb3J0LmNlciJ9."
      "eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6IjE0NDMyMDgzNDUiLCJvcmlnIjp7InRuIjoiMTIxNTU1"
      "NTEyMTIifX0";
  std::array<char, 64> signature;
  size_t bytes = 0;
  ASSERT_TRUE(parsers::decode_base64url(
      "rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8Qjpjlk-cpFYpFYsojNCpTzO3QfPOlckGaS6hEck7w", signature.data(),
      signature.size(), bytes));
  EXPECT_TRUE(credential->has_signed(input, {signature.data(), bytes}));
  EXPECT_FALSE(credential->has_signed(input, {signature.data(), bytes - 1}));
  input.back() = '1';
  EXPECT_FALSE(credential->has_signed(input, {signature.data(), bytes}));
}

TEST(IdentityCredentialTest, WhatIsNoCertificateIsNone) {
  for (const std::string_view bytes : {"", "x", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                                       "<html></html>", "\x30\x82\xff\xff"}) {
    EXPECT_EQ(IdentityCredential::read(bytes), nullptr) << bytes;
  }
}

}  // namespace
}  // namespace vedette::control
