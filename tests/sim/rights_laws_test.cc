// The laws about who may see what notice what they are there for (see laws_test.cc); and what the oracle would show is
// what the engine's views show, for documents and rules made at random.
#include "engine/presence/view_document.h"
#include "parsers/pres_rules.h"
#include "tests/sim/laws_fixture.h"
#include "tests/sim/publication_client.h"
#include "tests/sim/view_model.h"

namespace vedette::sim {
namespace {

using support::ModelMatch;
using support::ModelPermissions;
using support::ModelRule;

constexpr std::string_view kWatcher = "user8@closed.test";

// One watcher of user3, whose rules change.
class RightsLawsTest : public LawsTest {
 protected:
  RightsLawsTest() {
    preset_.events.has_rules = true;
    take(publish("", document()));
    put_out(answer(200, "PUBLISH", "p", "Expires: 60\r\nSIP-ETag: e1\r\n"));
  }
  // By its From.
  static std::string of_watcher(std::string message) {
    const size_t at = message.find("From: <sip:");
    return message.replace(at + 11, kAor.size(), kWatcher);
  }
  static std::string to_watcher(std::string message) {
    const size_t at = message.find("To: <sip:");
    return message.replace(at + 9, kAor.size(), kWatcher);
  }
  static std::string document(uint32_t version = 1) {
    return write_document({.aor = std::string(kAor),
                           .tuple_id = "d0",
                           .stamp = {"user3-d0-1", version},
                           .with_person = true,
                           .sphere = "work",
                           .mood = "happy"});
  }
  static std::string without(std::string text, std::string_view begin, std::string_view end) {
    const size_t at = text.find(begin);
    return text.erase(at, text.find(end, at) + end.size() - at);
  }
  // What is shown of it to whom neither notes nor moods, activities and spheres are.
  static std::string part_of_document() {
    std::string text = without(document(), "<note>", "</note>");
    text = without(text, "<dm:note>", "</dm:note>");
    return without(text, "<rpid:activities>", "</rpid:sphere>");
  }
  static ModelRule rule(const std::string& handling, const std::set<std::string>& booleans = {}) {
    return {.identities = {{{.text = "sip:" + std::string(kWatcher)}}}, .sub_handling = handling, .booleans = booleans};
  }
  static ModelRule everything() {
    return rule("allow", {"all-services", "all-persons", "all-devices", "provide-all-attributes"});
  }
  void load(std::vector<ModelRule> rules) { laws_.on_rules_loaded(std::string(kAor), std::move(rules)); }
  void tell(unsigned cseq, std::string_view state, const std::string& body) {
    put_out_unasked(to_watcher(body.empty() ? bodiless(notify(cseq, state)) : notify(cseq, state, body)));
  }
  void take_answer(unsigned cseq) { take(to_watcher(notify_answer(cseq))); }
  void subscribe_as_watcher() {
    take(of_watcher(subscribe()));
    put_out(of_watcher(accepted()));
  }
  void establish_watcher(std::string_view state, const std::string& body) {
    pass(Duration::milliseconds(100));
    subscribe_as_watcher();
    tell(1, state, body);
    take_answer(1);
    expect_fine();
  }
  // What answers user3 who asks for his watchers.
  void list_watchers(const std::string& rows) {
    package_ = Package::kWatcherInfo;
    call_ = "winfo";
    take(subscribe());
    put_out(accepted());
    const std::string list =
        "<watcherinfo xmlns=\"urn:ietf:params:xml:ns:watcherinfo\" version=\"0\" state=\"full\"><watcher-list "
        "resource=\"sip:" + std::string(kAor) + "\" package=\"presence\">";
    put_out_unasked(notify(1, "active;expires=60", list + rows + "</watcher-list></watcherinfo>"));
  }
  static std::string bodiless(const std::string& message) {
    const size_t type = message.find("Content-Type");
    return message.substr(0, type) + "Content-Length: 0\r\n\r\n";
  }
};

TEST_F(RightsLawsTest, WhoIsGrantedAPartSeesThatPart) {
  load({rule("allow", {"all-services", "all-persons"})});
  establish_watcher("active;expires=60", part_of_document());
  pass(Duration::seconds(1));
  tell(2, "active;expires=59", document());
  expect_broken("none sees what it may not");
}

TEST_F(RightsLawsTest, WhatIsGrantedIsShown) {
  load({everything()});
  subscribe_as_watcher();
  tell(1, "active;expires=60", part_of_document());
  expect_broken("a NOTIFY shows the state of the moment in which it is made");
}

TEST_F(RightsLawsTest, WhoIsNotDecidedOnWaits) {
  config_.limits.waiting_watcher_seconds = 60;
  load({rule("confirm")});
  pass(Duration::seconds(10));
  establish_watcher("pending;expires=60", "");
  take(of_watcher(subscribe("server", 0)));
  put_out(of_watcher(accepted(0)));
  tell(2, "terminated;reason=timeout", "");
  take_answer(2);
  pass(Duration::seconds(6));
  list_watchers("");
  expect_broken("a NOTIFY shows the state of the moment in which it is made");
  EXPECT_TRUE(verdict_.first().seen.starts_with("who was not decided on does not wait")) << verdict_.first().seen;
}

TEST_F(RightsLawsTest, WhoWaitsIsRememberedWhileTheClockLeaps) {
  load({rule("confirm")});
  establish_watcher("pending;expires=60", "");
  leap(Duration::seconds(600));       // He expires,
  laws_.on_tick();
  leap(Duration::seconds(600));       // and has waited too long.
  laws_.on_tick();
  list_watchers("<watcher id=\"w\" status=\"waiting\" event=\"timeout\">sip:" + std::string(kWatcher) + "</watcher>");
  expect_fine();
}

TEST_F(RightsLawsTest, WhoIsBlockedIsNotLetIn) {
  load({rule("block")});
  subscribe_as_watcher();
  expect_broken("nobody watches who may not");
}

TEST_F(RightsLawsTest, WhoMayWatchIsNotRefused) {
  load({rule("polite-block")});
  take(of_watcher(subscribe()));
  put_out(of_watcher(answer(403, "SUBSCRIBE", "t")));
  expect_broken("nobody is refused whom the rules let watch");
}

// RFC 3261 §22: he says that he is who his password says that he is.
TEST_F(RightsLawsTest, WhoSaysThatHeIsSomebodyElseIsRefused) {
  constexpr std::string_view kUser = "user0@presence.test";
  ModelRule for_all = rule("polite-block");
  for_all.identities.clear();
  load({for_all});
  const auto refuse = [&](const std::string& credentials) {
    std::string request = subscribe(), refusal = answer(403, "SUBSCRIBE", "t");
    for (std::string* message : {&request, &refusal}) message->replace(message->find(kAor, message->find("From: ")),
                                                                       kAor.size(), kUser);
    take(credentials.empty() ? request : with(request, credentials));
    put_out(refusal);
  };
  refuse("Authorization: Digest username=\"user1\", realm=\"presence.test\", nonce=\"n\", uri=\"u\", response=\"r\"");
  expect_fine();
  refuse("Authorization: Digest username=\"user0\", realm=\"presence.test\", nonce=\"n\", uri=\"u\", response=\"r\"");
  expect_broken("nobody is refused whom the rules let watch");
}

TEST_F(RightsLawsTest, WhoIsBlockedMeanwhileIsTold) {
  load({everything()});
  establish_watcher("active;expires=60", document());
  load({rule("block")});
  pass(Duration::seconds(3));
  laws_.on_tick();
  expect_broken("who is blocked is told so at once (RFC 5025 §3.2.1)");
}

TEST_F(RightsLawsTest, WhoIsBlockedMeanwhileEndsWithoutTheState) {
  load({everything()});
  establish_watcher("active;expires=60", document());
  load({rule("block")});
  tell(2, "terminated;reason=rejected", document());
  expect_broken("none sees what it may not");
}

TEST_F(RightsLawsTest, NobodyIsRejectedForNothing) {
  load({everything()});
  establish_watcher("active;expires=60", document());
  tell(2, "terminated;reason=rejected", "");
  expect_broken("a subscription ends when it was unsubscribed or has expired");
}

TEST_F(RightsLawsTest, WhoIsBlockedUntilOtherRulesComeMayHaveBeenSeen) {
  ModelRule for_a_while = everything();
  const int64_t now = clock_.now().unix_seconds();
  for_a_while.validities = {{{now - 5, now + 5}}};
  load({for_a_while});
  establish_watcher("active;expires=60", document());
  laws_.on_tick();
  pass(Duration::seconds(5));
  load({everything()});
  tell(2, "terminated;reason=rejected", "");
  expect_fine();
}

TEST_F(RightsLawsTest, WhoIsPendingIsToldNoState) {
  load({rule("confirm")});
  subscribe_as_watcher();
  tell(1, "pending;expires=60", document());
  expect_broken("who is pending is told no state");
}

TEST_F(RightsLawsTest, WhoIsToBeConfirmedIsNotActive) {
  load({rule("confirm")});
  subscribe_as_watcher();
  tell(1, "active;expires=60", "");
  expect_broken("active are those whom the rules let watch");
}

TEST_F(RightsLawsTest, WhoMayWatchIsNotPending) {
  load({everything()});
  subscribe_as_watcher();
  tell(1, "pending;expires=60", "");
  expect_broken("pending are those whom the rules say to confirm");
}

TEST_F(RightsLawsTest, ThePendingAreActivatedWithoutASubscribe) {
  load({rule("confirm")});
  establish_watcher("pending;expires=60", "");
  load({everything()});
  pass(Duration::seconds(3));
  laws_.on_tick();
  expect_broken("pending and active change without a SUBSCRIBE (RFC 3856 §6.6)");
}

TEST_F(RightsLawsTest, WhoIsDecidedOnDoesNotWaitForThePace) {
  config_.pace.interval.fill(Duration::seconds(5));
  load({everything()});
  establish_watcher("active;expires=60", document());
  pass(Duration::seconds(1));
  load({rule("confirm")});
  tell(2, "pending;expires=59", "");
  take_answer(2);
  expect_fine();
  pass(Duration::seconds(1));
  load({rule("confirm"), rule("block")});
  tell(3, "pending;expires=58", "");
  expect_broken("no two NOTIFYs of a subscription are closer than its pace");
}

TEST_F(RightsLawsTest, ThePendingLearnNothing) {
  load({rule("confirm")});
  establish_watcher("pending;expires=60", "");
  pass(Duration::seconds(1));
  tell(2, "pending;expires=59", "");
  expect_broken("who is pending or politely blocked is told nothing of what happens");
}

TEST_F(RightsLawsTest, ThePolitelyBlockedLearnNothing) {
  load({rule("polite-block")});
  establish_watcher("active;expires=60", offline());
  pass(Duration::seconds(1));
  tell(2, "active;expires=59", offline());
  expect_broken("who is pending or politely blocked is told nothing of what happens");
}

TEST_F(RightsLawsTest, ThePolitelyBlockedSeeNobody) {
  load({rule("polite-block")});
  subscribe_as_watcher();
  tell(1, "active;expires=60", document());
  expect_broken("a NOTIFY shows the state of the moment in which it is made");
}

TEST_F(RightsLawsTest, RightsGoWithTheSphereAndTheTime) {
  ModelRule at_work = everything();
  at_work.spheres = {{"work"}};
  load({at_work});
  const WatchQuestion question = {Package::kPresence, kWatcher, kAor};
  EXPECT_EQ(laws_.rights().of(question).front().handling, Rights::Handling::kAllow);
  ModelRule at_home = everything();
  at_home.spheres = {{"home"}};
  load({at_home});
  EXPECT_EQ(laws_.rights().of(question).front().handling, Rights::Handling::kBlock);
  ModelRule for_a_while = everything();
  const int64_t now = clock_.now().unix_seconds();
  for_a_while.validities = {{{now + 5, now + 7}}};
  load({for_a_while});
  std::string seen;
  for (int second = 0; second < 9; ++second, pass(Duration::seconds(1))) {
    seen += laws_.rights().of(question).front().handling == Rights::Handling::kAllow ? 'a' : '-';
  }
  EXPECT_EQ(seen, "-----aa--");
  // While a publication may have expired or not, either may be.
  load({at_work});
  pass(Duration::seconds(51) + Duration::milliseconds(500));
  EXPECT_EQ(laws_.rights().of(question).size(), 2u);
}

// One device's document, as agents of worlds with rules write it.
std::string random_document(Random& random) {
  DocumentPlan plan = {.aor = std::string(kAor), .tuple_id = "d0", .stamp = {"user3-d0-1", 1}};
  plan.with_person = random.chance(0.7);
  if (random.chance(0.5)) plan.class_name = random.pick(kClasses);
  if (random.chance(0.5)) plan.sphere = kSpheres[random.below(kSpheres.size())];
  if (random.chance(0.5)) plan.mood = "happy";
  if (random.chance(0.5)) plan.last_input = "2027-01-15T08:00:00Z";
  if (random.chance(0.5)) plan.device_id = device_id_of("user3", 0);
  plan.with_extension = random.chance(0.5);
  return write_document(plan);
}

ModelRule random_grant(Random& random) {
  ModelRule rule = {.sub_handling = "allow"};
  for (const std::string component : {"services", "persons", "devices"}) {
    if (random.chance(0.5)) rule.booleans.insert("all-" + component);
    if (random.chance(0.4) && !rule.booleans.contains("all-" + component)) {
      rule.names.emplace(component + "/class", random.pick(kClasses));
    }
  }
  if (random.chance(0.2)) rule.names.emplace("services/service-uri-scheme", "sip");
  if (random.chance(0.2)) {
    rule.names.emplace("services/service-uri", "sip:" + std::string(random.chance(0.5) ? kAor : kWatcher));
  }
  if (random.chance(0.2)) rule.names.emplace("devices/deviceID", device_id_of("user3", 0));
  if (random.chance(0.2)) rule.names.emplace("persons/occurrence-id", "p-d0");
  std::erase_if(rule.names, [&rule](const auto& name) {
    return rule.booleans.contains("all-" + name.first.substr(0, name.first.find('/')));
  });
  for (const std::string attribute : {"activities", "class", "deviceID", "mood", "sphere", "note"}) {
    if (random.chance(0.4)) rule.booleans.insert("provide-" + attribute);
  }
  if (random.chance(0.6)) rule.user_input = random.pick<std::string>({"bare", "thresholds", "full"});
  if (random.chance(0.3)) rule.unknown_attributes.emplace("urn:x", random.chance(0.5) ? "y" : "z");
  if (random.chance(0.15)) rule.booleans.insert("provide-all-attributes");
  return rule;
}

// The document as composition makes it, and what the engine shows of it by these rules.
std::string shown_by_engine(const std::string& body, const std::vector<ModelRule>& rules) {
  std::vector<char> bytes(65'536), text(65'536), view(65'536), rule_set(parsers::kRuleSetBytesMax);
  std::vector<engine::ComposedElement> list(engine::kComposedElementsMax);
  parsers::PidfDocument document;
  EXPECT_EQ(parsers::normalise_pidf(body, bytes, document), parsers::ParseError::kOk);
  const engine::PublishedFragments published = {{bytes.data(), document.length},
                                                std::span(document.fragments).first(document.count),
                                                std::span(document.parts).first(document.parts_count),
                                                1};
  parsers::Writer writer(text.data(), text.size());
  engine::ComposedElements elements{list};
  EXPECT_TRUE(engine::compose({.aor = kAor, .publications = {&published, 1}}, writer, &elements));
  const parsers::RulesReport report = parsers::compile_rules(support::to_xml(rules), rule_set);
  EXPECT_EQ(report.error, parsers::RulesError::kOk) << support::to_xml(rules);
  const std::string_view compiled(rule_set.data(), report.length);
  const parsers::WatcherIdentity watcher{{{{parsers::UriScheme::kSip, kWatcher}}}, 1};
  parsers::Writer out(view.data(), view.size());
  engine::write_view({writer.text(), std::span(list).first(elements.count)},
                     {compiled, parsers::evaluate_rules(compiled, watcher, 0, {})}, out);
  return std::string(out.text());
}

TEST(ViewModel, TheEnginesViewsAreTheModels) {
  Random random(5025);
  size_t cut = 0;
  for (int i = 0; i < 3'000 && !::testing::Test::HasFailure(); ++i) {
    const std::string body = random_document(random);
    std::vector<ModelRule> rules(random.between({1, 2}));
    for (ModelRule& rule : rules) rule = random_grant(random);
    const ModelPermissions granted = evaluate(rules, {{"sip:" + std::string(kWatcher)}}, 0, "");
    std::string expected, seen;
    for (XmlNode element : elements_of(body)) {
      if (cut_to(granted, element)) write_xml(element, expected);
    }
    const std::string view = shown_by_engine(body, rules);
    for (const XmlNode& element : elements_of(view)) write_xml(element, seen);
    EXPECT_EQ(seen, expected) << support::to_xml(rules) << body;
    EXPECT_EQ(find_forbidden(granted, view), "");
    cut += find_forbidden(granted, body).empty() ? 0 : 1;
  }
  EXPECT_GT(cut, 2'000u);
}

}  // namespace
}  // namespace vedette::sim
