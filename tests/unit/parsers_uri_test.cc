// URIs: grammar, comparison (RFC 3261 §19.1.4 with its examples, RFC 3966 §4) and canonical AORs.
// Single-threaded.
#include "parsers/uri.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vedette::parsers {
namespace {

Uri parsed(std::string_view text) {
  Uri uri;
  EXPECT_EQ(to_string(parse_uri(text, uri)), "ok") << text;
  return uri;
}

bool equal(std::string_view a, std::string_view b) {
  const Uri left = parsed(a);
  const Uri right = parsed(b);
  EXPECT_EQ(equal_uris(left, right), equal_uris(right, left)) << a << " " << b;
  EXPECT_TRUE(equal_uris(left, left)) << a;
  return equal_uris(left, right);
}

std::string aor(std::string_view text) {
  std::array<char, 256> out;
  size_t length = 0;
  const ParseError error = write_canonical_aor(parsed(text), out.data(), out.size(), length);
  return error == ParseError::kOk ? std::string(out.data(), length) : std::string(to_string(error));
}

TEST(Uri, TakesASipUriApart) {
  const Uri uri = parsed("sip:alice;x=1:pass@Example.COM:5070;transport=tcp;lr?subject=a&to=sip:b%40c");
  EXPECT_EQ(uri.scheme, UriScheme::kSip);
  EXPECT_EQ(uri.user, "alice;x=1");
  EXPECT_EQ(uri.password, "pass");
  EXPECT_EQ(uri.host, "Example.COM");
  EXPECT_EQ(uri.port, 5070);
  EXPECT_TRUE(uri.has_port);
  EXPECT_EQ(uri.params, ";transport=tcp;lr");
  EXPECT_EQ(uri.headers, "?subject=a&to=sip:b%40c");
}

TEST(Uri, DoesWithoutWhatIsOptional) {
  const Uri uri = parsed("SIPS:example.com");
  EXPECT_EQ(uri.scheme, UriScheme::kSips);
  EXPECT_FALSE(uri.has_user);
  EXPECT_FALSE(uri.has_port);
  EXPECT_TRUE(uri.params.empty());
  EXPECT_TRUE(uri.headers.empty());
  EXPECT_EQ(uri.password.data(), nullptr);
  EXPECT_EQ(parsed("sip:a:@b").password, "");
  EXPECT_NE(parsed("sip:a:@b").password.data(), nullptr);
}

// RFC 5118 §4.1, §4.3, §4.4, §4.10.
TEST(Uri, ReadsIpv6References) {
  EXPECT_EQ(parsed("sip:[2001:db8::10]").host, "[2001:db8::10]");
  EXPECT_FALSE(parsed("sip:[2001:db8::10:5070]").has_port);
  EXPECT_EQ(parsed("sip:u@[2001:db8::10]:5070").port, 5070);
  parsed("sip:[::]");
  parsed("sip:[::1]");
  parsed("sip:[1::]");
  parsed("sip:[1:2:3:4:5:6:7:8]");
  parsed("sip:[1:2:3:4:5:6:7::]");
  parsed("sip:[1:2:3:4:5:6:192.0.2.1]");
  parsed("sip:[::ffff:192.0.2.1]");
  parsed("sip:[2001:db8:::192.0.2.1]");
}

TEST(Uri, RefusesWhatTheGrammarDoes) {
  Uri uri;
  for (const std::string_view bad : {"",
                                     "sip",
                                     "sip:",
                                     ":a@b",
                                     "1sip:a@b",
                                     "sip:@b",
                                     "sip:a b@c",
                                     "sip:a@",
                                     "sip:a@b@c",
                                     "sip:a%4@b",
                                     "sip:a%zz@b",
                                     "sip:a@b:",
                                     "sip:a@b:x",
                                     "sip:a@b:65536",
                                     "sip:a@b;",
                                     "sip:a@b;;c",
                                     "sip:a@b;c=",
                                     "sip:a@b;=c",
                                     "sip:a@b?",
                                     "sip:a@b?x",
                                     "sip:a@b?=x",
                                     "sip:a@b;x y",
                                     "<sip:a@b>",
                                     "sip:a@-b",
                                     "sip:a@b-",
                                     "sip:a@b..c",
                                     "sip:a@.b",
                                     "sip:a@192.0.2",
                                     "sip:a@192.0.2.256",
                                     "sip:a@1.2.3.4.5",
                                     "sip:2001:db8::10",
                                     "sip:[2001:db8::10",
                                     "sip:[2001:db8]",
                                     "sip:[1::2::3]",
                                     "sip:[12345::]",
                                     "sip:[1:2:3:4:5:6:7:8:9]",
                                     "sip:[::1:2:3:4:5:6:7:8]",
                                     "sip:[:1::2]",
                                     "sip:[1:]",
                                     "sip:[]",
                                     "sip:[fe80::1%eth0]",
                                     "sip:[1:2:3:4:5:6:7:192.0.2.1]",
                                     "sip:[::192.0.2]",
                                     "sip:\"a\"@b",
                                     "sip:a@b\r\n",
                                     "tel:",
                                     "tel:+",
                                     "tel:abc;",
                                     "tel:7042",
                                     "tel:+1x",
                                     "pres:",
                                     "pres:example.com",
                                     "pres:a:b@c",
                                     "pres:a@b;x=y",
                                     "pres:a@b:1",
                                     "http:",
                                     "http:a b"}) {
    EXPECT_NE(parse_uri(bad, uri), ParseError::kOk) << bad;
  }
  const std::string with_null("sip:a\0b@c", 9);
  EXPECT_EQ(parse_uri(with_null, uri), ParseError::kUri);
}

TEST(Uri, NamesTheError) {
  Uri uri;
  EXPECT_EQ(parse_uri("sip:a@b_-.example", uri), ParseError::kHost);
  EXPECT_EQ(parse_uri("sip:a@b:99999", uri), ParseError::kPort);
  std::string many = "sip:a@b";
  for (size_t i = 0; i < kUriParamsMax; ++i) many += ";p" + std::to_string(i);
  EXPECT_EQ(parse_uri(many, uri), ParseError::kOk);
  EXPECT_EQ(parse_uri(many + ";p", uri), ParseError::kParamsTooMany);
  std::string headers = "sip:a@b?h=";
  for (size_t i = 1; i < kUriParamsMax; ++i) headers += "&h=" + std::to_string(i);
  parsed(headers);
  EXPECT_EQ(parse_uri(headers + "&h=", uri), ParseError::kParamsTooMany);
}

// RFC 3261 §19.1.1; an escape does not make it another name.
TEST(Uri, NoParameterStandsTwice) {
  Uri uri;
  for (const std::string_view bad :
       {"sip:a@b;lr;lr", "sip:a@b;x=1;Y;X=2", "sip:a@b;maddr=c;m%61ddr=d", "tel:+1;ext=1;ext=1"}) {
    EXPECT_EQ(parse_uri(bad, uri), ParseError::kUri) << bad;
  }
  EXPECT_EQ(parse_uri("sip:a@b;x;xx;y=x", uri), ParseError::kOk);
}

TEST(Uri, TakesOtherSchemesOpaquely) {
  const Uri uri = parsed("nobodyKnowsThis:totally,opaque(content)");
  EXPECT_EQ(uri.scheme, UriScheme::kOther);
  EXPECT_EQ(uri.scheme_name, "nobodyKnowsThis");
  EXPECT_EQ(uri.user, "totally,opaque(content)");
  EXPECT_EQ(parsed("urn:uuid:f81d4fae-7dec").scheme, UriScheme::kOther);
}

TEST(Uri, TakesTelAndPresApart) {
  const Uri tel = parsed("tel:+1-201-555-0123;ext=22");
  EXPECT_EQ(tel.scheme, UriScheme::kTel);
  EXPECT_EQ(tel.user, "+1-201-555-0123");
  EXPECT_EQ(tel.params, ";ext=22");
  EXPECT_EQ(parsed("tel:*7042#;phone-context=example.com").user, "*7042#");
  const Uri pres = parsed("pres:bob@example.com?x=y");
  EXPECT_EQ(pres.scheme, UriScheme::kPres);
  EXPECT_EQ(pres.host, "example.com");
}

TEST(Uri, FindsParametersWithValuesThatHeadersMayNotHave) {
  const Uri uri = parsed("sip:a@b;foo=a/b$c;GR=urn:uuid:1;lr");
  Param param;
  ASSERT_TRUE(find_uri_param(uri, "gr", param));
  EXPECT_EQ(param.value, "urn:uuid:1");
  ASSERT_TRUE(find_uri_param(uri, "lr", param));
  EXPECT_FALSE(param.has_value);
  EXPECT_FALSE(find_uri_param(uri, "transport", param));
}

TEST(Uri, ARequestUriHasNoHeaders) {
  Uri uri;
  EXPECT_EQ(parse_request_uri("sip:a@b", uri), ParseError::kOk);
  EXPECT_EQ(parse_request_uri("sip:a@b?Route=%3Csip:c%3E", uri), ParseError::kUri);
}

TEST(UriEqual, HoldsTheExamplesOfTheRfc) {
  EXPECT_TRUE(equal("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"));
  EXPECT_TRUE(equal("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"));
  EXPECT_TRUE(equal("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"));
  EXPECT_TRUE(equal("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"));
  EXPECT_TRUE(equal("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                    "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"));
  EXPECT_TRUE(equal("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                    "sip:alice@atlanta.com?priority=urgent&subject=project%20x"));
  EXPECT_FALSE(equal("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"));
  EXPECT_FALSE(equal("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"));
  EXPECT_FALSE(equal("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"));
  EXPECT_FALSE(equal("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"));
  EXPECT_FALSE(equal("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"));
  EXPECT_FALSE(equal("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"));
  EXPECT_FALSE(equal("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"));
}

TEST(UriEqual, HoldsTheOtherRules) {
  EXPECT_FALSE(equal("sip:a@b", "sips:a@b"));
  EXPECT_FALSE(equal("sip:b", "sip:a@b"));
  EXPECT_FALSE(equal("sip:a@b", "sip:a:@b"));
  EXPECT_FALSE(equal("sip:a:x@b", "sip:a:X@b"));
  EXPECT_FALSE(equal("sip:a@b;user=phone", "sip:a@b"));
  EXPECT_FALSE(equal("sip:a@b;ttl=1", "sip:a@b"));
  EXPECT_FALSE(equal("sip:a@b;maddr=192.0.2.1", "sip:a@b"));
  EXPECT_FALSE(equal("sip:a@b;method=INVITE", "sip:a@b"));
  EXPECT_TRUE(equal("sip:a@b;LR", "sip:a@b;lr"));
  EXPECT_FALSE(equal("sip:a@b;x", "sip:a@b;x=1"));
  EXPECT_FALSE(equal("sip:a%40c@b", "sip:a%2540c@b"));
  // A reserved character and its escape differ (RFC 2396 §2.2).
  EXPECT_FALSE(equal("sip:a%3Bc@b", "sip:a;c@b"));
  EXPECT_TRUE(equal("sip:a%3bc@b", "sip:a%3Bc@b"));
  EXPECT_FALSE(equal("sip:a%00@b", "sip:a%00%00@b"));
  EXPECT_FALSE(equal("sip:a@b?x=1&x=1&y=2", "sip:a@b?x=1&y=2&y=2"));
  EXPECT_TRUE(equal("sip:a@[2001:DB8::1]", "sip:a@[2001:db8:0:0::1]"));
  EXPECT_FALSE(equal("sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]"));
  EXPECT_TRUE(equal("urn:a:b", "urn:a:b"));
  EXPECT_TRUE(equal("urn:a:b", "URN:A:b"));
  EXPECT_FALSE(equal("urn:a:b", "urn:a:B"));
  EXPECT_TRUE(equal("urn:uuid:ab", "URN:UUID:AB"));
  EXPECT_FALSE(equal("urn:uuid:ab", "urn:uuid:ac"));
  EXPECT_FALSE(equal("urn:uuid:ab", "urn:uuid:abc"));
  EXPECT_TRUE(equal("HTTP://a", "http://a"));
  EXPECT_FALSE(equal("http://a", "http://A"));
}

TEST(UriEqual, ComparesTelephoneNumbers) {
  EXPECT_TRUE(equal("tel:+1-201-555-0123", "TEL:+1.201(555)0123"));
  EXPECT_FALSE(equal("tel:+12015550123", "tel:+12015550124"));
  EXPECT_FALSE(equal("tel:+12015550123", "tel:+120155501234"));
  EXPECT_TRUE(equal("tel:7042;phone-context=Example.com", "tel:70-42;phone-context=example.COM"));
  EXPECT_TRUE(equal("tel:7042;phone-context=+1-914", "tel:7042;phone-context=+1914"));
  EXPECT_FALSE(equal("tel:7042;phone-context=example.com", "tel:7042;phone-context=example.org"));
  EXPECT_FALSE(equal("tel:7042;phone-context=a.b", "tel:7042;phone-context=ab"));
  EXPECT_FALSE(equal("tel:+1201;ext=1", "tel:+1201"));
  EXPECT_TRUE(equal("tel:+1201;ext=1-2;isub=3", "tel:+1201;isub=3;ext=12"));
}

TEST(CanonicalAor, IsOneSpellingForAll) {
  for (const std::string_view same :
       {"sip:alice@example.com", "sips:alice@EXAMPLE.com", "pres:alice@example.com",
        "sip:alice:pw@example.com:5061", "sip:%61lic%65@example.com;transport=tcp?x=y",
        "sip:alice@example.com."}) {
    EXPECT_EQ(aor(same), "alice@example.com") << same;
  }
  EXPECT_EQ(aor("sip:Alice@example.com"), "Alice@example.com");
  EXPECT_EQ(aor("sip:a%3Bb%2Bc@x"), "a;b+c@x");
  EXPECT_EQ(aor("sip:a@[2001:DB8::192.0.2.1]"), aor("sip:a@[2001:db8:0:0:0::c000:201]"));
  EXPECT_EQ(aor("sip:a@[::1:02a:1A3:f00D]"), "a@[0:0:0:0:1:2a:1a3:f00d]");
  EXPECT_EQ(aor("sip:a@[2001:db8:::192.0.2.1]"), "a@[2001:db8:0:0:0:0:c000:201]");
  EXPECT_EQ(aor("sip:a@[:::192.0.2.1]"), "a@[0:0:0:0:0:0:c000:201]");
}

// RFC 4475 §3.1.1.3 and §3.1.1.4.
TEST(CanonicalAor, KeepsTheEscapesThatHideSomething) {
  EXPECT_EQ(aor("sip:null-%00-null@example.com"), "null-%00-null@example.com");
  EXPECT_EQ(aor("sip:sips%3auser%40example.com@example.net"), "sips%3Auser%40example.com@example.net");
  EXPECT_EQ(aor("sip:a%2541@x"), "a%2541@x");
  EXPECT_EQ(aor("sip:%c3%bc@x"), "%C3%BC@x");
  EXPECT_EQ(aor("sip:a%20b@x"), "a%20b@x");
}

TEST(CanonicalAor, WritesNumbersWithoutSeparators) {
  EXPECT_EQ(aor("tel:+1-(201)-555.0123;ext=2"), "+12015550123");
  EXPECT_EQ(aor("tel:70-42;phone-context=Example.com"), "7042;phone-context=example.com");
  EXPECT_EQ(aor("tel:7042;phone-context=+1-914"), "7042;phone-context=+1914");
}

TEST(CanonicalAor, SaysWhyThereIsNone) {
  EXPECT_EQ(aor("sip:example.com"), to_string(ParseError::kUri));
  EXPECT_EQ(aor("isbn:2983792873"), to_string(ParseError::kUriScheme));
  char small[5];
  size_t length = 1;
  EXPECT_EQ(write_canonical_aor(parsed("sip:ab@cd.e"), small, sizeof small, length),
            ParseError::kMessageTooLong);
  EXPECT_EQ(length, 0u);
  EXPECT_EQ(write_canonical_aor(parsed("sip:ab@cd"), small, sizeof small, length), ParseError::kOk);
  EXPECT_EQ(std::string_view(small, length), "ab@cd");
}

// RFC 4291 §2.2: "::" stands for one group of zeros or more.
TEST(Uri, DoesNotReadAGapThatStandsForNothing) {
  Uri uri;
  for (const char* bad : {"sip:[1:2:3:4:5:6:7:8::]", "sip:[::1:2:3:4:5:6:7:8]", "sip:[1:2:3:4::5:6:7:8]",
                          "sip:[1:2:3:4:5:6:192.0.2.1::]", "sip:[1:2:3:4:5:6::192.0.2.1]"}) {
    EXPECT_NE(parse_uri(bad, uri), ParseError::kOk) << bad;
  }
  for (const char* good : {"sip:[1:2:3:4:5:6:7::]", "sip:[::2:3:4:5:6:7:8]", "sip:[1:2:3:4::6:7:8]",
                           "sip:[1:2:3:4:5::192.0.2.1]"}) {
    EXPECT_EQ(parse_uri(good, uri), ParseError::kOk) << good;
  }
}

// Every text of up to seven of these characters, as libc reads it. (Leading zeros in an IPv4 tail, which RFC 3261 §25.1
// allows, and RFC 5118 §4.10's third colon are ours alone; neither fits into seven characters.)
TEST(Uri, ReadsIpv6AsLibcDoes) {
  constexpr std::string_view kLetters = "1f:.g";
  size_t taken = 0;
  for (size_t length = 1; length <= 7; ++length) {
    std::string text(length, kLetters[0]);
    std::array<size_t, 7> digits{};
    for (size_t at = 0; at < length;) {
      Uri uri;
      in6_addr address;
      const bool is_taken = parse_uri("sip:[" + text + "]", uri) == ParseError::kOk;
      ASSERT_EQ(is_taken, inet_pton(AF_INET6, text.c_str(), &address) == 1) << text;
      taken += is_taken;
      for (at = 0; at < length; ++at) {
        digits[at] = (digits[at] + 1) % kLetters.size();
        text[at] = kLetters[digits[at]];
        if (digits[at] != 0) break;
      }
    }
  }
  EXPECT_GT(taken, 500u);
}

}  // namespace
}  // namespace vedette::parsers
