// The laws of dialog state, message summaries, registrations and watcher information notice what they are there for, as
// in laws_test.cc.
#include "tests/sim/laws_fixture.h"
#include "tests/sim/naive_xml.h"
#include "tests/sim/watcher_rights.h"
#include "tests/sim/watcher_table.h"

namespace vedette::sim {
namespace {

constexpr std::string_view kMoment = "a NOTIFY shows the state of the moment in which it is made";
constexpr std::string_view kUrl = "urn:ietf:params:xml:ns:";

class PackageLawsTest : public LawsTest {
 protected:
  // A subscription in this package, and its first NOTIFY.
  void watch(Package package, const std::string& first) {
    package_ = package;
    call_ = std::string(entry_of(package).name);
    take(subscribe());
    put_out(accepted());
    put_out_unasked(notify(1, "active;expires=60", first));
  }
  void expect_moment(std::string_view seen) {
    expect_broken(kMoment);
    EXPECT_TRUE(verdict_.first().seen.starts_with(seen)) << verdict_.first().seen;
  }
  void expect_list(std::string_view seen) {
    expect_broken("a watcher list is everything, or fits what its reader has");
    EXPECT_EQ(verdict_.first().seen.substr(0, seen.size()), seen);
  }
  void published(const std::string& body, const std::string& tag = "e1") {
    take(publish("", body));
    put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: " + tag + "\r\n"));
  }
  void registered(const std::string& contact) {
    ++client_cseq_;
    call_ = "registration";
    take("REGISTER sip:closed.test SIP/2.0\r\nVia: " + client_via() + "\r\n" + dialog_lines("client", "") +
         "CSeq: " + std::to_string(client_cseq_) + " REGISTER\r\nContact: <" + contact +
         ">\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n");
    put_out(answer(200, "REGISTER", "r", "Contact: <" + contact + ">;expires=60\r\n"));
  }

