// The XML scanner by itself: which tokens a document gives, what its names mean, and what is refused. Every
// document ends at an unreadable page.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/xml_chars.h"
#include "parsers/xml_scanner.h"
#include "parsers/xml_window.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/libxml.h"

namespace vedette::parsers {
namespace {

constexpr XmlKnownNamespace kKnown[] = {{"urn:known:0", "zero"}, {"urn:known:1", "one", true}};

// The document as the scanner tells it, a word per token: "<name{space}", "@name{space}=value", "text", ">".
std::string told(std::string_view document) {
  support::GuardedBytes guarded(document.size());
  XmlScanner scanner(guarded.copy(document), kKnown);
  std::string story;
  const auto name = [&scanner](const XmlName& n) {
    const std::string space(scanner.name_of(n.space));
    return std::string(n.local).append(space.empty() ? "" : "{" + space + "}");
  };
  const auto start = [&] {
    story.append(scanner.space()).append(" <").append(name(scanner.name()));
    for (const XmlAttribute& attribute : scanner.attributes()) {
      story.append(" @").append(name(attribute.name)).append("=");
      XmlValueReader reader(attribute);
      for (std::string_view piece; reader.next(piece);) story += piece;
    }
    story += ' ';
  };
  const auto end = [&] { story.append(" >").append(std::to_string(scanner.depth() + 1)); };
  for (;;) {
    switch (scanner.next()) {
      case XmlToken::kStart:
        start();
        break;
      case XmlToken::kLeaf:
        start();
        story += scanner.text();
        end();
        break;
      case XmlToken::kText:
        story += scanner.text();
        break;
      case XmlToken::kEnd:
        story += scanner.space();
        end();
        break;
      case XmlToken::kDone:
        return story;
      case XmlToken::kError:
        EXPECT_EQ(scanner.next(), XmlToken::kError) << "an error is for ever";
        return std::string(to_string(scanner.error()));
    }
  }
}

constexpr const char* kMalformed = "malformed XML";

TEST(XmlScanner, TellsElementsTextAndTheirDepth) {
  EXPECT_EQ(told("<a/>"), " <a  >1");
  EXPECT_EQ(told("<a></a>"), " <a  >1");
  EXPECT_EQ(told("<a>x<b>y</b>z</a >\n"), " <a x <b y >2z >1");
  EXPECT_EQ(told("\n <!-- c --> <?pi x?><a/> <!----><?pi?>"), " <a  >1");
  EXPECT_EQ(told("\xEF\xBB\xBF<a/>"), " <a  >1");
  EXPECT_EQ(told("<a\n\tb = 'c'\r\nd=\"e\"\n/>"), " <a @b=c @d=e  >1");
}

TEST(XmlScanner, ResolvesReferencesAndLineEnds) {
  EXPECT_EQ(told("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x20AC;&#xfF;</a>"), " <a <>&\"'AB\xE2\x82\xAC\xC3\xBF >1");
  EXPECT_EQ(told("<a>1\r\n2\r3\n4&#13;5</a>"), " <a 1\n2\n3\n4\r5 >1");
  EXPECT_EQ(told("<a><![CDATA[<&amp;]]\r\n\r]]></a>"), " <a <&amp;]]\n\n >1");
  EXPECT_EQ(told("<a b='1\r\n2\t3\r4&#9;5&lt;'/>"), " <a @b=1 2 3 4\t5<  >1");
  for (const char* bad :
       {"<a>&</a>", "<a>&lt</a>", "<a>&LT;</a>", "<a>&#;</a>", "<a>&#x;</a>", "<a>&#xG;</a>", "<a>&#X41;</a>",
        "<a>&#-1;</a>", "<a>&#1114112;</a>", "<a>&#xFFFE;</a>", "<a>&#8;</a>", "<a b='&x;'/>",
        "<a>&#99999999999999999999;</a>", "<a>&#x100000041;</a>"}) {
    EXPECT_EQ(told(bad), kMalformed) << bad;
  }
}

// XML §4.1: "&#x" [0-9a-fA-F]+ ";", and "&#" [0-9]+ ";". Each byte stands first, in the middle and last.
TEST(XmlScanner, ReadsTheTwentyTwoHexadecimalDigitsAndNoOthers) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  size_t read = 0;
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == ';') continue;      // It ends the reference in front of it.
    const std::string c(1, static_cast<char>(byte));
    const size_t place = kDigits.find(c);
    const bool is_digit = place != std::string_view::npos;
    const size_t digit = place < 16 ? place : place - 6;
    const struct {
      std::string text;
      size_t number;
    } kCases[] = {{c + "41", digit * 256 + 0x41}, {"1" + c + "2", 0x102 + digit * 16}, {"4" + c, 0x40 + digit}};
    for (const auto& [text, number] : kCases) {
      const std::string hexadecimal = "&#x" + text + ";";
      const XmlReference reference = read_xml_reference(hexadecimal);
      ASSERT_EQ(reference.length, is_digit ? hexadecimal.size() : 0) << hexadecimal;
      ASSERT_EQ(told("<a>" + hexadecimal + "</a>") != kMalformed, is_digit) << hexadecimal;
      // Of letters, decimal has none.
      const bool is_decimal = byte >= '0' && byte <= '9';
      ASSERT_EQ(told("<a>&#4" + text + ";</a>") != kMalformed, is_decimal) << text;
      if (!is_digit) continue;
      ++read;
      const std::string decimal = "&#" + std::to_string(number) + ";";
      ASSERT_EQ(told("<a>" + hexadecimal + "</a>"), told("<a>" + decimal + "</a>")) << hexadecimal;
      ASSERT_EQ(told("<a b='" + hexadecimal + "'/>"), told("<a b='" + decimal + "'/>")) << hexadecimal;
    }
  }
  EXPECT_EQ(read, 3 * kDigits.size());
}

