// What the quick way to the answer to a NOTIFY reads, and what it leaves to be parsed. That it reads nothing
// in another way than parsing does is a property: see tests/rfc/plain_response_properties_test.cc.
#include "parsers/plain_response.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "parsers/line_index.h"

namespace vedette::parsers {
namespace {

const std::string kAnswer =
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKv2f10000003c00079f40c17a\r\n"
    "From: <sip:bob@example.com>;tag=2f11a6c5f60faec35a1\r\n"
    "To: <sip:alice@example.com>;tag=Ze3-oN8uK\r\n"
    "Call-ID: sKPd16XadP\r\n"
    "CSeq: 4 NOTIFY\r\n"
    "User-Agent: baresip\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

// The answer, once with something else in it.
struct Edit {
  std::string_view from, to;
};
std::string edited(const Edit& edit) {
  std::string text = kAnswer;
  const size_t at = text.find(edit.from);
  EXPECT_NE(at, std::string::npos) << edit.from;
  return text.replace(at, edit.from.size(), edit.to);
}

PlainResponse answered(const std::string& text) {
  PlainResponse response;
  EXPECT_TRUE(read_plain_response(text, response)) << text;
  return response;
}

TEST(PlainResponse, SaysWhatWasAnswered) {
  const PlainResponse response = answered(kAnswer);
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.cseq, 4u);
  EXPECT_EQ(response.branch, "z9hG4bKv2f10000003c00079f40c17a");
  EXPECT_EQ(response.branch.data(), kAnswer.data() + kAnswer.find("z9hG4bKv"));
}

TEST(PlainResponse, ReadsEachOfItsValues) {
  EXPECT_EQ(answered(edited({"200 OK", "204 "})).status, 204u);
  EXPECT_EQ(answered(edited({"200 OK", "299 \xC3\xA4\xC3\xA4"})).status, 299u);
  EXPECT_EQ(answered(edited({"4 NOTIFY", "0 NOTIFY"})).cseq, 0u);
  EXPECT_EQ(answered(edited({"4 NOTIFY", "999999999 NOTIFY"})).cseq, 999'999'999u);
  EXPECT_EQ(answered(edited({"v2f10000003c00079f40c17a", ""})).branch, "z9hG4bK");
  EXPECT_EQ(answered(edited({";branch=z9hG4bKv2f10000003c00079f40c17a", ""})).branch, "");
}

// Vias that are not spelled as a notifier with an IPv4 address spells them are read as everywhere.
TEST(PlainResponse, ReadsViasOfAllShapes) {
  for (const std::string_view via :
       {"SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1", "SIP/2.0/UDP 255.255.249.10:65535;branch=z9hG4bK1",
        "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1", "SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1",
        "SIP/2.0/TCP host.example.com;branch=z9hG4bK1", " SIP / 2.0 / UDP host : 5060 ; branch = z9hG4bK1",
        "SIP/2.0/UDP 192.0.2.10:5060;rport=5060;branch=z9hG4bK1;received=192.0.2.10",
        "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1;received=192.0.2.10",
        "SIP/2.0/UDP h;BRANCH=z9hG4bK1;x=\"a,b\" "}) {
    EXPECT_EQ(answered("SIP/2.0 200 OK\r\nCSeq: 4 NOTIFY\r\nVia: " + std::string(via) + "\r\n\r\n").branch, "z9hG4bK1")
        << via;
    EXPECT_EQ(answered("SIP/2.0 200 OK\r\nVia: " + std::string(via) + "\r\nCSeq: 4 NOTIFY\r\n\r\n").branch, "z9hG4bK1")
        << via;
  }
}

TEST(PlainResponse, ReadsOnWhateverOtherLinesThereAre) {
  for (const Edit& edit :
       {Edit{"Content-Length: 0\r\n", ""}, Edit{"From: ", "f:"}, Edit{"From: ", "FROM:\xff "}, Edit{"To: ", "t: "},
        Edit{"User-Agent: baresip", "User-Agent:"}, Edit{"User-Agent", "Server"}, Edit{"User-Agent", "Retry-Before"},
        Edit{"User-Agent", "P-A-Name-That-Is-Longer-Than-Sixteen-Letters"}, Edit{"User-Agent", "!"},
        Edit{"\r\n\r\n", "\r\nx:\r\n\r\n"}, Edit{"User-Agent: ", "X: a\r\nX: b\r\nX: "},
        Edit{"User-Agent: baresip", "Content-Type: text/plain;a=\"Via: x\""}}) {
    EXPECT_EQ(answered(edited(edit)).cseq, 4u) << edit.to;
  }
}

// RFC 3261 §18.3: what comes behind the announced length is no part of the message; less than that is none.
TEST(PlainResponse, MindsTheAnnouncedLength) {
  PlainResponse response;
  const std::string announced = edited({"Length: 0", "Length: 12"});
  EXPECT_TRUE(read_plain_response(announced + "twelve bytes", response));
  EXPECT_TRUE(read_plain_response(announced + "twelve bytes and noise", response));
  EXPECT_FALSE(read_plain_response(announced + "eleven byte", response));
  EXPECT_TRUE(read_plain_response(edited({"Length: 0", "Length: 00012"}) + "twelve bytes", response));
  // What stands in a body is no header field.
  EXPECT_TRUE(read_plain_response(kAnswer + "Via: x\r\nCSeq: 5 BYE\r\n\r\n", response));
  EXPECT_EQ(response.cseq, 4u);
}

// Nothing is said against these but that they are to be parsed.
void expect_left(std::string_view from, std::initializer_list<std::string_view> tos) {
  PlainResponse response;
  for (const std::string_view to : tos) EXPECT_FALSE(read_plain_response(edited({from, to}), response)) << to;
}

TEST(PlainResponse, LeavesOtherStartLinesToParsing) {
  expect_left("SIP/2.0 ", {"sip/2.0 ", "SIP/3.0 ", "SIP/2.0", " SIP/2.0 ", "\r\nSIP/2.0 ", "\nSIP/2.0 "});
  expect_left(" 200 OK", {" 180 OK", " 481 OK", " 20 OK", " 2000 OK", "  200 OK", " 2x0 OK", " 200", " 200\tOK"});
}

TEST(PlainResponse, LeavesOtherSpellingsToParsing) {
  expect_left("Via: ", {"v: ", "VIA: ", "Via:", "Via : ", "Via:\t", "Viaa: ", "Vi: "});
  expect_left("CSeq: ", {"Cseq: ", "CSeq:", "CSeq :", "CSeq-: "});
  expect_left("Content-Length: ", {"l: ", "content-length: ", "Content-Length : ", "Content-Length:"});
  // RFC 3261 §7.3.1: white space at the front of a line, or before its colon; and what is no header field at all.
  expect_left("From: ", {" From: ", "\tFrom: ", "From : ", "From ", "Fr(m: ", ": "});
  // What stands there twice already, and what an answer may ask for.
  expect_left("User-Agent", {"Call-ID", "i", "Via", "CSeq", "Content-Length", "Retry-After", "Event", "o"});
}

TEST(PlainResponse, LeavesOtherLineEndsToParsing) {
  expect_left("OK\r\n", {"OK\n", "OK\r", "OK\r\r\n", "OK\r\n\r\n", "OK\r\n ", "OK\n\r", "OK"});
  expect_left("\r\nFrom", {"\nFrom", "\rFrom", "\r\n\r\nFrom", "\r\n \r\nFrom", "\n\nFrom"});
  expect_left("baresip", {"bare\tsip", "bare\rsip", "bare\nsip", std::string_view("bare\0sip", 8), "baresip\x1f"});
  expect_left("\r\n\r\n", {"", "\r", "\r\n", "\r\n\r", "\r\n\n", "\r\nX\r\n"});
}

TEST(PlainResponse, LeavesOtherValuesToParsing) {
  expect_left("4 NOTIFY", {"4 BYE", "4 NOTIFYX", "4 notify", "4  NOTIFY", " 4 NOTIFY", "4 NOTIFY ", "NOTIFY", " NOTIFY",
                           "4", "", "-4 NOTIFY", "4x NOTIFY", "4294967295 NOTIFY", "4294967300 NOTIFY"});
  expect_left("Length: 0", {"Length: ", "Length: 1", "Length: 0 ", "Length: 0x", "Length: -0", "Length: 000000",
                            "Length: 4294967296"});
  expect_left("192.0.2.10", {"192.0.2.256", "192.0.2.1000", "1920.0.2.10", "300.0.2.10", "192.0.2", "192.0.2.10.1",
                             "192.0..10", "192.0.2.", ""});
  expect_left(":5060", {":", ":0", ":65536", ":99999", ":100000", ":5o60", ":5060,SIP/2.0/UDP h"});
  expect_left("17a\r\n", {"17a;branch=z9hG4bK1\r\n", "17a,\r\n", "17a, SIP/2.0/UDP h\r\n", "17a;received=\r\n",
                          "17a \"\r\n", "17a/\r\n"});
  expect_left("z9hG4bKv2f10000003c00079f40c17a", {"", "\"z9hG4bK\""});
  expect_left("SIP/2.0/UDP 192", {"SIP/2.0/UDP,192", "SIP/2.0/UDP192", "SIP/2.0UDP 192", "/2.0/UDP 192"});
}

// The index of a parsed message has room for so many header fields, and its offsets for so many bytes.
TEST(PlainResponse, MindsTheLimitsOfMessages) {
  PlainResponse response;
  const auto with_fields = [](size_t count) {
    std::string fields;
    for (size_t i = 0; i < count; ++i) fields += "X: y\r\n";
    return fields + "User";
  };
  EXPECT_TRUE(read_plain_response(edited({"User", with_fields(50)}), response));
  EXPECT_FALSE(read_plain_response(edited({"User", with_fields(kHeadersMax)}), response));
  EXPECT_TRUE(read_plain_response(kAnswer + std::string(kMessageBytesMax - kAnswer.size(), 'x'), response));
  EXPECT_FALSE(read_plain_response(kAnswer + std::string(kMessageBytesMax - kAnswer.size() + 1, 'x'), response));
  EXPECT_FALSE(read_plain_response("", response));
  EXPECT_FALSE(read_plain_response("SIP/2.0 2", response));
}

}  // namespace
}  // namespace vedette::parsers
