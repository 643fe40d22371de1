// Whatever is published, what normalise_pidf makes of it is valid by the schemas of PIDF (RFC 3863 §4.4), the
// data model (RFC 4479 §5) and RPID (RFC 4480 §5.1), and what was valid before is all there. libxml2 judges
// by tests/rfc/schemas.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "parsers/pidf.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/pidf_laws.h"
#include "tests/support/presence_schema.h"

namespace vedette::parsers {
namespace {

using support::presence_schema_fault;

std::string presence(std::string_view children) {
  return std::string(kPresenceOpen) + "sip:a@b" + std::string(kPresenceOpenEnd) + std::string(children) +
         std::string(kPresenceClose);
}

struct Made {
  ParseError error = ParseError::kOk;
  std::string children;
  PidfDocument document;
};

Made normalise(std::string_view body) {
  Made made;
  std::string out(131'072, '\0');
  made.error = normalise_pidf(body, out, made.document);
  made.children = out.substr(0, made.error == ParseError::kOk ? made.document.length : 0);
  return made;
}

// What these children of <presence> become; it must be valid.
std::string children_of(std::string_view children) {
  const Made made = normalise(presence(children));
  EXPECT_EQ(to_string(made.error), to_string(ParseError::kOk)) << children;
  EXPECT_EQ(presence_schema_fault(presence(made.children)), "") << children << "\n" << made.children;
  return made.children;
}

std::string person(std::string_view more) { return "<dm:person id=\"p\">" + std::string(more) + "</dm:person>"; }
std::string tuple(std::string_view more) { return "<tuple id=\"t\">" + std::string(more) + "</tuple>"; }
// What a person with these children has then.
std::string in_person(std::string_view more) {
  const std::string made = children_of(person(more));
  if (made == "<dm:person id=\"p\"/>") return "";
  constexpr std::string_view kOpen = "<dm:person id=\"p\">", kClose = "</dm:person>";
  return made.substr(kOpen.size(), made.size() - kOpen.size() - kClose.size());
}

TEST(PidfSchema, JudgesAtAll) {
  EXPECT_EQ(presence_schema_fault(presence("")), "");
#if !defined(VEDETTE_WITHOUT_LIBXML)
  EXPECT_NE(presence_schema_fault(presence("<tuple id='1'><status/></tuple>")), "");
  EXPECT_NE(presence_schema_fault(presence("<tuple id='a'><contact>x:y</contact><status/></tuple>")), "");
  EXPECT_NE(presence_schema_fault(presence(person("<rpid:mood/>"))), "");
  EXPECT_NE(presence_schema_fault(presence(person("<rpid:mood><rpid:fine/></rpid:mood>"))), "");
#endif
}

TEST(PidfSchema, WhatClientsPublishIsMadeValid) {
  for (const std::string_view body : support::kPidfCorpus) {
    const Made made = normalise(body);
    ASSERT_EQ(made.error, ParseError::kOk) << body;
    // Their order is the composition's.
    for (size_t i = 0; i < made.document.count; ++i) {
      const Fragment& fragment = made.document.fragments[i];
      const std::string one = made.children.substr(fragment.offset, fragment.length);
      EXPECT_EQ(presence_schema_fault(presence(one)), "") << one;
    }
    EXPECT_EQ(support::broken_pidf_law(body), "");
  }
}

// Everything that RPID has is good as it is, by libxml2 and by us.
void expect_stays(const std::string& children) {
  EXPECT_EQ(presence_schema_fault(presence(person(children))), "") << children;
  EXPECT_EQ(in_person(children), children);
}

void expect_words_stay(const std::string& around, std::string_view words, bool together) {
  const std::string open = "<rpid:" + around + ">", close = "</rpid:" + around + ">";
  std::string all;
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    const std::string word = "<rpid:" + std::string(words.substr(begin, end - begin)) + "/>";
    expect_stays(open + word + close);
    all += word;
    begin = end + 1;
  }
  if (together) expect_stays(open + all + close);
}

TEST(PidfSchema, EveryWordOfRpidStays) {
  expect_words_stay("activities",
           "appointment away breakfast busy dinner holiday in-transit looking-for-work meal meeting "
           "on-the-phone performance "
           "permanent-absence playing presentation shopping sleeping spectator steering travel tv vacation "
           "working worship",
           true);
  expect_words_stay("mood",
           "afraid amazed angry annoyed anxious ashamed bored brave calm cold confused contented cranky "
           "curious depressed "
           "disappointed disgusted distracted embarrassed excited flirtatious frustrated grumpy guilty happy "
           "hot humbled "
           "humiliated hungry hurt impressed in_awe in_love indignant interested invincible jealous lonely "
           "mean moody "
           "nervous neutral offended playful proud relieved remorseful restless sad sarcastic serious "
           "shocked shy sick "
           "sleepy stressed surprised thirsty worried",
           true);
  expect_words_stay("activities", "unknown", false);
  expect_words_stay("mood", "unknown", false);
  expect_words_stay("privacy", "audio text video", true);
  expect_words_stay("privacy", "unknown", false);
  expect_words_stay("relationship", "assistant associate family friend self supervisor unknown", false);
  expect_words_stay("service-class", "courier electronic freight in-person postal unknown", false);
  expect_words_stay("sphere", "home work unknown", false);
  for (const char* word : {"noisy", "ok", "quiet", "unknown"}) {
    expect_stays("<rpid:place-is><rpid:audio><rpid:" + std::string(word) + "/></rpid:audio></rpid:place-is>");
  }
  for (const char* word : {"toobright", "ok", "dark", "unknown"}) {
    expect_stays("<rpid:place-is><rpid:video><rpid:" + std::string(word) + "/></rpid:video></rpid:place-is>");
  }
  for (const char* word : {"uncomfortable", "inappropriate", "ok", "unknown"}) {
    expect_stays("<rpid:place-is><rpid:note>n</rpid:note><rpid:text><rpid:" + std::string(word) +
          "/></rpid:text></rpid:place-is>");
  }
}

TEST(PidfSchema, EveryElementOfRpidStays) {
  for (const char* children :
       {"<rpid:activities/>", "<rpid:sphere/>", "<rpid:privacy/>", "<rpid:relationship/>", "<rpid:place-is/>",
        "<rpid:activities><rpid:note "
        "xml:lang=\"de\">n</rpid:note><rpid:note>m</rpid:note><rpid:away/></rpid:activities>",
        "<rpid:activities from=\"2026-11-22T18:08:59Z\" "
        "until=\"2026-11-22T19:08:59.5+01:00\"><rpid:tv/></rpid:activities>",
        "<rpid:activities><rpid:other>mending nets</rpid:other><rpid:busy/></rpid:activities>",
        "<rpid:activities><x:fishing xmlns:x=\"urn:x\"/><rpid:away/></rpid:activities>",
        "<rpid:place-type><rpid:other>a boat</rpid:other></rpid:place-type>",
        "<rpid:place-type><lt:home xmlns:lt=\"urn:ietf:params:xml:ns:location-type\"/>"
        "<lt:cafe xmlns:lt=\"urn:ietf:params:xml:ns:location-type\"/></rpid:place-type>",
        "<rpid:class>work</rpid:class>", "<rpid:class/>",
        "<rpid:status-icon>http://example.com/i?a&amp;b#c</rpid:status-icon>",
        "<rpid:time-offset description=\"America/New_York\">-300</rpid:time-offset>",
        "<rpid:user-input idle-threshold=\"600\" last-input=\"2026-11-22T18:08:59Z\">idle</rpid:user-input>",
        "<rpid:sphere><x:club xmlns:x=\"urn:x\"/></rpid:sphere>",
        "<rpid:activities x:more=\"1\" y=\"2\" xmlns:x=\"urn:x\"><rpid:away/></rpid:activities>"}) {
    EXPECT_EQ(presence_schema_fault(presence(person(children))), "") << children;
    EXPECT_EQ(normalise(presence(person(children))).document.left_out, 0u) << children;
  }
}

TEST(PidfSchema, PutsElementsIntoTheOrderOfTheSchema) {
  EXPECT_EQ(children_of(tuple(
                "<timestamp>2026-11-22T18:08:59Z</timestamp><note>a</note><contact>sip:a@b</contact>"
                "<x:y xmlns:x=\"urn:x\"/><note>b</note><status><x:z xmlns:x=\"urn:x\"/><basic>open</basic>"
                "</status><rpid:class>c</rpid:class>")),
            tuple("<status><basic>open</basic><x:z xmlns:x=\"urn:x\"/></status><x:y xmlns:x=\"urn:x\"/>"
                  "<rpid:class>c</rpid:class><contact>sip:a@b</contact><note>a</note><note>b</note>"
                  "<timestamp>2026-11-22T18:08:59Z</timestamp>"));
  EXPECT_EQ(
      in_person(
          "<dm:timestamp>2026-11-22T18:08:59Z</dm:timestamp><dm:note>n</dm:note><rpid:activities><rpid:away/>"
          "<rpid:note>late</rpid:note></rpid:activities>"),
      "<rpid:activities><rpid:note>late</rpid:note><rpid:away/></rpid:activities><dm:note>n</dm:note>"
      "<dm:timestamp>2026-11-22T18:08:59Z</dm:timestamp>");
  EXPECT_EQ(
      children_of("<dm:device "
                  "id=\"d\"><dm:note>n</dm:note><dm:deviceID>urn:x:1</dm:deviceID><rpid:class>c</rpid:class>"
                  "</dm:device>"),
      "<dm:device "
      "id=\"d\"><rpid:class>c</rpid:class><dm:deviceID>urn:x:1</dm:deviceID><dm:note>n</dm:note></"
      "dm:device>");
  EXPECT_EQ(
      in_person("<rpid:place-is><rpid:text><rpid:ok/></rpid:text><rpid:audio><rpid:ok/></rpid:audio></"
                "rpid:place-is>"),
      "<rpid:place-is><rpid:audio><rpid:ok/></rpid:audio><rpid:text><rpid:ok/></rpid:text></rpid:place-is>");
}

struct Example {
  const char* published;
  const char* becomes;
};

const Example kExamples[] = {
    // Words that RPID does not have are said in <other>, where there is one.
    {"<rpid:activities><rpid:coffee/></rpid:activities>",
     "<rpid:activities><rpid:other>coffee</rpid:other></rpid:activities>"},
    {"<rpid:place-type><rpid:office></rpid:office></rpid:place-type>",
     "<rpid:place-type><rpid:other>office</rpid:other></rpid:place-type>"},
    {"<rpid:place-type><rpid:office/><rpid:street/></rpid:place-type>",
     "<rpid:place-type><rpid:other>office</rpid:other></rpid:place-type>"},
    {"<rpid:sphere><rpid:school/></rpid:sphere>", "<rpid:sphere/>"},
    {"<rpid:service-class><rpid:pigeon/></rpid:service-class>", ""},
    // Too much of something.
    {"<rpid:activities><rpid:away/><rpid:unknown/></rpid:activities>",
     "<rpid:activities><rpid:away/></rpid:activities>"},
    {"<rpid:activities><rpid:unknown/><rpid:away/></rpid:activities>",
     "<rpid:activities><rpid:unknown/></rpid:activities>"},
    {"<rpid:sphere><rpid:home/><rpid:work/></rpid:sphere>", "<rpid:sphere><rpid:home/></rpid:sphere>"},
    {"<rpid:place-is><rpid:audio><rpid:ok/><rpid:quiet/></rpid:audio><rpid:audio><rpid:ok/></rpid:audio></"
     "rpid:place-is>",
     "<rpid:place-is><rpid:audio><rpid:ok/></rpid:audio></rpid:place-is>"},
    {"<dm:timestamp>2026-11-22T18:08:59Z</dm:timestamp><dm:timestamp>2026-11-22T18:09:59Z</dm:timestamp>",
     "<dm:timestamp>2026-11-22T18:08:59Z</dm:timestamp>"},
    // Too little.
    {"<rpid:mood/>", ""},
    {"<rpid:mood><rpid:note>n</rpid:note></rpid:mood>", ""},
    {"<rpid:place-type></rpid:place-type>", ""},
    {"<rpid:place-is><rpid:audio/></rpid:place-is>", "<rpid:place-is/>"},
    // Of no such form.
    {"<rpid:user-input>asleep</rpid:user-input>", ""},
    {"<rpid:user-input><![CDATA[ idle ]]></rpid:user-input>", "<rpid:user-input>idle</rpid:user-input>"},
    {"<rpid:user-input><!-- no -->asleep</rpid:user-input><dm:note>n</dm:note>", "<dm:note>n</dm:note>"},
    {"<rpid:time-offset>two hours</rpid:time-offset>", ""},
    {"<rpid:status-icon>a smiley</rpid:status-icon>", ""},
    {"<rpid:status-icon>http://a&#13;b</rpid:status-icon>", ""},
    {"<rpid:status-icon>http://a?&amp;b</rpid:status-icon>",
     "<rpid:status-icon>http://a?&amp;b</rpid:status-icon>"},
    {"<dm:timestamp>yesterday</dm:timestamp>", ""},
    {"<rpid:activities>hello<rpid:away> x </rpid:away></rpid:activities>",
     "<rpid:activities><rpid:away/></rpid:activities>"},
    {"<rpid:activities>\n<!-- -->\n</rpid:activities>", "<rpid:activities/>"},
    {"<rpid:activities><rpid:away> </rpid:away></rpid:activities>",
     "<rpid:activities><rpid:away/></rpid:activities>"},
    {"<rpid:activities><rpid:away><rpid:busy/></rpid:away></rpid:activities>",
     "<rpid:activities><rpid:away/></rpid:activities>"},
    // Attributes.
    {"<rpid:activities id=\"a\" from=\"noon\" until=\"2026-11-22T18:08:59Z\"/>",
     "<rpid:activities until=\"2026-11-22T18:08:59Z\"/>"},
    {"<dm:note xml:lang=\"en_US\" x=\"y\">n</dm:note>", "<dm:note>n</dm:note>"},
    {"<rpid:class x=\"y\">c</rpid:class>", "<rpid:class>c</rpid:class>"},
    {"<rpid:user-input idle-threshold=\"0\">idle</rpid:user-input>",
     "<rpid:user-input>idle</rpid:user-input>"},
    // In no namespace, or of the wrong one of ours.
    {"<x xmlns=\"\"/>", ""},
    {"<dm:x/>", ""},
    {"<note>of PIDF</note>", "<note>of PIDF</note>"},
    {"<dm:person id=\"q\"/>", ""},
    // Within elements of others, what the schemas know is held to them.
    {"<x:y xmlns:x=\"urn:x\"><rpid:mood/>text<rpid:away/><dm:device id=\"q\"/></x:y>",
     "<x:y xmlns:x=\"urn:x\">text<rpid:away/></x:y>"},
    {"<x:y xmlns:x=\"urn:x\" pidf:mustUnderstand=\"perhaps\" xmlns:pidf=\"urn:ietf:params:xml:ns:pidf\"/>",
     "<x:y xmlns:x=\"urn:x\"/>"},
    {"<x:y xmlns:x=\"urn:x\">\n<!-- --><rpid:mood></rpid:mood></x:y>", "<x:y xmlns:x=\"urn:x\"/>"},
    {"<x:y xmlns:x=\"urn:x\" xsi:type=\"z\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"/>",
     "<x:y xmlns:x=\"urn:x\"/>"},
};

TEST(PidfSchema, LeavesOutWhatMayNotBeThere) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(in_person(example.published), example.becomes);
    const bool same = std::string_view(example.published) == example.becomes;
    const bool is_layout = std::string_view(example.published).find("!--") != std::string_view::npos ||
                           std::string_view(example.published).find("CDATA") != std::string_view::npos ||
                           std::string_view(example.published).find("> </") != std::string_view::npos;
    if (!is_layout) {
      EXPECT_EQ(normalise(presence(person(example.published))).document.left_out > 0, !same) << example.published;
    }
  }
}