TEST(XmlScanner, KnowsWhatPrefixesMean) {
  EXPECT_EQ(told("<a xmlns='urn:x'><b xmlns=''/><c d='e'/></a>"), " <a{urn:x}  <b  >2 <c{urn:x} @d=e  >2 >1");
  EXPECT_EQ(told("<p:a p:b='c' xmlns:p='urn:x'><p:d xmlns:p='urn:y'/><p:e/></p:a>"),
            " <a{urn:x} @b{urn:x}=c  <d{urn:y}  >2 <e{urn:x}  >2 >1");
  EXPECT_EQ(told("<a xml:lang='de'/>"), " <a @lang{http://www.w3.org/XML/1998/namespace}=de  >1");
  EXPECT_EQ(told("<p:a xmlns:p='urn:&#x78;&amp;'><p:b xmlns:p='u&#114;n:z'/><p:c/></p:a>"),
            " <a{urn:x&}  <b{urn:z}  >2 <c{urn:x&}  >2 >1");
  for (const char* bad :
       {"<p:a/>", "<a p:b='c'/>", "<a><b xmlns:p='urn:x'/><p:c/></a>", "<a xmlns:p=''/>", "<xmlns:a/>",
        "<a xmlns:xml='urn:x'/>", "<a xmlns:xmlns='urn:x'/>", "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "<a xmlns='urn:x' xmlns='urn:x'/>",
        "<a xmlns:p='urn:x' xmlns:p='urn:y'/>", "<:a/>", "<a:/>", "<a:b:c xmlns:a='urn:x'/>"}) {
    EXPECT_EQ(told(bad), kMalformed) << bad;
  }
}

TEST(XmlScanner, TellsKnownNamespacesByTheirIndex) {
  XmlScanner scanner(
      "<a xmlns='urn:known:1' xmlns:p='urn:other' p:b='' xmlns:q='urn:known:&#48;' q:c='' d='' "
      "xml:e=''/>",
      kKnown);
  ASSERT_EQ(scanner.next(), XmlToken::kStart);
  EXPECT_EQ(scanner.name().space.known, 1);
  ASSERT_EQ(scanner.attributes().size(), 4U);
  EXPECT_EQ(scanner.attributes()[0].name.space.known, kXmlUnknown);
  EXPECT_EQ(scanner.attributes()[1].name.space.known, 0);
  EXPECT_EQ(scanner.attributes()[2].name.space.known, kXmlNoNamespace);
  EXPECT_EQ(scanner.attributes()[3].name.space.known, kXmlOwnNamespace);
}

TEST(XmlScanner, RefusesTheSameAttributeTwice) {
  EXPECT_EQ(told("<a b='' b=''/>"), kMalformed);
  EXPECT_EQ(told("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='' q:b=''/>"), kMalformed);
  EXPECT_EQ(told("<a xmlns:p='urn:x' xmlns:q='urn:&#x78;' p:b='' q:b=''/>"), kMalformed);
  EXPECT_EQ(told("<a xmlns:p='urn:x' xmlns:q='urn:y' p:b='' q:b='' b=''/>"),
            " <a @b{urn:x}= @b{urn:y}= @b=  >1");
}

