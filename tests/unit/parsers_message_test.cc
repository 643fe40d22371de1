// Structure of messages: start lines, header index, body (RFC 3261 §7, §18.3).
// The values of header fields have tests of their own.
#include "parsers/message.h"

#include <gtest/gtest.h>

#include <list>
#include <string>

#include "tests/support/naive_message.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kSubscribe =
    "SUBSCRIBE sip:bob@example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
    "f: <sip:alice@example.com>;tag=1\r\n"
    "t: <sip:bob@example.com>\r\n"
    "i: 1@example.com\r\n"
    "CSEQ:1 SUBSCRIBE\r\n"
    "v  :\r\n SIP/2.0/TCP 192.0.2.2\r\n"
    "\t;branch=z9hG4bK2 \r\n"
    "X-Thing: one\r\n"
    "Subject:\r\n"
    "o: presence\r\n"
    "Content-Length:   4\r\n"
    "\r\n"
    "bodynoise";

// The message looks into its bytes, so they are kept until the program ends.
Message parsed(std::string_view text, ParseError expected = ParseError::kOk) {
  static std::list<std::string> kept;
  Message message;
  EXPECT_EQ(to_string(parse_message(kept.emplace_back(text), message)), to_string(expected)) << text;
  return message;
}

std::string request_with(std::string_view headers) {
  return "OPTIONS sip:a@example.com SIP/2.0\r\n" + std::string(headers) + "\r\n";
}

TEST(Message, IndexesARequest) {
  const Message message = parsed(kSubscribe);
  EXPECT_TRUE(message.is_request());
  EXPECT_EQ(message.method(), Method::kSubscribe);
  EXPECT_EQ(message.method_name(), "SUBSCRIBE");
  EXPECT_EQ(message.request_uri(), "sip:bob@example.com");
  EXPECT_EQ(message.status(), 0u);
  EXPECT_EQ(message.header_count(), 10u);
  EXPECT_EQ(message.value(HeaderId::kFrom), "<sip:alice@example.com>;tag=1");
  EXPECT_EQ(message.value(HeaderId::kCSeq), "1 SUBSCRIBE");
  EXPECT_EQ(message.value(HeaderId::kEvent), "presence");
}

