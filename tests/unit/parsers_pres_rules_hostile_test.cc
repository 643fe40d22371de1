// What is refused, with which words and where; limits; bytes that are no rule set and come from a store all the same.
// The laws hold for each of them.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "parsers/pres_rules.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/pres_rules_laws.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kOpenRoot =
    "<cr:ruleset xmlns:pr=\"urn:ietf:params:xml:ns:pres-rules\" xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\">";

RulesReport compile(std::string_view document) {
  EXPECT_EQ(support::broken_rules_law(document), "") << document.substr(0, 2000);
  std::vector<char> out(kRuleSetBytesMax);
  return compile_rules(document, out);
}

std::string in_root(std::string_view rules) { return std::string(kOpenRoot) + std::string(rules) + "</cr:ruleset>"; }
std::string in_conditions(std::string_view text) {
  return in_root("<cr:rule id=\"a\"><cr:conditions>" + std::string(text) + "</cr:conditions></cr:rule>");
}
std::string in_identity(std::string_view text) {
  return in_conditions("<cr:identity>" + std::string(text) + "</cr:identity>");
}
std::string in_actions(std::string_view text) {
  return in_root("<cr:rule id=\"a\"><cr:actions>" + std::string(text) + "</cr:actions></cr:rule>");
}
std::string in_transformations(std::string_view text) {
  return in_root("<cr:rule id=\"a\"><cr:transformations>" + std::string(text) + "</cr:transformations></cr:rule>");
}
std::string repeated(size_t times, std::string_view text) {
  std::string all;
  for (size_t i = 0; i < times; ++i) {
    const size_t at = text.find('#');
    all += std::string(text.substr(0, at));
    if (at != std::string_view::npos) all += std::to_string(i) + std::string(text.substr(at + 1));
  }
  return all;
}

struct Refusal {
  RulesError error;
  std::string document;
  std::string_view element;
};

void expect_refused(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) {
    const RulesReport report = compile(refusal.document);
    EXPECT_EQ(report.error, refusal.error) << to_string(report.error) << ": " << refusal.document;
    EXPECT_EQ(report.element, refusal.element) << refusal.document;
  }
}

TEST(PresRulesHostile, StructureIsHeld) {
  using enum RulesError;
  expect_refused({{kXml, "", ""},
                  {kXml, std::string(kOpenRoot), "ruleset"},
                  {kXml, in_root("") + "<a/>", "ruleset"},
                  {kXml, in_root("<cr:rule id='a'></cr:rul>"), "rule"},
                  {kXml, "<!DOCTYPE a [<!ENTITY x 'y'>]>" + in_root(""), ""},
                  {kXml, in_root("<cr:rule id='a'>\xff</cr:rule>"), ""},
                  {kRoot, "<a/>", "a"},
                  {kRoot, "<ruleset/>", "ruleset"},
                  {kRoot, "<ruleset xmlns='urn:ietf:params:xml:ns:pres-rules'/>", "ruleset"},
                  {kAttribute, "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' a='b'/>", "ruleset"},
                  {kElement, in_root("<cr:rules/>"), "rules"},
                  {kElement, in_root("<rule id='a'/>"), "rule"},
                  {kElement, in_root("<x:rule xmlns:x='urn:x' id='a'/>"), "rule"},
                  {kText, in_root("text"), "ruleset"},
                  {kText, in_root("<cr:rule id='a'>allow</cr:rule>"), "rule"},
                  {kText, "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'>a</ruleset>", "ruleset"},
                  {kAttributeMissing, in_root("<cr:rule/>"), "rule"},
                  {kAttributeMissing, in_root("<cr:rule cr:id='a'/>"), "rule"},
                  {kRuleId, in_root("<cr:rule id=''/>"), "rule"},
                  {kRuleId, in_root("<cr:rule id='a b'/>"), "rule"},
                  {kRuleId, in_root("<cr:rule id='" + std::string(kRuleIdBytesMax + 1, 'a') + "'/>"), "rule"},
                  {kRuleIdRepeated, in_root("<cr:rule id='a'/><cr:rule id='b'/><cr:rule id='a'/>"), "rule"},
                  {kElement, in_root("<cr:rule id='a'><cr:actions/><cr:conditions/></cr:rule>"), "conditions"},
                  {kElement, in_root("<cr:rule id='a'><cr:actions/><cr:actions/></cr:rule>"), "actions"},
                  {kElement, in_root("<cr:rule id='a'><x:y xmlns:x='u'/></cr:rule>"), "y"},
                  {kElement, in_conditions("<cr:many/>"), "many"},
                  {kElement, in_conditions("<pr:sub-handling>allow</pr:sub-handling>"), "sub-handling"},
                  {kElement, in_conditions("<sphere value='a'/>"), "sphere"},
                  {kText, in_conditions("a"), "conditions"}});
}

