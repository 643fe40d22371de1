// normalise_pidf under attack: what attackers send, and every document of the corpus cut, changed and mixed
// up.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "parsers/pidf.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/pidf_laws.h"

namespace vedette::parsers {
namespace {

using support::broken_pidf_law;
using support::GuardedBytes;
using support::kPidfCorpus;

constexpr size_t kRoom = 32'768;

ParseError error_of(std::string_view body) {
  std::vector<char> out(kRoom);
  PidfDocument document;
  return normalise_pidf(body, out, document);
}

std::string presence(std::string_view children, std::string_view before = "") {
  return std::string(before)
      .append("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'>")
      .append(children)
      .append("</presence>");
}

std::string repeat(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(PidfUnderAttack, ExpandsNoEntities) {
  EXPECT_EQ(error_of(presence("<note>&lol2;</note>",
                              "<!DOCTYPE presence [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;'>]>")),
            ParseError::kXml);
  EXPECT_EQ(error_of(presence("<note>&x;</note>", "<!DOCTYPE presence SYSTEM 'file:///etc/passwd'>")),
            ParseError::kXml);
  EXPECT_EQ(error_of(presence("", "<!DOCTYPE presence>")), ParseError::kXml);
  EXPECT_EQ(error_of(presence("<note>&nbsp;</note>")), ParseError::kXml);
  EXPECT_EQ(error_of(presence("<note><!ENTITY a 'b'></note>")), ParseError::kXml);
}

TEST(PidfUnderAttack, HasLimits) {
  EXPECT_EQ(error_of(presence(repeat("<a>", 31) + repeat("</a>", 31))), ParseError::kOk);
  EXPECT_EQ(error_of(presence(repeat("<a>", 32) + repeat("</a>", 32))), ParseError::kXmlTooDeep);
  EXPECT_EQ(error_of(presence(repeat("<a>", 3000))), ParseError::kXmlTooDeep);
  EXPECT_EQ(error_of(presence("<a>" + repeat("<b/>", 1022) + "</a>")), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<a>" + repeat("<b/>", 1023) + "</a>")), ParseError::kXmlTooLarge);
  EXPECT_EQ(error_of(presence("<a b='" + std::string(2048, 'x') + "'/>")), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<a b='" + std::string(2049, 'x') + "'/>")), ParseError::kXmlTooLarge);
  EXPECT_EQ(error_of(presence("<" + std::string(128, 'x') + "/>")), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<" + std::string(129, 'x') + "/>")), ParseError::kXmlTooLarge);

  std::string attributes;
  for (int i = 0; i < 32; ++i) attributes.append(" a").append(std::to_string(i)).append("=''");
  EXPECT_EQ(error_of(presence("<x" + attributes + "/>")), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<x b=''" + attributes + "/>")), ParseError::kXmlTooLarge);

  std::string namespaces;
  for (int i = 0; i < 31; ++i) namespaces.append(" xmlns:a").append(std::to_string(i)).append("='urn:x'");
  EXPECT_EQ(error_of(presence("<x" + namespaces + "/>")), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<x xmlns:b='urn:y'" + namespaces + "/>")), ParseError::kXmlTooLarge);
  EXPECT_EQ(error_of(presence(repeat("<x" + namespaces + "/>", 20))), ParseError::kOk);
  // Namespaces whose names have references in them share one small place, and give it back.
  const std::string long_name = "<x xmlns:n='&amp;" + std::string(400, 'x') + "'><n:y/></x>";
  EXPECT_EQ(error_of(presence(repeat(long_name, 10))), ParseError::kOk);
  EXPECT_EQ(error_of(presence("<x xmlns:n='&amp;" + std::string(600, 'x') + "'/>")),
            ParseError::kXmlTooLarge);
}

// A short body that would become a long one: a long namespace declared once, used by many siblings.
TEST(PidfUnderAttack, OutgrowsNothing) {
  const std::string body = "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b' xmlns:n='urn:" +
                           std::string(2000, 'x') + "'><w:x xmlns:w='urn:w'>" + repeat("<n:y/>", 500) +
                           "</w:x></presence>";
  EXPECT_EQ(error_of(body), ParseError::kXmlTooLarge);
}

TEST(PidfUnderAttack, RefusesBytesThatAreNoText) {
  const std::string_view bad[] = {std::string_view("\0", 1),
                                  "\x01",
                                  "\x1F",
                                  "\x80",
                                  "\xC0\x80",
                                  "\xC1\xBF",
                                  "\xE0\x80\x80",
                                  "\xE0\x9F\xBF",
                                  "\xED\xA0\x80",
                                  "\xEF\xBF\xBE",
                                  "\xEF\xBF\xBF",
                                  "\xF0\x8F\xBF\xBF",
                                  "\xF4\x90\x80\x80",
                                  "\xF5\x80\x80\x80",
                                  "\xC3",
                                  "\xE2\x82",
                                  "\xF0\x9F\x98",
                                  "\xFF"};
  for (const std::string_view bytes : bad) {
    EXPECT_EQ(error_of(presence(std::string("<note>").append(bytes).append("</note>"))), ParseError::kXml);
    EXPECT_EQ(error_of(presence(std::string("<note a='").append(bytes).append("'/>"))), ParseError::kXml);
    EXPECT_EQ(error_of(presence(std::string("<!--").append(bytes).append("-->"))), ParseError::kXml);
    EXPECT_EQ(error_of(presence(repeat("<note>harmless</note>", 9)) + std::string(bytes)), ParseError::kXml);
  }
  EXPECT_EQ(
      error_of(presence("<note>\x7F\xC2\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBD\xF4\x8F\xBF\xBF</note>")),
      ParseError::kOk);
}

TEST(PidfUnderAttack, RefusesUnfinishedDocuments) {
  for (const std::string_view body : kPidfCorpus) {
    GuardedBytes guarded(body.size());
    const size_t root_end = body.rfind('>');
    for (size_t length = 0; length <= body.size(); ++length) {
      const ParseError error = error_of(guarded.copy(body.substr(0, length)));
      EXPECT_EQ(error == ParseError::kOk, length > root_end) << body.substr(0, length);
    }
  }
  for (const std::string_view open :
       {"<note><![CDATA[", "<note><!--", "<note a='", "<note><?x ", "<note>&#", "</", "<"}) {
    EXPECT_EQ(error_of("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'>" + std::string(open)),
              ParseError::kXml);
  }
}

TEST(PidfUnderAttack, WritesNothingBehindItsOutput) {
  GuardedBytes guarded(kRoom);
  for (const std::string_view body : kPidfCorpus) {
    for (size_t room = 0; room < 2 * body.size(); room += 7) {
      PidfDocument document;
      const ParseError error = normalise_pidf(body, {guarded.last(room), room}, document);
      EXPECT_TRUE(error == ParseError::kOk || error == ParseError::kXmlTooLarge);
    }
  }
}

// Whether libxml2 and we agree on what is well-formed. We refuse some of what XML allows, and then say
// something else than kXml, or it is a DOCTYPE or another encoding. libxml2 stops reading at a NUL.
ParseError expect_laws(const std::string& body) {
  SCOPED_TRACE(body);
  const ParseError error = error_of(body);
  EXPECT_EQ(broken_pidf_law(body), "");
  if (error == ParseError::kOk) {
    EXPECT_TRUE(support::libxml_takes(body));
  } else if (error == ParseError::kXml && body.find("encoding") == std::string::npos && body.back() != '\0') {
    EXPECT_TRUE(support::libxml_refuses(body));
  }
  return error;
}

TEST(PidfUnderAttack, AgreesWithLibxmlOnEveryOneByteChange) {
  constexpr std::string_view kBytes{"<>&\"'/=:!?-];# \t\r\nxX1\x80\xC3\x00", 25};
  std::mt19937 random(1);
  for (std::string_view original : kPidfCorpus) {
    // Where the declaration ends; what is refused within it is tested by itself.
    const size_t begin = original.starts_with("<?xml") ? original.find("?>") + 2 : 0;
    const std::string body(original.substr(begin));
    for (size_t i = 0; i < body.size(); ++i) {
      std::string changed = body;
      changed[i] = kBytes[random() % kBytes.size()];
      expect_laws(changed);
      changed = body;
      changed.insert(i, 1, kBytes[random() % kBytes.size()]);
      expect_laws(changed);
      changed = body;
      changed.erase(i, 1);
      expect_laws(changed);
    }
  }
}

// Pieces of all documents in any order: what one-byte changes do not reach.
TEST(PidfUnderAttack, AgreesWithLibxmlOnMixtures) {
  const std::string_view pieces[] = {"<a>",
                                     "</a>",
                                     "<a/>",
                                     "<b:c>",
                                     "</b:c>",
                                     "<b:c/>",
                                     "<a xmlns=''>",
                                     "<a xmlns='urn:1'>",
                                     "<b:c xmlns:b='urn:2'>",
                                     "<a xmlns:b='urn:3' b:d='&#9;'>",
                                     "<a xmlns:dm='urn:4' dm:x='&lt;'>",
                                     "<a xmlns:ns01='urn:5'>",
                                     "<ns01:x/>",
                                     "<x:y xmlns:x='urn:6' x:y='1' y='2'/>",
                                     "<x:y xmlns:x='urn:6' xmlns:z='urn:6' x:y='1' z:y='2'/>",
                                     "<a b='1' b='2'/>",
                                     "text",
                                     " ",
                                     "\r\n",
                                     "&amp;",
                                     "&#13;",
                                     "&#x10FFFF;",
                                     "&#0;",
                                     "&#xD800;",
                                     "&bad;",
                                     "<![CDATA[",
                                     "]]>",
                                     "]]",
                                     ">",
                                     "<!-- x -->",
                                     "<!-- -- -->",
                                     "<!--",
                                     "-->",
                                     "<?pi?>",
                                     "<?xml?>",
                                     "<?x y?>",
                                     "<a xml:lang='de'/>",
                                     "<xml:a/>",
                                     "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
                                     "<a xmlns:q='http://www.w3.org/XML/1998/namespace'/>",
                                     "<a xmlns:xmlns='urn:7'/>",
                                     "<a xmlns:q=''/>",
                                     "<p:x p:y=''/>",
                                     "<\xC3\xA9t\xC3\xA9/>",
                                     "<\xC2\xB7/>",
                                     "<a\xC2\xB7/>"};
  std::mt19937 random(2);
  size_t good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body =
        "<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:p='urn:ietf:params:xml:ns:pidf' "
        "xmlns:b='urn:8' entity='sip:a@b'><a>";
    std::vector<std::string> open;
    for (size_t i = random() % 8; i > 0; --i) {
      const std::string_view piece = pieces[random() % std::size(pieces)];
      body += piece;
      if (piece.starts_with("<a") && !piece.ends_with("/>")) open.push_back("</a>");
      if (piece.starts_with("<b:c") && !piece.ends_with("/>")) open.push_back("</b:c>");
    }
    // Mostly closed again, so that much of it is well-formed.
    for (; !open.empty(); open.pop_back()) body += open.back();
    if (expect_laws(body.append("</a></presence>")) == ParseError::kOk) ++good;
  }
  EXPECT_GT(good, 4'000U);
}

// All that clients were recorded to publish and to be notified of, where the recordings are present.
TEST(PidfUnderAttack, ReadsEveryRecordedBody) {
  const std::filesystem::path recordings = VEDETTE_SOURCE_ROOT "/../shared/data/clients";
  if (!std::filesystem::exists(recordings)) GTEST_SKIP() << recordings << " is not here";
  size_t bodies = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(recordings)) {
    if (entry.path().extension() != ".sip") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string message((std::istreambuf_iterator<char>(file)), {});
    const size_t body = message.find("\r\n\r\n");
    if (body == std::string::npos || message.find("application/pidf+xml\r\n") > body) continue;
    if (message.find("<presence", body) == std::string::npos) continue;
    ++bodies;
    SCOPED_TRACE(entry.path());
    EXPECT_EQ(error_of(message.substr(body + 4)), ParseError::kOk);
    expect_laws(message.substr(body + 4));
  }
  EXPECT_GT(bodies, 50U);
}

}  // namespace
}  // namespace vedette::parsers