  static std::string dialogs(unsigned version, const std::string& inside) {
    return "<?xml version=\"1.0\"?><dialog-info xmlns=\"" + std::string(kUrl) + "dialog-info\" version=\"" +
           std::to_string(version) + "\" state=\"full\" entity=\"sip:" + std::string(kAor) + "\">" + inside +
           "</dialog-info>";
  }
  static std::string dialog(const std::string& id) {
    return "<dialog id=\"" + id + "\"><state>early</state></dialog>";
  }
  static std::string contacts(const std::string& state, const std::string& inside) {
    return "<reginfo xmlns=\"" + std::string(kUrl) +
           "reginfo\" version=\"0\" state=\"full\"><registration aor=\"sip:" + std::string(kAor) +
           "\" id=\"r\" state=\"" + state + "\">" + inside + "</registration></reginfo>";
  }
  static std::string contact(const std::string& uri, const std::string& state, const std::string& event) {
    return "<contact id=\"c" + uri + "\" state=\"" + state + "\" event=\"" + event + "\"><uri>" + uri +
           "</uri></contact>";
  }
  static std::string watchers(const std::string& inside, unsigned version = 0, const std::string& state = "full") {
    return "<watcherinfo xmlns=\"" + std::string(kUrl) + "watcherinfo\" version=\"" + std::to_string(version) +
           "\" state=\"" + state + "\"><watcher-list resource=\"sip:" + std::string(kAor) +
           "\" package=\"presence\">" + inside + "</watcher-list></watcherinfo>";
  }
  static std::string watcher(const std::string& status, const std::string& event = "subscribe",
                             const std::string& id = "w") {
    return "<watcher id=\"" + id + "\" status=\"" + status + "\" event=\"" + event + "\">sip:" + std::string(kAor) +
           "</watcher>";
  }
  // The next NOTIFY to who watches watchers.
  void tell(unsigned cseq, const std::string& body) {
    take(notify_answer(cseq - 1));
    put_out_unasked(notify(cseq, "active;expires=60", body));
  }
};

TEST_F(PackageLawsTest, WhatIsRightBreaksNone) {
  registered("sip:user3@10.0.0.9:5070");
  watch(Package::kReg, contacts("active", contact("sip:user3@10.0.0.9:5070", "active", "created") +
                                              contact("sip:before@10.0.0.9", "terminated", "expired")));
  watch(Package::kDialog, dialogs(0, ""));
  take(notify_answer(1));
  published(dialogs(7, dialog("a")));
  put_out_unasked(notify(2, "active;expires=60", dialogs(1, dialog("a-2-0"))));
  watch(Package::kMessageSummary, "Messages-Waiting: no\r\n");
  take(notify_answer(1));
  published("Messages-Waiting: yes \n", "e2");
  put_out_unasked(notify(2, "active;expires=60", "Messages-Waiting: yes\r\n"));
  watch(Package::kWatcherInfo, watchers(""));
  expect_fine();
}

TEST_F(PackageLawsTest, ADocumentIsOfItsPackage) {
  watch(Package::kDialog, offline());
  expect_broken("the body of a NOTIFY is a document of its package");
}

TEST_F(PackageLawsTest, ItsContentTypeIsItsPackages) {
  watch(Package::kDialog, dialogs(0, ""));
  take(notify_answer(1));
  std::string odd = notify(2, "active;expires=60", dialogs(1, ""));
  odd.replace(odd.find("dialog-info+xml"), 15, "pidf+xml");
  put_out_unasked(odd);
  expect_broken("the body's Content-Type is its package's");
}

TEST_F(PackageLawsTest, DocumentsAreNumbered) {
  watch(Package::kDialog, dialogs(0, ""));
  take(notify_answer(1));
  put_out_unasked(notify(2, "active;expires=60", dialogs(2, "")));
  expect_broken("a watcher's documents are numbered without a gap");
}

TEST_F(PackageLawsTest, ANotifyKeepsItsPackage) {
  watch(Package::kDialog, dialogs(0, ""));
  take(notify_answer(1));
  package_ = Package::kPresence;
  put_out_unasked(notify(2, "active;expires=60", offline()));
  expect_broken("a NOTIFY has its subscription's Event");
}

TEST_F(PackageLawsTest, DialogsAreWhatIsPublished) {
  watch(Package::kDialog, dialogs(0, dialog("a")));
  expect_moment("a dialog is shown but not published: a");
}

TEST_F(PackageLawsTest, WhatIsPublishedIsShown) {
  package_ = Package::kDialog;
  published(dialogs(7, dialog("a")));
  watch(Package::kDialog, dialogs(0, ""));
  expect_moment("a dialog is published but not shown: a");
}

TEST_F(PackageLawsTest, DialogsHaveIdsOfTheirOwn) {
  package_ = Package::kDialog;
  published(dialogs(7, dialog("a")));
  published(dialogs(7, dialog("a")), "e2");
  watch(Package::kDialog, dialogs(0, dialog("a") + dialog("a")));
  expect_moment("two dialogs are called a");
}

TEST_F(PackageLawsTest, TheNewestSummaryCounts) {
  package_ = Package::kMessageSummary;
  published("Messages-Waiting: yes\r\n");
  published("Messages-Waiting: no\r\nVoice-Message: 0/1\r\n", "e2");
  watch(Package::kMessageSummary, "Messages-Waiting: yes\r\n");
  expect_moment("not the newest summary");
}

TEST_F(PackageLawsTest, ContactsAreBound) {
  watch(Package::kReg, contacts("active", contact("sip:x@10.0.0.9", "active", "created")));
  expect_moment("a registration without contacts is active");
}

TEST_F(PackageLawsTest, BoundContactsAreShown) {
  registered("sip:user3@10.0.0.9:5070");
  watch(Package::kReg, contacts("active", ""));
  expect_moment("bound but not shown: sip:user3@10.0.0.9:5070");
}

TEST_F(PackageLawsTest, AContactsEventLedToItsState) {
  registered("sip:user3@10.0.0.9:5070");
  watch(Package::kReg, contacts("active", contact("sip:user3@10.0.0.9:5070", "active", "expired")));
  expect_moment("a contact is active by expired");
}

TEST_F(PackageLawsTest, WatchersAreListed) {
  establish();
  watch(Package::kWatcherInfo, watchers(""));
  expect_moment("a watcher is missing");
}

TEST_F(PackageLawsTest, WatchersHaveIdsOfTheirOwn) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("active") + watcher("active")));
  expect_list("two watchers are called w");
}

