// What a server answers to each torture message: the project's own, one for each rule, and those of RFC 4475 and
// RFC 5118 where ../shared/data is present. The shard authenticates, so 401 is what a well-formed PUBLISH,
// SUBSCRIBE or REGISTER without credentials gets.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "parsers/message.h"
#include "tests/support/corpus.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::read_corpus;
using support::read_table;
using support::source_path;

EngineConfig torture_config() {
  EngineConfig config = support::bench_config();
  config.domains = {Domain{.name = "example.com"}, Domain{.name = "biloxi.example.com"}, Domain{.name = "example.net"}};
  return config;
}

// The statuses that are right for what a table calls the answer; 0 stands for silence. Where the RFC's text has an
// endpoint in mind that takes INVITE and MESSAGE, a server that takes neither says 405 before it reads on.
std::set<int> right_answers(const std::string& wanted) {
  static const std::map<std::string, std::set<int>> kRight = {
      {"400", {400}},
      {"401", {401, 403, 404}},
      {"405", {405, 501}},
      {"406", {406, 405, 404}},
      {"415", {415, 405, 404}},
      {"416", {416}},
      {"420", {420}},
      {"501", {501, 400}},
      {"505", {505}},
      {"drop", {0}},
      {"any", {200, 401, 403, 404, 405, 406, 415, 416, 420, 481, 489, 501}}};
  const auto found = kRight.find(wanted);
  return found == kRight.end() ? std::set<int>{} : found->second;
}

int answer_to(const std::string& bytes) {
  support::ShardBench bench(torture_config());
  const auto sent = bench.send_raw(bytes, support::bench_flow("192.0.2.1"));
  if (sent.empty()) return 0;
  EXPECT_EQ(sent.size(), 1u);
  parsers::Message response;
  EXPECT_EQ(parsers::parse_message(sent[0].text, response), parsers::ParseError::kOk) << sent[0].text;
  return static_cast<int>(response.status());
}

TEST(OwnTorture, EachMessageIsAnsweredAsItsRuleSays) {
  // Where more than the table's answer is right: the rule and why.
  const std::map<std::string, std::set<int>> also = {
      {"expires-too-large.sip", {400}},            // RFC 4475 §3.1.2.4.
      {"unknown-method-with-known-cseq.sip", {501}},  // RFC 4475 §3.1.2.18.
      {"via-port-out-of-range.sip", {0}},          // No Via that can be read: nowhere to answer to.
      {"branch-twice.sip", {0}},
      {"ipv6-without-brackets.sip", {0}},
      {"empty-parameters.sip", {0}},
      {"request-of-http.sip", {0}},
      {"carriage-return-alone.sip", {0}},
      {"message-behind-message.sip", {400}},
      {"max-forwards-out-of-range.sip", {200, 401, 404, 405}},  // Of no use to the one who answers.
      {"digest-parameter-twice.sip", {401, 403, 404}},
      {"event-malformed.sip", {401, 404}},         // Who is asked before what.
      {"headers-too-many.sip", {0}}};
  for (const auto& cells : read_table(source_path("tests/rfc/messages/expected.tsv"))) {
    ASSERT_GE(cells.size(), 3u);
    std::set<int> right = right_answers(cells[2]);
    ASSERT_FALSE(right.empty()) << cells[0] << ": " << cells[2];
    if (also.contains(cells[0])) right.insert(also.at(cells[0]).begin(), also.at(cells[0]).end());
    for (const auto& message : support::own_messages()) {
      if (message.name != cells[0]) continue;
      const int answer = answer_to(message.bytes);
      EXPECT_TRUE(right.contains(answer)) << cells[0] << " got " << answer << ", wanted " << cells[2];
    }
  }
}

TEST(Rfc4475, EachMessageGetsItsVerdict) {
  const auto messages = read_corpus(source_path("../shared/data/rfc4475"), ".dat");
  if (messages.empty()) GTEST_SKIP() << "../shared/data is not there";
  std::map<std::string, std::string> must, may;
  for (const auto& cells : read_table(source_path("../shared/data/rfc4475/expected.tsv"))) {
    ASSERT_GE(cells.size(), 6u);
    must[cells[0] + ".dat"] = cells[4];
    may[cells[0] + ".dat"] = cells[5];
  }
  for (const auto& message : messages) {
    const int answer = answer_to(message.bytes);
    const std::string& wanted = must[message.name];
    const std::string status = std::to_string(answer);
    if (wanted.starts_with("not 400") || wanted.starts_with("treat")) {
      EXPECT_TRUE(answer != 0 && answer != 400) << message.name << " got " << answer;
    } else if (wanted.starts_with("parse;") || wanted.starts_with("discard") || wanted.starts_with("drop")) {
      EXPECT_TRUE(answer == 0 || (may[message.name] + wanted).find(status) != std::string::npos)
          << message.name << " got " << answer;
    } else if (wanted.starts_with("no crash")) {
      continue;  // It has been survived.
    } else if (wanted.starts_with("no ") || may[message.name].starts_with("any other final")) {
      EXPECT_NE(answer, 0) << message.name;
    } else {
      EXPECT_TRUE(wanted.find(status) != std::string::npos || may[message.name].find(status) != std::string::npos ||
                  (answer == 0 && may[message.name].find("drop") != std::string::npos))
          << message.name << " got " << answer << ", must: " << wanted << ", may: " << may[message.name];
    }
  }
}

TEST(ClientMessages, EveryRecordedRequestGetsAnAnswerThatIsNoComplaint) {
  EngineConfig config = support::bench_config();
  config.domains = {Domain{.name = "presence.test"}};
  for (const auto& message : support::own_client_messages()) {
    support::ShardBench bench(config);
    const auto sent = bench.send_raw(message.bytes, support::bench_flow("127.0.0.1"));
    if (message.bytes.starts_with("SIP/2.0")) {
      EXPECT_TRUE(sent.empty()) << message.name;
      continue;
    }
    ASSERT_EQ(sent.size(), 1u) << message.name;
    const std::string status = sent[0].first_line().substr(8, 3);
    // Their credentials are for another server's nonce, their dialogs are another server's.
    EXPECT_TRUE(status == "401" || status == "405" || status == "481" || status == "403" || status == "420")
        << message.name << ": " << sent[0].first_line();
  }
}

}  // namespace
}  // namespace vedette::engine