TEST(XmlScanner, RefusesWhatIsNotOneWellFormedElement) {
  for (const char* bad : {"",
                          " ",
                          "x",
                          "<",
                          "<a",
                          "<a>",
                          "</a>",
                          "<a></b>",
                          "<a></a",
                          "<a></ab>",
                          "<ab></a>",
                          "<a><b></a></b>",
                          "<a/><b/>",
                          "<a/>x",
                          "x<a/>",
                          "<a/>&#32;",
                          "<a/><![CDATA[]]>",
                          "<![CDATA[]]><a/>",
                          "<a b/>",
                          "<a b=/>",
                          "<a b=c/>",
                          "<a b='c/>",
                          "<a b='<'/>",
                          "<a b='c'd='e'/>",
                          "<a / >",
                          "< a/>",
                          "<a><></></a>",
                          "<1/>",
                          "<-a/>",
                          "<a>]]></a>",
                          "<a><!-- -- --></a>",
                          "<a><!-- --- ></a>",
                          "<a><!--></a>",
                          "<a><!- - --></a>",
                          "<a><? x?></a>",
                          "<a><?x</a>",
                          "<a><?xml version='1.0'?></a>",
                          "<a><?XML x?></a>",
                          "<a><?x!?></a>",
                          " <?xml version='1.0'?><a/>",
                          "<!DOCTYPE a><a/>",
                          "<a><!DOCTYPE a></a>",
                          "<a><!ELEMENT a></a>",
                          "<a><![INCLUDE[]]></a>",
                          "<!-- <a/>"}) {
    EXPECT_EQ(told(bad), kMalformed) << bad;
    EXPECT_TRUE(support::libxml_refuses(bad) || std::string_view(bad).starts_with("<!DOCTYPE")) << bad;
  }
}

TEST(XmlScanner, ReadsTheDeclaration) {
  for (const char* good :
       {"<?xml version='1.0'?><a/>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>",
        "<?xml version = '1.0' encoding = 'utf-8' standalone = 'no' ?>\n<a/>", "<?xml version='1.1'?><a/>",
        "<?xml version='1.0' standalone=\"yes\"?><a/>",
        "\xEF\xBB\xBF<?xml version='1.0' encoding='Utf-8'?><a/>", "<?xml-stylesheet href='x'?><a/>"}) {
    EXPECT_EQ(told(good), " <a  >1") << good;
  }
  for (const char* bad :
       {"<?xml?><a/>", "<?xml ?><a/>", "<?xml encoding='UTF-8'?><a/>", "<?xml version='2.0'?><a/>",
        "<?xml version='1.'?><a/>", "<?xml version='1.0\"?><a/>",
        "<?xml version='1.0' encoding='UTF-16'?><a/>", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        "<?xml version='1.0' encoding=''?><a/>", "<?xml version='1.0' standalone='maybe'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>",
        "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "<?xml version='1.0'><a/>",
        "<?xml version='1.0' x='y'?><a/>", "<?xml version='1.0'"}) {
    EXPECT_EQ(told(bad), kMalformed) << bad;
  }
}

TEST(XmlChars, NamesAreThoseOfTheFifthEdition) {
  EXPECT_EQ(find_xml_name("abc-1._\xC3\xA9>"), "abc-1._\xC3\xA9");
  EXPECT_EQ(find_xml_name("\xF0\x90\x80\x80x y"), "\xF0\x90\x80\x80x");
  EXPECT_EQ(find_xml_name("-a"), "");
  EXPECT_EQ(find_xml_name("\xC2\xB7"
                          "a"),
            "");  // A middle dot may follow, not lead.
  EXPECT_EQ(find_xml_name("a\xC2\xB7"), "a\xC2\xB7");
  EXPECT_EQ(find_xml_name("a\xC3\x97"), "a");  // A multiplication sign may not.
  EXPECT_TRUE(is_xml_nmtoken("1a:b"));
  EXPECT_FALSE(is_xml_nmtoken(""));
  EXPECT_FALSE(is_xml_nmtoken("a b"));
}

TEST(XmlScanner, ReadsNamesTextAndValuesOfAnyLengthAnywhere) {
  for (size_t before = 0; before < 64; before += 7) {
    for (size_t length = 1; length <= 128; ++length) {
      const std::string name(length, 'n');
      const std::string text(length, 't');
      const std::string document = std::string(before, ' ') + "<" + name + " " + name + "='" + text + "'>" +
                                   text + "<q:" + name + " xmlns:q='" + text + "'/>" + text + "&#33;</" +
                                   name + ">";
      std::string story = " <" + name + " @" + name + "=" + text + " " + text;
      story += " <" + name + "{" + text + "}  >2" + text + "! >1";
      EXPECT_EQ(told(document), story);
    }
  }
}