TEST(Message, KeepsFieldsOfOneNameInOrderAndTheirFoldsInside) {
  const Message message = parsed(kSubscribe);
  ASSERT_EQ(message.count(HeaderId::kVia), 2u);
  const HeaderField* first = message.find(HeaderId::kVia);
  EXPECT_EQ(message.value(*first), "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
  const HeaderField* second = message.find_next(*first);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(message.name(*second), "v");
  EXPECT_EQ(message.value(*second), "SIP/2.0/TCP 192.0.2.2\r\n\t;branch=z9hG4bK2");
  EXPECT_EQ(message.find_next(*second), nullptr);
}

TEST(Message, TellsAnEmptyValueFromAnAbsentHeader) {
  const Message message = parsed(kSubscribe);
  const HeaderField* subject = message.find("SUBJECT");
  ASSERT_NE(subject, nullptr);
  EXPECT_TRUE(message.value(*subject).empty());
  EXPECT_NE(message.value(*subject).data(), nullptr);
  EXPECT_EQ(message.value(HeaderId::kContact).data(), nullptr);
  EXPECT_EQ(message.find("X-Other"), nullptr);
}

TEST(Message, TakesTheBodyByContentLengthAndDropsWhatFollows) {
  const Message message = parsed(kSubscribe);
  EXPECT_TRUE(message.has_content_length());
  EXPECT_EQ(message.body(), "body");
  EXPECT_TRUE(message.bytes().ends_with("\r\n\r\nbody"));
}

// RFC 3261 §18.3; Linphone sends such requests.
TEST(Message, WithoutContentLengthTheBodyEndsWithTheDatagram) {
  const Message message = parsed(request_with("") + "all of it");
  EXPECT_FALSE(message.has_content_length());
  EXPECT_EQ(message.body(), "all of it");
}

TEST(Message, OnAStreamThereMustBeAContentLength) {
  Message message;
  EXPECT_EQ(parse_stream_message(request_with(""), message), ParseError::kContentLength);
  EXPECT_EQ(parse_stream_message(request_with("l: 0\r\n"), message), ParseError::kOk);
  EXPECT_EQ(parse_stream_message(request_with("") + "x", message), ParseError::kContentLength);
  EXPECT_EQ(parse_stream_message(request_with("l: 1\r\n") + "x", message), ParseError::kOk);
}

TEST(Message, RefusesContentLengthsThatDoNotDelimitTheBody) {
  parsed(request_with("Content-Length: 2\r\n") + "x", ParseError::kContentLength);
  parsed(request_with("Content-Length: -1\r\n"), ParseError::kContentLength);
  parsed(request_with("Content-Length:\r\n"), ParseError::kContentLength);
  parsed(request_with("Content-Length: 1x\r\n") + "x", ParseError::kContentLength);
  parsed(request_with("Content-Length: 99999999999999999999\r\n"), ParseError::kContentLength);
  parsed(request_with("Content-Length: 1\r\nl: 2\r\n") + "xy", ParseError::kContentLength);
  parsed(request_with("Content-Length: 1\r\nl: 01\r\n") + "x");
}

TEST(Message, ReadsAResponse) {
  const Message message = parsed("SIP/2.0 404 Not \xd0\xbd\xd0\xb5\xd1\x82\r\nl:0\r\n\r\n");
  EXPECT_FALSE(message.is_request());
  EXPECT_EQ(message.status(), 404u);
  EXPECT_EQ(message.reason_phrase(), "Not \xd0\xbd\xd0\xb5\xd1\x82");
  EXPECT_EQ(parsed("sip/2.0 100 \r\n\r\n").reason_phrase(), "");
}

TEST(Message, SkipsLeadingLineEndsAndKnowsKeepAlives) {
  EXPECT_EQ(parsed("\r\n\r\n" + request_with("")).method(), Method::kOptions);
  parsed("\r\n\r\n", ParseError::kEmpty);
  parsed("", ParseError::kEmpty);
}

TEST(Message, TakesABareLineFeedAsALineEnd) {
  const Message message = parsed("OPTIONS sip:a@example.com SIP/2.0\nTo: x\n y\nl:1\n\nb");
  EXPECT_EQ(message.value(HeaderId::kTo), "x\n y");
  EXPECT_EQ(message.body(), "b");
}

// Short names are looked up together with the line end in front of them.
TEST(Message, KnowsEveryNameBehindEveryLineEnd) {
  constexpr std::string_view kRest = "Subject: so much that these lines lie in front of the last window\r\n\r\n";
  for (size_t i = 1; i < static_cast<size_t>(HeaderId::kCount); ++i) {
    const auto id = static_cast<HeaderId>(i);
    for (const std::string_view end : {"\r\n", "\n", "\r\n\t\r\n", ": \n"}) {
      std::vector<std::string> names = {std::string(to_string(id))};
      for (char letter = 'a'; letter <= 'z'; ++letter) {
        for (const char c : {letter, static_cast<char>(letter - 'a' + 'A')}) {
          if (parse_header_name({&c, 1}) == id) names.emplace_back(1, c);
        }
      }
      for (const std::string& name : names) {
        std::string text = "SIP/2.0 200 OK\r\nX-Y: z";
        text.append(end).append(name).append(": 0\r\n").append(kRest);
        for (const Kernel& kernel : kernels()) {
          Message message;
          parse_message(text, message, kernel);
          EXPECT_EQ(message.value(id), "0") << kernel.name << " does not know " << text;
        }
      }
    }
  }
}

TEST(Message, ABareCarriageReturnIsMalformed) {
  const Message message = parsed(request_with("Subject: a\rb\r\nTo: x\r\n"), ParseError::kHeaderSyntax);
  EXPECT_EQ(message.value(HeaderId::kTo), "x");
  EXPECT_EQ(message.find("Subject"), nullptr);
  parsed("OPTIONS sip:a@example.com SIP/2.0\r\r\n\r\n", ParseError::kStartLine);
}

struct BadStart {
  std::string_view line;
  ParseError error;
};

TEST(Message, NamesWhatIsWrongWithAStartLineAndIndexesTheRest) {
  constexpr BadStart kBad[] = {{"INVITE  sip:a@b SIP/2.0", ParseError::kStartLine},
                               {"INVITE sip:a@b  SIP/2.0", ParseError::kStartLine},
                               {"INVITE sip:a@b SIP/2.0 ", ParseError::kStartLine},
                               {"INVITE sip:a@b;x y SIP/2.0", ParseError::kStartLine},
                               {"INVITE <sip:a@b> SIP/2.0", ParseError::kStartLine},
                               {"INVITE sip:a@b\t SIP/2.0", ParseError::kStartLine},
                               {" INVITE sip:a@b SIP/2.0", ParseError::kStartLine},
                               {"INVITE sip:a@b", ParseError::kStartLine},
                               {"INVITE", ParseError::kStartLine},
                               {"IN(VITE sip:a@b SIP/2.0", ParseError::kStartLine},
                               {"INVITE sip:a@b HTTP/1.1", ParseError::kStartLine},
                               {"INVITE sip:a@b SIP/2", ParseError::kStartLine},
                               {"INVITE sip:a@b SIP/7.0", ParseError::kVersion},
                               {"INVITE sip:a@b SIP/2.01", ParseError::kVersion},
                               {"SIP/3.0 200 OK", ParseError::kVersion},
                               {"SIP/2.0 700 OK", ParseError::kStatusCode},
                               {"SIP/2.0 099 OK", ParseError::kStatusCode},
                               {"SIP/2.0 4294967496 OK", ParseError::kStatusCode},
                               {"SIP/2.0  200 OK", ParseError::kStatusCode},
                               {"SIP/2.0 200", ParseError::kStartLine},
                               {"SIP/2.0", ParseError::kStartLine},
                               {"SIP/x.y 200 OK", ParseError::kStartLine}};
  for (const BadStart& bad : kBad) {
    const Message message =
        parsed(std::string(bad.line) + "\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n", bad.error);
    EXPECT_EQ(message.value(HeaderId::kCallId), "1") << bad.line;
    EXPECT_EQ(message.value(HeaderId::kCSeq), "1 INVITE") << bad.line;
    EXPECT_EQ(message.is_request(), !bad.line.starts_with("SIP/")) << bad.line;
  }
}

TEST(Message, AnotherVersionKeepsMethodAndUri) {
  const Message message = parsed("OPTIONS sip:a@b SIP/7.0\r\n\r\n", ParseError::kVersion);
  EXPECT_EQ(message.method(), Method::kOptions);
  EXPECT_EQ(message.request_uri(), "sip:a@b");
}

// RFC 4475 §3.1.1.5.
TEST(Message, AnEscapedMethodIsNotTheMethod) {
  const Message message = parsed("RE%47IST%45R sip:a@b SIP/2.0\r\nC%6Fntact: x\r\n\r\n");
  EXPECT_EQ(message.method(), Method::kUnknown);
  EXPECT_EQ(message.method_name(), "RE%47IST%45R");
  EXPECT_EQ(message.count(HeaderId::kContact), 0u);
}

TEST(Message, GoesOnBehindAMalformedHeaderLine) {
  for (const std::string_view bad :
       {"no colon here\r\n", ": no name\r\n", "b@d: name\r\n", "na me: x\r\n", "x\r\n y\r\n"}) {
    const Message message =
        parsed(request_with("From: a\r\n" + std::string(bad) + "To: b\r\n"), ParseError::kHeaderSyntax);
    EXPECT_EQ(message.value(HeaderId::kFrom), "a") << bad;
    EXPECT_EQ(message.value(HeaderId::kTo), "b") << bad;
    EXPECT_EQ(message.header_count(), 2u) << bad;
  }
  EXPECT_EQ(parsed(request_with("  fold of nothing\r\nTo: b\r\n"), ParseError::kHeaderSyntax).header_count(),
            1u);
}

TEST(Message, ReturnsTheFirstError) {
  parsed(request_with("broken\r\nTo: a\r\nTo: b\r\nl: x\r\n"), ParseError::kHeaderSyntax);
  parsed(request_with("To: a\r\nTo: b\r\nbroken\r\n"), ParseError::kHeaderSyntax);
  parsed(request_with("To: a\r\nl: x\r\nTo: b\r\n"), ParseError::kSingleHeader);
}

TEST(Message, MissesTheEmptyLine) {
  const Message message = parsed("OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\nFrom: y", ParseError::kHeaderEnd);
  EXPECT_EQ(message.value(HeaderId::kTo), "x");
  EXPECT_EQ(message.find(HeaderId::kFrom), nullptr);  // It may have been cut.
  parsed("OPTIONS sip:a@b SIP/2.0\r\n", ParseError::kHeaderEnd);
  parsed("OPTIONS sip:a@b SIP/2.0", ParseError::kStartLine);
}

TEST(Message, SingleHeadersStandOnceAndListsMayRepeat) {
  for (const std::string_view name :
       {"From", "t", "Call-ID", "CSeq", "Max-Forwards", "c", "Event", "Expires", "Min-Expires",
        "Subscription-State", "SIP-ETag", "SIP-If-Match", "Retry-After", "Date", "Suppress-If-Match"}) {
    const std::string line = std::string(name) + ": same\r\n";
    parsed(request_with(line));
    parsed(request_with(line + line), ParseError::kSingleHeader);
  }
  for (const std::string_view name :
       {"Via", "m", "Route", "Record-Route", "Accept", "k", "Require", "Authorization", "Allow", "u",
        "Warning", "Path", "User-Agent", "P-Asserted-Identity", "y", "X-Other"}) {
    const std::string line = std::string(name) + ": same\r\n";
    parsed(request_with(line + line));
  }
}

// Of all names that are known, so that the second reader's list is left behind by none that is new.
TEST(Message, WhatStandsOnceIsWhatStandsOnceNaively) {
  for (size_t i = 1; i < static_cast<size_t>(HeaderId::kCount); ++i) {
    const std::string line = std::string(to_string(static_cast<HeaderId>(i))) + ": 0\r\n";
    const std::string text = request_with(line + line);
    parsed(text, support::read_naively(text).error);
  }
}

TEST(Message, HoldsItsLimits) {
  std::string lines;
  for (size_t i = 0; i < kHeadersMax; ++i) lines += "X: y\r\n";
  EXPECT_EQ(parsed(request_with(lines)).header_count(), kHeadersMax);
  const Message message = parsed(request_with(lines + "X: y\r\n") + "body", ParseError::kHeadersTooMany);
  EXPECT_EQ(message.header_count(), kHeadersMax);
  const std::string head = request_with("");
  parsed(head + std::string(kMessageBytesMax - head.size(), 'x'));
  parsed(head + std::string(kMessageBytesMax - head.size() + 1, 'x'), ParseError::kMessageTooLong);
}

TEST(Message, LinksTheLastOfAsManyFieldsAsFit) {
  std::string lines;
  for (size_t i = 0; i < kHeadersMax; ++i) lines += "Via: " + std::to_string(i) + "\r\n";
  const Message message = parsed(request_with(lines));
  const HeaderField* field = message.find(HeaderId::kVia);
  for (size_t i = 0; i < kHeadersMax; ++i, field = message.find_next(*field)) {
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(message.value(*field), std::to_string(i));
  }
  EXPECT_EQ(field, nullptr);
}

TEST(Message, IsWrittenAnewWhenItIsReused) {
  Message message;
  ASSERT_EQ(parse_message(kSubscribe, message), ParseError::kOk);
  ASSERT_EQ(parse_message("SIP/2.0 200 OK\r\nTo: a\r\n\r\n", message), ParseError::kOk);
  EXPECT_FALSE(message.is_request());
  EXPECT_TRUE(message.method_name().empty());
  EXPECT_EQ(message.find(HeaderId::kVia), nullptr);
  EXPECT_EQ(message.header_count(), 1u);
  EXPECT_FALSE(message.has_content_length());
  EXPECT_EQ(parse_message("", message), ParseError::kEmpty);
  EXPECT_EQ(message.header_count(), 0u);
  EXPECT_EQ(message.find(HeaderId::kTo), nullptr);
}

}  // namespace
}  // namespace vedette::parsers
