// Presence documents: attributes, namespaces, nesting, long names, references, all as many as there may be.
#include <array>

#include "parsers/pidf.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

constexpr std::string_view kOpen = "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'>";
constexpr std::string_view kClose = "</presence>";

void read_document(std::string_view body) {
  static std::array<char, 1 << 20> out;
  static PidfDocument document;
  normalise_pidf(body, out, document);
}

struct Pattern {
  const char* name;
  std::string_view begin, piece, end;
};

constexpr std::array kPatterns = {
    Pattern{"text", "<note>", "x", "</note>"},
    Pattern{"text of ]", "<note>", "]", "</note>"},
    Pattern{"text of ]]", "<note>", "]] ", "</note>"},
    Pattern{"text of &amp;", "<note>", "&amp;", "</note>"},
    Pattern{"text of &#x;", "<note>", "&#x10FFFF;", "</note>"},
    Pattern{"text of & alone", "<note>", "&", "</note>"},
    Pattern{"text of CR", "<note>", "\r", "</note>"},
    Pattern{"text of CR before a reference", "<note>", "\r", "&amp;</note>"},
    Pattern{"text of CR before a comment", "<note>", "\r", "<!----></note>"},
    Pattern{"text of CR and comments", "<note>", "\r \r<!---->", "</note>"},
    Pattern{"text of >", "<note>", ">", "</note>"},
    Pattern{"text of quotes", "<note>", "'", "</note>"},
    Pattern{"text of two bytes each", "<note>", "\xC3\xA9", "</note>"},
    Pattern{"text of four bytes each", "<note>", "\xF0\x9F\x98\x80", "</note>"},
    Pattern{"white space", "<note>", " \n", "</note>"},
    Pattern{"white space in basic", "<tuple id='a'><status><basic>", " ", "open</basic></status></tuple>"},
    Pattern{"white space between elements", "<a>", "<b/> ", "</a>"},
    Pattern{"references for white space", "<tuple id='a'><status><basic>", "&#32;", "open</basic></status></tuple>"},
    Pattern{"a comment", "<!-- ", "- ", "-->"},
    Pattern{"comments", "", "<!---->", ""},
    Pattern{"comments in text", "<note>", "a<!---->", "</note>"},
    Pattern{"an instruction", "<?a ", "? ", "?>"},
    Pattern{"instructions", "", "<?a?>", ""},
    Pattern{"a CDATA section", "<note><![CDATA[", "]", "]]></note>"},
    Pattern{"a CDATA section of CR", "<note><![CDATA[", "\r", "]]></note>"},
    Pattern{"CDATA sections", "<note>", "<![CDATA[]]>", "</note>"},
    Pattern{"CDATA sections that never end", "<note>", "<![CDATA[", ""},
    Pattern{"elements", "<a>", "<b/>", "</a>"},
    Pattern{"elements with white space in their tags", "<a>", "<b                    />", "</a>"},
    Pattern{"open elements", "", "<a>", ""},
    Pattern{"end tags", "", "</a>", ""},
    Pattern{"nested elements", "", "<a><b><c><d><e><f/></e></d></c></b></a>", ""},
    Pattern{"fragments", "", "<note/>", ""},
    Pattern{"persons", "", "<d:person xmlns:d='urn:ietf:params:xml:ns:pidf:data-model' id='a'/>", ""},
    Pattern{"a long name", "<", "n", "/>"},
    Pattern{"a long name in UTF-8", "<", "\xC3\xA9", "/>"},
    Pattern{"a long attribute", "<note a='", "v", "'/>"},
    Pattern{"a long attribute of references", "<note a='", "&lt;", "'/>"},
    Pattern{"a long attribute of quotes", "<note a='", "\"", "'/>"},
    Pattern{"attributes", "<note", " a='b'", "/>"},
    Pattern{"namespaces", "<note", " xmlns:a='b'", "/>"},
    Pattern{"white space in a tag", "<note", " ", "/>"},
    Pattern{"attributes that never end", "<note a='", "b", ""}};

