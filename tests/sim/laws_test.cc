// The laws notice what they are there for: each test plays a few messages, by hand, past the laws and sees the one
// breach that was planted. A law that cannot be broken proves nothing.
#include "tests/sim/laws_fixture.h"

namespace vedette::sim {
namespace {

TEST_F(LawsTest, AnOrdinarySubscriptionBreaksNone) {
  establish();
  pass(Duration::seconds(10));
  take(publish("", online(1)));
  put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  put_out_unasked(notify(2, "active;expires=50", online(1)));
  put_out_unasked(notify(2, "active;expires=50", online(1)));      // Retransmitted.
  take(notify_answer(2));
  take(subscribe("server", 0));
  put_out(accepted(0));
  put_out_unasked(notify(3, "terminated;reason=timeout", online(1)));
  take(notify_answer(3));
  expect_fine();
}

TEST_F(LawsTest, WhatTheClockLeaptOverIsNoticedSoonAfter) {
  establish();
  leap(Duration::seconds(3600));
  laws_.on_tick();
  expect_fine();       // The subscription has expired long ago, and nobody could know.
  pass(Duration::seconds(5));
  laws_.on_tick();
  expect_broken("a subscription that expires gets a final NOTIFY (RFC 6665 §4.2.1.4)");
}

TEST_F(LawsTest, CSeqGrows) {
  establish();
  put_out_unasked(notify(1, "active;expires=60", offline()));
  expect_fine();       // The same again is a retransmission.
  std::string older = notify(2, "active;expires=60");
  older.replace(older.find("CSeq: 2"), 7, "CSeq: 1");
  put_out_unasked(older);
  expect_broken("CSeq grows from NOTIFY to NOTIFY (RFC 3261 §12.2.1.1)");
}

TEST_F(LawsTest, OneNotifyInFlight) {
  take(subscribe());
  put_out(accepted());
  put_out_unasked(notify(1, "active;expires=60"));
  put_out_unasked(notify(2, "active;expires=60"));
  expect_broken("one NOTIFY in flight per dialog, and none after one timed out");
}

TEST_F(LawsTest, NotifiesKeepTheirDistance) {
  config_.pace.interval.fill(Duration::seconds(5));
  establish();
  pass(Duration::seconds(5));
  put_out_unasked(notify(2, "active;expires=55"));
  take(notify_answer(2));
  pass(Duration::seconds(1));
  take(subscribe("server"));
  put_out(accepted());
  put_out_unasked(notify(3, "active;expires=60"));
  take(notify_answer(3));
  expect_fine();       // What answers a SUBSCRIBE does not wait.
  pass(Duration::milliseconds(4900));
  put_out_unasked(notify(4, "active;expires=55"));
  expect_broken("no two NOTIFYs of a subscription are closer than its pace");
}

TEST_F(LawsTest, ARefusedNotifyGoesOutAgain) {
  establish();
  put_out_unasked(notify(2, "active;expires=60"));
  take(notify_answer(2, 503));
  pass(Duration::seconds(34));
  laws_.on_tick();
  expect_fine();
  pass(Duration::seconds(2));
  laws_.on_tick();
  expect_broken("a NOTIFY that was refused for now goes out again (RFC 5057 §5.1)");
}

TEST_F(LawsTest, RetransmissionsAreTheSame) {
  establish();
  put_out_unasked(notify(2, "active;expires=60"));
  put_out_unasked(notify(2, "active;expires=59"));
  expect_broken("a retransmitted NOTIFY is the same again");
}

TEST_F(LawsTest, NothingAfterTheEnd) {
  establish();
  take(subscribe("server", 0));
  put_out(accepted(0));
  put_out_unasked(notify(2, "terminated;reason=timeout"));
  take(notify_answer(2));
  expect_fine();
  put_out_unasked(notify(3, "terminated;reason=timeout"));
  expect_broken("no NOTIFY after the final one");
}

TEST_F(LawsTest, NothingAfterTheWatchers481) {
  take(subscribe());
  put_out(accepted());
  put_out_unasked(notify(1, "active;expires=60"));
  take(notify_answer(1, 481));
  put_out_unasked(notify(2, "active;expires=60"));
  expect_broken("no NOTIFY in a dialog that its watcher has ended");
}

TEST_F(LawsTest, ASubscribeIsFollowedByANotify) {
  take(subscribe());
  put_out(accepted());
  laws_.on_tick();
  expect_fine();
  pass(Duration::seconds(3));
  laws_.on_tick();
  expect_broken("every accepted SUBSCRIBE and every end is followed by a NOTIFY (RFC 6665 §4.2.2)");
}

TEST_F(LawsTest, ExpiresIsWhatIsLeft) {
  establish();
  pass(Duration::seconds(20));
  put_out_unasked(notify(2, "active;expires=60"));
  expect_broken("Subscription-State's expires is the time that is left");
}

TEST_F(LawsTest, ANotifyShowsWhatIsPublished) {
  establish();
  take(publish("", online(1)));
  put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  put_out_unasked(notify(2, "active;expires=60", offline()));
  expect_broken("a NOTIFY shows the state of the moment in which it is made");
}

// A watcher of partial presence, and NOTIFYs to it that say the same again.
class PartialLawsTest : public LawsTest {
 protected:
  void establish_partial() {
    take(with(subscribe(), "Accept: application/pidf-diff+xml"));
    put_out(accepted());
    put_out_unasked(full(1));
    take(notify_answer(1));
    expect_fine();
  }
  std::string full(unsigned cseq) {
    return typed(notify(cseq, "active;expires=60", body("pidf-full", cseq, kOffline)), kPartialMediaType);
  }
  std::string patch(unsigned cseq) {
    const std::string replace = "<p:replace sel=\"*/tuple[@id='offline']\">" + kOffline + "</p:replace>";
    return typed(notify(cseq, "active;expires=60", body("pidf-diff", cseq, replace)), kPartialMediaType);
  }

