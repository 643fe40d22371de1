// Framing of streams, whole and as they arrive; names of methods and headers; the writer and hexadecimal numbers. What
// is framed is held to the parser by tests/rfc and tests/fuzz.
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <string>
#include <vector>

#include "parsers/framer.h"
#include "parsers/header_id.h"
#include "parsers/method.h"
#include "parsers/number.h"
#include "parsers/writer.h"

namespace vedette::parsers {
namespace {

constexpr size_t kMax = 1000;
constexpr std::string_view kHead = "OPTIONS sip:a@b SIP/2.0\r\nl: 4\r\n\r\n";

ParseError framed(std::string_view stream, Frame& frame, size_t max = kMax) {
  return find_frame(stream, max, frame);
}

TEST(Framer, CutsOneMessageAtATime) {
  Frame frame;
  const std::string stream = std::string(kHead) + "bodySIP/2.0 200 OK\r\nl:0\r\n\r\n";
  ASSERT_EQ(framed(stream, frame), ParseError::kOk);
  EXPECT_EQ(frame.kind, Frame::Kind::kMessage);
  EXPECT_EQ(frame.skip, 0u);
  EXPECT_EQ(frame.length, kHead.size() + 4);
  ASSERT_EQ(framed(std::string_view(stream).substr(frame.length), frame), ParseError::kOk);
  EXPECT_EQ(frame.length, 23u);
}

TEST(Framer, WaitsForTheWholeMessage) {
  Frame frame;
  const std::string message = std::string(kHead) + "body";
  for (size_t length = 0; length < message.size(); ++length) {
    EXPECT_EQ(framed(message.substr(0, length), frame), ParseError::kIncomplete) << length;
  }
}

TEST(Framer, KnowsPingAndPong) {
  Frame frame;
  ASSERT_EQ(framed("\r\n\r\nOPTIONS", frame), ParseError::kOk);
  EXPECT_EQ(frame.kind, Frame::Kind::kPing);
  EXPECT_EQ(frame.skip, 4u);
  EXPECT_EQ(frame.length, 0u);
  ASSERT_EQ(framed("\r\nO", frame), ParseError::kOk);
  EXPECT_EQ(frame.kind, Frame::Kind::kPong);
  EXPECT_EQ(frame.skip, 2u);
  for (const std::string_view half : {"", "\r", "\r\n", "\r\n\r"}) {
    EXPECT_EQ(framed(half, frame), ParseError::kIncomplete);
  }
}

TEST(Framer, DropsOtherLineEnds) {
  Frame frame;
  ASSERT_EQ(framed("\n\n" + std::string(kHead) + "body", frame), ParseError::kOk);
  EXPECT_EQ(frame.kind, Frame::Kind::kMessage);
  EXPECT_EQ(frame.skip, 2u);
  EXPECT_EQ(frame.length, kHead.size() + 4);
}

TEST(Framer, LosesItsPlaceOnABadLength) {
  Frame frame;
  EXPECT_EQ(framed("A b SIP/2.0\r\nContent-Length: -9\r\n\r\n", frame), ParseError::kContentLength);
  EXPECT_EQ(framed("A b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\nxy", frame), ParseError::kContentLength);
  EXPECT_EQ(framed("A b SIP/2.0\r\nl: 1\r\nContent-Length:\r\n 01\r\n\r\nx", frame), ParseError::kOk);
}

// Else the body of one message could be the next one: what a proxy let through as text would be a request here.
TEST(Framer, LosesItsPlaceWithoutALength) {
  Frame frame;
  const std::string_view smuggled = "REGISTER sip:b SIP/2.0\r\nl: 0\r\n\r\n";
  for (const char* head :
       {"A b SIP/2.0\r\n", "SIP/2.0 200 OK\r\nX: y\r\n", "A b SIP/2.0\r\nX: a\r\n Content-Length: 0\r\n",
        "A b SIP/2.0\r\nContent Length: 0\r\n", "A b SIP/2.0\r\n(l: 0\r\n"}) {
    EXPECT_EQ(framed(head, frame), ParseError::kIncomplete) << head;
    EXPECT_EQ(framed(std::string(head) + "\r\n", frame), ParseError::kContentLength) << head;
    EXPECT_EQ(framed(std::string(head) + "\r\n" + std::string(smuggled), frame), ParseError::kContentLength) << head;
  }
}

// Somebody else may read a line end there, and after it another length.
TEST(Framer, LosesItsPlaceOnACarriageReturnAlone) {
  Frame frame;
  EXPECT_EQ(framed("A b SIP/2.0\r\nX: y\rContent-Length: 2\r\n\r\nxy", frame), ParseError::kHeaderSyntax);
  EXPECT_EQ(framed("A b SIP/2.0\rX\r\nl: 2\r\n\r\nxy", frame), ParseError::kHeaderSyntax);
  EXPECT_EQ(framed("A b SIP/2.0\r\nl: 2\r\n\r\n\r\r", frame), ParseError::kOk);
}

// RFC 4475 §3.1.2.3, §3.3.9: whoever does not say where a message ends is told so before the connection is closed.
TEST(Framer, GivesTheHeadThatLostItsPlace) {
  const auto lost = [](std::string_view stream, size_t max = kMax) {
    Frame frame;
    EXPECT_NE(framed(stream, frame, max), ParseError::kOk) << stream;
    return stream.substr(frame.skip, frame.length);
  };
  EXPECT_EQ(lost("\n\nA b SIP/2.0\r\nl: -9\r\n\r\nxy"), "A b SIP/2.0\r\nl: -9\r\n\r\n");
  EXPECT_EQ(lost("A b SIP/2.0\nX: y\n\n"), "A b SIP/2.0\nX: y\n\n");
  EXPECT_EQ(lost("A b SIP/2.0\rl: 0\r\n\r\n"), "A b SIP/2.0\rl: 0\r\n\r\n");
  EXPECT_EQ(lost("A b SIP/2.0\r\nl: 9999\r\n\r\nab"), "A b SIP/2.0\r\nl: 9999\r\n\r\n");
  EXPECT_EQ(lost("A b SIP/2.0\r\nl: -9\r\n\r"), "");
  EXPECT_EQ(lost("A b SIP/2.0\r\nl: 2\r\n\r\nx"), "");
  EXPECT_EQ(lost("A b SIP/2.0\r\nl: 2\r\n\r\nx", 20), "");
}

// Whatever was known of what came before, and wherever that ended.
TEST(Framer, GoesOnWhereItWas) {
  for (const std::string& stream :
       {"\r\n\r\n\n\n" + std::string(kHead) + "body\r\n" + std::string(kHead) + "bodyA",
        std::string("A b SIP/2.0\nX:\n \n\t\n y\nContent-Length:\n\t 3\n\nabcA b SIP/2.0\r\n folded\r\nl: 0\r\n\r\n"),
        std::string("A b SIP/2.0\r\nl: 1\r\nX: y\rz\r\n \r\n\r\nx"), std::string("A\rb\r\r\nl: 1\r\n\r\nx"),
        std::string("A b SIP/2.0\r\nl: 1\r\n l: 1\r\nl: 1\r\n\r\nx"), std::string("A b SIP/2.0\r\n\r\n")}) {
    for (size_t first = 0; first < stream.size(); ++first) {
      for (size_t second = first; second < stream.size(); ++second) {
        FrameProgress progress;
        size_t begin = 0;
        for (const size_t arrived : {first, second, stream.size()}) {
          ParseError error = ParseError::kOk;
          while (error == ParseError::kOk) {
            const std::string_view unread = std::string_view(stream).substr(begin, arrived - begin);
            Frame frame, fresh;
            error = find_frame(unread, kMax, progress, frame);
            ASSERT_EQ(framed(unread, fresh), error) << unread;
            ASSERT_EQ(frame.kind, fresh.kind) << unread;
            ASSERT_EQ(frame.skip, fresh.skip) << unread;
            ASSERT_EQ(frame.length, fresh.length) << unread;
            if (error == ParseError::kOk) begin += frame.skip + frame.length;
          }
          if (error != ParseError::kIncomplete) break;
        }
      }
    }
  }
}

TEST(Framer, HoldsItsLimit) {
  Frame frame;
  const std::string message = std::string(kHead) + "body";
  EXPECT_EQ(framed(message, frame, message.size()), ParseError::kOk);
  EXPECT_EQ(framed(message, frame, message.size() - 1), ParseError::kMessageTooLong);
  EXPECT_EQ(framed(kHead, frame, message.size() - 1), ParseError::kMessageTooLong);
  EXPECT_EQ(framed(std::string(kMax - 1, 'x'), frame), ParseError::kIncomplete);
  EXPECT_EQ(framed(std::string(kMax, 'x'), frame), ParseError::kMessageTooLong);
  EXPECT_EQ(framed(std::string(kMax + 1, '\n'), frame), ParseError::kMessageTooLong);
  EXPECT_EQ(framed("A b SIP/2.0\r\nl: 4294967295\r\n\r\n", frame), ParseError::kMessageTooLong);
}

TEST(HeaderName, EveryNameIsFoundInAnyCase) {
  for (size_t i = 1; i < static_cast<size_t>(HeaderId::kCount); ++i) {
    const auto id = static_cast<HeaderId>(i);
    std::string name(to_string(id));
    ASSERT_FALSE(name.empty());
    EXPECT_EQ(parse_header_name(name), id) << name;
    for (char& c : name) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(parse_header_name(name), id) << name;
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(parse_header_name(name), id) << name;
    EXPECT_EQ(parse_header_name(name + "x"), HeaderId::kOther);
    name[name.size() / 2] = '_';
    EXPECT_EQ(parse_header_name(name), HeaderId::kOther) << name;
  }
  EXPECT_EQ(parse_header_name(""), HeaderId::kOther);
  EXPECT_EQ(parse_header_name("C%6Fntact"), HeaderId::kOther);
}

TEST(HeaderName, CompactFormsAreThoseOfTheRfcs) {
  constexpr std::string_view kKnown = "cefiklmotuvy";
  for (char c = 'a'; c <= 'z'; ++c) {
    const bool known = kKnown.find(c) != std::string_view::npos;
    const HeaderId id = parse_header_name({&c, 1});
    EXPECT_EQ(id != HeaderId::kOther, known) << c;
    const char upper = static_cast<char>(c - 'a' + 'A');
    EXPECT_EQ(parse_header_name({&upper, 1}), id) << upper;
  }
  EXPECT_EQ(parse_header_name("i"), HeaderId::kCallId);
  EXPECT_EQ(parse_header_name("M"), HeaderId::kContact);
  EXPECT_EQ(parse_header_name("u"), HeaderId::kAllowEvents);
}

TEST(MethodName, IsCaseSensitive) {
  for (size_t i = 1; i < static_cast<size_t>(Method::kCount); ++i) {
    const auto method = static_cast<Method>(i);
    ASSERT_FALSE(to_string(method).empty());
    EXPECT_EQ(parse_method(to_string(method)), method);
  }
  EXPECT_EQ(parse_method("subscribe"), Method::kUnknown);
  EXPECT_EQ(parse_method(""), Method::kUnknown);
  EXPECT_EQ(to_string(Method::kUnknown), "");
}

TEST(Writer, WritesTextAndNumbers) {
  std::array<char, 64> buffer;
  Writer writer(buffer.data(), buffer.size());
  writer.put("a").put(' ').put_uint(0).put(' ').put_uint(UINT64_MAX).put(' ').put_hex(0xabc, 8);
  EXPECT_EQ(writer.text(), "a 0 18446744073709551615 00000abc");
  Writer headers(buffer.data(), buffer.size());
  headers.put_header("To", "x").put_header_uint("Expires", 60);
  EXPECT_EQ(headers.text(), "To: x\r\nExpires: 60\r\n");
  EXPECT_FALSE(headers.overflowed());
}

TEST(Writer, NumbersOfEveryLengthFitExactlyOrNotAtAll) {
  std::vector<uint64_t> values = {0, UINT64_MAX};
  for (uint64_t power = 1; power < UINT64_MAX / 10; power *= 10) {
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  values.insert(values.end(), {9'999'999'999'999'999'999U, 10'000'000'000'000'000'000U});
  for (const uint64_t value : values) {
    const std::string expected = std::to_string(value);
    std::vector<char> buffer(expected.size());
    Writer exact(buffer.data(), buffer.size());
    EXPECT_EQ(exact.put_uint(value).text(), expected);
    EXPECT_FALSE(exact.overflowed());
    Writer narrow(buffer.data(), buffer.size() - 1);
    EXPECT_TRUE(narrow.put_uint(value).overflowed());
    EXPECT_EQ(narrow.put("").length(), 0u);
  }
  std::array<char, 3> buffer;
  Writer hex(buffer.data(), buffer.size());
  EXPECT_TRUE(hex.put_hex(0xabcd, 4).overflowed());
  EXPECT_EQ(hex.put_hex(1, 1).length(), 0u);
}

TEST(Writer, HexadecimalOfEveryWidthFitsExactlyAndIsReadAgain) {
  for (unsigned digits = 1; digits <= 16; ++digits) {
    for (uint64_t value : {uint64_t{0}, uint64_t{0x0123456789abcdef}, uint64_t{0xfedcba9876543210}, UINT64_MAX}) {
      value &= UINT64_MAX >> (64 - 4 * digits);
      std::array<char, 17> expected;
      std::snprintf(expected.data(), expected.size(), "%0*llx", static_cast<int>(digits),
                    static_cast<unsigned long long>(value));
      std::vector<char> buffer(digits);
      Writer exact(buffer.data(), buffer.size());
      EXPECT_EQ(exact.put_hex(value, digits).text(), expected.data());
      EXPECT_FALSE(exact.overflowed());
      uint64_t read = 0;
      EXPECT_TRUE(parse_hex(exact.text(), read));
      EXPECT_EQ(read, value);
      Writer narrow(buffer.data(), buffer.size() - 1);
      EXPECT_TRUE(narrow.put_hex(value, digits).overflowed());
    }
  }
}

TEST(ParseHex, TakesEveryDigitAndNothingElseAtEveryPlace) {
  for (size_t length = 1; length <= 16; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::vector<char> text(length, '5');
        text[at] = static_cast<char>(byte);
        const bool is_digit = byte < 128 && std::isxdigit(byte) != 0;
        uint64_t value = 7;
        ASSERT_EQ(parse_hex({text.data(), length}, value), is_digit) << length << ' ' << at << ' ' << byte;
        const std::string digits(text.begin(), text.end());
        ASSERT_EQ(value, is_digit ? std::stoull(digits, nullptr, 16) : 7u);
      }
    }
  }
  uint64_t value = 0;
  EXPECT_FALSE(parse_hex("", value));
  EXPECT_FALSE(parse_hex("00000000000000001", value));
}

TEST(Writer, StopsForGoodWhenSomethingDoesNotFit) {
  std::array<char, 4> buffer;
  Writer writer(buffer.data(), buffer.size());
  writer.put("abc");
  EXPECT_EQ(writer.room(), 1u);
  writer.put("de").put("f");
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.text(), "abc");
  Writer exact(buffer.data(), buffer.size());
  EXPECT_FALSE(exact.put_hex(0x12345, 4).overflowed());
  EXPECT_EQ(exact.text(), "2345");
}

}  // namespace
}  // namespace vedette::parsers