TEST(PresRulesHostile, ConditionsAreHeld) {
  using enum RulesError;
  expect_refused(
      {{kIdentityEmpty, in_identity(""), "identity"},
       {kIdentityEmpty, in_identity("<!-- one -->"), "identity"},
       {kElement, in_identity("<cr:except id='sip:a@b'/>"), "except"},
       {kAttributeMissing, in_identity("<cr:one/>"), "one"},
       {kAttribute, in_identity("<cr:one id='sip:a@b' domain='b'/>"), "one"},
       {kUri, in_identity("<cr:one id=''/>"), "one"},
       {kUri, in_identity("<cr:one id='alice@example.com'/>"), "one"},
       {kUri, in_identity("<cr:one id='sip:example.com'/>"), "one"},
       {kUri,
        in_identity("<cr:one id='sip:b\xc3\xbc"
                    "cher@example.com'/>"),
        "one"},
       {kElement, in_identity("<cr:one id='sip:a@b'><cr:one id='sip:a@b'/></cr:one>"), "one"},
       {kText, in_identity("<cr:one id='sip:a@b'>a</cr:one>"), "one"},
       {kAttribute, in_identity("<cr:many domian='b'/>"), "many"},
       {kDomain, in_identity("<cr:many domain=''/>"), "many"},
       {kDomain, in_identity("<cr:many domain='a b'/>"), "many"},
       {kDomain, in_identity("<cr:many domain='@example.com'/>"), "many"},
       {kDomain, in_identity("<cr:many domain='example.com:5060'/>"), "many"},
       {kDomain, in_identity("<cr:many domain='example.com%'/>"), "many"},
       {kDomain, in_identity("<cr:many domain='example%zzcom'/>"), "many"},
       {kDomain, in_identity("<cr:many domain='example.com%00'/>"), "many"},
       {kDomain,
        in_identity("<cr:many domain='b\xc3\xbc"
                    "cher.example'/>"),
        "many"},
       {kElement, in_identity("<cr:many><cr:one id='sip:a@b'/></cr:many>"), "one"},
       {kExcept, in_identity("<cr:many><cr:except/></cr:many>"), "except"},
       {kExcept, in_identity("<cr:many><cr:except id='sip:a@b' domain='b'/></cr:many>"), "except"},
       {kElement, in_identity("<cr:many><cr:except id='sip:a@b'><x:a xmlns:x='u'/></cr:except></cr:many>"), "a"},
       {kAttributeMissing, in_conditions("<cr:sphere/>"), "sphere"},
       {kValue, in_conditions("<cr:sphere value=' '/>"), "sphere"},
       {kText, in_conditions("<cr:sphere value='a'>b</cr:sphere>"), "sphere"},
       {kPeriod, in_conditions("<cr:validity/>"), "validity"},
       {kPeriod, in_conditions("<cr:validity><cr:from>2003-12-24T17:00:00Z</cr:from></cr:validity>"), "from"},
       {kPeriod, in_conditions("<cr:validity><cr:until>2003-12-24T17:00:00Z</cr:until></cr:validity>"), "until"},
       {kPeriod,
        in_conditions("<cr:validity><cr:from>2003-12-24T17:00:00Z</cr:from><cr:from>2003-12-24T17:00:00Z</cr:from>"
                      "</cr:validity>"),
        "from"},
       {kTime, in_conditions("<cr:validity><cr:from>2003-12-24T17:00:00</cr:from></cr:validity>"), "from"},
       {kTime, in_conditions("<cr:validity><cr:from/></cr:validity>"), "from"},
       {kElement, in_conditions("<cr:validity><cr:from><cr:until/></cr:from></cr:validity>"), "until"}});
}

