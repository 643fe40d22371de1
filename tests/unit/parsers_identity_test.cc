// Identity, Date and base64url: what RFC 8224 §4, RFC 3261 §20.17 and RFC 4648 §5 have, and what they have not.
#include "parsers/identity.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "parsers/base64url.h"
#include "parsers/date_time.h"
#include "parsers/header_id.h"
#include "parsers/message.h"

namespace vedette::parsers {
namespace {

TEST(Identity, HasAFullForm) {
  Identity identity;
  const std::string value = "eyJh.eyJk.a-_Z;info=<https://cert.example.org/p.cer?x=1;y>;alg=ES256;ppt=\"shaken\";z=1";
  ASSERT_EQ(parse_identity(value, identity), ParseError::kOk);
  EXPECT_FALSE(identity.is_compact());
  EXPECT_EQ(identity.token, "eyJh.eyJk.a-_Z");
  EXPECT_EQ(identity.header, "eyJh");
  EXPECT_EQ(identity.payload, "eyJk");
  EXPECT_EQ(identity.signature, "a-_Z");
  EXPECT_EQ(identity.info, "https://cert.example.org/p.cer?x=1;y");
  EXPECT_EQ(identity.algorithm, "ES256");
  EXPECT_EQ(identity.type, "shaken");
}

TEST(Identity, HasACompactForm) {
  Identity identity;
  ASSERT_EQ(parse_identity(" ..sig \r\n ; INFO =\t<https://a.b/c> ", identity), ParseError::kOk);
  EXPECT_TRUE(identity.is_compact());
  EXPECT_EQ(identity.signature, "sig");
  EXPECT_EQ(identity.info, "https://a.b/c");
  EXPECT_TRUE(identity.algorithm.empty());
  EXPECT_TRUE(identity.type.empty());
}

TEST(Identity, SaysWhatIsMissing) {
  Identity identity;
  for (const std::string_view bad :
       {"", ";info=<https://a.b>", "sig;info=<https://a.b>", ".sig;info=<https://a.b>", "...sig;info=<https://a.b>",
        "a..sig;info=<https://a.b>", ".a.sig;info=<https://a.b>", "..;info=<https://a.b>", "a.b.;info=<https://a.b>",
        "..s=g;info=<https://a.b>", "..sig, ..sig;info=<https://a.b>", "..sig;info=<https://a.b>, ..sig",
        "..sig;info=<https://a.b>;info=<https://a.b>", "..sig;info=<https://a.b>;alg=ES256;alg=none",
        "..sig;info=<https://a.b>;alg", "..sig;info=<https://a.b>;ppt=\"a b\"", "..sig;info=<https://a.b>;",
        "..sig;info=<https://a.b>x", "..si g;info=<https://a.b>"}) {
    EXPECT_EQ(parse_identity(bad, identity), ParseError::kIdentity) << bad;
  }
  for (const std::string_view bad :
       {"..sig", "..sig;alg=ES256", "..sig;info=https://a.b/c", "..sig;info=\"https://a.b/c\"",
        "..sig;info=<https://a.b", "..sig;info=<>", "..sig;info", "..sig;info=", "..sig;info=<no uri>"}) {
    EXPECT_EQ(parse_identity(bad, identity), ParseError::kIdentityInfo) << bad;
  }
}

// RFC 8224 §4: several fields, of either name.
TEST(Identity, IsKnownByBothOfItsNames) {
  EXPECT_EQ(parse_header_name("identity"), HeaderId::kIdentity);
  EXPECT_EQ(parse_header_name("Y"), HeaderId::kIdentity);
  Message message;
  const std::string bytes =
      "OPTIONS sip:a@b SIP/2.0\r\ny: ..one;info=<https://a.b>\r\nIdentity: ..two;info=<https://a.b>\r\n\r\n";
  ASSERT_EQ(parse_message(bytes, message), ParseError::kOk);
  EXPECT_EQ(message.count(HeaderId::kIdentity), 2U);
}

TEST(SipDate, IsSecondsSinceTheEpoch) {
  int64_t seconds = 0;
  EXPECT_EQ(parse_sip_date("Thu, 01 Jan 1970 00:00:00 GMT", seconds), ParseError::kOk);
  EXPECT_EQ(seconds, 0);
  EXPECT_EQ(parse_sip_date("Tue, 16 Aug 2016 19:23:38 GMT", seconds), ParseError::kOk);
  EXPECT_EQ(seconds, 1'471'375'418);
  EXPECT_EQ(parse_sip_date("Sun, 31 Dec 1950\r\n  23:59:59 GMT ", seconds), ParseError::kOk);
  EXPECT_EQ(seconds, -599'616'001);
}

TEST(SipDate, IsADayOfThatName) {
  int64_t seconds = 7;
  constexpr std::string_view kGood = "Tue, 16 Aug 2016 19:23:38 GMT";
  for (size_t length = 0; length < kGood.size(); ++length) {
    EXPECT_EQ(parse_sip_date(kGood.substr(0, length), seconds), ParseError::kDate) << length;
  }
  for (const std::string_view bad :
       {"Mon, 16 Aug 2016 19:23:38 GMT", "tue, 16 Aug 2016 19:23:38 GMT", "Tue, 16 aug 2016 19:23:38 GMT",
        "Tue, 16 Aug 2016 19:23:38 UTC", "Tue, 16 Aug 2016 24:23:38 GMT", "Tue, 16 Aug 2016 19:60:38 GMT",
        "Tue, 16 Aug 2016 19:23:60 GMT", "Tue,16 Aug 2016 19:23:38 GMT", "Tue, 016 Aug 2016 19:23:38 GMT",
        "Tue, 6 Aug 2016 19:23:38 GMT", "Tue, 30 Feb 2016 19:23:38 GMT", "Tue, 16 Aug 16 19:23:38 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT", "Tue, 16 Aug 2016 19:23:38 GMT x", "Tuesday, 16-Aug-16 19:23:38 GMT"}) {
    EXPECT_EQ(parse_sip_date(bad, seconds), ParseError::kDate) << bad;
  }
  EXPECT_EQ(seconds, 7);
}

std::string encoded(std::string_view bytes) {
  std::array<char, 64> out;
  Writer writer(out.data(), out.size());
  put_base64url(writer, bytes);
  return std::string(writer.text());
}

// RFC 4648 §10, without padding.
TEST(Base64Url, IsWhatTheRfcSays) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg");
  EXPECT_EQ(encoded("fo"), "Zm8");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xfb\xff\xfe"), "-__-");
}

TEST(Base64Url, IsReadInOneSpellingAlone) {
  std::array<char, 64> out;
  size_t length = 0;
  for (const std::string_view bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xfb\xff\xfe"}) {
    ASSERT_TRUE(decode_base64url(encoded(bytes), out.data(), out.size(), length));
    EXPECT_EQ(std::string_view(out.data(), length), bytes);
  }
  for (const std::string_view bad : {"Z", "Zg==", "Zh", "Zm9", "Zm9vYmFyZ", "Zm+v", "Zm/v", "Zm 8", "Z\n"}) {
    EXPECT_FALSE(decode_base64url(bad, out.data(), out.size(), length)) << bad;
  }
  EXPECT_TRUE(decode_base64url("Zm9v", out.data(), 3, length));
  EXPECT_FALSE(decode_base64url("Zm9v", out.data(), 2, length));
}

}  // namespace
}  // namespace vedette::parsers