TEST(XmlScanner, TellsPrefixesApartThatBeginAlike) {
  const std::string names[] = {"a", "aa", "aaaaaaa", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaab", "aaaaaaaabb"};
  std::string document = "<r xmlns='urn:none'";
  for (const std::string& name : names)
    document.append(" xmlns:").append(name).append("='urn:").append(name).append("'");
  std::string story = " <r{urn:none} ";
  document += ">";
  for (const std::string& name : names) {
    document.append("<").append(name).append(":x/>");
    story.append(" <x{urn:").append(name).append("}  >2");
  }
  EXPECT_EQ(told(document + "</r>"), story + " >1");
  EXPECT_EQ(told("<r xmlns:aaaaaaaaa='urn:x'><aaaaaaaa:x/></r>"), kMalformed);
  EXPECT_EQ(told("<r xmlns:aaaaaaaa='urn:x'><aaaaaaaaa:x/></r>"), kMalformed);
  EXPECT_EQ(told("<r xmlns:aaaaaaaab='urn:x'><aaaaaaaac:x/></r>"), kMalformed);
}

TEST(XmlScanner, MatchesEndTagsByTheirWholeName) {
  for (size_t length = 1; length <= 40; ++length) {
    const std::string name(length, 'n');
    const std::string open = "<" + name + ">";
    EXPECT_EQ(told(open + "</" + name + "\n>"), " <" + name + "  >1");
    for (size_t i = 0; i < length; ++i) {
      std::string other = name;
      other[i] = 'm';
      EXPECT_EQ(told(open + "</" + other + ">"), kMalformed);
      EXPECT_EQ(told(open + "</" + other + ">                "), kMalformed);
    }
    EXPECT_EQ(told(open + "</" + name.substr(1) + ">"), kMalformed);
    EXPECT_EQ(told(open + "</" + name + "n>"), kMalformed);
    EXPECT_EQ(told(open + "</" + name), kMalformed);
  }
}

// The tokens of a document, a letter each.
std::string tokens(std::string_view document) {
  support::GuardedBytes guarded(document.size());
  XmlScanner scanner(guarded.copy(document), kKnown);
  std::string letters;
  for (;;) {
    const XmlToken token = scanner.next();
    letters += "SLTEDX"[static_cast<size_t>(token)];
    if (token == XmlToken::kLeaf) letters.append("(").append(scanner.text()).append(")");
    if (token == XmlToken::kDone || token == XmlToken::kError) return letters;
  }
}

TEST(XmlScanner, TellsPlainLeavesByOneToken) {
  const auto within = [](std::string_view child) {
    return tokens("<one:r xmlns:one='urn:known:1'>" + std::string(child) + "</one:r>");
  };
  EXPECT_EQ(within("<one:a>x</one:a>"), "SL(x)ED");
  EXPECT_EQ(within("<one:a/>"), "SL()ED");
  EXPECT_EQ(within("<one:a b=\"c\" xml:d=\"e\">x ]] y</one:a>\n<one:a b=\"\"/>"), "SL(x ]] y)L()ED");
  EXPECT_EQ(within("<one:a>\xC3\xA9</one:a>"), "SL(\xC3\xA9)ED");
  for (const char* other :
       {"<one:a></one:a>", "<one:a ></one:a>", "<one:a> </one:a>", "<a/>", "<one:a xmlns:b='c'/>"}) {
    EXPECT_EQ(within(other), "SSEED") << other;
  }
  for (const char* other : {"<one:a> x</one:a>", "<one:a>x </one:a>", "<one:a>x</one:a >", "<one:a b='c'>x</one:a>",
                            "<one:a >x</one:a>", "<a>x</a>", "<one:a>'</one:a>", "<one:a>&amp;</one:a>"}) {
    EXPECT_EQ(within(other), "SSTEED") << other;
  }
  EXPECT_EQ(within("<one:a>x<one:b/></one:a>"), "SSTL()EED");
  for (size_t length = 1; length <= 80; ++length) {
    const std::string name = "<one:" + std::string(length, 'n') + ">";
    const std::string end = "</" + name.substr(1);
    const std::string text(length, 't');
    EXPECT_EQ(within(name + text + end), "SL(" + text + ")ED");
    EXPECT_EQ(within(name + text + "</one:" + std::string(length, 'm') + ">"), "SSTX");
    EXPECT_EQ(within(name + text + "</one:" + std::string(length - 1, 'n') + "m>"), "SSTX");
    EXPECT_EQ(within(name + text + "</one:" + std::string(length + 1, 'n') + ">"), "SSTX");
    EXPECT_EQ(tokens("<one:r xmlns:one='urn:known:1'>" + name + text + end.substr(0, end.size() - 1)), "SSTX");
  }
}

// What comes before a tag as space() and what as text, with comments between.
TEST(XmlScanner, TellsWhiteSpaceInEitherWay) {
  EXPECT_EQ(told("<a> <!-- --> x </a>"), " <a   x  >1");
  EXPECT_EQ(told("<a>\r\n \r<!-- -->\n</a>"), " <a \n \n\n >1");
  EXPECT_EQ(told("<a> \n <b/> \n </a>"), " <a  \n  <b  >2 \n  >1");
  EXPECT_EQ(told("<a> \r&#13;\r\n<![CDATA[ ]]> </a>"), " <a  \n\r\n   >1");
  EXPECT_EQ(told("<a> </a> \n"), " <a   >1");
  EXPECT_EQ(told("<a> "), kMalformed);
  EXPECT_EQ(told("<a> <"), kMalformed);
  EXPECT_EQ(told("<a> \r "), kMalformed);
}

// Each kind at each place of documents of all lengths, from each place, as a loop would find it.
TEST(XmlWindow, FindsWhatALoopFinds) {
  const auto stops = [](XmlStop stop, char c) {
    constexpr std::string_view kSpecial = "<>&\"'\t\r\n";
    switch (stop) {
      case XmlStop::kNameEnd:
        return !is_xml(kXmlName, c);
      case XmlStop::kSpecial:
        return kSpecial.find(c) != std::string_view::npos;
      case XmlStop::kNotWhite:
        return !is_xml(kXmlSpace, c);
    }
    return false;
  };
  for (const XmlStop stop : {XmlStop::kNameEnd, XmlStop::kSpecial, XmlStop::kNotWhite}) {
    const char filler = stop == XmlStop::kNotWhite ? ' ' : 'x';
    for (size_t length = 0; length <= 140; ++length) {
      support::GuardedBytes guarded(length);
      for (unsigned c = 1; c < 256; c += length % 16 == 0 ? 1 : 37) {
        const size_t place = (c * 11) % (length + 1);
        std::string text(length, filler);
        if (place < length) text[place] = static_cast<char>(c);
        const std::string_view document = guarded.copy(text);
        XmlWindow window(document);
        // Backwards as well as forwards.
        for (const size_t from : {size_t{0}, place, length, length / 2, size_t{0}}) {
          size_t found = from;
          while (found < length && !stops(stop, text[found])) ++found;
          EXPECT_EQ(window.find(stop, document.data() + from) - document.data(), static_cast<ptrdiff_t>(found));
        }
      }
    }
  }
}

// Blocks of 64 and of 16 bytes, and single ones at the end: a bad byte is found wherever it stands.
TEST(XmlChars, FindsABadByteInTextOfAnyLength) {
  for (size_t length = 1; length <= 150; ++length) {
    support::GuardedBytes guarded(length);
    std::string text(length, 'x');
    EXPECT_TRUE(is_xml_text(guarded.copy(text)));
    for (size_t i = 0; i < length; ++i) {
      for (const char bad : {'\0', '\x1F', '\x0B', '\x80', '\xC3', '\xFF'}) {
        text[i] = bad;
        EXPECT_FALSE(is_xml_text(guarded.copy(text))) << i << " of " << length;
      }
      for (const char good : {'\t', '\r', '\n', ' ', '\x7F'}) {
        text[i] = good;
        EXPECT_TRUE(is_xml_text(guarded.copy(text))) << i << " of " << length;
      }
      text[i] = 'x';
    }
  }
}

// Characters of several bytes across the ends of blocks.
TEST(XmlChars, FindsABadByteAnywhere) {
  const std::string text(200, 'x');
  EXPECT_TRUE(is_xml_text(text));
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char* bad : {"\x02", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
      EXPECT_FALSE(is_xml_text(std::string(text).replace(i, std::string_view(bad).size(), bad))) << i;
    }
    for (const char* good : {"\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
      EXPECT_TRUE(is_xml_text(std::string(text).replace(i, std::string_view(good).size(), good))) << i;
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
