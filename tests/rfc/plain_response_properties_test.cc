// The quick way to the answer to a NOTIFY against the long one, for every input near an answer: each prefix,
// each byte exchanged for all 255 others, each line twice or in another's place, at the edges of unreadable
// pages. It may leave any datagram alone; what it reads, the long way reads alike.
#include <gtest/gtest.h>

#include "parsers/header_id.h"
#include "parsers/line_index.h"
#include "tests/support/corpus.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/message_laws.h"

namespace vedette::parsers {
namespace {

using support::CorpusMessage;
using support::GuardedBytes;

// A sanitised build is many times as slow, and so is an emulated processor: there one byte in so many is exchanged.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(VEDETTE_EMULATED)
constexpr size_t kStride = 40;
#else
constexpr size_t kStride = 1;
#endif

std::vector<CorpusMessage> corpus() {
  std::vector<CorpusMessage> messages = support::own_messages();
  for (const auto& more : {support::own_client_messages(), support::bench_messages()}) {
    messages.insert(messages.end(), more.begin(), more.end());
  }
  return messages;
}

bool is_read(std::string_view datagram) {
  bool is_read = false;
  EXPECT_EQ(support::broken_plain_response_law(datagram, is_read), "") << datagram;
  return is_read;
}

// In lines that are read, in some that are passed over, and around them: a Via as we write it and others, a
// body, unknown and compact names, names in other cases.
const std::string_view kAnswers[] = {
    "SIP/2.0 200 OK\r\n"
    "Via: SIP/2.0/UDP 192.0.2.250:5060;branch=z9hG4bKv2f10000003c00079f40c17a\r\n"
    "From: \"Bob M\xC3\xBCller\" <sip:bob@example.com>;tag=2f11a6c5f60faec35a1\r\n"
    "To: <sip:alice@example.com>;tag=Ze3-oN8uK\r\n"
    "Call-ID: sKPd16XadP\r\n"
    "CSeq: 4 NOTIFY\r\n"
    "Content-Length: 0\r\n"
    "\r\n",
    "SIP/2.0 202 \r\n"
    "v-x:\r\n"
    "FROM: <sip:bob@example.com>;tag=1\r\n"
    "CSeq: 004294967 NOTIFY\r\n"
    "t:<sip:alice@example.com>;tag=2\r\n"
    "Via: SIP/2.0/UDP [2001:db8::1]:5060 ;rport=65535; branch=z9hG4bKv2f1;received=192.0.2.1\r\n"
    "X-Thing: one, two\r\n"
    "x-thing: Via: SIP/2.0/UDP h\r\n"
    "Content-Length: 12\r\n"
    "\r\n"
    "CSeq: 1 BYE\r\nVia: and noise",
    "SIP/2.0 299 All of it is in lines that are as long as this one.\r\n"
    "CSeq: 0 NOTIFY\r\n"
    "Via: SIP/2.0/TLS host.example.com;branch=z9hG4bKv\r\n"
    "\r\n"};

TEST(PlainResponse, ReadsWhatClientsAnswer) {
  size_t read = 0;
  for (const auto& [name, bytes] : corpus()) read += is_read(bytes);
  EXPECT_GE(read, 4u);
  for (const std::string_view answer : kAnswers) EXPECT_TRUE(is_read(answer)) << answer;
}

TEST(PlainResponse, LeavesEveryRequestAlone) {
  size_t requests = 0;
  for (const auto& [name, bytes] : corpus()) {
    if (bytes.starts_with("SIP/")) continue;
    EXPECT_FALSE(is_read(bytes)) << name;
    ++requests;
  }
  EXPECT_GT(requests, 50u);
}

TEST(PlainResponse, KeepsItsLawForEveryPrefixAndSuffix) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : corpus()) {
    const std::string_view text(bytes);
    for (size_t cut = 0; cut <= text.size(); ++cut) {
      is_read(guarded.copy(text.substr(0, cut)));
      is_read(guarded.copy_to_front(text.substr(0, cut)));
      is_read(guarded.copy(text.substr(cut)));
    }
  }
  // Nothing but what comes after the whole head may be missing, as long as no length is announced.
  for (const std::string_view answer : kAnswers) {
    const size_t head = answer.find("\r\n\r\n") + 4;
    const bool announces = answer.find("Content-Length: 12") != std::string_view::npos;
    for (size_t cut = 0; cut <= answer.size(); ++cut) {
      EXPECT_EQ(is_read(guarded.copy(answer.substr(0, cut))), cut >= head + (announces ? 12 : 0)) << cut;
    }
  }
}

TEST(PlainResponse, KeepsItsLawWhateverByteIsExchanged) {
  GuardedBytes guarded(kMessageBytesMax);
  size_t tried = 0;
  size_t read = 0;
  std::vector<std::string> answers(std::begin(kAnswers), std::end(kAnswers));
  for (const auto& [name, bytes] : corpus()) {
    if (bytes.starts_with("SIP/2.0 2")) answers.push_back(bytes);
  }
  for (const std::string& answer : answers) {
    const std::string_view placed = guarded.copy(answer);
    char* text = guarded.last(answer.size());
    for (size_t i = 0; i < answer.size(); ++i) {
      const char kept = text[i];
      for (size_t more = 1 + i % kStride; more < 256; more += kStride, ++tried) {
        text[i] = static_cast<char>(kept + static_cast<char>(more));
        read += is_read(placed);
      }
      text[i] = kept;
    }
  }
  EXPECT_GT(tried, 1'000'000 / kStride);
  // It is the law of something: most bytes of a value may be exchanged, none of a line end.
  EXPECT_GT(read, tried / 10);
  EXPECT_LT(read, tried / 10 * 9);
}

