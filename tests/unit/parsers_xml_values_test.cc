// Readers of XML Schema's simple types: what they take, libxml2 takes.
#include "parsers/xml_values.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "parsers/pidf.h"
#include "tests/support/presence_schema.h"

namespace vedette::parsers {
namespace {

using support::presence_schema_fault;

std::string presence(const std::string& in_person) {
  return std::string(kPresenceOpen) + "sip:a@b" + std::string(kPresenceOpenEnd) + "<dm:person id=\"p\">" + in_person +
         "</dm:person>" + std::string(kPresenceClose);
}

// What our readers of values take, libxml2 takes, wherever there is a type for it.
void expect_agreement(std::string_view value) {
  if (is_xml_date_time(value)) {
    EXPECT_EQ(presence_schema_fault(presence(("<dm:timestamp>" + std::string(value) + "</dm:timestamp>"))), "");
  }
  if (is_xml_integer(value)) {
    EXPECT_EQ(presence_schema_fault(
                  presence(("<rpid:time-offset>" + std::string(value) + "</rpid:time-offset>"))),
              "");
  }
  if (is_xml_uri(value) && value.find('&') == std::string_view::npos) {
    EXPECT_EQ(presence_schema_fault(
                  presence(("<rpid:status-icon>" + std::string(value) + "</rpid:status-icon>"))),
              "");
  }
  if (is_xml_language(value)) {
    EXPECT_EQ(presence_schema_fault(presence(("<dm:note xml:lang=\"" + std::string(value) + "\"/>"))), "");
  }
}

TEST(XmlValues, AgreeWithLibxml) {
  std::mt19937 random(20'261'124);
  static constexpr std::string_view kSeeds[] = {"2026-11-22T18:08:59Z",
                                                "2024-02-29T23:59:59.123-14:00",
                                                "-0044-03-15T12:00:00",
                                                "-300",
                                                "sip:alice@[2001:db8::1]:5060;a=b",
                                                "http://[::1]:80/a/b?c#d",
                                                "urn:uuid:f45cc560-8605-4c25-9a76-b5cf4a2ed5ba",
                                                "mailto:a%20b@c",
                                                "en-US",
                                                "de",
                                                "http://u:p@h:1/x",
                                                "tel:+1-201-555-0123",
                                                "//a",
                                                "x://",
                                                "12024-01-01T00:00:00Z"};
  static constexpr std::string_view kLetters = "0123456789-+:T.Z/?#[]@%aAfz ;=_";
  for (const std::string_view seed : kSeeds) {
    expect_agreement(seed);
    for (int round = 0; round < 800; ++round) {
      std::string value(seed);
      for (size_t i = 1 + random() % 3; i > 0; --i) {
        const size_t at = random() % (value.size() + 1);
        switch (random() % 3) {
          case 0: value.insert(at, 1, kLetters[random() % kLetters.size()]); break;
          case 1: value.erase(at, 1); break;
          default:
            if (at < value.size()) value[at] = kLetters[random() % kLetters.size()];
            break;
        }
      }
      expect_agreement(value);
    }
  }
}

TEST(XmlValues, TakeTheFormsOfTheirTypes) {
  for (const std::string_view good : {"2026-11-22T18:08:59Z", "2026-11-22T18:08:59", "2024-02-29T00:00:00.1+14:00"}) {
    EXPECT_TRUE(is_xml_date_time(good)) << good;
  }
  for (const std::string_view bad :
       {"2026-11-22", "2026-13-22T18:08:59Z", "2023-02-29T00:00:00Z", "2026-11-22T18:08:59+14:01",
        "2026-11-22T18:08Z", "26-11-22T18:08:59Z", "0000-11-22T18:08:59Z", ""}) {
    EXPECT_FALSE(is_xml_date_time(bad)) << bad;
  }
  for (const std::string_view good : {"sip:a@b", "sips:a@[::1]", "tel:+1", "urn:x:y", "im:a@b", "http://h",
                                      "x:%20", "x:\xC3\xBC", "phone", "/a:b", "#c"}) {
    EXPECT_TRUE(is_xml_uri(good)) << good;
  }
  for (const std::string_view bad : {"a b", "sip:", "sip:a b", ":x", "1:x", "x:%2", "x:a#b#c", "x:[::1]",
                                     "http://h:x/", "<x:y>", "", "a/[::1]", "http://h:/"}) {
    EXPECT_FALSE(is_xml_uri(bad)) << bad;
  }
  EXPECT_TRUE(is_xml_language("") && is_xml_language("en") && is_xml_language("de-CH-1996"));
  EXPECT_FALSE(is_xml_language("en_US") || is_xml_language("-en") || is_xml_language("en-") || is_xml_language("1en"));
  EXPECT_TRUE(is_xml_positive_integer("+07") && !is_xml_positive_integer("0") && !is_xml_positive_integer("-1"));
  EXPECT_TRUE(is_xml_boolean("1") && !is_xml_boolean("TRUE"));
}

}  // namespace
}  // namespace vedette::parsers