TEST(PresRulesHostile, PermissionsAreHeld) {
  using enum RulesError;
  expect_refused(
      {{kValue, in_actions("<pr:sub-handling>Allow</pr:sub-handling>"), "sub-handling"},
       {kValue, in_actions("<pr:sub-handling/>"), "sub-handling"},
       {kElement, in_actions("<pr:sub-handling>allow</pr:sub-handling><pr:sub-handling>block</pr:sub-handling>"),
        "sub-handling"},
       {kElement, in_actions("<pr:provide-mood>true</pr:provide-mood>"), "provide-mood"},
       {kElement, in_actions("<cr:sub-handling>allow</cr:sub-handling>"), "sub-handling"},
       {kElement, in_transformations("<pr:provide-activites>true</pr:provide-activites>"), "provide-activites"},
       {kElement, in_transformations("<pr:provide-mood>1</pr:provide-mood><pr:provide-mood>0</pr:provide-mood>"),
        "provide-mood"},
       {kElement, in_transformations("<pr:provide-mood><pr:true/></pr:provide-mood>"), "true"},
       {kValue, in_transformations("<pr:provide-mood>yes</pr:provide-mood>"), "provide-mood"},
       {kValue, in_transformations("<pr:provide-user-input>true</pr:provide-user-input>"), "provide-user-input"},
       {kText, in_transformations("<pr:provide-all-attributes>true</pr:provide-all-attributes>"),
        "provide-all-attributes"},
       {kAttributeMissing,
        in_transformations("<pr:provide-unknown-attribute ns='u'>true</pr:provide-unknown-attribute>"),
        "provide-unknown-attribute"},
       {kAttributeMissing,
        in_transformations("<pr:provide-unknown-attribute name='u'>true</pr:provide-unknown-attribute>"),
        "provide-unknown-attribute"},
       {kValue,
        in_transformations("<pr:provide-unknown-attribute ns='u' name=''>true</pr:provide-unknown-attribute>"),
        "provide-unknown-attribute"},
       {kElement, in_transformations("<pr:provide-devices><pr:all-persons/></pr:provide-devices>"), "all-persons"},
       {kElement, in_transformations("<pr:provide-persons><pr:deviceID>a</pr:deviceID></pr:provide-persons>"),
        "deviceID"},
       {kElement,
        in_transformations("<pr:provide-devices><pr:all-devices/><pr:class>a</pr:class></pr:provide-devices>"),
        "class"},
       {kElement,
        in_transformations("<pr:provide-devices><pr:class>a</pr:class><pr:all-devices/></pr:provide-devices>"),
        "all-devices"},
       {kElement, in_transformations("<pr:provide-devices/><pr:provide-devices/>"), "provide-devices"},
       {kValue, in_transformations("<pr:provide-devices><pr:class> </pr:class></pr:provide-devices>"), "class"},
       {kValueTooLong, in_identity("<cr:one id='sip:" + std::string(kRuleValueBytesMax, 'a') + "@b'/>"), "one"},
       {kValueTooLong,
        in_transformations("<pr:provide-devices><pr:class>" + std::string(kRuleValueBytesMax + 1, 'a') +
                           "</pr:class></pr:provide-devices>"),
        "class"}});
}

TEST(PresRulesHostile, ErrorsHaveALine) {
  EXPECT_EQ(compile("<?xml version='1.0'?>\n" + in_root("\n<cr:rule id='a'/>\n<cr:rule\n id='a'/>")).line, 4U);
  EXPECT_EQ(
      compile(in_root("\n<!--\n-->\n\n<cr:rule id='a'>\n<cr:actions>\n<x:a xmlns:x='u'>\n<b/></cr:actions>")).line,
      8U);
  EXPECT_EQ(compile(in_actions("<pr:sub-handling>\n\nallowed\n</pr:sub-handling>\n")).line, 1U);
  EXPECT_EQ(compile("").line, 1U);
}

TEST(PresRulesHostile, ForeignAttributesSayNothing) {
  EXPECT_EQ(compile("<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:i='urn:i' i:schemaLocation='a b' "
                    "xml:lang='en'/>")
                .error,
            RulesError::kOk);
}

struct Limit {
  const char* name;
  RulesError error;
  size_t most;
  std::function<std::string(size_t)> make;
};

