// What the generator reads of messages, quickly, is what a reader sees that takes them line by line: of all messages
// that there are, of theirs with faults, and of NOTIFYs that are read by the one before them.
#include <gtest/gtest.h>

#include <cctype>
#include <charconv>
#include <random>
#include <string>
#include <vector>

#include "tests/support/corpus.h"
#include "tests/support/guarded_bytes.h"
#include "tools/storm/head_shape.h"
#include "tools/storm/sip_view.h"

namespace vedette::storm {
namespace {

bool is_named(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(line[i])) != name[i]) return false;
  }
  return true;
}

std::string_view value_of(std::string_view line) {
  line.remove_prefix(line.find(':') + 1);
  while (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

uint32_t number_of(std::string_view text) {
  uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void read_line_naively(std::string_view line, SipView& out) {
  if (is_named(line, "via") || is_named(line, "v")) {
    if (out.via.empty()) {
      out.via = {line.data(), line.size() + 2};
    } else if (line.data() == out.via.data() + out.via.size()) {
      out.via = {out.via.data(), out.via.size() + line.size() + 2};
    }
  }
  if (is_named(line, "from") || is_named(line, "f")) out.from = line;
  if (is_named(line, "to") || is_named(line, "t")) out.to = line;
  if (is_named(line, "call-id") || is_named(line, "i")) out.call_id = value_of(line);
  if (is_named(line, "contact") || is_named(line, "m")) out.contact = line;
  if (is_named(line, "sip-etag")) out.entity_tag = value_of(line);
  if (is_named(line, "subscription-state")) out.subscription_state = value_of(line);
  if (is_named(line, "cseq")) {
    const std::string_view value = value_of(line);
    out.cseq_line = line;
    out.cseq = number_of(value);
    const size_t space = value.rfind(' ');
    if (out.status != 0 && space != std::string_view::npos) out.method = value.substr(space + 1);
  }
  if (is_named(line, "www-authenticate") &&
      (out.challenge.empty() || parameter(value_of(line), "algorithm") == "SHA-256")) {
    out.challenge = value_of(line);
  }
}

bool read_naively(std::string_view message, SipView& out) {
  out = {};
  for (size_t at = 0; at < message.size();) {
    const size_t feed = message.find('\n', at);
    if (feed == std::string_view::npos || feed == at || message[feed - 1] != '\r') return false;
    const std::string_view line = message.substr(at, feed - 1 - at);
    if (at == 0) {
      if (line.starts_with("SIP/2.0 ")) {
        out.status = static_cast<uint16_t>(number_of(line.substr(8)));
        if (out.status < 100) return false;
      } else {
        if (!line.ends_with(" SIP/2.0")) return false;
        out.method = line.substr(0, line.find(' '));
      }
    } else if (line.empty()) {
      out.body = message.substr(feed + 1);
      return true;
    } else {
      read_line_naively(line, out);
    }
    at = feed + 1;
  }
  return false;
}

std::string_view until(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

std::string_view behind_last(std::string_view line, std::string_view name) {
  const size_t at = line.rfind(name);
  return at == std::string_view::npos ? std::string_view() : until(line.substr(at + name.size()), ";, ");
}

std::string_view branch_of(std::string_view via) {
  constexpr std::string_view kName = ";branch=";
  const std::string_view line = until(via, "\r");
  const size_t at = line.find(kName);
  return at == std::string_view::npos ? std::string_view() : until(line.substr(at + kName.size()), ";, ");
}

std::string_view uri_of(std::string_view contact) {
  if (contact.empty()) return {};
  const size_t at = contact.find('<');
  return at == std::string_view::npos ? until(value_of(contact), ";, ") : until(contact.substr(at + 1), ">");
}

bool is_same(std::string_view a, std::string_view b) {
  return a == b && (a.empty() || a.data() == b.data());
}

// Nothing, or what differs.
std::string difference(const SipView& a, const SipView& b) {
  if (a.status != b.status) return "status";
  if (a.cseq != b.cseq) return "cseq";
  if (!is_same(a.method, b.method)) return "method";
  if (!is_same(a.via, b.via)) return "via";
  if (!is_same(a.from, b.from)) return "from";
  if (!is_same(a.to, b.to)) return "to";
  if (!is_same(a.cseq_line, b.cseq_line)) return "cseq_line";
  if (!is_same(a.contact, b.contact)) return "contact";
  if (!is_same(a.call_id, b.call_id)) return "call_id";
  if (!is_same(a.entity_tag, b.entity_tag)) return "entity_tag";
  if (!is_same(a.challenge, b.challenge)) return "challenge";
  if (!is_same(a.subscription_state, b.subscription_state)) return "subscription_state";
  if (!is_same(a.body, b.body)) return "body";
  if (!is_same(a.from_tag(), behind_last(b.from, ";tag="))) return "from_tag";
  if (!is_same(a.to_tag(), behind_last(b.to, ";tag="))) return "to_tag";
  if (!is_same(a.branch(), branch_of(b.via))) return "branch";
  if (!is_same(a.contact_uri(), uri_of(b.contact))) return "contact_uri";
  return {};
}

// Both ways, of bytes that end where memory does.
std::string broken_law(std::string_view bytes, HeadShape* shape = nullptr) {
  static support::GuardedBytes guarded(65'536);
  const std::string_view message = guarded.copy(bytes);
  SipView view, naive;
  const bool is_read = shape == nullptr ? read_sip(message, view) : shape->read(message, view);
  if (is_read != read_naively(message, naive)) return is_read ? "read" : "not read";
  return is_read ? difference(view, naive) : "";
}

std::vector<std::string> messages() {
  std::vector<std::string> all;
  for (const auto& some : {support::own_messages(), support::own_client_messages(), support::bench_messages()}) {
    for (const support::CorpusMessage& message : some) all.push_back(message.bytes);
  }
  return all;
}

constexpr std::string_view kNotify =
    "NOTIFY sip:u00000005-0x5581d0@10.0.1.5:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.255.255.254:5060;branch=z9hG4bKv2f10000003c00079f40c17a\r\n"
    "From: <sip:u00000006@example.com>;tag=2f11a6c5f60faec35a1\r\n"
    "To: <sip:u00000005@example.com>;tag=0123456789abcdef\r\n"
    "Call-ID: 5a3f00c100000004\r\n"
    "Max-Forwards: 70\r\n"
    "Contact: <sip:10.255.255.254:5060>\r\n"
    "CSeq: 41 NOTIFY\r\n"
    "Event: presence\r\n"
    "Subscription-State: active;expires=3599\r\n"
    "SIP-ETag: 7f6e5d4c3b2a1908\r\n"
    "Content-Type: application/pidf+xml\r\n"
    "Content-Length: 4\r\n\r\nbody";

class Faults {
 public:
  explicit Faults(uint64_t seed) : random_(seed) {}

  size_t below(size_t end) { return static_cast<size_t>(random_() % end); }
  // The message with one to three changes, of which most are to be met where lines begin and end.
  std::string in(std::string text) {
    for (size_t changes = 1 + below(3); changes > 0 && !text.empty(); --changes) {
      const size_t at = below(text.size());
      const char odd = kOdd[below(kOdd.size())];
      switch (below(5)) {
        case 0:
          text[at] = odd;
          break;
        case 1:
          text.insert(at, 1, odd);
          break;
        case 2:
          text.erase(at, 1 + below(3));
          break;
        case 3:
          text.resize(at);
          break;
        default:
          swap_lines(text);
          break;
      }
    }
    return text;
  }
  // Other values of the same lengths: what one server's NOTIFYs differ by.
  std::string other_values(std::string text) {
    for (size_t changes = 1 + below(20); changes > 0 && !text.empty(); --changes) {
      char& c = text[below(text.size())];
      if (c >= '0' && c <= '9') c = static_cast<char>('0' + below(10));
    }
    return text;
  }

 private:
  static constexpr std::string_view kOdd = "\r\n: vVfFtTiIcCmM\tx;,<>=";

  void swap_lines(std::string& text) {
    const size_t one = text.find("\r\n", below(text.size())), two = text.find("\r\n", below(text.size()));
    if (one == std::string::npos || two == std::string::npos || one >= two) return;
    const size_t end = text.find("\r\n", two + 2);
    if (end == std::string::npos) return;
    const std::string moved = text.substr(two, end - two);
    text.erase(two, moved.size());
    text.insert(one, moved);
  }

  std::mt19937_64 random_;
};

TEST(StormReadingTest, EveryMessageIsReadAsLineByLine) {
  const std::vector<std::string> all = messages();
  ASSERT_GT(all.size(), 100U);
  size_t read = 0;
  for (const std::string& message : all) {
    SipView view;
    read += read_sip(message, view);
    EXPECT_EQ(broken_law(message), "") << message;
  }
  EXPECT_GT(read, 100U);
}

TEST(StormReadingTest, EveryPrefixIsToo) {
  for (size_t length = 0; length <= kNotify.size(); ++length) {
    EXPECT_EQ(broken_law(kNotify.substr(0, length)), "") << length;
  }
}

TEST(StormReadingTest, FaultsAreSeenAsLineByLine) {
  Faults faults(1);
  for (const std::string& message : messages()) {
    for (int i = 0; i < 50; ++i) {
      const std::string faulty = faults.in(message);
      ASSERT_EQ(broken_law(faulty), "") << faulty;
    }
  }
}

TEST(StormHeadShapeTest, NotifiesThatDifferInTheirValuesFitTheOneBefore) {
  HeadShape shape;
  Faults faults(2);
  ASSERT_EQ(broken_law(kNotify, &shape), "");
  EXPECT_FALSE(shape.has_fitted());
  const size_t begin = kNotify.find("\r\n");
  for (int i = 0; i < 2'000; ++i) {
    const std::string other =
        std::string(kNotify.substr(0, begin)) + faults.other_values(std::string(kNotify.substr(begin)));
    ASSERT_EQ(broken_law(other, &shape), "") << other;
    EXPECT_TRUE(shape.has_fitted()) << other;
  }
}

TEST(StormHeadShapeTest, AnotherRequestUriOrBodyFits) {
  HeadShape shape;
  ASSERT_EQ(broken_law(kNotify, &shape), "");
  for (const std::string uri : {"sip:a", "sip:somebody-with-a-longer-name@198.51.100.200:65535;transport=udp"}) {
    const std::string behind(kNotify.substr(kNotify.find(" SIP/2.0")));
    const std::string other = "NOTIFY " + uri + behind + "more of it\r\n";
    EXPECT_EQ(broken_law(other, &shape), "");
    EXPECT_TRUE(shape.has_fitted()) << uri;
  }
}

TEST(StormHeadShapeTest, AnotherShapeIsReadInFullAndLearnedWhenItComesAgain) {
  HeadShape shape;
  std::string longer(kNotify);
  longer.replace(longer.find("41 NOTIFY"), 2, "1041");
  EXPECT_EQ(broken_law(kNotify, &shape), "");
  EXPECT_EQ(broken_law(longer, &shape), "");
  EXPECT_FALSE(shape.has_fitted());
  EXPECT_EQ(broken_law(kNotify, &shape), "");
  EXPECT_TRUE(shape.has_fitted());
  for (const bool fits : {false, false, true}) {
    EXPECT_EQ(broken_law(longer, &shape), "");
    EXPECT_EQ(shape.has_fitted(), fits);
  }
}

// Which of two challenges counts is told by what they say, not by where they stand.
TEST(StormHeadShapeTest, WithAChallengeNothingIsLearned) {
  HeadShape shape;
  const std::string begin = "WWW-Authenticate: Digest realm=\"a\", algorithm=", end = "\r\n";
  const std::string one = begin + "SHA-256" + end, other = begin + "MD5sess" + end;
  for (const std::string& challenges : {one + other, other + one}) {
    std::string odd(kNotify);
    odd.insert(odd.find("CSeq"), challenges);
    EXPECT_EQ(broken_law(odd, &shape), "");
    EXPECT_FALSE(shape.has_fitted());
  }
}

// The one before may be any message, and so may the next one be.
TEST(StormHeadShapeTest, WhateverComesIsReadAsLineByLine) {
  Faults faults(3);
  std::vector<std::string> all = messages();
  all.emplace_back(kNotify);
  size_t fitted = 0, notifies = 0;
  for (const std::string& message : all) {
    if (!message.starts_with("NOTIFY ")) continue;
    ++notifies;
    for (int i = 0; i < 2'000; ++i) {
      HeadShape shape;
      const std::string before = i % 2 == 0 ? message : faults.in(message);
      ASSERT_EQ(broken_law(before, &shape), "") << before;
      const std::string next = i % 4 < 2 ? faults.in(message) : faults.other_values(before);
      ASSERT_EQ(broken_law(next, &shape), "") << before << "\n----\n" << next;
      fitted += shape.has_fitted();
    }
  }
  EXPECT_GT(notifies, 3U);
  EXPECT_GT(fitted, notifies * 500);
}

}  // namespace
}  // namespace vedette::storm