std::string number(size_t i) { return std::to_string(100 + i); }

// Elements with 30 attributes each.
std::string with_attributes(size_t bytes) {
  std::string element = "<b";
  for (size_t i = 0; i < 30; ++i) element += " a" + number(i) + "='v'";
  return repeated(std::string(kOpen) + "<a>", element + "/>", "</a>" + std::string(kClose), bytes);
}

// 30 prefixes that are alike for as long as they may be; each element uses the one that is found last.
std::string with_like_prefixes(size_t bytes) {
  const std::string prefix(std::min<size_t>(bytes / 128, 124), 'p');
  std::string open = "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:a@b'";
  for (size_t i = 0; i < 30; ++i) open += " xmlns:" + prefix + number(i) + "='u" + number(i) + "'";
  return repeated(open + "><a>", "<b " + prefix + "100:a='v'/>", "</a>" + std::string(kClose), bytes);
}

std::string with_namespaces_each(size_t bytes) {
  std::string element = "<b";
  for (size_t i = 0; i < 30; ++i) element += " xmlns:n" + number(i) + "='u'";
  return repeated(std::string(kOpen) + "<a>", element + "/>", "</a>" + std::string(kClose), bytes);
}

std::string with_long_names(size_t bytes) {
  const std::string name(std::min<size_t>(bytes / 64, 128), 'n');
  return repeated(std::string(kOpen) + "<a>", "<" + name + "></" + name + ">", "</a>" + std::string(kClose), bytes);
}

// 30 namespaces whose long names differ at their ends; an attribute of each in every element. The outermost uses them,
// too: if each of the others had to declare them, what is written would outgrow what is read.
std::string with_like_namespaces(size_t bytes) {
  const std::string name(std::min<size_t>(bytes / 128, 500), 'n');
  std::string declarations;
  std::string attributes;
  for (size_t i = 0; i < 30; ++i) {
    declarations += " xmlns:p" + number(i) + "='" + name + number(i) + "'";
    attributes += " p" + number(i) + ":a='v'";
  }
  return repeated(std::string(kOpen) + "<a" + declarations + attributes + ">", "<b" + attributes + "/>",
                  "</a>" + std::string(kClose), bytes);
}

// Within 25 elements whose namespaces came with a prefix that is not theirs: each next one needs a prefix that is free.
std::string with_taken_prefixes(size_t bytes) {
  std::string open(kOpen);
  std::string close;
  for (size_t i = 0; i < 25; ++i) {
    open += "<dm:a xmlns:dm='u" + number(i) + "'>";
    close += "</dm:a>";
  }
  return repeated(open, "<dm:b xmlns:dm='v'/>", close + std::string(kClose), bytes);
}

}  // namespace

void add_document_shapes(std::vector<Shape>& shapes) {
  const auto add = [&shapes](const std::string& name, auto make) {
    shapes.push_back({"document: " + name, make, read_document});
  };
  for (const Pattern& pattern : kPatterns) {
    add(pattern.name, [pattern](size_t bytes) {
      return repeated(std::string(kOpen) + std::string(pattern.begin), pattern.piece,
                      std::string(pattern.end) + std::string(kClose), bytes);
    });
  }
  add("30 attributes each", with_attributes);
  add("30 like prefixes, the last one used", with_like_prefixes);
  add("30 namespaces each", with_namespaces_each);
  add("30 like namespaces, all used", with_like_namespaces);
  add("prefixes that are taken", with_taken_prefixes);
  add("long names", with_long_names);
  add("a long entity", [](size_t bytes) {
    return repeated("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='", "&amp;", "'/>", bytes);
  });
  add("comments before", [](size_t bytes) { return repeated("<?xml version='1.0'?>", "<!-- -->", kOpen, bytes); });
  add("spaces in the declaration", [](size_t bytes) { return repeated("<?xml ", " ", "version='1.0'?><a/>", bytes); });
}

}  // namespace vedette::linearity