TEST(PidfSchema, HoldsTuplesAndDevicesToTheirs) {
  const std::string open = "<status><basic>open</basic></status>";
  EXPECT_EQ(children_of(tuple(open + "<contact priority=\"1.5\">sip:a@b</contact><contact>sip:c@d</contact>")),
            tuple(open + "<contact>sip:a@b</contact>"));
  EXPECT_EQ(children_of(tuple(open + "<contact>call me</contact><timestamp> 2026-11-22T18:08:59Z\n</timestamp>")),
            tuple(open + "<timestamp>2026-11-22T18:08:59Z</timestamp>"));
  EXPECT_EQ(
      children_of(
          "<tuple more=\"1\" id=\"t\" xml:lang=\"en\"><status lang=\"x\"><basic y=\"z\">open</basic><basic2/>"
          "</status></tuple>"),
      tuple(open));
  // RFC 4479 §5: a device has a deviceID.
  EXPECT_EQ(children_of("<dm:device id=\"d\"/><dm:device id=\"e\"><dm:deviceID>00:03:ba</dm:deviceID></dm:device>"
                        "<dm:device id=\"f\"><dm:deviceID> urn:x:1 </dm:deviceID></dm:device><note>n</note>"),
            "<dm:device id=\"f\"><dm:deviceID>urn:x:1</dm:deviceID></dm:device><note>n</note>");
  // xs:ID: a name.
  EXPECT_EQ(children_of("<tuple id='1a:b'>" + open + "</tuple><dm:person id='a:b'/><dm:person id='-'/>"),
            "<tuple id=\"_1a_b\">" + open + "</tuple><dm:person id=\"a_b\"/><dm:person id=\"_-\"/>");
}