TEST_F(PackageLawsTest, AListIsPutTogether) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("active")));
  tell(2, watchers(watcher("active", "approved"), 1, "partial"));
  expect_fine();
  tell(3, watchers(watcher("terminated", "timeout"), 2, "partial"));
  expect_moment("a watcher is missing");
}

TEST_F(PackageLawsTest, AListBeginsWithEverything) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("active"), 0, "partial"));
  expect_broken("a SUBSCRIBE is answered by everything");
}

TEST_F(PackageLawsTest, WhoRefusedAListIsToldEverything) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("active")));
  take(notify_answer(1, 503));
  put_out_unasked(notify(2, "active;expires=60", watchers("", 1, "partial")));
  expect_broken("who refused a NOTIFY is told everything");
}

TEST_F(PackageLawsTest, AWatchersEventLedToItsState) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("active", "timeout")));
  expect_list("a watcher is active by timeout");
}

TEST_F(PackageLawsTest, WhoIsGoneIsNotListed) {
  establish();
  take(subscribe("server", 0));
  put_out(accepted(0));
  put_out_unasked(notify(2, "terminated;reason=timeout"));
  take(notify_answer(2));
  pass(Duration::seconds(1));
  watch(Package::kWatcherInfo, watchers(watcher("active")));
  expect_moment("a watcher that does not watch");
}

TEST_F(PackageLawsTest, ALiveWatcherIsActive) {
  establish();
  watch(Package::kWatcherInfo, watchers(watcher("terminated", "timeout")));
  expect_moment("a watcher is missing");
}

TEST_F(PackageLawsTest, ANewWatcherIsToldOf) {
  watch(Package::kWatcherInfo, watchers(""));
  take(notify_answer(1));
  package_ = Package::kPresence;
  call_ = "call";
  establish();
  pass(Duration::seconds(6));
  laws_.on_tick();
  expect_broken("every change reaches every watcher whose NOTIFYs are answered");
}

TEST_F(PackageLawsTest, AListThatHasNoRoomGoesOn) {
  establish();
  config_.limits.datagram_bytes_max = 2'000;
  watch(Package::kWatcherInfo, watchers(""));
  expect_fine();       // There is no room for anybody, so he may come in the next.
  take(notify_answer(1));
  pass(Duration::seconds(1));
  laws_.on_tick();
  expect_fine();
  pass(Duration::seconds(2));
  laws_.on_tick();
  expect_broken("a list that has no room in a NOTIFY goes on in the next ones until it is whole");
}

TEST_F(PackageLawsTest, NobodyWaitsWhoNeverWasHere) {
  preset_.events.has_rules = true;
  laws_.on_rules_loaded(std::string(kAor), {{.sub_handling = "confirm"}});
  watch(Package::kWatcherInfo, watchers(watcher("waiting", "timeout")));
  expect_moment("he waits, and never was here");
}

TEST_F(PackageLawsTest, WhatIsTheOwnersNobodyElseWatches) {
  package_ = Package::kReg;
  std::string request = subscribe();
  request.replace(request.find("From: <sip:user3"), 16, "From: <sip:user9");
  std::string response = accepted();
  response.replace(response.find("From: <sip:user3"), 16, "From: <sip:user9");
  take(request);
  put_out(response);
  expect_broken("nobody watches who may not");
}

