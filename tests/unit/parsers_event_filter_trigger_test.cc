// Triggers of event filters (RFC 4661 §3.6): which changes of a document fire which.
#include "parsers/event_filter_trigger.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "parsers/event_filter.h"
#include "parsers/pidf.h"
#include "parsers/xml_values.h"

namespace vedette::parsers {
namespace {

std::string document(const std::string& elements) {
  return std::string(kPresenceOpen) + "sip:alice@example.com" + std::string(kPresenceOpenEnd) + elements +
         std::string(kPresenceClose);
}
std::string tuple(const std::string& id, const std::string& basic, const std::string& behind = "") {
  return "<tuple id=\"" + id + "\"><status><basic>" + basic + "</basic></status>" + behind + "</tuple>";
}

std::string compile(const std::string& triggers, const std::string& what = "") {
  std::array<char, kFilterBytesMax> out;
  const FilterReport report = compile_event_filter(
      "<filter-set xmlns=\"urn:ietf:params:xml:ns:simple-filter\"><ns-bindings><ns-binding prefix=\"r\" "
      "urn=\"urn:ietf:params:xml:ns:pidf:rpid\"/></ns-bindings><filter id=\"a\">" + what + triggers +
          "</filter></filter-set>",
      {.package = "presence", .aor = "alice@example.com"}, out);
  EXPECT_EQ(report.error, FilterError::kOk) << triggers;
  return {out.data(), report.length};
}
std::string trigger(const std::string& conditions) { return compile("<trigger>" + conditions + "</trigger>"); }

bool fires(const std::string& filter, const std::string& before, const std::string& now) {
  return event_filter_fires(filter, document(before), document(now));
}

TEST(EventFilterTrigger, FiltersWithoutOneHaveNone) {
  const std::string what = "<what><include>//note</include></what>";
  EXPECT_FALSE(has_triggers(compile("<trigger/>", what)));
  EXPECT_TRUE(has_triggers(compile("<trigger><added>//note</added></trigger>", what)));
  EXPECT_FALSE(has_triggers(""));
}

// §3.6.1.
TEST(EventFilterTrigger, AChangeOfAValueFires) {
  const std::string any = trigger("<changed>/presence/tuple/status/basic</changed>");
  EXPECT_TRUE(fires(any, tuple("a", "open"), tuple("a", "closed")));
  EXPECT_FALSE(fires(any, tuple("a", "open"), tuple("a", "open")));
  EXPECT_FALSE(fires(any, tuple("a", "open"), tuple("a", "open", "<note>x</note>")));
  // What came or went has not changed; what stands in the place of what went has.
  EXPECT_FALSE(fires(any, tuple("a", "open"), tuple("b", "closed") + tuple("a", "open")));
  EXPECT_FALSE(fires(any, tuple("a", "open") + tuple("b", "closed"), tuple("b", "closed")));
  EXPECT_TRUE(fires(any, tuple("offline", "closed"), tuple("a", "open")));
  EXPECT_FALSE(fires(any, tuple("offline", "closed"), tuple("a", "closed")));
  EXPECT_TRUE(fires(any, tuple("a", "open") + tuple("b", "open"), tuple("a", "open") + tuple("b", "closed")));
  // Order is nothing.
  EXPECT_FALSE(fires(any, tuple("a", "open") + tuple("b", "closed"), tuple("b", "closed") + tuple("a", "open")));
}

// §3.6.1.1, §3.6.1.2; the example of §6.2 has the words in capitals.
TEST(EventFilterTrigger, FromAndToSayWhichChange) {
  const std::string opens = trigger("<changed from=\"CLOSED\" to=\"OPEN\">//basic</changed>");
  EXPECT_TRUE(fires(opens, tuple("a", "closed"), tuple("a", "open")));
  EXPECT_FALSE(fires(opens, tuple("a", "open"), tuple("a", "closed")));
  EXPECT_FALSE(fires(opens, tuple("a", "open"), tuple("a", "open")));
  const std::string from = trigger("<changed from=\"a &amp; b\">//note</changed>");
  EXPECT_TRUE(fires(from, "<note>a &amp; b</note>", "<note>c</note>"));
  EXPECT_FALSE(fires(from, "<note>a &amp; bc</note>", "<note>c</note>"));
  EXPECT_FALSE(fires(from, "<note>a &amp;</note>", "<note>c</note>"));
  const std::string to = trigger("<changed to=\"\">//note</changed>");
  EXPECT_TRUE(fires(to, "<note>a</note>", "<note></note>"));
  EXPECT_FALSE(fires(to, "<note>a</note>", "<note>b</note>"));
}

// §3.6.1.3: "if the 'by' attribute is set to 2 and the current value of the element/attribute is 6, the
// element/attribute is selected when it reaches (or exceeds) the value 8 or when it decreases to 4 or a lower value."
TEST(EventFilterTrigger, BySaysHowMuchItHasToChange) {
  const std::string by = trigger("<changed by=\"2\">//note</changed>");
  const auto changes = [&](const std::string& now) { return fires(by, "<note>6</note>", "<note>" + now + "</note>"); };
  for (const char* now : {"8", "9.5", "4", "-7", "+8.0", "004"}) EXPECT_TRUE(changes(now)) << now;
  for (const char* now : {"6", "6.0", "7.999999", "4.000001", "eight", "", "8 or so"}) {
    EXPECT_FALSE(changes(now)) << now;
  }
  const std::string all = trigger("<changed from=\"6\" to=\"10\" by=\"2\">//note</changed>");
  EXPECT_TRUE(fires(all, "<note>6.0</note>", "<note>10.00</note>"));
  EXPECT_FALSE(fires(all, "<note>6</note>", "<note>11</note>"));
  EXPECT_FALSE(fires(all, "<note>5</note>", "<note>10</note>"));
}

// §3.6.2, §3.6.3.
TEST(EventFilterTrigger, WhatCameAndWhatWentFires) {
  const std::string added = trigger("<added>/presence/tuple</added>"), removed = trigger("<removed>//tuple</removed>");
  EXPECT_TRUE(fires(added, tuple("a", "open"), tuple("b", "open") + tuple("a", "open")));
  EXPECT_TRUE(fires(added, tuple("a", "open"), tuple("b", "open")));
  EXPECT_FALSE(fires(added, tuple("a", "open"), tuple("a", "closed", "<note>n</note>")));
  EXPECT_FALSE(fires(added, tuple("b", "open") + tuple("a", "open"), tuple("a", "open")));
  EXPECT_TRUE(fires(removed, tuple("b", "open") + tuple("a", "open"), tuple("a", "open")));
  EXPECT_FALSE(fires(removed, tuple("a", "open"), tuple("b", "open") + tuple("a", "open")));
  // Those without an id are told apart by how many there are.
  const std::string notes = trigger("<added>//note</added>");
  EXPECT_TRUE(fires(notes, "<note>a</note>", "<note>b</note><note>c</note>"));
  EXPECT_FALSE(fires(notes, "<note>a</note>", "<note>b</note>"));
  EXPECT_FALSE(fires(notes, tuple("a", "open", "<note>x</note>"), tuple("a", "open", "<note>y</note>")));
  EXPECT_TRUE(fires(notes, tuple("a", "open", "<note>x</note>"), tuple("b", "open", "<note>x</note>")));
}

// §3.6: "Multiple appearances of this element denote the "OR" operation. ... Multiple appearances of those elements
// within a <trigger> element denotes the "AND" operation."
TEST(EventFilterTrigger, AnyOfThemAndAllOfOne) {
  const std::string both = trigger("<changed>//basic</changed><added>//note</added>");
  EXPECT_FALSE(fires(both, tuple("a", "open"), tuple("a", "closed")));
  EXPECT_FALSE(fires(both, tuple("a", "open"), tuple("a", "open", "<note>n</note>")));
  EXPECT_TRUE(fires(both, tuple("a", "open"), tuple("a", "closed", "<note>n</note>")));
  const std::string any =
      compile("<trigger><changed>//basic</changed></trigger><trigger/><trigger><added>//note</added></trigger>");
  EXPECT_TRUE(fires(any, tuple("a", "open"), tuple("a", "closed")));
  EXPECT_TRUE(fires(any, tuple("a", "open"), tuple("a", "open", "<note>n</note>")));
  EXPECT_FALSE(fires(any, tuple("a", "open", "<note>n</note>"), tuple("a", "open", "<note>m</note>")));
}

TEST(EventFilterTrigger, LooksAtWhatItNames) {
  const std::string activities = trigger("<changed>//r:activities</changed>");
  const auto person = [](const std::string& what) {
    return tuple("a", "open") + "<dm:person id=\"p\"><rpid:activities>" + what + "</rpid:activities></dm:person>";
  };
  EXPECT_TRUE(fires(activities, person("<rpid:away/>"), person("<rpid:busy/>")));
  EXPECT_FALSE(fires(activities, person("<rpid:away/>"), person("<rpid:away/>") + "<note>n</note>"));
  EXPECT_FALSE(fires(trigger("<changed>//activities</changed>"), person("<rpid:away/>"), person("<rpid:busy/>")));
  EXPECT_TRUE(fires(trigger("<added>//r:*</added>"), person(""), person("<rpid:busy/>")));
}

TEST(EventFilterTrigger, WhatIsNotUnderstoodIsRefused) {
  const auto error_of = [](const std::string& changes) {
    std::array<char, kFilterBytesMax> out;
    const std::string body = "<filter-set xmlns=\"urn:ietf:params:xml:ns:simple-filter\"><filter id=\"a\"><trigger>";
    return compile_event_filter(body + changes + "</trigger></filter></filter-set>",
                                {.package = "presence", .aor = "alice@example.com"}, out)
        .error;
  };
  EXPECT_EQ(error_of("<added>//tuple/@id</added>"), FilterError::kUnsupported);
  // §5: a reference has no conditions.
  EXPECT_EQ(error_of("<added>//note[.=1]</added>"), FilterError::kUnsupported);
  for (const char* changes : {"<moved>//note</moved>", "<added/>", "<changed by=\"much\">//note</changed>",
                              "<changed by=\"1\" to=\"much\">//note</changed>"}) {
    EXPECT_EQ(error_of(changes), FilterError::kMalformed) << changes;
  }
  std::string many;
  for (size_t i = 0; i <= kFilterSelectorsMax; ++i) many += "<added>//note</added>";
  EXPECT_EQ(error_of(many), FilterError::kTooLarge);
  EXPECT_EQ(error_of("<x:y xmlns:x=\"urn:x\"/>"), FilterError::kOk);
}

TEST(EventFilterTrigger, WhatCannotBeToldIsTold) {
  const std::string notes = trigger("<changed>//note</changed>");
  std::string many;
  for (size_t i = 0; i <= kTriggerMatchesMax; ++i) many += "<note>n</note>";
  EXPECT_TRUE(fires(notes, many, many));
  EXPECT_TRUE(event_filter_fires(notes, "none", document("")));
  for (size_t length = 1; length < notes.size(); ++length) {
    EXPECT_TRUE(event_filter_fires(notes.substr(0, length), document(many), document(""))) << length;
  }
}

TEST(XmlDecimal, IsReadInMillionths) {
  int64_t number = 0;
  for (const auto& [text, wanted] : {std::pair{"0", INT64_C(0)}, {"-1.5", INT64_C(-1'500'000)},
                                     {".5", INT64_C(500'000)}, {"+7.", INT64_C(7'000'000)},
                                     {"0.0000019", INT64_C(1)},
                                     {"999999999999.999999", INT64_C(999'999'999'999'999'999)}}) {
    EXPECT_TRUE(parse_decimal(text, number)) << text;
    EXPECT_EQ(number, wanted) << text;
  }
  for (const char* text : {"", "-", ".", "+.", "1e3", "1,5", "1.2.3", "--1", "1000000000000", " 1"}) {
    EXPECT_FALSE(parse_decimal(text, number)) << text;
  }
}

}  // namespace
}  // namespace vedette::parsers