TEST(PidfSchema, ListsParts) {
  const Made made = normalise(presence(
      tuple("<note>n</note><contact>sip:a@b</contact><rpid:mood/><caps:servcaps "
            "xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\"/>"
            "<status><ts:timed-status "
            "xmlns:ts=\"urn:ietf:params:xml:ns:pidf:timed-status\"/><basic>open</basic></status>") +
      person("<ci:card "
             "xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\">http://x</ci:card><rpid:activities/><rpid:mood>"
             "<rpid:sad/></rpid:mood><x:y xmlns:x=\"urn:x\"/><op:overriding-willingness "
             "xmlns:op=\"urn:oma:xml:prs:pidf:oma-pres\"><op:basic>closed</op:basic></"
             "op:overriding-willingness>")));
  ASSERT_EQ(made.error, ParseError::kOk);
  std::vector<std::pair<PartKind, std::string>> parts;
  for (size_t f = 0; f < made.document.count; ++f) {
    const Fragment& fragment = made.document.fragments[f];
    for (size_t i = 0; i < fragment.parts_count; ++i) {
      const FragmentPart& part = made.document.parts[fragment.parts_begin + i];
      const std::string text = made.children.substr(fragment.offset + part.offset, part.length);
      parts.emplace_back(part.kind, text.substr(0, text.find_first_of(" />")));
    }
  }
  const std::vector<std::pair<PartKind, std::string>> expected = {
      {PartKind::kStatus, "<status"},          {PartKind::kBasic, "<basic"},
      {PartKind::kTimedStatus, "<ts:timed-status"}, {PartKind::kCapabilities, "<caps:servcaps"},
      {PartKind::kContact, "<contact"},        {PartKind::kNote, "<note"},
      {PartKind::kCipid, "<ci:card"},          {PartKind::kActivities, "<rpid:activities"},
      {PartKind::kMood, "<rpid:mood"},         {PartKind::kOther, "<x:y"},
      {PartKind::kWillingness, "<op:overriding-willingness"}};
  EXPECT_EQ(parts, expected);
  EXPECT_EQ(made.document.fragments[0].basic, BasicStatus::kOpen);
  EXPECT_EQ(made.document.fragments[1].basic, BasicStatus::kNone);
  EXPECT_EQ(made.document.fragments[1].willingness, BasicStatus::kClosed);
}

