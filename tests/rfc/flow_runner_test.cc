// The runner of call flows is held to what it promises: a flow that is as it happens holds, and one that is wrong in
// any line - in what it expects, in what it leaves out, or in how it is written - fails, at that line.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/flow_runner.h"

namespace vedette::support {
namespace {

const std::string kRight = R"(title A watcher subscribes, refreshes and is gone
rfc 6665 §4.2.1.1 §4.2.1.2
party bob 192.0.2.1
party alice 192.0.2.7

bob -> SUBSCRIBE sip:alice@example.com
    Expires: 600
bob <- 200
    Expires: 600
    To: <sip:alice@example.com>;tag={?tag}
    not Retry-After
bob <- NOTIFY sip:bob@192.0.2.1
    From: <sip:alice@example.com>;tag={tag}
    Subscription-State: active;expires=600
    body has <basic>closed</basic>
    body lacks <basic>open</basic>
bob -> 200 OK

bob -> SUBSCRIBE in dialog
    Expires: 0
bob <- 200
    To: <sip:alice@example.com>;tag={tag}
bob <- NOTIFY
    Subscription-State: terminated;reason={?reason}
    not Subscription-State: active{*}
keeps 1 subscription
wait 500 ms
bob <- again
bob -> 200
keeps 0 subscriptions
wait 40 s
nothing

alice -> PUBLISH sip:alice@example.com
    pidf desk open
    without Expires
alice <- 200
    SIP-ETag: {?etag}
)";

// `kRight` with its first `from` made into `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kRight;
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

int line_of(const std::string& text, const std::string& words) {
  const size_t at = text.find(words);
  EXPECT_NE(at, std::string::npos) << words;
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

TEST(FlowRunner, WhatHappensAsWrittenHolds) {
  for (const unsigned shards : {1u, 3u}) {
    const FlowVerdict verdict = play_flow(kRight, shards);
    EXPECT_TRUE(verdict.holds) << verdict.fault.line << ": " << verdict.fault.what;
  }
}

struct Wrong {
  std::string from, to;     // What is changed.
  std::string at;           // Where it must fail: the line with these words, in what is wrong.
  std::string says;         // What the fault must say.
};

void expect_faults(const std::vector<Wrong>& all) {
  for (const Wrong& wrong : all) {
    const std::string text = changed(wrong.from, wrong.to);
    const FlowVerdict verdict = play_flow(text);
    EXPECT_FALSE(verdict.holds) << wrong.to;
    EXPECT_EQ(verdict.fault.line, line_of(text, wrong.at)) << wrong.to << ": " << verdict.fault.what;
    EXPECT_NE(verdict.fault.what.find(wrong.says), std::string::npos) << wrong.to << ": " << verdict.fault.what;
  }
}

TEST(FlowRunner, WhatDoesNotHappenFails) {
  expect_faults({
      {"bob <- 200\n    Expires: 600", "bob <- 202\n    Expires: 600", "<- 202", "expected SIP/2.0 202"},
      {"bob <- 200\n    Expires: 600", "bob <- 200\n    Expires: 601", "Expires: 601", "got 600"},
      {"    not Retry-After", "    Retry-After: {*}", "Retry-After: {*}", "got no Retry-After"},
      {"    not Retry-After", "    not Expires", "not Expires", "expected not Expires, got 600"},
      {"not Subscription-State: active", "not Subscription-State: terminated", "not Subscription", "terminated"},
      {"NOTIFY sip:bob@192.0.2.1", "NOTIFY sip:bob@192.0.2.2", "NOTIFY sip:bob@192.0.2.2", "expected NOTIFY"},
      {"body has <basic>closed", "body has <basic>ajar", "body has", "<basic>closed</basic>"},
      {"body lacks <basic>open", "body lacks <basic>closed", "body lacks", "<basic>closed</basic>"},
      {"body lacks <basic>open</basic>", "body none", "body none", "<basic>closed</basic>"},
      {"    From: <sip:alice@example.com>;tag={tag}", "    From: <sip:alice@example.com>;tag={tag}x", "{tag}x", "got"},
      {"keeps 1 subscription", "keeps 2 subscriptions", "keeps 2", "expected 2 subscriptions, got 1"},
      {"wait 500 ms", "wait 400 ms", "<- again", "got nothing"},
      {"bob <- again", "bob <- NOTIFY\n    CSeq: 3 NOTIFY", "CSeq: 3", "got 2 NOTIFY"},
      {"alice <- 200", "bob <- 204", "bob <- 204", "but to another\nSIP/2.0 200"},
  });
}

TEST(FlowRunner, WhatIsLeftOutFails) {
  expect_faults({
      {"bob <- again\n", "", "wait 500 ms", "expected nothing more, got\nNOTIFY"},
      {"bob -> 200\nkeeps 0", "nothing\nkeeps 0", "keeps 0", "expected 0 subscriptions, got 1"},
      {"alice <- 200\n    SIP-ETag: {?etag}\n", "", "alice -> PUBLISH", "expected nothing more, got\nSIP/2.0 200"},
      {"wait 40 s\nnothing", "bob -> SUBSCRIBE in dialog\nwait 1 s", "SUBSCRIBE in dialog\nwait", "SIP/2.0 481"},
  });
}

TEST(FlowRunner, WhatMakesNoSenseFails) {
  expect_faults({
      {"title", "tittle", "tittle", "unknown heading"},
      {"rfc 6665 §4.2.1.1 §4.2.1.2", "rfc 6665", "rfc 6665", "which section"},
      {"rfc 6665 §4.2.1.1", "rfc 6665 4.2.1.1", "rfc 6665", "not a section"},
      {"party alice", "party bob", "party bob 192.0.2.7", "two parties"},
      {"party alice 192.0.2.7", "set limits.patience_max 7", "patience", "unknown setting"},
      {"party alice 192.0.2.7", "set subscription.min soon", "soon", "not a number"},
      {"party alice 192.0.2.7", "domain example.com closed", "domain", "open|asks"},
      {"party alice 192.0.2.7", "domain example.com open nobody", "domain", "unknown watch policy"},
      {"bob -> 200 OK", "carol -> 200 OK", "carol", "no such party"},
      {"bob -> 200 OK", "bob => 200 OK", "bob =>", "unknown step"},
      {"bob -> 200 OK", "bob -> 200 OK\nbob -> 200 OK", "bob -> 200 OK\n\n", "no NOTIFY to answer"},
      {"wait 500 ms", "wait 500", "wait 500", "wait NUMBER"},
      {"keeps 1 subscription", "keeps 1 promise", "keeps 1", "keeps NUMBER"},
      {"    Expires: 0", "    Expires 0", "Expires 0", "unknown line of a message that is sent"},
      {"    not Retry-After", "    no Retry-After", "no Retry-After", "unknown line of a message that is expected"},
      {"    Expires: 0", "    Expires: {duration}", "{duration}", "{duration} stands for nothing yet"},
      {"    not Retry-After", "    CSeq: {number} SUBSCRIBE", "{number}", "{number} stands for nothing yet"},
      {"bob -> SUBSCRIBE in dialog", "alice -> SUBSCRIBE in dialog", "alice -> SUBSCRIBE", "no such dialog"},
      {"bob -> SUBSCRIBE in dialog", "bob -> SUBSCRIBE", "bob -> SUBSCRIBE\n", "METHOD URI"},
      {"nothing", "operator ends alice@example.com boredom", "boredom", "operator ends AOR REASON"},
      {"nothing", "nothing\n    Expires: 1", "Expires: 1", "below what is no message"},
      {"alice -> PUBLISH", "alice -> again\nalice -> PUBLISH", "alice -> again", "has sent nothing yet"},
      {"bob <- 200\n    Expires: 600", "bob <- 200 OK\n    Expires: 600", "bob <- 200 OK", "a status alone"},
  });
  for (const char* part : {"title A watcher subscribes, refreshes and is gone\n", "rfc 6665 §4.2.1.1 §4.2.1.2\n"}) {
    EXPECT_FALSE(play_flow(changed(part, "")).holds);
  }
  EXPECT_EQ(play_flow("title Nothing\nrfc 3261 §1\n").fault.what, "the flow has no steps");
}

// What no flow need say: laws that hold for every message of ours.
TEST(FlowRunner, AnAgentHoldsMessagesToWhatAllMustHave) {
  const auto fault_of = [](const std::string& from, const std::string& to) {
    std::string notify =
        "NOTIFY sip:bob@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.254;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        "From: <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>;tag=bob\r\nCall-ID: 1\r\nCSeq: 2 NOTIFY\r\n"
        "Contact: <sip:192.0.2.254>\r\nEvent: presence\r\nSubscription-State: active;expires=1\r\n"
        "Content-Length: 0\r\n\r\n";
    FlowAgent agent({"bob", "192.0.2.1", 5060});
    std::string what;
    try {
      agent.receive(notify, 1);
      notify.replace(notify.find(from), from.size(), to);
      agent.receive(notify, 1);
    } catch (const FlowFault& fault) {
      what = fault.what.substr(0, fault.what.find(';'));
    }
    return what;
  };
  EXPECT_EQ(fault_of("CSeq: 2", "CSeq: 2"), "");
  EXPECT_EQ(fault_of("CSeq: 2", "CSeq: 3"), "");
  EXPECT_EQ(fault_of("CSeq: 2", "CSeq: 1"), "a CSeq that grows");
  EXPECT_EQ(fault_of("expires=1", "expires=2"), "a CSeq that grows");
  EXPECT_EQ(fault_of("Length: 0", "Length: 1"), "a message that parses");
  EXPECT_EQ(fault_of("\r\n\r\n", "\r\n\r\nx"), "Content-Length that is true");
  EXPECT_EQ(fault_of("Content-Length", "Content-Type: text/plain\r\nContent-Length"), "Content-Type with a body alone");
  EXPECT_EQ(fault_of("Event: presence\r\n", ""), "Event in a NOTIFY");
  EXPECT_EQ(fault_of("Contact: <sip:192.0.2.254>\r\n", ""), "Contact in a NOTIFY");
  EXPECT_EQ(fault_of(";tag=bob", ""), "both tags in a NOTIFY");
  EXPECT_EQ(fault_of("Call-ID: 1\r\n", ""), "one Call-ID");
  EXPECT_EQ(fault_of("z9hG4bK", "z"), "a branch");
  EXPECT_EQ(fault_of("NOTIFY sip", "PUBLISH sip"), "no other request than NOTIFY");
  EXPECT_EQ(fault_of("NOTIFY sip:bob@192.0.2.1 SIP/2.0", "SIP/2.0 200 OK"), "bob asked for no such response");
}

}  // namespace
}  // namespace vedette::support
