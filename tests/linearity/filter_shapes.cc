// Event notification filters: bodies with as much in them as there may be, and documents that the dearest filters are
// applied to.
#include <array>
#include <string>

#include "parsers/event_filter.h"
#include "parsers/pidf.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

constexpr std::string_view kOpen = "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'>";
constexpr std::string_view kClose = "</filter-set>";

std::array<char, kFilterBytesMax> compiled;
std::array<char, 1 << 17> out;

FilterReport compile(std::string_view body) {
  return compile_event_filter(body, {.package = "presence", .aor = "alice@example.com"}, compiled);
}

// Every element takes every selector a step on and none to its end, and is looked at by every comparison.
std::string dearest_filter() {
  std::string body(kOpen);
  body += "<filter id='a'><what>";
  for (size_t i = 0; i < kFilterSelectorsMax; ++i) {
    body += "<exclude>//*[*>0.5]//*//*//*//*//*//*//nothing" + std::to_string(i) + "</exclude>";
  }
  return body.append("</what></filter>").append(kClose);
}

void apply(std::string_view document) {
  static const std::string kFilter = [] {
    const FilterReport report = compile(dearest_filter());
    return std::string(compiled.data(), report.length);
  }();
  Writer writer(out.data(), out.size());
  apply_event_filter(kFilter, document, writer);
}

}  // namespace

void add_filter_shapes(std::vector<Shape>& shapes) {
  const auto add = [&shapes](const std::string& name, const std::string& begin, std::string_view piece,
                             const std::string& end) {
    const auto make = [=](size_t bytes) {
      return repeated(std::string(kOpen) + begin, piece, end + std::string(kClose), bytes);
    };
    shapes.push_back({"filter: " + name, make, [](std::string_view body) { compile(body); }});
  };
  add("filters for others", "", "<filter id='a' uri='sip:bob@example.com'/>", "");
  add("filters that are removed", "", "<filter id='a' remove='true'><what/></filter>", "");
  add("bindings", "<ns-bindings>", "<ns-binding prefix='a' urn='b'/>", "</ns-bindings>");
  add("selectors", "<filter id='a'><what>", "<include>//note</include>", "</what></filter>");
  add("a long path", "<filter id='a'><what><include>", "/a", "</include></what></filter>");
  add("a condition", "<filter id='a'><what><include>//a[.='", "a text", "']</include></what></filter>");
  add("comparisons", "<filter id='a'><what><include>//a[.=1", " or .=1", "]</include></what></filter>");
  add("white space in a path", "<filter id='a'><what><include>", " ", "/a</include></what></filter>");
  shapes.push_back({"filtered document: tuples and a filter",
                    [](size_t bytes) {
                      return repeated(std::string(kPresenceOpen) + std::string(kPresenceOpenEnd),
                                      "<tuple id=\"a\"><status/><note>a text of some length</note></tuple>",
                                      kPresenceClose, bytes);
                    },
                    apply});
}

}  // namespace vedette::linearity