TEST(PresRulesHostile, EachLimitIsMetAndNotExceeded) {
  const std::string period = "<cr:from>2003-12-24T17:00:00Z</cr:from><cr:until>2003-12-24T18:00:00Z</cr:until>";
  const std::vector<Limit> limits{
      {"rules", RulesError::kRulesTooMany, kRulesMax,
       [](size_t n) { return in_root(repeated(n, "<cr:rule id='r#'/>")); }},
      {"conditions", RulesError::kConditionsTooMany, kRuleConditionsMax,
       [](size_t n) { return in_conditions(repeated(n, "<cr:sphere value='s#'/>")); }},
      {"unknown conditions", RulesError::kConditionsTooMany, kRuleConditionsMax,
       [](size_t n) { return in_conditions(repeated(n, "<x:y xmlns:x='u'/>")); }},
      {"identities", RulesError::kIdentitiesTooMany, kRuleIdentitiesMax,
       [](size_t n) { return in_identity(repeated(n, "<cr:one id='sip:a#@b'/>")); }},
      {"exceptions", RulesError::kIdentitiesTooMany, kRuleIdentitiesMax,
       [](size_t n) {
         return in_identity("<cr:many>" + repeated(n - 1, "<cr:except domain='b#'/>") + "</cr:many>");
       }},
      {"periods", RulesError::kPeriodsTooMany, kRulePeriodsMax,
       [&](size_t n) { return in_conditions("<cr:validity>" + repeated(n, period) + "</cr:validity>"); }},
      {"grants", RulesError::kGrantsTooMany, kRuleGrantsMax,
       [](size_t n) {
         return in_transformations("<pr:provide-devices>" + repeated(n, "<pr:class>c#</pr:class>") +
                                   "</pr:provide-devices>");
       }},
      {"bytes of grants", RulesError::kGrantsTooMany, 7,
       [](size_t n) {
         return in_transformations("<pr:provide-devices>" +
                                   repeated(n, "<pr:class>#" + std::string(1020, 'c') + "</pr:class>") +
                                   "</pr:provide-devices>");
       }},
      {"bytes", RulesError::kRuleSetTooLarge, 63,
       [](size_t n) { return in_identity(repeated(n, "<cr:one id='x:" + std::string(1017, 'a') + "#'/>")); }},
      {"document", RulesError::kDocumentTooLong, kRulesDocumentBytesMax - in_root("").size(),
       [](size_t n) { return in_root(std::string(n, ' ')); }}};
  for (const Limit& limit : limits) {
    const RulesReport report = compile(limit.make(limit.most));
    EXPECT_EQ(report.error, RulesError::kOk) << limit.name << ": " << to_string(report.error) << report.length;
    EXPECT_EQ(compile(limit.make(limit.most + 1)).error, limit.error) << limit.name;
  }
  EXPECT_EQ(compile(in_root(repeated(40, "<a>"))).error, RulesError::kElement);
  const RulesReport deep = compile(in_conditions(repeated(40, "<a xmlns='u'>")));
  EXPECT_EQ(deep.error, RulesError::kXml);
  EXPECT_EQ(deep.xml, ParseError::kXmlTooDeep);
  // Whoever is granted again what he has needs no more room.
  EXPECT_EQ(compile(in_transformations("<pr:provide-devices>" + repeated(500, "<pr:class>c</pr:class>") +
                                       "</pr:provide-devices>"))
                .error,
            RulesError::kOk);
}

const std::string kEverything =
    "<?xml version='1.0'?>" +
    in_root(
        "<!-- c --><cr:rule id='a'><cr:conditions><cr:identity><cr:one id='sip:alice@example.com'/><cr:many "
        "domain='example.com'><cr:except id='sip:bob@example.com'/></cr:many></cr:identity><cr:sphere value='work'/>"
        "<cr:validity><cr:from>2003-12-24T17:00:00Z</cr:from><cr:until>2003-12-24T17:00:00Z</cr:until></cr:validity>"
        "</cr:conditions><cr:actions><pr:sub-handling>allow</pr:sub-handling></cr:actions><cr:transformations>"
        "<pr:provide-services><pr:service-uri>sip:a@b</pr:service-uri></pr:provide-services><pr:provide-mood>true"
        "</pr:provide-mood><pr:provide-unknown-attribute name='a' ns='b'>true</pr:provide-unknown-attribute>"
        "</cr:transformations></cr:rule>");

TEST(PresRulesHostile, EveryPrefixIsRefusedAndNothingBehindItIsRead) {
  support::GuardedBytes guarded(kEverything.size());
  ASSERT_EQ(compile(kEverything).error, RulesError::kOk);
  std::vector<char> out(kRuleSetBytesMax);
  for (size_t length = 0; length < kEverything.size(); ++length) {
    const std::string_view prefix = guarded.copy(std::string_view(kEverything).substr(0, length));
    EXPECT_EQ(compile_rules(prefix, out).error, RulesError::kXml) << prefix;
  }
  EXPECT_EQ(support::broken_rules_law(guarded.copy(kEverything)), "");
}

// A store may hand back what it was not given.
TEST(PresRulesHostile, BytesThatAreNoRuleSetGiveNoTrouble) {
  std::vector<char> out(kRuleSetBytesMax);
  const std::string rule_set(out.data(), compile_rules(kEverything, out).length);
  support::GuardedBytes guarded(rule_set.size());
  std::string good(out.data(), compile_rules(kEverything, out).length);
  for (size_t length = 0; length < good.size(); ++length) {
    const std::string_view prefix = guarded.copy(std::string_view(good).substr(0, length));
    EXPECT_EQ(evaluate_rules(prefix, support::watcher_of(UriScheme::kSip, "alice@example.com"), 0, "work").key(),
              PermissionsKey{});
  }
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int byte : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] = static_cast<char>(byte);
      EXPECT_EQ(support::broken_evaluation_law(guarded.copy(bad)), "");
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
