// The laws about hard state (RFC 3903 §2) and about the order of precedence notice what they are there for (see
// laws_test.cc).
#include "tests/sim/laws_fixture.h"

namespace vedette::sim {
namespace {

class HardStateLawsTest : public LawsTest {
 protected:
  static std::string whole(const std::string& inside) {
    return "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
           "entity=\"sip:user3@closed.test\">" + inside + "</presence>";
  }
  static std::string tuple(const std::string& id, const std::string& basic) {
    return "<tuple id=\"" + id + "\"><status><basic>" + basic + "</basic></status><note>" + id + "</note></tuple>";
  }
  static std::string person(const std::string& id) {
    return "<dm:person id=\"" + id + "\"><dm:note>" + id + "</dm:note></dm:person>";
  }
  void set(const std::string& inside, Duration lifetime = {}) {
    laws_.on_hard_state_set(std::string(kAor), whole(inside), lifetime);
  }
  void published(const std::string& inside) {
    take(publish("", whole(inside)));
    put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e" + std::to_string(client_cseq_) + "\r\n"));
  }
  // What the first NOTIFY shows.
  void shown(const std::string& inside) {
    take(subscribe());
    put_out(accepted());
    put_out_unasked(notify(1, "active;expires=60", whole(inside)));
  }
  void expect_moment(std::string_view seen) {
    expect_broken("a NOTIFY shows the state of the moment in which it is made");
    EXPECT_TRUE(verdict_.first().seen.starts_with(seen)) << verdict_.first().seen;
  }
};

TEST_F(HardStateLawsTest, AloneItIsShownWhole) {
  set(tuple("h", "open") + tuple("g", "closed") + person("p"));
  shown(tuple("h", "open") + tuple("g", "closed") + person("p"));
  expect_fine();
}

TEST_F(HardStateLawsTest, BesideOthersItComesLastAndSaysNothingClosed) {
  set(tuple("h", "open") + tuple("g", "closed") + person("p"));
  published(tuple("a", "closed") + person("q"));
  shown(tuple("a", "closed") + tuple("h", "open") + person("q"));
  expect_fine();
}

TEST_F(HardStateLawsTest, ItIsShown) {
  set(tuple("h", "open"));
  shown("<tuple id=\"offline\"><status><basic>closed</basic></status></tuple>");
  expect_moment("hard state is not shown");
}

TEST_F(HardStateLawsTest, ItHasNoFirstWord) {
  set(tuple("h", "open"));
  published(tuple("a", "open"));
  shown(tuple("h", "open") + tuple("a", "open"));
  expect_moment("not in the order of precedence");
}

TEST_F(HardStateLawsTest, ClosedIsForWhenThereIsNothingElse) {
  set(tuple("h", "closed"));
  published(tuple("a", "open"));
  shown(tuple("a", "open") + tuple("h", "closed"));
  expect_moment("shown but not published");
}

TEST_F(HardStateLawsTest, ItsPersonIsTheLastOne) {
  set(person("p"));
  published(tuple("a", "open") + person("q"));
  shown(tuple("a", "open") + person("p"));
  expect_moment("the person shown is not the newest one");
}

TEST_F(HardStateLawsTest, NotesAreAllShown) {
  set("<note>h</note>");
  published(tuple("a", "open") + "<note>a</note>");
  shown(tuple("a", "open") + "<note>a</note>");
  expect_moment("a note is published but not shown");
}

TEST_F(HardStateLawsTest, WhatIsRemovedIsShownNoMore) {
  set(tuple("h", "open"));
  laws_.on_hard_state_removed(std::string(kAor), true);
  shown(tuple("h", "open"));
  expect_moment("shown but not published");
}

TEST_F(HardStateLawsTest, ItEndsAtItsTime) {
  set(tuple("h", "open"), Duration::seconds(30));
  shown(tuple("h", "open"));
  take(notify_answer(1));
  pass(Duration::seconds(40));
  laws_.on_tick();
  expect_broken("every change reaches every watcher whose NOTIFYs are answered");
}

TEST_F(HardStateLawsTest, ItStaysUntilThen) {
  set(tuple("h", "open"));
  pass(Duration::seconds(1'000'000));
  laws_.on_hard_state_removed(std::string(kAor), false);
  expect_broken("hard state stays until its time is over or it is removed (RFC 3903 §2)");
}

TEST_F(HardStateLawsTest, TheNewestTupleIsFirst) {
  published(tuple("a", "open"));
  published(tuple("b", "open"));
  shown(tuple("a", "open") + tuple("b", "open"));
  expect_moment("not in the order of precedence");
}

}  // namespace
}  // namespace vedette::sim