// Every line end once at each place of a block of 64 bytes, and at each distance from the end.
TEST(PlainResponse, ReadsAlikeWhereverItsLinesBegin) {
  GuardedBytes guarded(kMessageBytesMax);
  for (size_t before = 0; before < 200; ++before) {
    for (size_t behind = 0; behind < 70; ++behind) {
      const std::string text = "SIP/2.0 200 " + std::string(before, 'x') + std::string(kAnswers[0].substr(14)) +
                               std::string(behind, '\n');
      EXPECT_TRUE(is_read(guarded.copy(text))) << before << ' ' << behind;
    }
  }
}

// The lines that are read, of every length, as the last ones: an unreadable page comes behind their two line ends.
TEST(PlainResponse, ReadsNothingBehindItsLastLine) {
  GuardedBytes guarded(kMessageBytesMax);
  const std::string via = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKv2f10000003c00079f40c17av2f10000003c00079f4";
  const std::string cseq = "CSeq: 123456789 NOTIFY";
  const std::string start = "SIP/2.0 200 Whatever is said here makes it long enough.\r\n";
  size_t read = 0;
  for (size_t length = 0; length <= via.size(); ++length) {
    read += is_read(guarded.copy(start + cseq + "\r\n" + via.substr(0, length) + "\r\n\r\n"));
  }
  for (size_t length = 0; length <= cseq.size(); ++length) {
    read += is_read(guarded.copy(start + via + "\r\n" + cseq.substr(0, length) + "\r\n\r\n"));
    read += is_read(guarded.copy(start + via + "\r\nCSeq: 4 NOTIFY\r\n" + std::string(length + 1, 'x') + ":\r\n\r\n"));
  }
  EXPECT_GT(read, 60u);
}

// Numbers beside every limit that any of the readers has.
TEST(PlainResponse, KeepsItsLawForNumbersOfAnySize) {
  const std::string answer(kAnswers[0]);
  const std::string_view numbers[] = {
      "",      "0",     "00",    "1",      "9",      "10",       "99",        "100",        "199",        "200",
      "249",   "250",   "255",   "256",    "260",    "300",      "999",       "0255",       "1000",       "5060",
      "05060", "9999",  "59999", "60000",  "65535",  "65536",    "69999",     "99999",      "000001",     "100000",
      "+1",    "-1",    " 1",    "1 ",     "0x1",    "65535000", "999999999", "1000000000", "4294967295", "4294967296",
      "1a",    "1..2",  ".",     "1.2",    "1:2",    "::",       ";",         "9999999999", "18446744073709551616"};
  struct Place {
    std::string_view before, number;
  };
  size_t read = 0;
  for (const auto& [before, old] : {Place{"UDP ", "192"}, Place{"UDP 192.", "0"}, Place{"192.0.", "2"},
                                    Place{"192.0.2.", "250"}, Place{"250:", "5060"}, Place{"CSeq: ", "4"},
                                    Place{"Length: ", "0"}}) {
    for (const std::string_view number : numbers) {
      std::string text = answer;
      text.replace(text.find(before) + before.size(), old.size(), number);
      read += is_read(text);
      read += is_read(text + std::string(300, 'x'));
    }
  }
  EXPECT_GT(read, 100u);
}

std::vector<std::string> lines_of(std::string_view head) {
  std::vector<std::string> lines;
  for (size_t end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    lines.emplace_back(head.substr(0, end + 2));
    head.remove_prefix(end + 2);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

// Lines in any order, twice, or gone: the law knows which of them must be there and which only once.
TEST(PlainResponse, KeepsItsLawWhereverLinesAreMoved) {
  size_t read = 0;
  for (const std::string_view answer : kAnswers) {
    const std::vector<std::string> lines = lines_of(answer);
    for (size_t from = 0; from < lines.size(); ++from) {
      std::vector<std::string> without = lines;
      without.erase(without.begin() + static_cast<ptrdiff_t>(from));
      is_read(joined(without));
      for (size_t to = 0; to <= lines.size(); ++to) {
        std::vector<std::string> moved = without;
        moved.insert(moved.begin() + static_cast<ptrdiff_t>(std::min(to, moved.size())), lines[from]);
        read += is_read(joined(moved));
        std::vector<std::string> twice = lines;
        twice.insert(twice.begin() + static_cast<ptrdiff_t>(to), lines[from]);
        is_read(joined(twice));
      }
    }
  }
  EXPECT_GT(read, 50u);
}

// RFC 3261 §7.3.1: which names may stand there twice. Each known one does here, long and compact, in three spellings.
TEST(PlainResponse, KnowsWhichFieldsStandThereTwice) {
  const std::string_view answer = kAnswers[0];
  const size_t at = answer.find("Content-Length");
  std::vector<std::string> names = {"c", "e", "f", "i", "k", "l", "m", "o", "t", "u", "v", "X-Unknown"};
  for (unsigned id = 1; id < static_cast<unsigned>(HeaderId::kCount); ++id) {
    names.emplace_back(to_string(static_cast<HeaderId>(id)));
  }
  for (const std::string& name : names) {
    for (const std::string_view colon : {": ", ":", " : "}) {
      for (const std::string_view value : {"0", "1 NOTIFY", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"}) {
        const std::string line = name + std::string(colon) + std::string(value) + "\r\n";
        std::string once(answer);
        once.insert(at, line);
        is_read(once);
        std::string twice(once);
        twice.insert(answer.find("From"), line);
        is_read(twice);
      }
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
