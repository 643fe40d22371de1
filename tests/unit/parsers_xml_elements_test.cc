// Walking a document element by element: children, text, values, and what happens after trouble.
// Well-formedness itself is parsers_xml_test's.
#include "parsers/xml_elements.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vedette::parsers {
namespace {

constexpr XmlKnownNamespace kNamespaces[] = {{"urn:a", "a"}, {"urn:b", "b", true}};

// The names of all elements in their nesting: "a(b()c())".
std::string shape_of(XmlElements& elements) {
  std::string shape;
  while (elements.next_child()) {
    const std::string name(elements.name().local);
    shape += name + "(" + shape_of(elements) + ")";
  }
  return shape;
}

TEST(XmlElements, AreWalkedInTheirNesting) {
  XmlElements elements("<?xml version='1.0'?><!-- x --><a xmlns='urn:a'> <b/><c><d></d><!-- --><e/>\n</c><f>\t</f></a>",
                       kNamespaces);
  EXPECT_EQ(shape_of(elements), "a(b()c(d()e())f())");
  EXPECT_TRUE(elements.ok());
  EXPECT_FALSE(elements.next_child());
}

TEST(XmlElements, AreKnownByNamespaceAndName) {
  XmlElements elements("<a xmlns='urn:a'><b:a xmlns:b='urn:b'/></a>", kNamespaces);
  ASSERT_TRUE(elements.next_child());
  EXPECT_TRUE(elements.is(0, "a"));
  EXPECT_FALSE(elements.is(1, "a"));
  ASSERT_TRUE(elements.next_child());
  EXPECT_TRUE(elements.is(1, "a"));
  EXPECT_FALSE(elements.is(1, "b"));
}

TEST(XmlElements, TextIsResolvedAndCollapsed) {
  for (const std::string_view text : {"x y", " x\r\n\t y ", "x&#32;<!-- -->y", "<![CDATA[ x ]]> y", "x <?p?> y"}) {
    const std::string document = "<a xmlns='urn:a'><b>" + std::string(text) + "</b><c/></a>";
    XmlElements elements(document, kNamespaces);
    std::array<char, 3> room;
    ASSERT_TRUE(elements.next_child() && elements.next_child());
    EXPECT_EQ(elements.read_text(room), "x y") << text;
    ASSERT_TRUE(elements.next_child()) << text;
    EXPECT_EQ(elements.name().local, "c");
  }
}

TEST(XmlElements, ValuesAreResolvedAndCollapsed) {
  XmlElements elements("<a b=' x&#10;&amp;\ty ' c=''/>", kNamespaces);
  std::array<char, 5> room;
  ASSERT_TRUE(elements.next_child());
  EXPECT_EQ(elements.read_value(elements.attributes()[0], room), "x & y");
  EXPECT_EQ(elements.read_value(elements.attributes()[1], room), "");
  EXPECT_TRUE(elements.ok());
  EXPECT_EQ(elements.read_value(elements.attributes()[0], std::span(room).first(4)), "");
  EXPECT_EQ(elements.trouble(), XmlTrouble::kTooLong);
}

TEST(XmlElements, SkippingGoesBehindTheElement) {
  for (const std::string_view skipped :
       {"<b/>", "<b>text</b>", "<b>text<b>more<b/></b></b>", "<b xmlns='urn:b'></b>"}) {
    const std::string document = "<a xmlns='urn:a'>" + std::string(skipped) + "<c/></a>";
    XmlElements elements(document, kNamespaces);
    ASSERT_TRUE(elements.next_child() && elements.next_child());
    elements.skip();
    ASSERT_TRUE(elements.next_child()) << skipped;
    EXPECT_EQ(elements.name().local, "c");
  }
}

TEST(XmlElements, TroubleHasANameAndEndsAllReading) {
  struct Case {
    std::string_view document;
    bool as_text;
    XmlTrouble trouble;
  };
  for (const Case& c :
       {Case{"<a>text</a>", false, XmlTrouble::kText},
        Case{"<a xmlns='urn:a'>text</a>", false, XmlTrouble::kText},
        Case{"<a>&#32;x</a>", false, XmlTrouble::kText}, Case{"<a><b/></a>", true, XmlTrouble::kElement},
        Case{"<a><b>c</b></a>", true, XmlTrouble::kElement}, Case{"<a>12345</a>", true, XmlTrouble::kTooLong},
        Case{"<a xmlns='urn:a'>12345</a>", true, XmlTrouble::kTooLong}, Case{"<a>", false, XmlTrouble::kXml},
        Case{"<a>", true, XmlTrouble::kXml}}) {
    XmlElements elements(c.document, kNamespaces);
    std::array<char, 4> room;
    ASSERT_TRUE(elements.next_child());
    if (c.as_text) {
      EXPECT_EQ(elements.read_text(room), "");
    } else {
      EXPECT_FALSE(elements.next_child());
    }
    EXPECT_EQ(elements.trouble(), c.trouble) << c.document;
    EXPECT_FALSE(elements.next_child());
    elements.skip();
    EXPECT_EQ(elements.read_text(room), "");
    elements.refuse();
    EXPECT_EQ(elements.trouble(), c.trouble);
    EXPECT_EQ(elements.scanner_error() != ParseError::kOk, c.trouble == XmlTrouble::kXml);
  }
}

TEST(XmlElements, LinesAreThoseOfTheLastElement) {
  XmlElements elements("\n<a>\n<b\n/>\n\n</a>\n", kNamespaces);
  ASSERT_TRUE(elements.next_child());
  EXPECT_EQ(elements.line(), 2U);
  ASSERT_TRUE(elements.next_child());
  EXPECT_EQ(elements.line(), 3U);
  EXPECT_FALSE(elements.next_child());
  EXPECT_FALSE(elements.next_child());
  EXPECT_EQ(elements.line(), 3U);
  XmlElements broken("<a>\n\n</b>", kNamespaces);
  ASSERT_TRUE(broken.next_child());
  EXPECT_FALSE(broken.next_child());
  EXPECT_EQ(broken.line(), 3U);
}

}  // namespace
}  // namespace vedette::parsers
