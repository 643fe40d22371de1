// The typed parsers of single header fields: From to Authorization, and the parameters they share.
// Single-threaded.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/cseq.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/subscription_state.h"
#include "parsers/token_list.h"
#include "parsers/via.h"

namespace vedette::parsers {
namespace {

using namespace std::string_literals;

TEST(Number, IsDigitsWithinItsBound) {
  uint64_t value = 7;
  EXPECT_EQ(parse_uint("0068", 255, value), ParseError::kOk);
  EXPECT_EQ(value, 68u);
  EXPECT_EQ(parse_uint("18446744073709551615", UINT64_MAX, value), ParseError::kOk);
  EXPECT_EQ(value, UINT64_MAX);
  EXPECT_EQ(parse_uint("18446744073709551616", UINT64_MAX, value), ParseError::kNumber);
  EXPECT_EQ(parse_uint("255", 255, value), ParseError::kOk);
  EXPECT_EQ(parse_uint("3", 3, value), ParseError::kOk);
  for (const std::string_view bad : {"", "256", "-1", "+1", " 1", "1 ", "0x1", "1.0"}) {
    EXPECT_EQ(parse_uint(bad, 255, value), ParseError::kNumber) << bad;
  }
  EXPECT_EQ(parse_uint("4", 3, value), ParseError::kNumber);
}

TEST(Number, DeltaSecondsMayHaveCommentAndParameters) {
  uint32_t seconds = 0;
  EXPECT_EQ(parse_delta_seconds("18000;duration=3600", seconds), ParseError::kOk);
  EXPECT_EQ(seconds, 18000u);
  EXPECT_EQ(parse_delta_seconds("120 (in a (small\\)) meeting) ;x", seconds), ParseError::kOk);
  EXPECT_EQ(seconds, 120u);
  EXPECT_EQ(parse_delta_seconds("4294967295", seconds), ParseError::kOk);
  for (const std::string_view bad : {"", "4294967296", "1 2", "1(", "1(()", "1(\\", "1;", "x"}) {
    EXPECT_NE(parse_delta_seconds(bad, seconds), ParseError::kOk) << bad;
  }
}

TEST(Param, TakesOneAfterTheOther) {
  std::string_view rest = " ;tag = a1\r\n ; lr;q=\"a\\\";b\" ;host=[2001:db8::1]";
  Param param;
  ASSERT_EQ(next_param(rest, param), ParseError::kOk);
  EXPECT_EQ(param.name, "tag");
  EXPECT_EQ(param.value, "a1");
  ASSERT_EQ(next_param(rest, param), ParseError::kOk);
  EXPECT_EQ(param.name, "lr");
  EXPECT_FALSE(param.has_value);
  ASSERT_EQ(next_param(rest, param), ParseError::kOk);
  EXPECT_EQ(param.value, "a\\\";b");
  EXPECT_TRUE(param.quoted);
  ASSERT_EQ(next_param(rest, param), ParseError::kOk);
  EXPECT_EQ(param.value, "[2001:db8::1]");
  EXPECT_EQ(next_param(rest, param), ParseError::kEmpty);
}

TEST(Param, FindsByNameAndChecksAll) {
  Param param;
  EXPECT_TRUE(find_param(";a=1;EXPIRES=2;expires=3", "expires", param));
  EXPECT_EQ(param.value, "2");
  EXPECT_FALSE(find_param(";a;;expires=2", "expires", param));
  EXPECT_EQ(check_params(""), ParseError::kOk);
  EXPECT_EQ(check_params(" \t"), ParseError::kOk);
  EXPECT_EQ(check_params(";a;b=c;d=\"\""), ParseError::kOk);
  EXPECT_EQ(check_params(";a=\"b"), ParseError::kQuotedString);
  for (const std::string_view bad : {";", ";;a", "a", ";a=", ";=a", ";a=b c", ";a b", ";a=<b>", ";a\r\n;b"}) {
    EXPECT_EQ(check_params(bad), ParseError::kParam) << bad;
  }
  std::string many;
  for (size_t i = 0; i < kParamsMax; ++i) many += ";p";
  EXPECT_EQ(check_params(many), ParseError::kOk);
  EXPECT_EQ(check_params(many + ";p"), ParseError::kParamsTooMany);
}

TEST(Address, ReadsBothForms) {
  Address address;
  ASSERT_EQ(parse_address("\"A. \\\"B\\\" <x>\" <sip:a@b;lr?x=y>;tag=1;expires=60", address),
            ParseError::kOk);
  EXPECT_EQ(address.display_name, "\"A. \\\"B\\\" <x>\"");
  EXPECT_EQ(address.uri.params, ";lr");
  EXPECT_EQ(address.uri.headers, "?x=y");
  EXPECT_EQ(address.params, ";tag=1;expires=60");
  EXPECT_EQ(address.tag, "1");
  ASSERT_EQ(parse_address("sip:a@b;tag=2", address), ParseError::kOk);
  EXPECT_EQ(address.uri.text, "sip:a@b");
  EXPECT_TRUE(address.uri.params.empty());
  EXPECT_EQ(address.tag, "2");
  EXPECT_TRUE(address.display_name.empty());
  ASSERT_EQ(parse_address("Two  Words<sip:a@b>", address), ParseError::kOk);
  EXPECT_EQ(address.display_name, "Two  Words");
  ASSERT_EQ(parse_address("J\xc3\xbcrgen <sip:a@b>", address), ParseError::kOk);
  ASSERT_EQ(parse_address("\"\xe6\x97\xa5\" <sip:a@b>", address), ParseError::kOk);
}

TEST(Address, RefusesWhatTortureTries) {
  Address address;
  for (const std::string_view bad :
       {"", "\"A <sip:a@b>", "<sip:a@b", "< sip:a@b >", "A, B <sip:a@b>", "sip:a@b?x=y", "<sip:a@b>;;", "*",
        "sip:a@b, sip:c@d", "<sip:a@b> x", "\"A\" sip:a@b", "<>", "a@b", "<sip:a@b>;tag",
        "<sip:a@b>;tag=1;tag=2", "<sip:a@b>;tag=\"x\"", "A \"B\" <sip:a@b>"}) {
    EXPECT_NE(parse_address(bad, address), ParseError::kOk) << bad;
  }
  EXPECT_NE(parse_address("\"a\0\" <sip:a@b>"s, address), ParseError::kOk);
  EXPECT_EQ(parse_address("\"a\\\0\" <sip:a@b>"s, address), ParseError::kOk);
}

TEST(Address, WalksALongListWithCommasInside) {
  std::string_view rest = "\"a, b\" <sip:a,b@c;x=1>;q=0.5 ,\r\n sip:d@e;expires=5, * <tel:+1>";
  Address address;
  std::vector<std::string_view> texts;
  while (next_address(rest, address) == ParseError::kOk) texts.push_back(address.text);
  EXPECT_EQ(texts, (std::vector<std::string_view>{"\"a, b\" <sip:a,b@c;x=1>;q=0.5", "sip:d@e;expires=5",
                                                  "* <tel:+1>"}));
  EXPECT_TRUE(rest.empty());
}

TEST(Address, AListHasNoEmptyElements) {
  Address address;
  std::string_view rest = "";
  EXPECT_EQ(next_address(rest, address), ParseError::kEmpty);
  rest = ", <sip:a@b>";
  EXPECT_EQ(next_address(rest, address), ParseError::kAddress);
  rest = "<sip:a@b> , ";
  EXPECT_EQ(next_address(rest, address), ParseError::kOk);
  EXPECT_EQ(next_address(rest, address), ParseError::kAddress);
  EXPECT_EQ(next_address(rest, address), ParseError::kEmpty);
}

TEST(Address, KnowsTheWildcard) {
  Address address;
  std::string_view rest = " * ";
  ASSERT_EQ(next_address(rest, address), ParseError::kOk);
  EXPECT_TRUE(address.wildcard);
  rest = "*;expires=0";
  EXPECT_NE(next_address(rest, address), ParseError::kOk);
}

TEST(Via, IsTakenApart) {
  std::string_view rest = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1;rport;received=192.0.2.2";
  Via via;
  ASSERT_EQ(next_via(rest, via), ParseError::kOk);
  EXPECT_EQ(via.transport, ViaTransport::kUdp);
  EXPECT_EQ(via.sent_by, "192.0.2.1:5070");
  EXPECT_EQ(via.host, "192.0.2.1");
  EXPECT_EQ(via.port, 5070);
  EXPECT_EQ(via.branch, "z9hG4bK1");
  EXPECT_TRUE(via.has_rport);
  EXPECT_EQ(via.rport, 0);
  EXPECT_EQ(via.received, "192.0.2.2");
  EXPECT_EQ(next_via(rest, via), ParseError::kEmpty);
}

TEST(Via, TakesWhiteSpaceFoldsAndLists) {
  std::string_view rest =
      "SIP  / 2.0\r\n / TCP     a.example.com  :  5060 ;\r\n branch  =  z9hG4bK9  ,\r\n SIP/2.0/WSS b "
      ";rport=9 ";
  Via via;
  ASSERT_EQ(next_via(rest, via), ParseError::kOk);
  EXPECT_EQ(via.transport, ViaTransport::kTcp);
  EXPECT_EQ(via.host, "a.example.com");
  EXPECT_EQ(via.port, 5060);
  EXPECT_EQ(via.branch, "z9hG4bK9");
  ASSERT_EQ(next_via(rest, via), ParseError::kOk);
  EXPECT_EQ(via.transport, ViaTransport::kWss);
  EXPECT_EQ(via.text, "SIP/2.0/WSS b ;rport=9");
  EXPECT_EQ(via.rport, 9);
  EXPECT_EQ(next_via(rest, via), ParseError::kEmpty);
}

// RFC 5118 §4.5: received comes with brackets and without.
TEST(Via, ReadsIpv6) {
  Via via;
  std::string_view rest = "SIP/2.0/UDP [2001:db8::9:1]:6050;received=2001:db8::9:255;branch=z9hG4bKa";
  ASSERT_EQ(next_via(rest, via), ParseError::kOk);
  EXPECT_EQ(via.host, "[2001:db8::9:1]");
  EXPECT_EQ(via.port, 6050);
  EXPECT_EQ(via.received, "2001:db8::9:255");
  EXPECT_EQ(via.branch, "z9hG4bKa");
  rest = "SIP/2.0/UNKNOWN 2001:db8::1;received=[2001:db8::2]";
  ASSERT_EQ(next_via(rest, via), ParseError::kOk);
  EXPECT_EQ(via.transport, ViaTransport::kOther);
  EXPECT_EQ(via.host, "2001:db8::1");
  EXPECT_EQ(via.port, 0);
  EXPECT_EQ(via.received, "[2001:db8::2]");
}

TEST(Via, RefusesWhatCannotBeAnswered) {
  Via via;
  for (const std::string_view bad :
       {"SIP/2.0/UDP", "SIP/2.0/UDP ;branch=1", "SIP/2.0 a", "SIP/2.0/UDP a;;b",
        "SIP/2.0/UDP a;branch=", "SIP/2.0/UDP a;branch", "SIP/2.0/UDP a;branch=1;branch=2",
        "SIP/2.0/UDP a;rport=x", "SIP/2.0/UDP a;rport=65536", "SIP/2.0/UDP a;rport;rport", "SIP/2.0/UDP a:0",
        "SIP/2.0/UDP a:70000", "SIP/2.0/UDP a:", "SIP/2.0/UDP a b", ", SIP/2.0/UDP a", "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP a;branch=\"1\"", "SIP/2.0/UDPa"}) {
    std::string_view rest = bad;
    EXPECT_NE(next_via(rest, via), ParseError::kOk) << bad;
    EXPECT_TRUE(rest.empty());
  }
}

// RFC 4475 §3.1.2.1: what is malformed behind the sent-by keeps nobody from answering.
TEST(Via, GivesWhatStandsBeforeTheFault) {
  struct Case {
    std::string_view value, text, sent_by, params;
    bool has_rport = false;
  };
  for (const Case& wanted :
       {Case{"SIP/2.0/UDP 192.0.2.15;;,;,,", "SIP/2.0/UDP 192.0.2.15", "192.0.2.15", ""},
        Case{" SIP / 2.0/UDP a : 7 ;rport ; branch=b ;;x", "SIP / 2.0/UDP a : 7 ;rport ; branch=b", "a : 7",
             ";rport ; branch=b", true},
        Case{"SIP/2.0/UDP a;branch=1;branch=2;rport", "SIP/2.0/UDP a;branch=1", "a", ";branch=1"},
        Case{"SIP/2.0/UDP a;x;rport=65536", "SIP/2.0/UDP a;x", "a", ";x"},
        Case{"SIP/2.0/UDP [::1]:9;x=\"y, SIP/2.0/UDP b", "SIP/2.0/UDP [::1]:9", "[::1]:9", ""},
        Case{"SIP/2.0/UDP a;b c;rport", "SIP/2.0/UDP a;b", "a", ";b"},
        // Where the sent-by ends is not known, or it is malformed itself.
        Case{"SIP/2.0/UDP a(b);rport", "", "", ""}, Case{"SIP/2.0/UDP a b;rport", "", "", ""},
        Case{"SIP/2.0/UDP a:5060x;rport", "", "", ""}, Case{"SIP/2.0/UDP a:65536;rport", "", "", ""},
        Case{"SIP/2.0/UDP ;rport", "", "", ""}, Case{"SIP/2.0 a;rport", "", "", ""}, Case{"", "", "", ""}}) {
    Via via;
    std::string_view rest = wanted.value;
    EXPECT_NE(next_via(rest, via), ParseError::kOk) << wanted.value;
    EXPECT_EQ(via.text, wanted.text);
    if (wanted.text.empty()) continue;
    EXPECT_EQ(via.sent_by, wanted.sent_by) << wanted.value;
    EXPECT_EQ(via.params, wanted.params) << wanted.value;
    EXPECT_EQ(via.has_rport, wanted.has_rport) << wanted.value;
  }
}

TEST(CSeq, IsNumberAndMethod) {
  CSeq cseq;
  ASSERT_EQ(parse_cseq("0009\r\n  INVITE", cseq), ParseError::kOk);
  EXPECT_EQ(cseq.number, 9u);
  EXPECT_EQ(cseq.method, Method::kInvite);
  ASSERT_EQ(parse_cseq("4294967295 odd!", cseq), ParseError::kOk);
  EXPECT_EQ(cseq.method, Method::kUnknown);
  EXPECT_EQ(cseq.method_name, "odd!");
  // Of as many digits as are read at once, one more, and one less.
  for (const std::string_view digits : {"1", "0", "21", "1234567", "12345678", "123456789", "0000000", "000000042"}) {
    for (const Method method : {Method::kAck, Method::kNotify, Method::kRegister, Method::kSubscribe}) {
      const std::string value = std::string(digits) + " " + std::string(to_string(method));
      ASSERT_EQ(parse_cseq(value, cseq), ParseError::kOk);
      EXPECT_EQ(cseq.number, static_cast<uint32_t>(std::stoul(std::string(digits)))) << digits;
      EXPECT_EQ(cseq.method, method) << digits;
      EXPECT_EQ(cseq.method_name, to_string(method)) << digits;
    }
  }
  for (const std::string_view bad : {"", "1", "INVITE", "1INVITE", "4294967296 INVITE",
                                     "36893488147419103232 REGISTER", "-1 A", "1 A B", "1 A;b", "1 "}) {
    EXPECT_EQ(parse_cseq(bad, cseq), ParseError::kCSeq) << bad;
  }
}

TEST(CallId, IsOneWordOrTwo) {
  EXPECT_EQ(check_call_id("a.b-c!%*_+`'~()<>:\\\"/[]?{}@1"), ParseError::kOk);
  EXPECT_EQ(check_call_id("abc"), ParseError::kOk);
  for (const std::string_view bad : {"", "a b", "a@", "@a", "a@b@c", "a;b", "\xc3\xbc"}) {
    EXPECT_EQ(check_call_id(bad), ParseError::kCallId) << bad;
  }
}

TEST(Event, HasPackageTemplatesAndId) {
  Event event;
  ASSERT_EQ(parse_event("presence.winfo ;foo=1; id=a1", event), ParseError::kOk);
  EXPECT_EQ(event.package, "presence.winfo");
  EXPECT_EQ(event.id, "a1");
  ASSERT_EQ(parse_event("presence", event), ParseError::kOk);
  EXPECT_TRUE(event.id.empty());
  for (const std::string_view bad : {"", ".a", "a.", "a..b", "a b", "a,b", "a;id=\"x\"", "a;id", "a;id=1;id=2"}) {
    EXPECT_EQ(parse_event(bad, event), ParseError::kEvent) << bad;
  }
  EXPECT_EQ(parse_event("a;", event), ParseError::kParam);
}

TEST(SubscriptionState, HasStateReasonAndTimes) {
  SubscriptionState state;
  ASSERT_EQ(parse_subscription_state("Active;expires=0600", state), ParseError::kOk);
  EXPECT_EQ(state.value, SubscriptionState::Value::kActive);
  EXPECT_TRUE(state.has_expires);
  EXPECT_EQ(state.expires, 600u);
  ASSERT_EQ(parse_subscription_state("terminated ; reason=probation;retry-after=5", state), ParseError::kOk);
  EXPECT_EQ(state.value, SubscriptionState::Value::kTerminated);
  EXPECT_EQ(state.reason, "probation");
  EXPECT_TRUE(state.has_retry_after);
  EXPECT_EQ(state.retry_after, 5u);
  EXPECT_FALSE(state.has_expires);
  ASSERT_EQ(parse_subscription_state("waiting", state), ParseError::kOk);
  EXPECT_EQ(state.value, SubscriptionState::Value::kOther);
  EXPECT_EQ(state.text, "waiting");
  for (const std::string_view bad :
       {"", "active;expires", "active;expires=x", "active;reason=", "active expires=1", "active,pending"}) {
    EXPECT_NE(parse_subscription_state(bad, state), ParseError::kOk) << bad;
  }
}

TEST(MediaType, IsTypeAndSubtype) {
  MediaType media;
  ASSERT_EQ(parse_media_type("application / pidf+xml ; charset=\"utf-8\"", media), ParseError::kOk);
  EXPECT_EQ(media.type, "application");
  EXPECT_EQ(media.subtype, "pidf+xml");
  EXPECT_EQ(media.params, "; charset=\"utf-8\"");
  for (const std::string_view bad : {"", "text", "text/", "/plain", "text/plain x", "text/plain, a/b"}) {
    EXPECT_EQ(parse_media_type(bad, media), ParseError::kMediaType) << bad;
  }
}

bool accepted(std::string_view accept_lines) {
  const std::string text = "OPTIONS sip:a@b SIP/2.0\r\n" + std::string(accept_lines) + "\r\n";
  Message message;
  EXPECT_EQ(parse_message(text, message), ParseError::kOk);
  return accepts(message, "application", "pidf+xml", true);
}

TEST(MediaType, AcceptFollowsTheClosestRange) {
  EXPECT_TRUE(accepted(""));
  EXPECT_FALSE(accepted("Accept:\r\n"));
  EXPECT_TRUE(accepted("Accept: text/plain, Application/PIDF+xml;q=0.1\r\n"));
  EXPECT_TRUE(accepted("Accept: text/plain\r\nAccept: */*\r\n"));
  EXPECT_TRUE(accepted("Accept: application/*\r\n"));
  EXPECT_FALSE(accepted("Accept: */*, application/pidf+xml;q=0.000\r\n"));
  EXPECT_TRUE(accepted("Accept: application/pidf+xml, application/*;q=0\r\n"));
  EXPECT_FALSE(accepted("Accept: text/plain\r\n"));
}

TEST(TokenList, SkipsEmptyElementsAndNamesMalformedOnes) {
  std::string_view rest = " a ,, b\r\n , c d, e,";
  std::string_view token;
  ASSERT_EQ(next_token(rest, token), ParseError::kOk);
  EXPECT_EQ(token, "a");
  ASSERT_EQ(next_token(rest, token), ParseError::kOk);
  EXPECT_EQ(token, "b");
  EXPECT_EQ(next_token(rest, token), ParseError::kToken);
  ASSERT_EQ(next_token(rest, token), ParseError::kOk);
  EXPECT_EQ(token, "e");
  EXPECT_EQ(next_token(rest, token), ParseError::kEmpty);
}

TEST(TokenList, FindsATokenInAnyField) {
  Message message;
  ASSERT_EQ(parse_message("OPTIONS sip:a@b SIP/2.0\r\nk: path, bad one,GRUU\r\nSupported: eventlist\r\n\r\n",
                          message),
            ParseError::kOk);
  EXPECT_TRUE(lists_token(message, HeaderId::kSupported, "gruu"));
  EXPECT_TRUE(lists_token(message, HeaderId::kSupported, "eventlist"));
  EXPECT_FALSE(lists_token(message, HeaderId::kSupported, "bad"));
  EXPECT_FALSE(lists_token(message, HeaderId::kRequire, "path"));
}

TEST(TokenList, AnEntityTagIsOneToken) {
  std::string_view tag;
  EXPECT_EQ(parse_entity_tag("dx200xyz", tag), ParseError::kOk);
  EXPECT_EQ(tag, "dx200xyz");
  for (const std::string_view bad : {"", "a b", "a,b", "\"a\"", "*a;"}) {
    EXPECT_EQ(parse_entity_tag(bad, tag), ParseError::kEntityTag) << bad;
  }
}

TEST(AuthParams, ReadsDigestAsClientsSendIt) {
  AuthParams auth;
  ASSERT_EQ(
      parse_auth_params(
          " Digest realm=\"presence.test\", nonce=\"a/b+c==\", username=\"ali\\\"ce\",  uri=\"sip:b@c\", "
          "response=\"57\", cnonce=\"~e,z\", nc=\"0000001A\", qop=\"auth\",algorithm=MD5",
          auth),
      ParseError::kOk);
  EXPECT_TRUE(auth.is_digest);
  EXPECT_EQ(auth.realm, "presence.test");
  EXPECT_EQ(auth.nonce, "a/b+c==");
  EXPECT_EQ(auth.username, "ali\\\"ce");
  EXPECT_EQ(auth.cnonce, "~e,z");
  EXPECT_EQ(auth.qop, "auth");
  EXPECT_EQ(auth.algorithm, "MD5");
  EXPECT_TRUE(auth.has_nc);
  EXPECT_EQ(auth.nonce_count, 0x1au);
  ASSERT_EQ(parse_auth_params("DIGEST\r\n realm = \"a\",stale=TRUE,opaque=\"\",qop=\"auth,auth-int\"", auth),
            ParseError::kOk);
  EXPECT_TRUE(auth.stale);
  EXPECT_FALSE(auth.has_nc);
  EXPECT_EQ(auth.qop, "auth,auth-int");
}

TEST(AuthParams, LeavesOtherSchemesAlone) {
  AuthParams auth;
  ASSERT_EQ(parse_auth_params("NoOneKnowsThisScheme opaque-data=here", auth), ParseError::kOk);
  EXPECT_FALSE(auth.is_digest);
  EXPECT_EQ(auth.params, "opaque-data=here");
  EXPECT_TRUE(auth.opaque.empty());
}

TEST(AuthParams, RefusesWhatCouldBeReadInTwoWays) {
  AuthParams auth;
  for (const std::string_view bad :
       {"", "Digest", "Digest ", "Digest=a", "Digest realm",
        "Digest realm=", "Digest realm=\"a\" nonce=\"b\"", "Digest a=1,a=2,realm=x,realm=y", "Digest nc=1",
        "Digest nc=0000000g", "Digest nc=000000001", "Digest realm=\"a", "Digest ,",
        "Digest realm=\"a\", Digest realm=\"b\""}) {
    EXPECT_NE(parse_auth_params(bad, auth), ParseError::kOk) << bad;
  }
}

}  // namespace
}  // namespace vedette::parsers
