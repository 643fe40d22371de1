// Which rules match: the examples and the sentences of RFC 4745 §7 and RFC 5025 §3.1.
// What matching ones grant is in parsers_pres_rules_permissions_test.cc.
// Watchers are known by their canonical addresses of record.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/pres_rules.h"
#include "tests/unit/parsers_pres_rules_asked.h"

namespace vedette::parsers {
namespace {

using support::watcher_of;

// RFC 5025 §6.
TEST(PresRules, ReadsTheExampleOfTheRfc) {
  const Rules rules(R"(<?xml version="1.0" encoding="UTF-8"?>
     <cr:ruleset xmlns="urn:ietf:params:xml:ns:pres-rules"
       xmlns:pr="urn:ietf:params:xml:ns:pres-rules"
       xmlns:cr="urn:ietf:params:xml:ns:common-policy">
      <cr:rule id="a">
       <cr:conditions>
        <cr:identity>
          <cr:one id="sip:user@example.com"/>
        </cr:identity>
       </cr:conditions>
       <cr:actions>
        <pr:sub-handling>allow</pr:sub-handling>
       </cr:actions>
       <cr:transformations>
        <pr:provide-services>
          <pr:service-uri-scheme>sip</pr:service-uri-scheme>
          <pr:service-uri-scheme>mailto</pr:service-uri-scheme>
        </pr:provide-services>
        <pr:provide-persons>
          <pr:all-persons/>
        </pr:provide-persons>
        <pr:provide-activities>true</pr:provide-activities>
        <pr:provide-user-input>bare</pr:provide-user-input>
        <pr:provide-unknown-attribute
         ns="urn:vendor-specific:foo-namespace"
         name="foo">true</pr:provide-unknown-attribute>
       </cr:transformations>
      </cr:rule>
     </cr:ruleset>)");
  EXPECT_EQ(rules.report().rules, 1U);
  const Permissions user = rules.ask("user@example.com");
  EXPECT_EQ(user.sub_handling, SubHandling::kAllow);
  EXPECT_EQ(user.user_input, UserInput::kBare);
  EXPECT_EQ(user.booleans, kProvideActivities | kProvideAllPersons);
  EXPECT_EQ(user.valid_until, kRulesForever);
  const auto shows_service = [&](std::string_view uri) {
    return shows_component(rules.bytes(), user, PresenceComponent::kService, {"t1", "", uri});
  };
  EXPECT_TRUE(shows_service("sip:alice@example.com"));
  EXPECT_TRUE(shows_service("MAILTO:alice@example.com"));
  EXPECT_FALSE(shows_service("sips:alice@example.com"));
  EXPECT_FALSE(shows_service("sip"));
  EXPECT_TRUE(shows_component(rules.bytes(), user, PresenceComponent::kPerson, {"p1", "", ""}));
  EXPECT_FALSE(shows_component(rules.bytes(), user, PresenceComponent::kDevice, {"d1", "", "urn:x"}));
  EXPECT_TRUE(shows_attribute(rules.bytes(), user, {"urn:vendor-specific:foo-namespace", "foo"}));
  EXPECT_FALSE(shows_attribute(rules.bytes(), user, {"urn:vendor-specific:foo-namespace", "bar"}));
  EXPECT_FALSE(shows_attribute(rules.bytes(), user, {"urn:vendor-specific:foo", "foo"}));
  EXPECT_TRUE(shows_attribute(rules.bytes(), user, {"urn:ietf:params:xml:ns:pidf:rpid", "activities"}));
  EXPECT_TRUE(shows_attribute(rules.bytes(), user, {"urn:ietf:params:xml:ns:pidf:rpid", "user-input"}));
  EXPECT_FALSE(shows_attribute(rules.bytes(), user, {"urn:ietf:params:xml:ns:pidf:rpid", "mood"}));
  EXPECT_TRUE(shows_attribute(rules.bytes(), user, {"urn:ietf:params:xml:ns:pidf", "status"}));
  EXPECT_EQ(rules.ask("other@example.com").key(), PermissionsKey{});
}

// RFC 5025 §3.2.1: block is the default.
TEST(PresRules, WhoIsInNoRuleIsBlocked) {
  EXPECT_EQ(Rules(document("")).ask("bob@example.com").sub_handling, SubHandling::kBlock);
  EXPECT_EQ(evaluate_rules({}, watcher_of(UriScheme::kSip, "bob@example.com"), 0, {}).sub_handling,
            SubHandling::kBlock);
  // A rule without actions has no value for it.
  const Rules silent("<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'><rule id='a'/></ruleset>");
  EXPECT_EQ(silent.ask("bob@example.com").sub_handling, SubHandling::kBlock);
}

// RFC 4745 §7.1.1: "If the <identity> element is absent, identities are not considered, and thus, other conditions in
// the rule apply to any user, authenticated or not."
TEST(PresRules, WithoutAnIdentityEverybodyMatches) {
  EXPECT_TRUE(rules_for("").allows("bob@example.com"));
  EXPECT_TRUE(rules_for("").allows(kAnonymous));
}

// RFC 4745 §7.1.2.
TEST(PresRules, OneMatchesOneEntityOfSeveral) {
  const Rules rules =
      rules_for(identity("<cr:one id=\"sip:alice@example.com\"/><cr:one id=\"tel:+1-212-555-1234\" />"
                         "<cr:one id=\"mailto:bob@example.net\" />"));
  EXPECT_TRUE(rules.allows("alice@example.com"));
  EXPECT_TRUE(rules.allows(watcher_of(UriScheme::kTel, "+12125551234")));
  EXPECT_TRUE(rules.allows(watcher_of(UriScheme::kOther, "mailto:bob@example.net")));
  EXPECT_FALSE(rules.allows("bob@example.net"));
  EXPECT_FALSE(rules.allows("Alice@example.com"));
  EXPECT_FALSE(rules.allows(kAnonymous));
}

// RFC 5025 §3.1.1.2: URIs of different schemes are never the same, the phone number in a SIP URI is no tel URI.
TEST(PresRules, SchemesAreApart) {
  const Rules rules =
      rules_for(identity("<cr:one id=\"sip:+12125551234@example.com\"/><cr:one id=\"sips:a@b.example\"/>"));
  EXPECT_TRUE(rules.allows("+12125551234@example.com"));
  EXPECT_FALSE(rules.allows(watcher_of(UriScheme::kTel, "+12125551234")));
  EXPECT_FALSE(rules.allows("a@b.example"));
  EXPECT_TRUE(rules.allows(watcher_of(UriScheme::kSips, "a@b.example")));
}

// An address of record is meant, however it is written.
TEST(PresRules, IdsAreComparedAsAddressesOfRecord) {
  const Rules rules =
      rules_for(identity("<cr:one id=\" sip:%61lice@EXAMPLE.com:5060;transport=tcp \"/>"
                         "<cr:one id=\"sip:a&amp;b@example.com\"/>"));
  EXPECT_TRUE(rules.allows("alice@example.com"));
  EXPECT_TRUE(rules.allows("a&b@example.com"));
}

// RFC 5025 §3.1.1.2: of several values of P-Asserted-Identity each is compared.
TEST(PresRules, AWatcherMayHaveTwoUris) {
  WatcherIdentity both = watcher_of(UriScheme::kSip, "alice@example.com");
  both.uris[both.count++] = {.scheme = UriScheme::kTel, .aor = "+12125551234"};
  EXPECT_TRUE(rules_for(identity("<cr:one id=\"sip:alice@example.com\"/>")).allows(both));
  EXPECT_TRUE(rules_for(identity("<cr:one id=\"tel:+12125551234\"/>")).allows(both));
  EXPECT_FALSE(rules_for(identity("<cr:one id=\"tel:+12125551235\"/>")).allows(both));
  EXPECT_FALSE(rules_for(identity("<cr:many><cr:except id=\"tel:+12125551234\"/></cr:many>")).allows(both));
  EXPECT_FALSE(rules_for(identity("<cr:many><cr:except domain=\"example.com\"/></cr:many>")).allows(both));
}

// RFC 4745 §7.1.3.1: "The <many/> element without any child elements or attributes matches any authenticated user."
TEST(PresRules, ManyMatchesAnyAuthenticatedIdentity) {
  const Rules rules = rules_for(identity("<cr:many/>"));
  EXPECT_TRUE(rules.allows("alice@example.com"));
  EXPECT_TRUE(rules.allows(watcher_of(UriScheme::kTel, "+12125551234")));
  EXPECT_FALSE(rules.allows(kAnonymous));
}

// RFC 4745 §7.1.3.2, with its example.
TEST(PresRules, ManyExceptDomainsAndIdentities) {
  const Rules rules =
      rules_for("<cr:sphere value=\"work\"/>" +
                identity("<cr:many><cr:except domain=\"example.com\"/><cr:except domain=\"example.org\"/>"
                         "<cr:except id=\"sip:alice@bad.example.net\"/>"
                         "<cr:except id=\"sip:bob@good.example.net\"/>"
                         "<cr:except id=\"tel:+1-212-555-1234\" />"
                         "<cr:except id=\"sip:alice@example.com\"/></cr:many>") +
                "<cr:validity><cr:from>2003-12-24T17:00:00+01:00</cr:from>"
                "<cr:until>2003-12-24T19:00:00+01:00</cr:until></cr:validity>");
  constexpr int64_t kFrom = 1'072'281'600;  // 2003-12-24T16:00:00Z
  const auto allows = [&](std::string_view aor) { return rules.allows(aor, kFrom, "work"); };
  EXPECT_TRUE(allows("carol@good.example.net"));
  EXPECT_TRUE(allows("alice@good.example.net"));
  EXPECT_FALSE(allows("anyone@example.com"));
  EXPECT_FALSE(allows("anyone@example.org"));
  EXPECT_TRUE(allows("anyone@sub.example.org"));
  EXPECT_FALSE(allows("alice@bad.example.net"));
  EXPECT_FALSE(allows("bob@good.example.net"));
  EXPECT_EQ(rules.ask(watcher_of(UriScheme::kTel, "+12125551234"), kFrom, "work").sub_handling, SubHandling::kBlock);
  EXPECT_EQ(rules.ask(watcher_of(UriScheme::kTel, "+12125551235"), kFrom, "work").sub_handling, SubHandling::kAllow);
  EXPECT_FALSE(rules.allows("carol@good.example.net", kFrom, "home"));
  EXPECT_FALSE(rules.allows("carol@good.example.net", kFrom - 1, "work"));
  EXPECT_FALSE(rules.allows("carol@good.example.net", kFrom + 7200, "work"));
  EXPECT_TRUE(rules.allows("carol@good.example.net", kFrom + 7199, "work"));
  EXPECT_TRUE(uses_of(rules.bytes()).sphere);
  EXPECT_TRUE(uses_of(rules.bytes()).validity);
}

// RFC 4745 §7.1.3.3, with its example.
TEST(PresRules, ManyOfADomainExceptIdentities) {
  const Rules rules =
      rules_for(identity("<cr:many domain=\"example.com\"><cr:except id=\"sip:alice@example.com\"/>"
                         "<cr:except id=\"sip:bob@example.com\"/></cr:many>"));
  EXPECT_TRUE(rules.allows("carol@example.com"));
  EXPECT_FALSE(rules.allows("alice@example.com"));
  EXPECT_FALSE(rules.allows("bob@example.com"));
  EXPECT_FALSE(rules.allows("carol@example.org"));
  EXPECT_FALSE(rules.allows(watcher_of(UriScheme::kTel, "+12125551234")));
  EXPECT_FALSE(uses_of(rules.bytes()).sphere);
  EXPECT_FALSE(uses_of(rules.bytes()).validity);
}

// An exception ends the <many> that it is in, not the others.
TEST(PresRules, ChildrenOfAnIdentityAreIndependent) {
  const std::string except_alice = "<cr:many><cr:except id=\"sip:alice@a.example\"/></cr:many>";
  EXPECT_TRUE(rules_for(identity(except_alice + "<cr:one id=\"sip:alice@a.example\"/>")).allows("alice@a.example"));
  EXPECT_TRUE(rules_for(identity("<cr:one id=\"sip:alice@a.example\"/>" + except_alice)).allows("alice@a.example"));
  EXPECT_TRUE(rules_for(identity("<cr:many domain=\"a.example\"/>" + except_alice)).allows("alice@a.example"));
  EXPECT_TRUE(rules_for(identity(except_alice + "<cr:many domain=\"a.example\"/>")).allows("alice@a.example"));
  EXPECT_FALSE(rules_for(identity(except_alice + except_alice)).allows("alice@a.example"));
  EXPECT_TRUE(rules_for(identity(except_alice + except_alice)).allows("bob@a.example"));
}

// RFC 4745 §7.1.3: "Translate percent-encoding for either string", compare as domain names.
TEST(PresRules, DomainsAreComparedAsDomains) {
  EXPECT_TRUE(rules_for(identity("<cr:many domain=\"EXAMPLE.%63om\"/>")).allows("a@example.com"));
  EXPECT_TRUE(rules_for(identity("<cr:many domain=\"example.com.\"/>")).allows("a@example.com"));
  EXPECT_TRUE(rules_for(identity("<cr:many domain=\"[2001:DB8::1]\"/>")).allows("a@[2001:db8:0:0:0:0:0:1]"));
  EXPECT_TRUE(rules_for(identity("<cr:many domain=\"xn--bcher-kva.example\"/>")).allows("a@xn--bcher-kva.example"));
}

// RFC 4745 §7.1.1: "If a child element of the <identity> element is in a namespace that is not known or not
// supported, then this child element evaluates to FALSE."
TEST(PresRules, UnknownChildrenOfAnIdentityAreFalse) {
  const std::string other = "<x:all xmlns:x=\"urn:x\" a=\"b\">text<x:b/></x:all>";
  EXPECT_FALSE(rules_for(identity(other)).allows("alice@example.com"));
  EXPECT_TRUE(rules_for(identity(other + "<cr:one id=\"sip:alice@example.com\"/>")).allows("alice@example.com"));
  // What they say of others makes these narrower, and we do not know how.
  EXPECT_FALSE(
      rules_for(identity("<cr:one id=\"sip:alice@example.com\">" + other + "</cr:one>")).allows("alice@example.com"));
  EXPECT_FALSE(rules_for(identity("<cr:many>" + other + "<cr:except domain=\"a.example\"/></cr:many>"))
                   .allows("alice@example.com"));
}

// RFC 4745 §7: "If a child element of the <conditions> element is in a namespace that is not known or not supported,
// then this child element evaluates to FALSE."
TEST(PresRules, UnknownConditionsNeverHold) {
  const Rules rules(document(
      rule("<x:moon xmlns:x=\"urn:x\" phase=\"full\"/>") +
      rule("<x:moon xmlns:x=\"urn:x\"><x:a>b</x:a></x:moon>" + identity("<cr:one id=\"sip:a@b.example\"/>")) +
      rule(identity("<cr:one id=\"sip:c@b.example\"/>"))));
  EXPECT_EQ(rules.report().rules, 1U);
  EXPECT_EQ(rules.report().rules_that_never_match, 2U);
  EXPECT_FALSE(rules.allows("a@b.example"));
  EXPECT_TRUE(rules.allows("c@b.example"));
}

// RFC 4745 §7.3, with its example.
TEST(PresRules, SpheresAreTokens) {
  const Rules rules(
      document(rule("<cr:sphere value=\"work\"/>" + identity("<cr:one id=\"sip:andrew@example.com\"/>")) +
               rule("<cr:sphere value=\"home\"/>" + identity("<cr:one id=\"sip:allison@example.com\"/>")) +
               rule(identity("<cr:one id=\"sip:john@doe.example.com\"/>") + "<cr:sphere value=\"home\t Work\"/>")));
  EXPECT_TRUE(rules.allows("andrew@example.com", 0, "work"));
  EXPECT_TRUE(rules.allows("andrew@example.com", 0, "WORK"));
  EXPECT_FALSE(rules.allows("andrew@example.com", 0, "home"));
  EXPECT_FALSE(rules.allows("andrew@example.com", 0, "wor"));
  EXPECT_FALSE(rules.allows("andrew@example.com", 0, "works"));
  EXPECT_FALSE(rules.allows("andrew@example.com"));
  EXPECT_TRUE(rules.allows("john@doe.example.com", 0, "work"));
  EXPECT_TRUE(rules.allows("john@doe.example.com", 0, "Home"));
  EXPECT_FALSE(rules.allows("john@doe.example.com", 0, "home work"));
  EXPECT_FALSE(rules.allows("john@doe.example.com", 0, "travel"));
}

constexpr std::string_view kPeriods =
    "<cr:validity><cr:from>1970-01-01T00:00:10Z</cr:from><cr:until>1970-01-01T00:00:20.9Z</cr:until>"
    "<cr:from>1970-01-01T01:00:29.1+01:00</cr:from><cr:until>1970-01-01T00:00:40Z</cr:until></cr:validity>";

// RFC 4745 §7.4: "greater than or equal to at least one <from> child, but less than the <until> child after it".
TEST(PresRules, PeriodsHoldFromTheirBeginToBeforeTheirEnd) {
  const Rules rules = rules_for(kPeriods);
  const std::vector<std::pair<int64_t, bool>> expected{{9, false},  {10, true}, {19, true}, {20, false},
                                                       {29, false}, {30, true}, {39, true}, {40, false}};
  for (const auto& [now, allows] : expected) EXPECT_EQ(rules.allows("a@b.example", now), allows) << now;
  EXPECT_EQ(rules.ask("a@b.example", 0).valid_until, 10);
  EXPECT_EQ(rules.ask("a@b.example", 10).valid_until, 20);
  EXPECT_EQ(rules.ask("a@b.example", 25).valid_until, 30);
  EXPECT_EQ(rules.ask("a@b.example", 39).valid_until, 40);
  EXPECT_EQ(rules.ask("a@b.example", 40).valid_until, kRulesForever);
}

TEST(PresRules, APeriodThatEndsBeforeItBeginsNeverHolds) {
  const Rules rules = rules_for(
      "<cr:validity><cr:from>1970-01-01T00:00:20Z</cr:from><cr:until>1970-01-01T00:00:10Z"
      "</cr:until></cr:validity>");
  for (const int64_t now : {0, 10, 15, 20, 30}) EXPECT_FALSE(rules.allows("a@b.example", now));
  EXPECT_EQ(rules.ask("a@b.example", 0).valid_until, kRulesForever);
}

// Where something else decides already, time does not matter.
TEST(PresRules, OnlyTimesThatMatterEndAnAnswer) {
  const Rules rules =
      rules_for(identity("<cr:one id=\"sip:a@b.example\"/>") + "<cr:sphere value=\"work\"/>" + std::string(kPeriods));
  EXPECT_EQ(rules.ask("a@b.example", 0, "work").valid_until, 10);
  EXPECT_EQ(rules.ask("c@b.example", 0, "work").valid_until, kRulesForever);
  EXPECT_EQ(rules.ask("a@b.example", 0, "home").valid_until, kRulesForever);
}

// RFC 4745 §10.1: all conditions of a rule, be there several of one kind.
TEST(PresRules, ConditionsAreCombinedByAnd) {
  const Rules rules =
      rules_for(identity("<cr:many domain=\"b.example\"/>") + identity("<cr:one id=\"sip:a@b.example\"/>"
                                                                       "<cr:one id=\"sip:a@c.example\"/>"));
  EXPECT_TRUE(rules.allows("a@b.example"));
  EXPECT_FALSE(rules.allows("a@c.example"));
  EXPECT_FALSE(rules.allows("d@b.example"));
  EXPECT_FALSE(rules_for("<cr:sphere value=\"a\"/><cr:sphere value=\"b\"/>").allows("a@b.example", 0, "a"));
}

}  // namespace
}  // namespace vedette::parsers
