// What normalise_pidf makes of real and of hostile presence documents. libxml2 is the second opinion on what
// is well-formed.
#include "parsers/pidf.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_corpus.h"

namespace vedette::parsers {
namespace {


struct Normalised {
  ParseError error = ParseError::kOk;
  std::string entity;
  std::vector<std::string> fragments;
  std::vector<std::string> ids;
  PidfDocument document;
};

Normalised normalise(std::string_view body, size_t room = 65'536) {
  Normalised result;
  std::vector<char> out(room);
  result.error = normalise_pidf(body, out, result.document);
  if (result.error != ParseError::kOk) return result;
  result.entity = result.document.entity;
  for (size_t i = 0; i < result.document.count; ++i) {
    const Fragment& fragment = result.document.fragments[i];
    const std::string text(out.data() + fragment.offset, fragment.length);
    result.fragments.push_back(text);
    result.ids.push_back(text.substr(fragment.id_offset, fragment.id_length));
  }
  return result;
}

std::string document_of(const Normalised& normalised) {
  std::string document = std::string(kPresenceOpen) + normalised.entity + std::string(kPresenceOpenEnd);
  for (const std::string& fragment : normalised.fragments) document += fragment;
  return document + std::string(kPresenceClose);
}

// A document with these children of <presence>.
std::string presence(std::string_view children) {
  return std::string(kPresenceOpen) + "sip:a@b" + std::string(kPresenceOpenEnd) + std::string(children) +
         std::string(kPresenceClose);
}

std::string tuple(std::string_view more) {
  return "<tuple id=\"t\"><status><basic>open</basic></status>" + std::string(more) + "</tuple>";
}

TEST(Pidf, ReadsWhatBaresipPublishes) {
  const Normalised result = normalise(support::kBaresipBody);
  ASSERT_EQ(result.error, ParseError::kOk);
  EXPECT_EQ(result.entity, "sip:alice@presence.test");
  EXPECT_EQ(result.fragments,
            (std::vector<std::string>{"<dm:person id=\"p4159\"><rpid:activities/></dm:person>",
                                      "<tuple id=\"t4109\"><status><basic>open</basic></status>"
                                      "<contact>sip:alice@presence.test</contact></tuple>"}));
  EXPECT_EQ(result.ids, (std::vector<std::string>{"p4159", "t4109"}));
  EXPECT_EQ(result.document.fragments[0].kind, FragmentKind::kPerson);
  EXPECT_EQ(result.document.fragments[1].kind, FragmentKind::kTuple);
  EXPECT_EQ(result.document.fragments[1].basic, BasicStatus::kOpen);
}

TEST(Pidf, KeepsWhatLinphonePutsInAnotherNamespace) {
  const Normalised result = normalise(support::kLinphoneBody);
  ASSERT_EQ(result.error, ParseError::kOk);
  ASSERT_EQ(result.fragments.size(), 2U);
  EXPECT_EQ(result.fragments[1],
            "<dm:person id=\"x4i4ud\"><rpid:activities><rpid:on-the-phone/></rpid:activities>"
            "<timestamp>2026-11-22T18:08:59Z</timestamp></dm:person>");
  const Normalised online = normalise(support::kLinphoneOnlineBody);
  ASSERT_EQ(online.error, ParseError::kOk);
  EXPECT_NE(online.fragments[0].find("<pidfonline:online xmlns:pidfonline=\"http://www.linphone.org/xsds/"
                                     "pidfonline.xsd\"/>"),
            std::string::npos);
}

TEST(Pidf, GivesKnownNamespacesTheirCustomaryPrefixes) {
  const Normalised result = normalise(support::kOddPrefixesBody);
  ASSERT_EQ(result.error, ParseError::kOk);
  ASSERT_EQ(result.fragments.size(), 5U);
  EXPECT_EQ(result.fragments[0],
            "<tuple id=\"carol-1\"><status><basic>open</basic>"
            "<ns01:loud xmlns:ns01=\"urn:example:ci?a=1&amp;b='2'\" ns01:by=\"5&lt;6\" by=\"&quot;q&quot;\"/>"
            "<ns01:lunch xmlns:ns01=\"urn:example:away\" xmlns:pidf=\"urn:ietf:params:xml:ns:pidf\" "
            "pidf:mustUnderstand=\"1\" xml:lang=\"de\">Mahlzeit</ns01:lunch></status>"
            "<caps:servcaps "
            "xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\"><caps:audio>true</caps:audio></caps:servcaps>"
            "<contact priority=\"1.0\">sip:carol@[2001:db8::1]</contact>"
            "<note xml:lang=\"en\">at &lt;the desk&gt; &amp; awake</note></tuple>");
  EXPECT_EQ(
      result.fragments[1],
      "<dm:person id=\"p1\"><rpid:mood><rpid:happy/>"
      "<caps:x xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\"/></rpid:mood>"
      "<ci:homepage xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\">http://example.com/?a&amp;b</ci:homepage>"
      "<ts:timed-status xmlns:ts=\"urn:ietf:params:xml:ns:pidf:timed-status\" from=\"2026-11-22T18:08:59Z\"/>"
      "<ns01:lunch xmlns:ns01=\"urn:example:away\"><plain xmlns=\"\"><deeper><note "
      "xmlns=\"urn:ietf:params:xml:ns:pidf\">x</note></deeper></plain></ns01:lunch></dm:person>");
  EXPECT_EQ(result.fragments[3], "<note>f\xC3\xBCr \xF0\x9F\x98\x80 alle]] &lt;raw&gt;&amp;amp; </note>");
  EXPECT_EQ(result.fragments[4], "<ns01:lunch xmlns:ns01=\"urn:example:away\"/>");
  const Fragment& device = result.document.fragments[2];
  EXPECT_EQ(device.kind, FragmentKind::kDevice);
  EXPECT_EQ(result.fragments[2].substr(device.device_id_offset, device.device_id_length),
            "urn:device:0003ba4811e3");
}

TEST(Pidf, IsAFixedPointAndWellFormed) {
  for (const std::string_view body : support::kPidfCorpus) {
    const Normalised once = normalise(body);
    ASSERT_EQ(once.error, ParseError::kOk) << body;
    const std::string document = document_of(once);
    EXPECT_TRUE(support::libxml_takes(document)) << document;
    const Normalised twice = normalise(document);
    ASSERT_EQ(twice.error, ParseError::kOk) << document;
    EXPECT_EQ(twice.fragments, once.fragments);
  }
}

struct Rule {
  const char* children;
  ParseError error;
};

TEST(Pidf, HoldsDocumentsToItsRules) {
  const Rule rules[] = {
      {"", ParseError::kOk},
      {"<note>hello</note>", ParseError::kOk},
      {"<tuple id='t'><status/></tuple>", ParseError::kOk},
      {"<tuple id='t'><status><basic>closed</basic></status></tuple>", ParseError::kOk},
      {"<tuple id='t'><status><basic>\n<!-- -->open<![CDATA[]]> </basic></status></tuple>", ParseError::kOk},
      {"<tuple id='t'/>", ParseError::kPidf},
      {"<tuple><status/></tuple>", ParseError::kPidf},
      {"<tuple id=''><status/></tuple>", ParseError::kPidf},
      {"<tuple id='a b'><status/></tuple>", ParseError::kPidf},
      {"<tuple id='a&quot;'><status/></tuple>", ParseError::kPidf},
      {"<tuple dm:id='t'><status/></tuple>", ParseError::kPidf},
      {"<tuple id='t'><dm:status/></tuple>", ParseError::kPidf},
      {"<tuple id='t'><x><status/></x></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status/><status/></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status><basic>busy</basic></status></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status><basic>OPEN</basic></status></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status><basic/></status></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status><basic>open<x/></basic></status></tuple>", ParseError::kPidf},
      {"<tuple id='t'><status><basic>open</basic><basic>open</basic></status></tuple>", ParseError::kPidf},
      {"<dm:person/>", ParseError::kPidf},
      {"<dm:person id='p'/>", ParseError::kOk},
      {"<dm:device><dm:deviceID>x</dm:deviceID></dm:device>", ParseError::kPidf},
      {"stray", ParseError::kPidf},
  };
  for (const Rule& rule : rules) {
    EXPECT_EQ(to_string(normalise(presence(rule.children)).error), to_string(rule.error)) << rule.children;
  }
  EXPECT_EQ(normalise("<presence entity='sip:a@b'/>").error, ParseError::kPidf);
  EXPECT_EQ(normalise("<presence xmlns='urn:ietf:params:xml:ns:pidf'/>").error, ParseError::kPidf);
  EXPECT_EQ(normalise("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity=''/>").error, ParseError::kPidf);
  EXPECT_EQ(normalise("<tuple xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'/>").error,
            ParseError::kPidf);
}

TEST(Pidf, DropsLayoutAndKeepsText) {
  const auto only = [](std::string_view children) { return normalise(presence(children)).fragments.at(0); };
  EXPECT_EQ(only("<note> a  b\n</note>"), "<note> a  b\n</note>");
  EXPECT_EQ(only("<note> </note>"), "<note> </note>");
  EXPECT_EQ(only("<note></note>"), "<note/>");
  EXPECT_EQ(only("<note><!-- a --><?b c?></note>"), "<note/>");
  EXPECT_EQ(only("<dm:x>\n <y/> <!-- z --> <y/>\n</dm:x>"), "<dm:x><y/><y/></dm:x>");
  EXPECT_EQ(only("<dm:x> <!-- z --> a<y/> b </dm:x>"), "<dm:x>  a<y/> b </dm:x>");
  EXPECT_EQ(only("<note>a\r\nb\rc&#13;d&#xA;</note>"), "<note>a\nb\nc&#13;d\n</note>");
  EXPECT_EQ(only("<dm:x a='&#9;&#10;&#13;\t\n'/>"), "<dm:x a=\"&#9;&#10;&#13;  \"/>");
  EXPECT_EQ(only("<dm:x a=\"'\" b='\"'/>"), "<dm:x a=\"'\" b=\"&quot;\"/>");
  EXPECT_EQ(only("<note><![CDATA[]]]]><![CDATA[>]]></note>"), "<note>]]&gt;</note>");
}

// Whether an element can be copied as it stands or has to be written anew, it comes out the same.
TEST(Pidf, WritesOneElementOneWay) {
  const auto only = [](std::string_view children) { return normalise(presence(children)).fragments.at(0); };
  const std::string written = "<dm:x a=\"b\" rpid:c=\"d\" xml:lang=\"de\"><dm:y>t</dm:y></dm:x>";
  const std::string_view tags[] = {"<dm:x a=\"b\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x  a=\"b\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x\na=\"b\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x a=\"b\" rpid:c=\"d\" xml:lang=\"de\" >",
                                   "<dm:x a =\"b\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x a= \"b\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x a='b' rpid:c='d' xml:lang='de'>",
                                   "<dm:x a=\"&#98;\" rpid:c=\"d\" xml:lang=\"de\">",
                                   "<dm:x xmlns:q=\"urn:q\" a=\"b\" rpid:c=\"d\" xml:lang=\"de\">"};
  for (const std::string_view tag : tags) {
    for (const std::string_view child :
         {"<dm:y>t</dm:y>", "\n<dm:y>t</dm:y>\n", "<dm:y\n>t</dm:y\n>", "<!---->\r\n<dm:y>&#116;</dm:y> \r\n<?z?>"}) {
      EXPECT_EQ(only(std::string(tag).append(child).append("</dm:x>")), written) << tag << child;
      EXPECT_EQ(only(std::string(tag).append(child).append("</dm:x\t>")), written) << tag << child;
    }
  }
  EXPECT_EQ(only("<dm:x></dm:x >"), "<dm:x/>");
  EXPECT_EQ(only("<dm:x ></dm:x>"), "<dm:x/>");
  EXPECT_EQ(only("<dm:x />"), "<dm:x/>");
  EXPECT_EQ(only("<dm:person id=\"p\"/>"), "<dm:person id=\"p\"/>");
  EXPECT_EQ(only("<dm:person id=\"p\"></dm:person>"), "<dm:person id=\"p\"/>");
  EXPECT_EQ(only("<dm:x> \r\n\r </dm:x>"), "<dm:x> \n\n </dm:x>");
  EXPECT_EQ(only("<dm:x> <!-- --> </dm:x>"), "<dm:x>  </dm:x>");
  EXPECT_EQ(only("<dm:x a=\"1>2\"/>"), "<dm:x a=\"1&gt;2\"/>");
  EXPECT_EQ(only("<dm:x>1>2]>3</dm:x>"), "<dm:x>1&gt;2]&gt;3</dm:x>");
}

// Where a document stands against the blocks in which it is read changes nothing.
TEST(Pidf, ReadsTheSameAnywhere) {
  for (const std::string_view body : support::kPidfCorpus) {
    const Normalised there = normalise(body);
    const size_t root = body.find("presence ") - (body[body.find("presence ") - 1] == ':' ? 3 : 1);
    for (size_t moved = 0; moved < 70; ++moved) {
      const std::string document =
          std::string(body.substr(0, root)) + std::string(moved, '\n') + std::string(body.substr(root));
      support::GuardedBytes guarded(document.size());
      const Normalised here = normalise(guarded.copy(document));
      EXPECT_EQ(here.error, ParseError::kOk);
      EXPECT_EQ(here.entity, there.entity);
      EXPECT_EQ(here.fragments, there.fragments);
    }
  }
}

TEST(Pidf, BindsNoPrefixTwice) {
  const auto only = [](std::string_view children) { return normalise(presence(children)).fragments.at(0); };
  // A client's own prefix is kept, also for the element within that uses it for something else.
  EXPECT_EQ(only("<a:x xmlns:a='urn:1'><a:y xmlns:a='urn:2'/></a:x>"),
            "<a:x xmlns:a=\"urn:1\"><ns01:y xmlns:ns01=\"urn:2\"/></a:x>");
  EXPECT_EQ(only("<x xmlns='urn:1' xmlns:ns01='urn:2' ns01:a='b'/>"),
            "<ns01:x xmlns:ns01=\"urn:1\" xmlns:ns02=\"urn:2\" ns02:a=\"b\"/>");
  // Prefixes that clients look for never mean anything else.
  EXPECT_EQ(only("<dm:x xmlns:dm='urn:1'/>"), "<ns01:x xmlns:ns01=\"urn:1\"/>");
  EXPECT_EQ(only("<dm:w><x xmlns=''><dm:y/></x></dm:w>"), "<dm:w><x xmlns=\"\"><dm:y/></x></dm:w>");
  EXPECT_EQ(only("<dm:w><x xmlns=''><y xmlns='urn:ietf:params:xml:ns:pidf'/><z/></x></dm:w>"),
            "<dm:w><x xmlns=\"\"><y xmlns=\"urn:ietf:params:xml:ns:pidf\"/><z/></x></dm:w>");
}

TEST(Pidf, RefusesMoreThanItsLimits) {
  std::string notes;
  for (size_t i = 0; i < kFragmentsMax; ++i) notes += "<note/>";
  EXPECT_EQ(normalise(presence(notes)).error, ParseError::kOk);
  EXPECT_EQ(normalise(presence(notes + "<note/>")).error, ParseError::kXmlTooLarge);
  EXPECT_EQ(normalise(presence(tuple("<x y='" + std::string(10'000, 'z') + "'/>"))).error,
            ParseError::kXmlTooLarge);
  EXPECT_EQ(normalise(presence("<tuple id='" + std::string(129, 'z') + "'/>")).error, ParseError::kPidf);
}

TEST(Pidf, NeverWritesBeyondItsOutput) {
  for (const std::string_view body : support::kPidfCorpus) {
    const size_t needed = normalise(body).document.length;
    for (size_t room = 0; room < needed; ++room) {
      std::vector<char> out(room + 1, '#');
      PidfDocument document;
      EXPECT_EQ(normalise_pidf(body, {out.data(), room}, document), ParseError::kXmlTooLarge);
      EXPECT_EQ(out[room], '#');
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