 private:
  static std::string body(const std::string& root, unsigned cseq, const std::string& content) {
    return "<p:" + root + " xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:p=\"urn:ietf:params:xml:ns:pidf-diff\" " +
           "entity=\"sip:user3@closed.test\" version=\"" + std::to_string(cseq) + "\">" + content + "</p:" + root +
           ">";
  }
  const std::string kOffline = "<tuple id=\"offline\"><status><basic>closed</basic></status></tuple>";
};

TEST_F(PartialLawsTest, WhoRefusedANotifyIsToldEverything) {
  establish_partial();
  put_out_unasked(patch(2));
  take(notify_answer(2, 500));
  expect_fine();
  put_out_unasked(patch(3));
  expect_broken("who refused a NOTIFY is told everything");
}

// The server may have understood an answer that was damaged on its way, and then goes on from there.
TEST_F(PartialLawsTest, WhatWasRefusedBeforeIsOverOnceEverythingWasTold) {
  establish_partial();
  put_out_unasked(patch(2));
  take(notify_answer(2, 500));
  put_out_unasked(full(3));
  laws_.on_arrival({notify_answer(3), flow_, true});
  laws_.on_taken({notify_answer(3), flow_, true});
  put_out_unasked(patch(4));
  expect_fine();
}

TEST_F(LawsTest, AChangeReachesTheWatcher) {
  establish();
  take(publish("", online(1)));
  put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  pass(Duration::seconds(6));
  laws_.on_tick();
  expect_broken("every change reaches every watcher whose NOTIFYs are answered");
}

TEST_F(LawsTest, AChangeMayWaitForRoom) {
  establish();
  take(publish("", online(1)));
  put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  pass(Duration::seconds(4));
  stage_.starved_at = clock_.now();
  pass(Duration::seconds(4));
  laws_.on_tick();
  expect_fine();
  pass(Duration::seconds(2));
  laws_.on_tick();
  expect_broken("every change reaches every watcher whose NOTIFYs are answered");
}

TEST_F(LawsTest, NobodyHasMoreThanHisShare) {
  config_.limits.subscriptions_per_watcher_max = 2;
  for (const char* call : {"a", "b"}) {
    call_ = call;
    establish();
  }
  call_ = "c";
  take(subscribe());
  put_out(answer(480, "SUBSCRIBE", "t", "Retry-After: 3\r\n"));
  expect_fine();
  call_ = "d";
  take(subscribe());
  put_out(accepted());
  expect_broken("nobody has more subscriptions than one watcher may have");
}

TEST_F(LawsTest, WhoHasLessThanHisShareIsServed) {
  config_.limits.subscriptions_per_watcher_max = 2;
  establish();
  call_ = "b";
  take(subscribe());
  put_out(answer(480, "SUBSCRIBE", "t", "Retry-After: 3\r\n"));
  expect_broken("nobody is turned away for what there is where there is less than there may be");
}

TEST_F(LawsTest, WhoWatchesWhomNotTooManyWatchIsServed) {
  config_.limits.subscriptions_per_presentity_max = 2;
  const auto refuse = [&] {
    std::string refusal = answer(480, "SUBSCRIBE", "t", "Retry-After: 3\r\n");
    refusal.replace(refusal.find("Text"), 4, "Too Many Watchers");
    return refusal;
  };
  for (const char* call : {"a", "b"}) {
    call_ = call;
    establish();
  }
  call_ = "c";
  take(subscribe());
  put_out(refuse());
  expect_fine();
  call_ = "d";
  package_ = Package::kDialog;
  take(subscribe());
  put_out(refuse());
  expect_broken("nobody is turned away for what there is where there is less than there may be");
}

TEST_F(LawsTest, ARefreshIsServedWhateverItsWatcherHas) {
  config_.limits.subscriptions_per_watcher_max = 1;
  establish();
  take(subscribe("server"));
  put_out(answer(500, "SUBSCRIBE", "server"));
  expect_fine();       // Its CSeq, perhaps.
  take(subscribe("server"));
  put_out(answer(500, "SUBSCRIBE", "server", "Retry-After: 3\r\n"));
  expect_broken("a refresh is served whatever its watcher has");
}

TEST_F(LawsTest, NoRefreshIsRefusedAsIfItHadEnded) {
  establish();
  take(subscribe("server"));
  put_out(answer(480, "SUBSCRIBE", "server", "Retry-After: 3\r\n"));
  expect_broken("who has too much keeps what he has (RFC 6665 §4.1.2.2)");
}

TEST_F(LawsTest, AStaleTagIsRefusedAndALiveOneIsNot) {
  take(publish("", online(1)));
  put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  take(publish("e1", online(2)));
  put_out(answer(200, "PUBLISH", "q", "Expires: 60\r\nSIP-ETag: e2\r\n"));
  take(publish("e1", online(3)));
  put_out(answer(412, "PUBLISH", "r"));
  expect_fine();
  take(publish("e2", online(3)));
  put_out(answer(412, "PUBLISH", "s"));
  expect_broken("no 412 to the entity tag of a live publication");
}

TEST_F(LawsTest, NothingIsDoneWithoutCredentials) {
  std::string request = subscribe();
  for (size_t at = request.find("closed.test"); at != std::string::npos; at = request.find("closed.test")) {
    request.replace(at, 11, "presence.test");
  }
  std::string response = accepted();
  for (size_t at = response.find("closed.test"); at != std::string::npos; at = response.find("closed.test")) {
    response.replace(at, 11, "presence.test");
  }
  take(request);
  put_out(response);
  expect_broken("without valid credentials nothing is carried out");
}

TEST_F(LawsTest, ResponsesAnswerRequests) {
  take(subscribe());
  put_out(accepted());
  put_out_unasked(answer(200, "SUBSCRIBE", "other", "Expires: 60\r\nContact: <sip:10.0.0.1;gr>\r\n"));
  expect_broken("every response answers a request");
}

TEST_F(LawsTest, OneAnswerToARequest) {
  take(subscribe());
  put_out(answer(404, "SUBSCRIBE", "t"));
  expect_fine();
  put_out(answer(404, "SUBSCRIBE", "t"));
  expect_broken("a request is answered once");
}

TEST_F(LawsTest, AnswersGoToWhereTheRequestCameFrom) {
  establish();
  const engine::Endpoint known = flow_.remote;
  flow_.remote = {make_v4(8), 5070};
  take(subscribe());
  flow_.remote = known;
  put_out(answer(404, "SUBSCRIBE", "t"));
  expect_broken("an answer goes to the address that its request came from");
}

std::string with_via(std::string message, const std::string& via) {
  const size_t begin = message.find("Via: ");
  return message.replace(begin, message.find("\r\n", begin) - begin, "Via: " + via);
}

TEST_F(LawsTest, TheRefusalOfADamagedRequestIsNoLonger) {
  const std::string damaged = "SIP/2.0/UDP 10.0.0.9:5070;branch=1;;";
  take(with_via(subscribe(), damaged));
  put_out(with_via(answer(400, "SUBSCRIBE", "t"), damaged));
  expect_fine();
  take(with_via(subscribe(), damaged));
  put_out(with_via(answer(400, "SUBSCRIBE", "t", "X: " + std::string(500, 'x') + "\r\n"), damaged));
  expect_broken("the refusal of a damaged request is hardly longer than that");
}

TEST_F(LawsTest, AllViasComeBack) {
  const std::string first = "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1";
  for (const char* more : {", SIP/2.0/TCP a;;,", "\r\nVia: SIP/2.0/TCP a;;", "\r\nv: SIP/2.0/TCP a,b\r\nVia:"}) {
    take(with_via(subscribe(), first + more));
    put_out(with_via(answer(400, "SUBSCRIBE", "t"), first + ";received=10.0.0.9" + more));
    expect_fine();
  }
  take(with_via(subscribe(), first + ", SIP/2.0/TCP a;;"));
  put_out(with_via(answer(400, "SUBSCRIBE", "t"), first + ", SIP/2.0/TCP a;"));
  expect_broken("a response carries its request's Vias");
}

TEST_F(LawsTest, OneCopyOfAForkedRequest) {
  const std::string request = subscribe();
  take(request);
  put_out(accepted());
  const std::string other = "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKother";
  take(with_via(request, other));
  put_out(with_via(answer(482, "SUBSCRIBE", "t"), other));
  expect_fine();
  take(with_via(request, other));
  std::string second = with_via(accepted(), other);
  second.replace(second.find("tag=server"), 10, "tag=second");
  put_out(second);
  expect_broken("of the copies of one request one is carried out (RFC 3261 §8.2.2.2)");
}

TEST_F(LawsTest, AnEndHasItsReason) {
  establish();
  laws_.on_ended_by_operator(kAor, engine::EndReason::kProbation);
  put_out_unasked(notify(2, "terminated;reason=probation;retry-after=3"));
  take(notify_answer(2));
  expect_fine();
}

TEST_F(LawsTest, NobodyIsEndedWithoutCause) {
  establish();
  put_out_unasked(notify(2, "terminated;reason=probation"));
  expect_broken("a subscription ends when it was unsubscribed or has expired");
}

TEST_F(LawsTest, WhatExpiredTimedOut) {
  establish();
  pass(Duration::seconds(61));
  put_out_unasked(notify(2, "terminated;reason=rejected"));
  expect_broken("the end of a subscription has its reason");
}

TEST_F(LawsTest, WhomAnOperatorEndsIsTold) {
  establish();
  laws_.on_ended_by_operator(kAor, engine::EndReason::kRejected);
  pass(Duration::seconds(3));
  put_out_unasked(notify(2, "active;expires=57"));
  expect_broken("the NOTIFY at the end of a subscription says terminated");
}

TEST_F(LawsTest, ANotifiersContactIsAGruu) {
  take(subscribe());
  std::string response = accepted();
  response.replace(response.find(";gr>"), 4, ">");
  put_out(response);
  expect_broken("a notifier's Contact is a GRUU");
}

TEST_F(LawsTest, StatusesHaveTheirHeaders) {
  take(subscribe());
  put_out(answer(423, "SUBSCRIBE", "t"));
  expect_broken("a response has the headers that its status calls for");
}

TEST_F(LawsTest, NothingGoesToStrangers) {
  establish();
  flow_.remote = {make_v4(77), 5060};
  put_out_unasked(notify(2, "active;expires=60"));
  expect_broken("nothing goes to an address that neither sent anything nor was given as a Contact");
}

TEST_F(LawsTest, ContentLengthIsAlwaysThere) {
  take(subscribe());
  std::string response = accepted();
  response.replace(response.find("Content-Length: 0\r\n"), 19, "");
  put_out(response);
  expect_broken("every message has a right Content-Length");
}

}  // namespace
}  // namespace vedette::sim
