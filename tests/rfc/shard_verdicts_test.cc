// What a server answers to each torture message: the project's own, one for each rule, and those of RFC 4475 and
// RFC 5118 where ../shared/data is present; as a datagram and on a stream. One server asks everybody who they are, so
// that 401 is what a well-formed PUBLISH, SUBSCRIBE or REGISTER gets; one believes everybody, and comes to the point.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/framer.h"
#include "parsers/message.h"
#include "tests/support/corpus.h"
#include "tests/support/expectations.h"
#include "tests/support/shard_bench.h"
#include "tests/support/stream_reader.h"

namespace vedette::engine {
namespace {

using parsers::HeaderField;
using parsers::HeaderId;
using parsers::Message;
using parsers::ParseError;
using support::Expectation;
using support::Sent;

constexpr uint16_t kSourcePort = 40000;

enum class Trust { kAsksWho, kBelievesAll };

EngineConfig torture_config(Trust trust) {
  EngineConfig config = support::bench_config();
  config.domains.clear();
  for (const char* name : {"example.com", "biloxi.example.com", "example.net", "vedette.example"}) {
    config.domains.push_back(Domain{.name = name, .authenticate = trust == Trust::kAsksWho});
  }
  return config;
}

Flow source_of(const Expectation& row) {
  return support::bench_flow(row.is_ipv6() ? "2001:db8::2" : "192.0.2.2", kSourcePort);
}

Expectation row_of(const std::string& message) {
  for (Expectation& row : support::present_expectations()) {
    if (row.message == message) return row;
  }
  return {};
}

// What is sent at once; a subscription's NOTIFYs are not its answers.
std::vector<Sent> answers_to(const std::string& bytes, const Flow& flow, Trust trust) {
  support::ShardBench bench(torture_config(trust));
  std::vector<Sent> answers = bench.send_raw(bytes, flow);
  std::erase_if(answers, [](const Sent& sent) { return sent.text.starts_with("NOTIFY "); });
  return answers;
}

std::vector<std::string> values_of(const Message& message, HeaderId id) {
  std::vector<std::string> values;
  for (const HeaderField* field = message.find(id); field != nullptr; field = message.find_next(*field)) {
    values.emplace_back(message.value(*field));
  }
  return values;
}

// Via fields may be joined and parted, and empty ones left out; what is within each stays as it was, but for the first.
std::string behind_first_comma(const std::vector<std::string>& vias) {
  std::string all;
  for (const std::string& via : vias) all += (all.empty() || via.empty() ? "" : ",") + via;
  std::erase_if(all, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  while (all.ends_with(',')) all.pop_back();
  return all.find(',') == std::string::npos ? std::string() : all.substr(all.find(',') + 1);
}

// RFC 3261 §8.2.6.2: From, Call-ID, CSeq and Via are the request's, in order; To gets a tag when it had none.
void expect_echo(const Expectation& row, const Message& request, const Message& answer) {
  for (const HeaderId id : {HeaderId::kFrom, HeaderId::kCallId, HeaderId::kCSeq}) {
    const auto asked = values_of(request, id);
    const auto said = values_of(answer, id);
    EXPECT_EQ(said, std::vector(asked.begin(), asked.begin() + (asked.empty() ? 0 : 1)))
        << row.message << " " << to_string(id);
  }
  const std::string to(request.value(HeaderId::kTo));
  const std::string_view said = answer.value(HeaderId::kTo);
  EXPECT_TRUE(said == to || (said.starts_with(to) && said.substr(to.size()).starts_with(";tag="))) << row.message;
  const auto vias = values_of(answer, HeaderId::kVia);
  ASSERT_FALSE(vias.empty()) << row.message;
  for (const std::string& via : vias) EXPECT_NE(via, "") << row.message;
  EXPECT_EQ(behind_first_comma(vias), behind_first_comma(values_of(request, HeaderId::kVia))) << row.message;
  // RFC 3261 §18.2.1: where it came from is said unless it is what sent-by says (one message happens to).
  const std::string source = row.is_ipv6() ? "2001:db8::2" : "192.0.2.2";
  const bool is_true = vias[0].substr(0, vias[0].find(';')).ends_with(" " + source);
  EXPECT_EQ(vias[0].find(";received=" + source) == std::string::npos, is_true) << row.message << ": " << vias[0];
}

// What the status asks for (RFC 3261 §8.2.2, §21.4; RFC 6665 §8.3).
void expect_explanation(const Expectation& row, const Message& answer) {
  const auto has = [&](HeaderId id) { return !answer.value(id).empty(); };
  switch (answer.status()) {
    case 401: EXPECT_TRUE(has(HeaderId::kWwwAuthenticate)) << row.message; break;
    case 405:
    case 501: EXPECT_TRUE(has(HeaderId::kAllow)) << row.message; break;
    case 406:
    case 415: EXPECT_TRUE(has(HeaderId::kAccept)) << row.message; break;
    case 420: EXPECT_TRUE(has(HeaderId::kUnsupported)) << row.message; break;
    default: break;
  }
}

void expect_answer(const Expectation& row, Trust trust) {
  const std::string& wanted = trust == Trust::kAsksWho ? row.answer : row.open;
  const auto answers = answers_to(row.bytes, source_of(row), trust);
  if (wanted == "-") {
    EXPECT_TRUE(answers.empty()) << row.message << " got " << answers[0].first_line();
    return;
  }
  ASSERT_EQ(answers.size(), 1u) << row.message << ", wanted " << wanted << ": " << row.rule;
  const Sent& sent = answers[0];
  Message request, answer;
  parse_message(row.bytes, request);
  ASSERT_EQ(parse_message(sent.text, answer), ParseError::kOk) << row.message << ": " << sent.text;
  EXPECT_EQ(std::to_string(answer.status()), wanted) << row.message << ": " << row.rule;
  EXPECT_EQ(answer.value(HeaderId::kContentLength), "0") << row.message;
  // RFC 3261 §18.2.2, RFC 3581 §4: to the address it came from; to the port it came from, too, if it says so.
  EXPECT_EQ(sent.flow.remote.address, source_of(row).remote.address) << row.message;
  EXPECT_EQ(sent.flow.remote.port, row.port == "source" ? kSourcePort : std::stoi(row.port)) << row.message;
  expect_echo(row, request, answer);
  expect_explanation(row, answer);
  if (trust == Trust::kAsksWho || row.says == "-") return;
  for (const std::string& words : support::split(row.says, '|')) {
    EXPECT_NE(sent.text.find(words), std::string::npos) << row.message << " lacks " << words << ":\n" << sent.text;
  }
}

TEST(Torture, EachDatagramIsAnsweredByAServerThatAsksWho) {
  for (const Expectation& row : support::present_expectations()) expect_answer(row, Trust::kAsksWho);
}

TEST(Torture, EachDatagramIsAnsweredByAServerThatBelievesAll) {
  for (const Expectation& row : support::present_expectations()) expect_answer(row, Trust::kBelievesAll);
}

// One message after the other, as a connection would bring them; and what becomes of the connection.
std::string outcome_of(const support::StreamReader& reader, const Flow& flow) {
  std::string outcome;
  const auto add = [&outcome](const std::string& word) { outcome += (outcome.empty() ? "" : ",") + word; };
  for (const support::ReceivedFrame& frame : reader.frames()) {
    if (frame.kind != parsers::Frame::Kind::kMessage) continue;
    Message message;
    const ParseError error = parse_stream_message(frame.bytes, message);
    EXPECT_NE(error, ParseError::kContentLength);
    EXPECT_NE(error, ParseError::kHeaderEnd);
    const auto answers = answers_to(frame.bytes, flow, Trust::kAsksWho);
    add(answers.empty() ? "-" : answers[0].first_line().substr(8, 3));
    // RFC 3261 §18.2.2: back on the connection, whatever Via says.
    for (const Sent& answer : answers) EXPECT_EQ(answer.flow, flow);
  }
  // RFC 4475 §3.3.9: what does not say where it ends is refused before the connection is closed.
  if (!reader.lost_head().empty()) {
    const auto answers = answers_to(reader.lost_head(), flow, Trust::kBelievesAll);
    if (!answers.empty()) add(answers[0].first_line().substr(8, 3));
  }
  if (reader.last() != ParseError::kIncomplete) add("close");
  if (reader.last() == ParseError::kIncomplete && !reader.waiting().empty()) add("wait");
  return outcome;
}

TEST(Torture, EachMessageIsAnsweredOnAStream) {
  for (const Expectation& row : support::present_expectations()) {
    Flow flow = source_of(row);
    flow.transport = Transport::kTcp;
    flow.connection = 7;
    support::StreamReader whole(16384), drops(16384);
    whole.arrive(row.bytes);
    for (const char& byte : row.bytes) drops.arrive({&byte, 1});
    EXPECT_EQ(outcome_of(whole, flow), row.stream) << row.message << ": " << row.rule;
    EXPECT_EQ(outcome_of(drops, flow), row.stream) << row.message << ": " << row.rule;
  }
}

// Several on one connection, with keep-alives between them: each is answered in its turn.
TEST(Torture, MessagesOnOneStreamAreAnsweredInTurn) {
  std::string stream;
  std::string expected;
  for (const Expectation& row : support::present_expectations()) {
    if (row.stream.find_first_of("wc,") != std::string::npos) continue;
    stream += row.bytes + "\r\n\r\n";
    expected += (expected.empty() ? "" : ",") + row.stream;
  }
  Flow flow = support::bench_flow("192.0.2.2", kSourcePort);
  flow.transport = Transport::kTcp;
  support::StreamReader reader(16384);
  for (size_t i = 0; i < stream.size(); i += 700) reader.arrive(std::string_view(stream).substr(i, 700));
  EXPECT_EQ(outcome_of(reader, flow), expected);
}

// Two files of the archives are broken in another way than their RFC means; mended, they get the verdict that it gives.
TEST(Torture, WhatTheArchivesBrokeGetsItsVerdictWhenMended) {
  Expectation in_sdp = row_of("rfc5118/ipv6-in-sdp");
  Expectation display_name = row_of("rfc4475/baddn");
  if (in_sdp.bytes.empty() || display_name.bytes.empty()) GTEST_SKIP() << "../shared/data is not present";
  in_sdp.bytes.replace(in_sdp.bytes.find("Content-Length: 268"), 19, "Content-Length: 251");
  in_sdp.answer = in_sdp.open = "405";
  display_name.bytes += "\r\n";
  for (const Expectation& row : {in_sdp, display_name}) {
    expect_answer(row, Trust::kAsksWho);
    expect_answer(row, Trust::kBelievesAll);
  }
  const auto answers = answers_to(display_name.bytes, source_of(display_name), Trust::kAsksWho);
  EXPECT_EQ(answers.at(0).first_line(), "SIP/2.0 400 Bad From or To");
}

// RFC 3261 §19.1.2: what an escape hides stays hidden in everything that is sent.
TEST(Torture, NothingEscapedComesOutRaw) {
  support::ShardBench bench(torture_config(Trust::kBelievesAll));
  const Expectation row = row_of("own/escaped-line-end-in-user");
  const auto sent = bench.send_raw(row.bytes, source_of(row));
  ASSERT_EQ(sent.size(), 2u);       // 200 and NOTIFY.
  for (const Sent& message : sent) {
    EXPECT_EQ(message.text.find("\nEvil"), std::string::npos) << message.text;
    EXPECT_NE(message.text.find("%0D%0AEvil"), std::string::npos) << message.text;
  }
}

// RFC 3261 §18.1.1: a datagram of any length arrives; one beyond the server's limit is answered, not cut.
TEST(Torture, LongerThanTheLimitIsAnswered) {
  // The longest payloads over IPv4 and IPv6, and the longest message that is indexed.
  for (const size_t bytes : {16'384, 16'385, 20'000, 65'000, 65'507, 65'527, 65'535}) {
    const std::string head =
        "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;rport;branch=z9hG4bK1\r\nFrom: "
        "<sip:a@b>;tag=1\r\n"
        "To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nX-Long: ";
    const std::string message = head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n";
    const auto answers = answers_to(message, support::bench_flow("192.0.2.2", kSourcePort), Trust::kAsksWho);
    ASSERT_EQ(answers.size(), 1u) << bytes;
    const bool is_within = bytes <= torture_config(Trust::kAsksWho).limits.datagram_bytes_max;
    EXPECT_EQ(answers[0].first_line().substr(8, 3), is_within ? "200" : "513") << bytes;
  }
}

void expect_no_complaint(const std::vector<support::CorpusMessage>& messages) {
  EngineConfig config = support::bench_config();
  config.domains = {Domain{.name = "presence.test"}};
  for (const auto& message : messages) {
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

TEST(ClientMessages, OneOfEachKindGetsAnAnswerThatIsNoComplaint) {
  expect_no_complaint(support::own_client_messages());
}

TEST(ClientMessages, AllThatWereRecordedDoToo) {
  const auto messages = support::read_corpus(support::source_path("../shared/data/clients"), ".sip");
  if (messages.empty()) GTEST_SKIP() << "../shared/data/clients is not present";
  expect_no_complaint(messages);
}

}  // namespace
}  // namespace vedette::engine
