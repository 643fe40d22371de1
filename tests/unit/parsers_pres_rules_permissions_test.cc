// What matching rules grant, and how it is combined: the examples and the sentences of RFC 4745 §10 and RFC 5025 §3.2
// and §3.3.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/pres_rules.h"
#include "tests/unit/parsers_pres_rules_asked.h"

namespace vedette::parsers {
namespace {

// RFC 5025 §3.2.1, RFC 4745 §10.2: the maximum of block, confirm, polite-block and allow.
TEST(PresRules, SubHandlingIsTheMaximum) {
  const std::vector<std::pair<std::string, SubHandling>> all{{"block", SubHandling::kBlock},
                                                             {"confirm", SubHandling::kConfirm},
                                                             {"polite-block", SubHandling::kPoliteBlock},
                                                             {" allow\n", SubHandling::kAllow}};
  for (const auto& [first, a] : all) {
    for (const auto& [second, b] : all) {
      const Rules rules(document(rule("", first) + rule("", second)));
      EXPECT_EQ(rules.ask("a@b.example").sub_handling, std::max(a, b));
    }
  }
  EXPECT_EQ(to_string(SubHandling::kPoliteBlock), "polite-block");
}

// RFC 4745 §10.3: the example, with what is like its X (a boolean), Y and Z (integers).
TEST(PresRules, CombinesAsTheExampleOfTheRfc) {
  const auto conditions = [](std::string_view who, std::string_view sphere, std::string_view from,
                             std::string_view until) {
    return identity("<cr:one id=\"sip:" + std::string(who) + "@example.com\"/>") + "<cr:sphere value=\"" +
           std::string(sphere) + "\"/><cr:validity><cr:from>" + std::string(from) + "</cr:from><cr:until>" +
           std::string(until) + "</cr:until></cr:validity>";
  };
  const auto permission = [](std::string_view x, std::string_view z) {
    return (x.empty() ? std::string{} : "<pr:provide-mood>" + std::string(x) + "</pr:provide-mood>") +
           "<pr:provide-user-input>" + std::string(z) + "</pr:provide-user-input>";
  };
  constexpr std::string_view a1 = "2003-12-24T17:00:00+01:00", a2 = "2003-12-24T21:00:00+01:00",
                             a3 = "2003-12-24T23:30:00+01:00", b1 = "2003-12-22T17:00:00+01:00",
                             b2 = "2003-12-23T17:00:00+01:00";
  const Rules rules(
      document(rule(conditions("bob", "home", a1, a2), "polite-block", permission("true", "thresholds")) +
               rule(conditions("alice", "work", a1, a2), "confirm", permission("false", "full")) +
               rule(conditions("bob", "work", a1, a2), "confirm", permission("true", "bare")) +
               rule(conditions("tom", "work", a1, a2), "confirm", permission("true", "full")) +
               rule(conditions("bob", "work", a1, a3), "allow", permission("", "thresholds")) +
               rule(conditions("bob", "work", b1, b2), "polite-block", permission("false", "bare"))));
  const Permissions bob = rules.ask("bob@example.com", 1'072'282'500, "work");  // 2003-12-24T17:15:00+01:00
  EXPECT_EQ(bob.booleans, kProvideMood);
  EXPECT_EQ(bob.sub_handling, SubHandling::kAllow);
  EXPECT_EQ(bob.user_input, UserInput::kThresholds);
  EXPECT_EQ(bob.valid_until, 1'072'296'000);  // A2.
}

// RFC 5025 §3.3.2.
TEST(PresRules, EachAttributeHasItsPermission) {
  const std::vector<std::pair<std::string, uint16_t>> all{
      {"activities", kProvideActivities},     {"class", kProvideClass},          {"mood", kProvideMood},
      {"place-is", kProvidePlaceIs},          {"place-type", kProvidePlaceType}, {"privacy", kProvidePrivacy},
      {"relationship", kProvideRelationship}, {"sphere", kProvideSphere},        {"status-icon", kProvideStatusIcon},
      {"time-offset", kProvideTimeOffset},    {"deviceID", kProvideDeviceId},    {"note", kProvideNote}};
  for (const auto& [name, bit] : all) {
    const auto element = [&](std::string_view value) {
      return "<pr:provide-" + name + ">" + std::string(value) + "</pr:provide-" + name + ">";
    };
    EXPECT_EQ(granted(element("true")).booleans, bit) << name;
    EXPECT_EQ(granted(element(" 1 ")).booleans, bit) << name;
    EXPECT_EQ(granted(element("false")).booleans, 0) << name;
    EXPECT_EQ(granted(element("0")).booleans, 0) << name;
    const Permissions permissions = granted(element("true"));
    for (const auto& [other, other_bit] : all) {
      const std::string_view space = other == "note"       ? "urn:ietf:params:xml:ns:pidf"
                                     : other == "deviceID" ? "urn:ietf:params:xml:ns:pidf:data-model"
                                                           : "urn:ietf:params:xml:ns:pidf:rpid";
      EXPECT_EQ(shows_attribute({}, permissions, {space, other}), bit == other_bit) << name << " " << other;
    }
  }
}

// RFC 5025 §3.3.2.12.
TEST(PresRules, UserInputHasDegrees) {
  const auto degree = [](std::string_view text) {
    return granted("<pr:provide-user-input>" + std::string(text) + "</pr:provide-user-input>").user_input;
  };
  EXPECT_EQ(degree("false"), UserInput::kFalse);
  EXPECT_EQ(degree("bare"), UserInput::kBare);
  EXPECT_EQ(degree("thresholds"), UserInput::kThresholds);
  EXPECT_EQ(degree("full"), UserInput::kFull);
  EXPECT_LT(UserInput::kFalse, UserInput::kBare);
  EXPECT_LT(UserInput::kBare, UserInput::kThresholds);
  EXPECT_LT(UserInput::kThresholds, UserInput::kFull);
}

// RFC 5025 §3.3.2.15.
TEST(PresRules, AllAttributesAreAsGoodAsEachOfThem) {
  const Permissions all = granted("<pr:provide-all-attributes/>");
  EXPECT_EQ(all.user_input, UserInput::kFull);
  EXPECT_TRUE(shows_attribute({}, all, {"urn:ietf:params:xml:ns:pidf:rpid", "mood"}));
  EXPECT_TRUE(shows_attribute({}, all, {"urn:x", "y"}));
  EXPECT_EQ(
      granted("<pr:provide-all-attributes/><pr:provide-mood>true</pr:provide-mood><pr:provide-unknown-attribute "
              "name=\"y\" ns=\"urn:x\">true</pr:provide-unknown-attribute>")
          .key(),
      all.key());
  EXPECT_EQ(granted("<pr:provide-user-input>bare</pr:provide-user-input><pr:provide-all-attributes/>").key(),
            all.key());
}

struct ComponentCase {
  const char* granted;
  PresenceComponent component;
  ComponentNames names;
  bool shown;
};

// RFC 5025 §3.3.1.
TEST(PresRules, ComponentsAreChosenByName) {
  using enum PresenceComponent;
  const std::vector<ComponentCase> cases{
      {"<pr:provide-devices><pr:all-devices/></pr:provide-devices>", kDevice, {"d", "", "urn:d"}, true},
      {"<pr:provide-devices><pr:all-devices/></pr:provide-devices>", kPerson, {"d", "", ""}, false},
      {"<pr:provide-devices/>", kDevice, {"d", "", "urn:d"}, false},
      {"<pr:provide-devices><pr:deviceID>urn:d</pr:deviceID></pr:provide-devices>",
       kDevice,
       {"x", "", "urn:d"},
       true},
      {"<pr:provide-devices><pr:deviceID>urn:d</pr:deviceID></pr:provide-devices>",
       kDevice,
       {"x", "", "urn:D:"},
       false},
      {"<pr:provide-devices><pr:occurrence-id>d</pr:occurrence-id></pr:provide-devices>",
       kDevice,
       {"d", "", "u"},
       true},
      {"<pr:provide-devices><pr:occurrence-id>d</pr:occurrence-id></pr:provide-devices>",
       kPerson,
       {"d", "", ""},
       false},
      {"<pr:provide-devices><pr:occurrence-id>d</pr:occurrence-id></pr:provide-devices>",
       kDevice,
       {"e", "d", "d"},
       false},
      {"<pr:provide-devices><pr:class>c</pr:class></pr:provide-devices>", kDevice, {"d", "c", "u"}, true},
      {"<pr:provide-devices><pr:class>c</pr:class></pr:provide-devices>", kDevice, {"c", "", "c"}, false},
      {"<pr:provide-persons><pr:all-persons/></pr:provide-persons>", kPerson, {"p", "", ""}, true},
      {"<pr:provide-persons><pr:occurrence-id>p</pr:occurrence-id></pr:provide-persons>",
       kPerson,
       {"p", "", ""},
       true},
      {"<pr:provide-persons><pr:class>c</pr:class></pr:provide-persons>", kPerson, {"p", "c", ""}, true},
      {"<pr:provide-persons><pr:class>c</pr:class></pr:provide-persons>", kPerson, {"p", "", ""}, false},
      {"<pr:provide-services><pr:all-services/></pr:provide-services>", kService, {"t", "", ""}, true},
      {"<pr:provide-services><pr:service-uri>sip:a@b</pr:service-uri></pr:provide-services>",
       kService,
       {"t", "", "sip:a@B"},
       true},
      {"<pr:provide-services><pr:service-uri>sip:a@b</pr:service-uri></pr:provide-services>",
       kService,
       {"t", "", "sip:c@b"},
       false},
      {"<pr:provide-services><pr:service-uri-scheme>sip</pr:service-uri-scheme></pr:provide-services>",
       kService, {"t", "", "Sip:c@b"}, true},
      {"<pr:provide-services><pr:service-uri-scheme>SIP</pr:service-uri-scheme></pr:provide-services>",
       kService, {"t", "", "sip:c@b"}, false},
      {"<pr:provide-services><pr:service-uri-scheme>sip</pr:service-uri-scheme></pr:provide-services>",
       kService,
       {"t", "", ""},
       false},
      {"<pr:provide-services><pr:occurrence-id>t</pr:occurrence-id></pr:provide-services>",
       kService,
       {"t", "", ""},
       true},
      {"<pr:provide-services><pr:class>a&amp;<![CDATA[b]]></pr:class></pr:provide-services>",
       kService,
       {"t", "a&b", ""},
       true},
      {"<pr:provide-services><pr:class>c</pr:class><x:y xmlns:x='u'>z</x:y></pr:provide-services>",
       kService,
       {"t", "z", "z"},
       false}};
  for (const ComponentCase& c : cases) {
    const Rules rules(document(rule("", "allow", c.granted)));
    EXPECT_EQ(shows_component(rules.bytes(), rules.ask("a@b"), c.component, c.names), c.shown) << c.granted;
  }
}

// RFC 4745 §4: one who has not been upgraded may reveal less.
TEST(PresRules, UnknownActionsAndTransformationsGrantNothing) {
  const std::string more = "<x:provide-willingness xmlns:x=\"urn:x\"><x:a>true</x:a></x:provide-willingness>";
  EXPECT_EQ(granted(more).key(), granted("").key());
  const Rules rules(
      "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'><rule id='a'><actions><allow xmlns='urn:x'/>"
      "</actions></rule></ruleset>");
  EXPECT_EQ(rules.ask("a@b").key(), PermissionsKey{});
}

TEST(PresRules, EqualRightsHaveEqualKeys) {
  const std::string services =
      "<pr:provide-services><pr:class>a</pr:class><pr:class>b</pr:class></pr:provide-services>";
  const std::string turned =
      "<pr:provide-services><pr:class>b</pr:class><pr:class>a</pr:class></pr:provide-services>";
  const std::string a = "<pr:provide-services><pr:class>a</pr:class></pr:provide-services>";
  const std::string b = "<pr:provide-services><pr:class>b</pr:class></pr:provide-services>";
  const PermissionsKey key = granted(services).key();
  EXPECT_EQ(granted(turned).key(), key);
  EXPECT_EQ(Rules(document(rule("", "confirm", b) + rule("", "allow", a))).ask("a@b").key(), key);
  EXPECT_EQ(Rules(document(rule("", "allow", services) + rule("", "allow", turned))).ask("a@b").key(), key);
  EXPECT_NE(granted(a).key(), key);
  EXPECT_NE(granted(a).key(), granted(b).key());
  EXPECT_NE(granted("<pr:provide-persons><pr:class>a</pr:class></pr:provide-persons>").key(), granted(a).key());
  // All of them and one of them by name are all of them.
  EXPECT_EQ(Rules(document(rule("", "allow", "<pr:provide-services><pr:all-services/></pr:provide-services>") +
                           rule("", "allow", a)))
                .ask("a@b")
                .key(),
            granted("<pr:provide-services><pr:all-services/></pr:provide-services>").key());
  // One who is not allowed sees nothing of it.
  EXPECT_EQ(Rules(document(rule("", "polite-block", a))).ask("a@b").key(),
            Rules(document(rule("", "polite-block", b))).ask("a@b").key());
  EXPECT_NE(Rules(document(rule("", "polite-block", a))).ask("a@b").key(),
            Rules(document(rule("", "confirm", a))).ask("a@b").key());
}

// What is made of the same letters is not the same.
TEST(PresRules, KeysTellNamesApart) {
  const auto classes = [](std::string_view a, std::string_view b) {
    return granted("<pr:provide-persons><pr:class>" + std::string(a) + "</pr:class><pr:class>" + std::string(b) +
                   "</pr:class></pr:provide-persons>")
        .key();
  };
  const auto attribute = [](std::string_view space, std::string_view name) {
    return granted("<pr:provide-unknown-attribute ns=\"" + std::string(space) + "\" name=\"" + std::string(name) +
                   "\">true</pr:provide-unknown-attribute>")
        .key();
  };
  const std::vector<PermissionsKey> keys{classes("ab", "cd"),  classes("ba", "cd"),   classes("ac", "bd"),
                                         classes("ab", "ab"),  classes("cd", "cd"),   classes("abcd", "abcd"),
                                         attribute("a", "bc"), attribute("ab", "c"), attribute("", "abc")};
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " " << j;
  }
}

}  // namespace
}  // namespace vedette::parsers
