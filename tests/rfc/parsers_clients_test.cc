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

namespace vedette::parsers {
namespace {

void expect_taken(const support::CorpusMessage& recorded) {
  Message message;
  const support::TypedVerdict verdict = support::check_message(recorded.bytes, message);
  EXPECT_EQ(to_string(verdict.error), "ok") << recorded.name << " at " << to_string(verdict.where);
  EXPECT_EQ(message.bytes().size(), recorded.bytes.size()) << recorded.name;
  EXPECT_NE(message.is_request() ? message.method() != Method::kUnknown : message.status() != 0, false);
}

void expect_same_when_written(const support::CorpusMessage& recorded) {
  Message message;
  ASSERT_EQ(parse_message(recorded.bytes, message), ParseError::kOk) << recorded.name;
  std::array<char, 8192> buffer;
  Writer writer(buffer.data(), buffer.size());
  support::write_message(message, writer);
  ASSERT_FALSE(writer.overflowed()) << recorded.name;
  Message again;
  ASSERT_EQ(parse_message(writer.text(), again), ParseError::kOk) << recorded.name;
  EXPECT_TRUE(support::equal_messages(message, again)) << recorded.name;
}

void expect_usable(const std::vector<support::CorpusMessage>& messages) {
  for (const auto& recorded : messages) {
    expect_taken(recorded);
    expect_same_when_written(recorded);
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