TEST(PidfSchema, RefusesMorePartsThanItLists) {
  std::string notes;
  for (size_t i = 0; i + 1 < kFragmentPartsMax; ++i) notes += "<note/>";
  EXPECT_EQ(normalise(presence(tuple("<status/>" + notes))).error, ParseError::kOk);
  EXPECT_EQ(normalise(presence(tuple("<status/><note/>" + notes))).error, ParseError::kXmlTooLarge);
}

// Documents put together at random from elements, attributes and values, of which most stand where they may not.
class RandomBody {
 public:
  std::string next() {
    std::string body =
        "<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:p='urn:ietf:params:xml:ns:pidf' "
        "xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model' xmlns:rpid='urn:ietf:params:xml:ns:pidf:rpid' "
        "xmlns:op='urn:oma:xml:prs:pidf:oma-pres' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        "xmlns:x='urn:x' entity='sip:a@b'>";
    for (size_t i = 1 + random_() % 3; i > 0; --i) body += element(0);
    return body + "</presence>";
  }

 private:
  std::string element(size_t depth) {
    const std::string name = pick(kNames);
    const bool wants_id = name == "tuple" || name == "dm:person" || name == "dm:device";
    std::string text = "<" + name;
    if (wants_id) text += " id='n" + std::to_string(random_() % 4) + "'";
    text += attributes(wants_id);
    if (random_() % 4 == 0) return text + "/>";
    text += ">";
    if (name == "tuple" && random_() % 8 != 0) text += "<status><basic>open</basic></status>";
    if (name == "dm:device" && random_() % 4 != 0) text += "<dm:deviceID>urn:x:y</dm:deviceID>";
    for (size_t i = random_() % (depth > 4 ? 1 : 5); i > 0; --i) {
      text += random_() % 3 == 0 ? pick(kTexts) : element(depth + 1);
    }
    return text + "</" + name + ">";
  }

