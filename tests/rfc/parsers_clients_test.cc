// Messages that real clients and a Kamailio server sent: every one parses, and comes back the same after it
// was written and parsed again. The repository has one of each kind; ../shared/data, where present, has them
// all.
#include <gtest/gtest.h>

#include <array>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/framer.h"
#include "tests/support/corpus.h"
#include "tests/support/typed_headers.h"
#include "tests/support/value_laws.h"

namespace vedette::parsers {
namespace {

void expect_taken(const support::CorpusMessage& recorded) {
  Message message;
  const support::TypedVerdict verdict = support::check_message(recorded.bytes, message);
  EXPECT_EQ(to_string(verdict.error), "ok") << recorded.name << " at " << to_string(verdict.where);
  EXPECT_EQ(message.bytes().size(), recorded.bytes.size()) << recorded.name;
  EXPECT_NE(message.is_request() ? message.method() != Method::kUnknown : message.status() != 0, false);
}

// Linphone and JsSIP put two spaces there in some fields; the value begins behind them.
std::string with_one_space_behind_names(std::string bytes) {
  const size_t head = bytes.find("\r\n\r\n");
  for (size_t colon = bytes.find(":  "); colon < head; colon = bytes.find(":  ", colon + 1)) {
    const size_t line = bytes.rfind('\n', colon);
    if (bytes.find(':', line) == colon) bytes.erase(colon + 1, 1);
  }
  return bytes;
}

// What was understood of it, written down, is the message to the byte.
void expect_same_when_written(const support::CorpusMessage& recorded) {
  Message message;
  ASSERT_EQ(parse_message(recorded.bytes, message), ParseError::kOk) << recorded.name;
  std::array<char, 8192> buffer;
  Writer writer(buffer.data(), buffer.size());
  support::write_message(message, writer);
  ASSERT_FALSE(writer.overflowed()) << recorded.name;
  EXPECT_EQ(writer.text(), with_one_space_behind_names(recorded.bytes)) << recorded.name;
}

// Each value keeps the laws of its parser, among them that it reads the same when it was written from its parts.
void expect_lawful_values(const support::CorpusMessage& recorded) {
  Message message;
  ASSERT_EQ(parse_message(recorded.bytes, message), ParseError::kOk) << recorded.name;
  for (size_t i = 0; i < message.header_count(); ++i) {
    const char letter = support::parser_letter(message.header_id(i));
    if (letter == '\0') continue;
    const std::string_view value = message.value(message.header(i));
    EXPECT_EQ(support::broken_value_law(support::value_parser(letter), value), "") << recorded.name << ": " << value;
  }
}

void expect_usable(const std::vector<support::CorpusMessage>& messages) {
  for (const auto& recorded : messages) {
    expect_taken(recorded);
    expect_same_when_written(recorded);
    expect_lawful_values(recorded);
  }
}

TEST(Clients, OneOfEachKindParsesAndIsWrittenTheSame) {
  const auto messages = support::own_client_messages();
  ASSERT_GT(messages.size(), 50u);
  expect_usable(messages);
}

TEST(Clients, AllThatWereRecordedDoToo) {
  const auto messages = support::read_corpus(support::source_path("../shared/data/clients"), ".sip");
  if (messages.empty()) GTEST_SKIP() << "../shared/data/clients is not present";
  ASSERT_GT(messages.size(), 300u);
  expect_usable(messages);
}

TEST(Clients, CredentialsAreComplete) {
  size_t seen = 0;
  for (const auto& recorded : support::own_client_messages()) {
    Message message;
    ASSERT_EQ(parse_message(recorded.bytes, message), ParseError::kOk);
    for (const HeaderId id : {HeaderId::kAuthorization, HeaderId::kProxyAuthorization}) {
      if (message.find(id) == nullptr) continue;
      AuthParams auth;
      ASSERT_EQ(parse_auth_params(message.value(id), auth), ParseError::kOk) << recorded.name;
      EXPECT_TRUE(auth.is_digest && auth.has_nc) << recorded.name;
      EXPECT_EQ(auth.realm, "presence.test") << recorded.name;
      for (const auto value : {auth.username, auth.nonce, auth.uri, auth.response, auth.cnonce, auth.qop}) {
        EXPECT_FALSE(value.empty()) << recorded.name;
      }
      ++seen;
    }
  }
  EXPECT_GE(seen, 10u);
}

// Linphone and JsSIP put their GRUU into Contact; its "gr" is found whatever stands before it.
TEST(Clients, GruusAreFoundInContacts) {
  size_t seen = 0;
  for (const auto& recorded : support::own_client_messages()) {
    Message message;
    ASSERT_EQ(parse_message(recorded.bytes, message), ParseError::kOk);
    Address contact;
    std::string_view rest = message.value(HeaderId::kContact);
    while (next_address(rest, contact) == ParseError::kOk) {
      Param gr;
      if (!find_uri_param(contact.uri, "gr", gr)) continue;
      EXPECT_TRUE(gr.value.starts_with("urn:uuid:")) << recorded.name;
      ++seen;
    }
  }
  EXPECT_GE(seen, 3u);
}

TEST(Clients, AStreamOfAllOfThemIsCutWhereTheyEnd) {
  std::string stream;
  std::vector<std::string> sent;
  for (const auto& recorded : support::own_client_messages()) {
    Message message;
    const bool framed = parse_stream_message(recorded.bytes, message) == ParseError::kOk;
    EXPECT_TRUE(framed || !message.has_content_length()) << recorded.name;
    if (!framed) continue;
    stream += recorded.bytes;
    sent.push_back(recorded.bytes);
  }
  ASSERT_GT(sent.size(), 40u);
  std::string_view rest = stream;
  for (const std::string& expected : sent) {
    Frame frame;
    ASSERT_EQ(find_frame(rest, kMessageBytesMax, frame), ParseError::kOk);
    ASSERT_EQ(frame.kind, Frame::Kind::kMessage);
    EXPECT_EQ(rest.substr(frame.skip, frame.length), expected);
    rest.remove_prefix(frame.skip + frame.length);
  }
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace vedette::parsers