TEST_F(PackageLawsTest, RightsAreThoseOfTheDomains) {
  const auto may = [&](Package package, std::string_view watcher, std::string_view presentity) {
    return laws_.rights().of({package, watcher, presentity}).front() == all_rights();
  };
  EXPECT_TRUE(may(Package::kPresence, "user0@presence.test", "user1@presence.test"));
  EXPECT_TRUE(may(Package::kDialog, "user5@private.test", "user1@presence.test"));
  EXPECT_FALSE(may(Package::kPresence, "user3@closed.test", "user1@presence.test"));
  EXPECT_TRUE(may(Package::kPresence, "user1@presence.test", "user3@closed.test"));
  EXPECT_FALSE(may(Package::kDialog, "user1@presence.test", "user5@private.test"));
  EXPECT_TRUE(may(Package::kWatcherInfo, "user5@private.test", "user5@private.test"));
  EXPECT_FALSE(may(Package::kWatcherInfo, "user0@presence.test", "user1@presence.test"));
  EXPECT_FALSE(may(Package::kPresence, "user0@presence.test", "nobody@elsewhere.test"));
}

TEST(NaiveXml, ReadsWhatIsWellFormedAlone) {
  XmlNode root;
  ASSERT_TRUE(read_xml("<?xml version=\"1.0\"?>\n<a b=\"&lt;\"><c/>x&amp;<c d=\"1\">y</c></a>\n", root));
  EXPECT_EQ(root.attribute("b"), "<");
  EXPECT_EQ(root.text, "x&");
  ASSERT_EQ(root.children.size(), 2u);
  EXPECT_EQ(root.find("c"), &root.children[0]);
  EXPECT_EQ(root.children[1].text, "y");
  for (const std::string_view body : {"", "<a>", "<a></b>", "<a/><b/>", "<a b=\"1\" b=\"2\"/>", "<a b='1'/>",
                                      "<a>&x;</a>", "<a><!-- c --></a>", "a", "<a b=\"<\"/>"}) {
    EXPECT_FALSE(read_xml(body, root)) << body;
  }
}

TEST(WatcherTable, IsPutTogetherAsRfc3858Section4HasIt) {
  const auto document = [](uint32_t version, bool is_full, std::vector<ElementView> rows) {
    PackageView view;
    view.package = Package::kWatcherInfo;
    view.version = version;
    view.is_full = is_full;
    view.elements = std::move(rows);
    return view;
  };
  const auto row = [](const std::string& id, const std::string& state, const std::string& event) {
    return ElementView{.id = id, .subject = "bob@example.com", .state = state, .event = event};
  };
  WatcherTable table;
  EXPECT_NE(table.take(document(0, false, {})), "");
  EXPECT_EQ(table.take(document(0, true, {row("a", "pending", "subscribe"), row("b", "active", "subscribe")})), "");
  EXPECT_EQ(table.take(document(1, false, {row("a", "waiting", "timeout"), row("c", "active", "approved")})), "");
  ASSERT_EQ(table.view().elements.size(), 3u);
  EXPECT_EQ(table.take(document(1, false, {row("b", "terminated", "timeout")})), "") << "an old one is nothing new";
  EXPECT_EQ(table.take(document(2, false, {row("a", "terminated", "giveup")})), "");
  EXPECT_EQ(table.view().elements.size(), 2u);
  EXPECT_NE(table.take(document(4, false, {})), "");
  EXPECT_TRUE(table.view().elements.empty());
  EXPECT_EQ(table.take(document(9, true, {row("d", "active", "subscribe")})), "");
  EXPECT_EQ(table.view().elements.size(), 1u);
}

TEST(PackageView, ReadsWhatAgentsWrite) {
  PackageDocumentPlan plan;
  plan.aor = kAor;
  plan.stamp.publication = "user3-d0-1";
  plan.stamp.version = 4;
  plan.id = "d0";
  plan.count = 2;
  plan.with_extension = true;
  PackageView view;
  ASSERT_TRUE(read_published(Package::kDialog, write_dialog_info(plan), view));
  EXPECT_EQ(view.elements.size(), 3u);
  EXPECT_EQ(stamps_of(view).size(), 3u);
  ASSERT_TRUE(read_published(Package::kMessageSummary, write_message_summary(plan), view));
  ASSERT_EQ(stamps_of(view).size(), 1u);
  EXPECT_EQ(stamps_of(view)[0].version, 4u);
  EXPECT_FALSE(read_published(Package::kReg, "<reginfo/>", view));
}

}  // namespace
}  // namespace vedette::sim