  std::string attributes(bool has_id) {
    std::string text;
    std::vector<std::string> used;
    if (has_id) used.emplace_back("id");
    for (size_t i = random_() % 3; i > 0; --i) {
      const std::string attribute = pick(kAttributes);
      const std::string key = attribute.substr(0, attribute.find('='));
      if (std::find(used.begin(), used.end(), key) != used.end()) continue;
      used.push_back(key);
      text += " " + attribute;
    }
    return text;
  }

  std::string pick(std::span<const char* const> list) { return list[random_() % list.size()]; }

  static constexpr const char* kNames[] = {
      "tuple",           "status",        "basic",           "contact",           "note",          "timestamp",
      "dm:person",       "dm:device",     "dm:deviceID",     "dm:note",           "dm:timestamp",  "rpid:activities",
      "rpid:mood",       "rpid:place-is", "rpid:place-type", "rpid:privacy",      "rpid:sphere",   "rpid:relationship",
      "rpid:note",       "rpid:away",     "rpid:happy",      "rpid:unknown",      "rpid:other",    "rpid:audio",
      "rpid:video",      "rpid:text",     "rpid:ok",         "rpid:user-input",   "rpid:class",    "rpid:time-offset",
      "rpid:status-icon", "rpid:home",    "rpid:bogus",      "rpid:service-class", "rpid:postal",  "op:basic",
      "op:overriding-willingness",        "x:y",             "x:z",               "presence"};
  static constexpr const char* kAttributes[] = {
      "id='a'",        "id='b'",         "id='7'",       "from='2026-11-22T18:08:59Z'", "until='noon'",
      "xml:lang='de'", "xml:lang='_'",   "w='1'",        "xml:space='default'",         "priority='0.5'",
      "priority='7'",  "x:w='1'",        "xsi:nil='true'", "idle-threshold='5'",        "p:mustUnderstand='2'",
      "entity='sip:a@b'"};
  static constexpr const char* kTexts[] = {"",
                                           "open",
                                           "closed",
                                           " idle ",
                                           "sip:a@b",
                                           "sip:a@[::1]",
                                           "2026-11-22T18:08:59Z",
                                           "-300",
                                           "hello",
                                           "&amp;",
                                           "\n",
                                           "urn:x:y",
                                           "http://a b/",
                                           "<![CDATA[open]]>",
                                           "a%zz:b",
                                           "<!-- -->",
                                           "2026-02-30T18:08:59Z",
                                           "http://[::1]:80/?x#y#z",
                                           "a&#13;b"};

  std::mt19937 random_{20'261'123};
};

TEST(PidfSchema, WhateverIsPublishedBecomesValid) {
  RandomBody bodies;
  size_t accepted = 0;
  for (int round = 0; round < 6'000; ++round) {
    const std::string body = bodies.next();
    const Made made = normalise(body);
    if (made.error != ParseError::kOk) continue;
    ++accepted;
    ASSERT_EQ(support::broken_pidf_law(body), "") << body;
    // Each by itself: two may have one id, which the composition sees to.
    for (size_t i = 0; i < made.document.count; ++i) {
      const Fragment& fragment = made.document.fragments[i];
      const std::string one = presence(made.children.substr(fragment.offset, fragment.length));
      ASSERT_EQ(presence_schema_fault(one), "") << body << "\n" << one;
    }
  }
  EXPECT_GT(accepted, 600u);
}

}  // namespace
}  // namespace vedette::parsers
