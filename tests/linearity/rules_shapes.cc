// Presence rules: documents that are compiled, and compiled ones that are evaluated, with as much in them as there
// may be of what has to be compared.
#include <array>

#include "parsers/pres_rules.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

// Short, because what is around the pieces is cheaper than they are.
constexpr std::string_view kOpen = "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy'>";
constexpr std::string_view kOpenForPermissions =
    "<ruleset xmlns='urn:ietf:params:xml:ns:common-policy' xmlns:p='urn:ietf:params:xml:ns:pres-rules'>";
constexpr std::string_view kClose = "</ruleset>";

std::array<char, kRuleSetBytesMax> out;

void compile(std::string_view document) { compile_rules(document, out); }

void evaluate(std::string_view rule_set) {
  WatcherIdentity watcher{.uris = {}, .count = 2};
  watcher.uris[0] = {.scheme = UriScheme::kSip, .aor = "nobody-that-is-in-it@a.example"};
  watcher.uris[1] = {.scheme = UriScheme::kSip, .aor = "a@example.com"};
  evaluate_rules(rule_set, watcher, 1'000'000'000, "nowhere");
}

struct Pattern {
  const char* name;
  std::string_view begin, piece, end;  // "#" in a piece: another number in each.
};

constexpr std::string_view kIdentity = "<rule id='a'><conditions><identity>";
constexpr std::string_view kIdentityEnd = "</identity></conditions></rule>";
constexpr std::string_view kMany = "<rule id='a'><conditions><identity><many>";
constexpr std::string_view kManyEnd = "</many></identity></conditions></rule>";
constexpr std::string_view kValidity = "<rule id='a'><conditions><validity>";
constexpr std::string_view kValidityEnd = "</validity></conditions></rule>";
constexpr std::string_view kDevices = "<rule id='a'><transformations><p:provide-devices>";
constexpr std::string_view kDevicesEnd = "</p:provide-devices></transformations></rule>";
constexpr std::string_view kHandling = "<rule id='a'><actions><p:sub-handling>";
constexpr std::string_view kHandlingEnd = "</p:sub-handling></actions></rule>";

constexpr std::array kPatterns = {
    Pattern{"rules", "", "<rule id='rule-of-a-name-that-is-long-#'/>", ""},
    Pattern{"rules that never match", "", "<rule id='r#'><conditions><x xmlns='u'/></conditions></rule>", ""},
    Pattern{"one", kIdentity, "<one id='sip:a#@example.com'/>", kIdentityEnd},
    Pattern{"one, escaped", kIdentity, "<one id='sip:%61%62%63%64#@EXAMPLE.com'/>", kIdentityEnd},
    Pattern{"one that is narrowed", kIdentity, "<one id='sip:a#@b'><x xmlns='u'/><x xmlns='u'/></one>",
            kIdentityEnd},
    Pattern{"numbers", kIdentity, "<one id='tel:+1-2-3-4-5-6-7-8-9-#'/>", kIdentityEnd},
    Pattern{"many", kIdentity, "<many/>", kIdentityEnd},
    Pattern{"many of domains", kIdentity, "<many domain='a#.%65xample'/>", kIdentityEnd},
    Pattern{"except ids", kMany, "<except id='sip:a#@b'/>", kManyEnd},
    Pattern{"except domains", kMany, "<except domain='a#.example'/>", kManyEnd},
    Pattern{"spheres", "<rule id='a'><conditions>", "<sphere value='a b c d e f #'/>",
            "</conditions></rule>"},
    Pattern{"a long sphere", "<rule id='a'><conditions><sphere value='", " ", "'/></conditions></rule>"},
    Pattern{"periods", kValidity,
            "<from>2003-12-24T17:00:00.000+01:00</from><until>2003-12-24T18:00:00Z</until>", kValidityEnd},
    Pattern{"digits of a time", "<rule id='a'><conditions><validity><from>2003-12-24T17:00:00.", "0",
            "Z</from></validity></conditions></rule>"},
    Pattern{"conditions that are not known", "<rule id='a'><conditions><x xmlns='u'>", "<y>z</y>",
            "</x></conditions></rule>"},
    Pattern{"classes", kDevices, "<p:class>#</p:class>", kDevicesEnd},
    Pattern{"classes that are alike", kDevices,
            "<p:class>cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc#</p:class>", kDevicesEnd},
    Pattern{"one class", kDevices, "<p:class>cccccccccccccccccccccccccccccccccccccccccccccccccccccccc</p:class>",
            kDevicesEnd},
    Pattern{"white space", kHandling, " ", kHandlingEnd},
    Pattern{"references for white space", kHandling, "&#32;", kHandlingEnd},
    Pattern{"comments", kHandling, "<!---->", kHandlingEnd},
    Pattern{"line ends before trouble", "", "\n", "<x/>"}};

std::string numbered(const Pattern& pattern, size_t bytes) {
  std::string text(pattern.begin.find("<p:") == std::string_view::npos ? kOpen : kOpenForPermissions);
  text += pattern.begin;
  const size_t at = pattern.piece.find('#');
  for (size_t i = 100; text.size() + pattern.end.size() + kClose.size() < bytes; ++i) {
    text += pattern.piece.substr(0, at);
    if (at != std::string_view::npos) text.append(std::to_string(i)).append(pattern.piece.substr(at + 1));
  }
  return text.append(pattern.end).append(kClose);
}

// About so many bytes, compiled; fewer where a limit is met.
std::string compiled(const Pattern& pattern, size_t bytes) {
  for (size_t document_bytes = 4 * bytes;; document_bytes = document_bytes * 9 / 10) {
    const RulesReport report = compile_rules(numbered(pattern, document_bytes), out);
    if (report.error == RulesError::kOk && report.length <= bytes) return {out.data(), report.length};
  }
}

}  // namespace

void add_rules_shapes(std::vector<Shape>& shapes) {
  for (const Pattern& pattern : kPatterns) {
    const auto document = [pattern](size_t bytes) { return numbered(pattern, bytes); };
    shapes.push_back({std::string("rules: ") + pattern.name, document, compile});
    // Those that are long when compiled.
    const std::string_view name = pattern.name;
    if (name != "one" && name != "many of domains" && name != "except ids" && name != "except domains" &&
        name != "periods" && name != "classes that are alike" && name != "spheres") {
      continue;
    }
    const auto rule_set = [pattern](size_t bytes) { return compiled(pattern, bytes); };
    shapes.push_back({"answers by rules: " + std::string(name), rule_set, evaluate});
  }
}

}  // namespace vedette::linearity
