// Event notification filters: which are understood, what they leave of a document, and, for many random ones, that
// libxml2's XPath selects the same.
#include "parsers/event_filter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/event_filter_format.h"
#include "parsers/pidf.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/presence_schema.h"

#if !defined(VEDETTE_WITHOUT_LIBXML)
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <set>
#endif

namespace vedette::parsers {
namespace {

constexpr FilterContext kContext = {.package = "presence", .aor = "alice@example.com"};
constexpr std::string_view kBindings =
    "<ns-bindings><ns-binding prefix=\"pidf\" urn=\"urn:ietf:params:xml:ns:pidf\"/>"
    "<ns-binding prefix=\"dm\" urn=\"urn:ietf:params:xml:ns:pidf:data-model\"/>"
    "<ns-binding prefix=\"rpid\" urn=\"urn:ietf:params:xml:ns:pidf:rpid\"/></ns-bindings>";

std::string filter_set(const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<filter-set xmlns=\"urn:ietf:params:xml:ns:simple-filter\" "
         "package=\"presence\">" + std::string(kBindings) + content + "</filter-set>";
}
std::string filter(const std::string& what) {
  return filter_set("<filter id=\"1\"><what>" + what + "</what></filter>");
}
std::string escaped(std::string path) {
  for (size_t at = 0; (at = path.find('<', at)) != std::string::npos; ++at) path.replace(at, 1, "&lt;");
  return path;
}
std::string include(const std::string& path) { return "<include type=\"xpath\">" + escaped(path) + "</include>"; }
std::string exclude(const std::string& path) { return "<exclude>" + escaped(path) + "</exclude>"; }
std::string include_namespace(const std::string& name) {
  return "<include type=\"namespace\">" + name + "</include>";
}

struct Compiled {
  FilterError error;
  std::string bytes;
  bool has_conditions;
};
Compiled compile(std::string_view body) {
  std::string out(kFilterBytesMax, '\0');
  const FilterReport report = compile_event_filter(body, kContext, out);
  out.resize(report.length);
  return {report.error, out, report.has_conditions};
}

std::string document(std::string_view elements) {
  return std::string(kPresenceOpen) + "sip:alice@example.com" + std::string(kPresenceOpenEnd) + std::string(elements) +
         std::string(kPresenceClose);
}

std::string filtered(std::string_view compiled, std::string_view whole) {
  std::string out(whole.size(), '\0');
  Writer writer(out.data(), out.size());
  EXPECT_TRUE(apply_event_filter(compiled, whole, writer)) << whole;
  return std::string(writer.text());
}

// What a filter leaves of some elements.
std::string left(const std::string& what, std::string_view elements) {
  const Compiled compiled = compile(filter(what));
  EXPECT_EQ(compiled.error, FilterError::kOk) << what;
  const std::string text = filtered(compiled.bytes, document(elements));
  EXPECT_EQ(support::presence_schema_fault(text), "") << text;
  const size_t begin = document("").size() - kPresenceClose.size();
  return text.substr(begin, text.size() - begin - kPresenceClose.size());
}

constexpr std::string_view kTuple =
    "<tuple id=\"t\"><status><basic>open</basic><x:y xmlns:x=\"urn:x\"/></status><dm:deviceID>urn:d:1</dm:deviceID>"
    "<contact>sip:t@example.com</contact><note>here</note></tuple>";
constexpr std::string_view kPerson =
    "<dm:person id=\"p\"><rpid:activities><rpid:note>x</rpid:note><rpid:away/></rpid:activities>"
    "<rpid:class>c</rpid:class></dm:person>";
constexpr std::string_view kDevice =
    "<dm:device id=\"d\"><rpid:class>c</rpid:class><dm:deviceID>urn:d:1</dm:deviceID><dm:note>n</dm:note></dm:device>";
const std::string kAll = std::string(kTuple) + "<note>hello</note>" + std::string(kPerson) + std::string(kDevice);

constexpr std::string_view kIm =
    "<tuple id=\"im\"><status><basic>open</basic></status><rpid:class>IM</rpid:class></tuple>";
constexpr std::string_view kCall =
    "<tuple id=\"call\"><status><basic>closed</basic></status><rpid:class>voice</rpid:class><contact priority=\"0.5\">"
    "sip:a@example.com</contact><note xml:lang=\"de\">da</note></tuple>";
const std::string kTwoServices = std::string(kIm) + std::string(kCall);

TEST(EventFilter, IncludesWithWhatStandsAroundIt) {
  EXPECT_EQ(left(include("/pidf:presence/pidf:tuple/pidf:status/pidf:basic"), kAll),
            "<tuple id=\"t\"><status><basic>open</basic></status></tuple>");
  EXPECT_EQ(left(include("//rpid:activities"), kAll),
            "<dm:person id=\"p\"><rpid:activities><rpid:note>x</rpid:note><rpid:away/></rpid:activities></dm:person>");
  EXPECT_EQ(left(include("/presence/note"), kAll), "<note>hello</note>");
  EXPECT_EQ(left(include("//note"), kAll),
            "<tuple id=\"t\"><status></status><note>here</note></tuple><note>hello</note>");
  EXPECT_EQ(left(include("/*/dm:device/dm:note"), kAll),
            "<dm:device id=\"d\"><dm:deviceID>urn:d:1</dm:deviceID><dm:note>n</dm:note></dm:device>");
  EXPECT_EQ(left(include("//nothing"), kAll), "");
  EXPECT_EQ(left(include("/pidf:presence"), kAll), kAll);
}

TEST(EventFilter, IncludesANamespace) {
  EXPECT_EQ(left(include_namespace("urn:x"), kAll),
            "<tuple id=\"t\"><status><x:y xmlns:x=\"urn:x\"/></status></tuple>");
  // RFC 4661 §3.5.3: "comprised of the elements defined within the namespace".
  const std::string pidf = include_namespace("urn:ietf:params:xml:ns:pidf");
  EXPECT_EQ(left(pidf, kAll), "<tuple id=\"t\"><status><basic>open</basic></status><contact>sip:t@example.com</contact>"
                              "<note>here</note></tuple><note>hello</note>");
  EXPECT_EQ(left(pidf + exclude("//note"), kAll),
            "<tuple id=\"t\"><status><basic>open</basic></status><contact>sip:t@example.com</contact></tuple>");
  EXPECT_EQ(left("<exclude type=\"namespace\">urn:ietf:params:xml:ns:pidf</exclude>", kAll),
            std::string(kPerson) + std::string(kDevice));
}

// RFC 4661 §5.
TEST(EventFilter, AsksForConditions) {
  const std::string im(kIm), call(kCall);
  const auto both = [](const std::string& condition) {
    return left(include("//tuple[" + condition + "]"), kTwoServices);
  };
  EXPECT_EQ(both("rpid:class=\"IM\" or rpid:class=\"SMS\"\n  or rpid:class=\"MMS\""), im);
  EXPECT_EQ(both("status/basic='closed'"), call);
  EXPECT_EQ(both(" */basic = \"open\" "), im);
  EXPECT_EQ(both("@id=\"call\""), call);
  EXPECT_EQ(both("@id=\"im\" and rpid:class=\"voice\""), "");
  EXPECT_EQ(both("@id=\"im\" and rpid:class=\"voice\" or status/basic=\"open\""), im);
  EXPECT_EQ(both("contact/@priority>0.4"), call);
  EXPECT_EQ(both("contact/@priority=.50"), call);
  EXPECT_EQ(both("contact/@priority=\".50\""), "");
  EXPECT_EQ(both("contact/@priority<0.5"), "");
  EXPECT_EQ(both("rpid:class<5"), "");     // No number is less than it, nor more.
  EXPECT_EQ(both("note/@xml:lang=\"de\""), call);
  EXPECT_EQ(both("@nothing=\"\""), "");
  EXPECT_EQ(left(include("/presence/ tuple[rpid:class=\"IM\"] /\n status/basic"), kTwoServices),
            "<tuple id=\"im\"><status><basic>open</basic></status></tuple>");
  EXPECT_EQ(left(include("//basic[.=\"closed\"]"), kTwoServices),
            "<tuple id=\"call\"><status><basic>closed</basic></status></tuple>");
  EXPECT_EQ(left(exclude("//*[rpid:class=\"voice\"]"), kTwoServices), im);
}

TEST(EventFilter, ExcludesWhateverIsIncluded) {
  EXPECT_EQ(left(exclude("//rpid:activities") + exclude("//dm:device") + exclude("//tuple"), kAll),
            "<note>hello</note><dm:person id=\"p\"><rpid:class>c</rpid:class></dm:person>");
  EXPECT_EQ(left(include("//tuple") + exclude("//pidf:note") + exclude("//pidf:contact"), kAll),
            "<tuple id=\"t\"><status><basic>open</basic><x:y xmlns:x=\"urn:x\"/></status>"
            "<dm:deviceID>urn:d:1</dm:deviceID></tuple>");
  // What an element may not be without stays, empty.
  EXPECT_EQ(left(exclude("//status") + exclude("//note") + exclude("/*/dm:*"), kTuple),
            "<tuple id=\"t\"><status></status><dm:deviceID>urn:d:1</dm:deviceID>"
            "<contact>sip:t@example.com</contact></tuple>");
}

TEST(EventFilter, IsForOneResource) {
  const auto compiled = [](const std::string& attributes) {
    return compile(filter_set("<filter id=\"1\" " + attributes + "><what>" + include("//note") + "</what></filter>"));
  };
  const std::string bytes = compiled("").bytes;
  EXPECT_NE(bytes, "");
  EXPECT_EQ(compiled("uri=\"sip:Alice@EXAMPLE.com\"").bytes, "");
  EXPECT_EQ(compiled("uri=\"sip:alice@EXAMPLE.com\"").bytes, bytes);
  EXPECT_EQ(compiled("uri=\"sip:bob@example.com\"").bytes, "");
  EXPECT_EQ(compiled("domain=\"Example.com\"").bytes, bytes);
  EXPECT_EQ(compiled("domain=\"example.org\"").bytes, "");
  EXPECT_EQ(compiled("remove=\"true\"").bytes, "");
  EXPECT_EQ(compiled("enabled=\"false\"").bytes, bytes);
  EXPECT_EQ(compiled("remove=\"true\"").error, FilterError::kOk);
}

// RFC 4661 §3.4.
TEST(EventFilter, SaysWhatBecomesOfTheFilterThatThereIs) {
  std::string out(kFilterBytesMax, '\0');
  std::string_view held;
  const auto report = [&](const std::string& filters) {
    return compile_event_filter(filter_set(filters), {kContext.package, kContext.aor, held}, out);
  };
  const std::string what = "<what>" + include("//note") + "</what></filter>";
  const FilterReport one = report("<filter id=\"1\">" + what);
  EXPECT_TRUE(one.concerns_this && one.is_enabled && one.length > 0);
  EXPECT_FALSE(one.names_held);
  EXPECT_EQ(event_filter_id(std::string_view(out).substr(0, one.length)), "1");
  held = "1";
  const FilterReport off = report("<filter id=\"1\" enabled=\"0\"/>");
  EXPECT_TRUE(off.concerns_this && !off.is_enabled && off.length == 0);
  EXPECT_TRUE(off.names_held);
  const FilterReport other = report("<filter id=\"1\" uri=\"sip:bob@example.com\">" + what);
  EXPECT_FALSE(other.concerns_this);
  const FilterReport exchanged = report("<filter id=\"1\" remove=\"1\"/><filter id=\"2\">" + what);
  EXPECT_TRUE(exchanged.removes_held && exchanged.concerns_this && !exchanged.names_held);
  // Ids are compared as they are, not by a hash.
  EXPECT_FALSE(report("<filter id=\"11\" remove=\"1\"/>").removes_held);
  for (int i = 2; i < 2'000; ++i) {
    const FilterReport another = report("<filter id=\"" + std::to_string(i) + "\">" + what);
    ASSERT_TRUE(another.concerns_this && !another.names_held) << i;
  }
  EXPECT_FALSE(off.has_content);
  // RFC 4661 §4: what extensions add is passed over.
  EXPECT_EQ(report("<x:y xmlns:x=\"urn:x\"/><filter id=\"1\" xmlns:x=\"urn:x\" x:a=\"b\"><what>" + include("//note") +
                   "<x:y/></what><x:y><x:z/></x:y></filter>")
                .length,
            one.length);
  EXPECT_EQ(report("<filter id=\"1\"><y xmlns=\"\"/></filter>").error, FilterError::kMalformed);
  // RFC 4660 §5.4: empty elements are as if they were not there.
  const FilterReport empty = report("<filter id=\"1\"><what/><trigger/></filter>");
  EXPECT_TRUE(empty.error == FilterError::kOk && empty.concerns_this && empty.length == 0);
  // Two for the resource are refused; one for its domain stands behind.
  EXPECT_EQ(report("<filter id=\"1\">" + what + "<filter id=\"2\">" + what).error, FilterError::kUnsupported);
  const std::string domain = "<filter id=\"2\" domain=\"example.com\"><what>" + include("//basic") + "</what></filter>";
  EXPECT_TRUE(report(domain + "<filter id=\"1\">" + what).names_held);
  EXPECT_TRUE(report("<filter id=\"1\">" + what + domain).names_held);
  EXPECT_EQ(report("<filter id=\"" + std::string(256, 'i') + "\">" + what).error, FilterError::kTooLarge);
}

TEST(EventFilter, EqualWishesAreEqualBytes) {
  const std::string bytes = compile(filter(include("//pidf:note"))).bytes;
  EXPECT_EQ(compile(filter(include(" //note\n"))).bytes, bytes);
  EXPECT_NE(compile(filter(exclude("//note"))).bytes, bytes);
}

TEST(EventFilter, RefusesWhatItDoesNotUnderstand) {
  struct Case {
    std::string body;
    FilterError error;
  };
  std::string many, deep;
  for (size_t i = 0; i <= kFilterSelectorsMax; ++i) many += include("//note");
  for (size_t i = 0; i <= kFilterStepsMax; ++i) deep += "/note";
  std::string doubtful = "//tuple[.=1";
  for (size_t i = 0; i < kFilterComparisonsMax; ++i) doubtful += " or .=1";
  doubtful += "]";
  const std::string good = "<filter id=\"1\"><what>" + include("//note") + "</what></filter>";
  for (const Case& c : std::vector<Case>{
           {"", FilterError::kMalformed},
           {"<a/>", FilterError::kMalformed},
           {"<filter-set/>", FilterError::kMalformed},
           {filter_set("<filter id=\"1\">"), FilterError::kMalformed},
           {filter_set("<filter/>"), FilterError::kMalformed},
           {filter_set("<x/>"), FilterError::kMalformed},
           {filter_set("text"), FilterError::kMalformed},
           {filter(include("")), FilterError::kMalformed},
           {filter("<include type=\"other\">//note</include>"), FilterError::kMalformed},
           {filter(include("//nobody:note")), FilterError::kMalformed},
           {filter("<include><note/></include>"), FilterError::kMalformed},
           {filter(include("//note[1]")), FilterError::kUnsupported},
           {filter(include("//note/@lang")), FilterError::kUnsupported},
           {filter(include("//note/text()")), FilterError::kUnsupported},
           {filter(include("child::note")), FilterError::kUnsupported},
           {filter(include("//note[]")), FilterError::kUnsupported},
           {filter(include("//note[.]")), FilterError::kUnsupported},
           {filter(include("//note[.=\"a\"")), FilterError::kUnsupported},
           {filter(include("//note[.=\"a]")), FilterError::kUnsupported},
           {filter(include("//note[.=a]")), FilterError::kUnsupported},
           {filter(include("//note[.=1-2]")), FilterError::kUnsupported},
           {filter(include("//note[.<\"a\"]")), FilterError::kUnsupported},
           {filter(include("//note[.<=1]")), FilterError::kUnsupported},
           {filter(include("//note[.!=1]")), FilterError::kUnsupported},
           {filter(include("//note[..=\"a\"]")), FilterError::kUnsupported},
           {filter(include("//tuple[.//note=\"a\"]")), FilterError::kUnsupported},
           {filter(include("//tuple[status//basic=\"a\"]")), FilterError::kUnsupported},
           {filter(include("//tuple[.=\"a\" nor .=\"b\"]")), FilterError::kUnsupported},
           {filter(include("//tuple[.=\"a\"][.=\"b\"]")), FilterError::kUnsupported},
           {filter(include("//tuple[nobody:a=\"a\"]")), FilterError::kMalformed},
           {filter(include("//tuple[@nobody:a=\"a\"]")), FilterError::kMalformed},
           {filter(include("//tuple[a/a/a/a/a=1]")), FilterError::kTooLarge},
           {filter(include("//tuple[.=\"" + std::string(256, 'a') + "\"]")), FilterError::kTooLarge},
           {filter(include(doubtful)), FilterError::kTooLarge},
           {filter(include("//a[.=1]") + include(doubtful.substr(0, doubtful.size() - 8) + "]")),
            FilterError::kTooLarge},
           {filter(include("///note")), FilterError::kUnsupported},
           {filter(include("/")), FilterError::kUnsupported},
           {filter_set(good + good), FilterError::kUnsupported},
           {"<filter-set xmlns=\"urn:ietf:params:xml:ns:simple-filter\" package=\"dialog\"/>",
            FilterError::kUnsupported},
           {filter(many), FilterError::kTooLarge},
           {filter(include(deep)), FilterError::kTooLarge},
           {filter(include("//" + std::string(600, 'n'))), FilterError::kTooLarge}}) {
    const Compiled compiled = compile(c.body);
    EXPECT_EQ(compiled.error, c.error) << c.body;
    EXPECT_EQ(compiled.bytes, "") << c.body;
  }
}

TEST(EventFilter, ReadsNothingBehindItsEnd) {
  support::GuardedBytes bodies(4096), filters(4096), documents(1 << 16);
  const std::string body = filter(include("//rpid:activities") + exclude("/presence/*/note") + include_namespace("u") +
                                  include("//*[@id=\"t\" and status/basic='open' or .>5]"));
  for (size_t length = 0; length < body.size(); ++length) {
    EXPECT_NE(compile(bodies.copy(std::string_view(body).substr(0, length))).error, FilterError::kOk) << length;
  }
  const std::string bytes = compile(body).bytes;
  std::string out(1 << 16, '\0');
  for (size_t length = 0; length < bytes.size(); ++length) {
    Writer writer(out.data(), out.size());
    apply_event_filter(filters.copy(std::string_view(bytes).substr(0, length)), document(kAll), writer);
  }
  const std::string whole = document(kAll);
  for (size_t length = 0; length < whole.size(); ++length) {
    Writer writer(out.data(), out.size());
    EXPECT_FALSE(apply_event_filter(bytes, documents.copy(std::string_view(whole).substr(0, length)), writer));
  }
  for (size_t room = 0; room < filtered(bytes, whole).size(); ++room) {
    Writer writer(out.data(), room);
    EXPECT_FALSE(apply_event_filter(bytes, whole, writer));
  }
}

#if !defined(VEDETTE_WITHOUT_LIBXML)

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

// A filter as libxml2 carries it out: each selector is an XPath, and a tree is cut.
class Oracle {
 public:
  struct Selector {
    bool excludes;
    std::string path;
  };
  Oracle(const std::string& whole, const std::vector<Selector>& selectors)
      : tree_(xmlReadMemory(whole.data(), static_cast<int>(whole.size()), nullptr, nullptr, XML_PARSE_NONET)) {
    for (const Selector& selector : selectors) {
      has_includes_ = has_includes_ || !selector.excludes;
      select(selector.path, selector.excludes ? excluded_ : included_);
    }
    xmlNode* const root = xmlDocGetRootElement(tree_);
    cut(root, !has_includes_);
  }
  ~Oracle() { xmlFreeDoc(tree_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  std::string text() const {
    std::string out;
    put(xmlDocGetRootElement(tree_), out);
    return out;
  }
  static std::string text_of_document(const std::string& document) { return Oracle(document, {}).text(); }

 private:
  void select(const std::string& path, std::set<xmlNode*>& into) const {
    xmlXPathContext* const context = xmlXPathNewContext(tree_);
    for (const auto& [prefix, name] : {std::pair("pidf", "urn:ietf:params:xml:ns:pidf"),
                                       std::pair("dm", "urn:ietf:params:xml:ns:pidf:data-model"),
                                       std::pair("rpid", "urn:ietf:params:xml:ns:pidf:rpid")}) {
      xmlXPathRegisterNs(context, reinterpret_cast<const xmlChar*>(prefix), reinterpret_cast<const xmlChar*>(name));
    }
    xmlXPathObject* const found = xmlXPathEval(reinterpret_cast<const xmlChar*>(path.c_str()), context);
    ASSERT_NE(found, nullptr) << path;
    const xmlNodeSet* const nodes = found->nodesetval;
    for (int i = 0; nodes != nullptr && i < nodes->nodeNr; ++i) into.insert(nodes->nodeTab[i]);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
  }
  static size_t depth_of(const xmlNode* node) {
    size_t depth = 0;
    for (; node->parent != nullptr && node->parent->type == XML_ELEMENT_NODE; node = node->parent) ++depth;
    return depth;
  }
  static bool is_container(const xmlNode* node) {
    const std::string_view name = text_of(node->name);
    const size_t depth = depth_of(node);
    if (depth == 1) return name == "tuple" || name == "person" || name == "device";
    return depth == 0 || (depth == 2 && name == "status" && text_of(node->parent->name) == "tuple");
  }
  static bool is_needed(const xmlNode* node) {
    const std::string_view name = text_of(node->name);
    if (depth_of(node) != 2) return depth_of(node) == 0;
    const std::string_view parent = text_of(node->parent->name);
    return (name == "status" && parent == "tuple") || (name == "deviceID" && parent == "device");
  }
  static bool has_any(xmlNode* node, const std::set<xmlNode*>& selected) {
    if (selected.contains(node)) return true;
    for (xmlNode* child = node->children; child != nullptr; child = child->next) {
      if (has_any(child, selected)) return true;
    }
    return false;
  }
  // Whether anything in it is wanted; what is not goes.
  bool cut(xmlNode* node, bool is_wanted, bool is_out = false) {
    if (!is_container(node)) {
      return (is_wanted || has_any(node, included_)) && !is_out && !has_any(node, excluded_);
    }
    is_wanted = is_wanted || included_.contains(node);
    is_out = is_out || excluded_.contains(node);
    bool has_wanted = is_wanted && !is_out;
    for (xmlNode* child = node->children; child != nullptr;) {
      xmlNode* const next = child->next;
      const bool stays = cut(child, is_wanted, is_out);
      has_wanted = has_wanted || stays;
      if (!stays && !is_needed(child)) remove(child);
      child = next;
    }
    return has_wanted;
  }
  static void remove(xmlNode* node) {
    xmlUnlinkNode(node);
    xmlFreeNode(node);
  }
  static void put(const xmlNode* node, std::string& out) {
    if (node->type != XML_ELEMENT_NODE) {
      out.append(text_of(node->content));
      return;
    }
    out.append("<").append(text_of(node->name)).append("|").append(node->ns == nullptr ? "" : text_of(node->ns->href));
    out.append(">");
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) put(child, out);
    out.append("</>");
  }

  xmlDoc* tree_;
  std::set<xmlNode*> included_, excluded_;
  bool has_includes_ = false;
};

TEST(EventFilter, SelectsWhatXPathSelects) {
  std::mt19937 random(4661);
  const auto pick = [&random](const std::vector<std::string>& words) { return words[random() % words.size()]; };
  const std::vector<std::string> names = {"pidf:presence", "pidf:tuple",  "pidf:status",     "pidf:basic", "pidf:note",
                                          "pidf:contact",  "dm:person",   "rpid:activities", "rpid:away",  "rpid:*",
                                          "dm:device",     "dm:deviceID", "dm:note",         "*",          "pidf:*"};
  const std::vector<std::string> operands = {
      ".",  "rpid:class", "pidf:status/pidf:basic", "*",         "*/*",      "pidf:note", "@id",
      "@*", "*/@id",      "pidf:contact/@priority", "@priority", "@xml:lang"};
  const std::vector<std::string> values = {"=\"open\"", "='closed'", "=\"im\"", "=\"IM\"", "=\"c\"",
                                           "=0.50",     "<0.5",      ">0.5",    ">.4"};
  const std::vector<std::string> conditioned = {"*", "pidf:tuple", "pidf:contact", "pidf:status",
                                                "pidf:status/pidf:basic"};
  const std::vector<std::string> joints = {" and ", " or "};
  const auto comparison = [&] { return pick(operands) + pick(values); };
  const auto condition = [&] {
    std::string text = "[" + comparison();
    while (random() % 2 == 0) text += pick(joints) + comparison();
    return text + "]";
  };
  std::vector<std::string> documents = {document(kAll), document(""), document(kTwoServices), document(kTwoServices)};
  for (const std::string_view body : support::kPidfCorpus) {
    std::string out(1 << 15, '\0');
    PidfDocument read;
    ASSERT_EQ(normalise_pidf(body, out, read), ParseError::kOk);
    std::string elements;   // In the order of RFC 3863.
    for (const FragmentKind kind : {FragmentKind::kTuple, FragmentKind::kNote, FragmentKind::kPerson,
                                    FragmentKind::kDevice, FragmentKind::kExtension}) {
      for (size_t i = 0; i < read.count; ++i) {
        const Fragment& fragment = read.fragments[i];
        if (fragment.kind == kind) elements += out.substr(fragment.offset, fragment.length);
      }
    }
    documents.push_back(document(elements));
  }
  for (int round = 0; round < 6000; ++round) {
    std::vector<Oracle::Selector> selectors;
    std::string what;
    for (size_t i = random() % 4; i > 0; --i) {
      std::string path = random() % 2 == 0 ? "/pidf:presence" : "";
      for (size_t step = random() % 3 + (path.empty() ? 1 : 0); step > 0; --step) {
        path += random() % 2 == 0 ? "//" : "/";
        path += pick(names);
if (random() % 3 == 0) path += condition();
      }
      if (random() % 3 == 0)
        path = "//" + pick(conditioned) + condition() + (random() % 2 == 0 ? "" : "//" + pick(names));
      selectors.push_back({random() % 2 == 0, path});
      what += selectors.back().excludes ? exclude(path) : include(path);
    }
    const Compiled compiled = compile(filter(what));
    ASSERT_EQ(compiled.error, FilterError::kOk) << what;
    if (compiled.bytes.empty()) continue;
    const std::string whole = pick(documents);
    const std::string made = filtered(compiled.bytes, whole);
    ASSERT_EQ(Oracle::text_of_document(made), Oracle(whole, selectors).text()) << what << "\n" << whole << "\n" << made;
    ASSERT_EQ(support::presence_schema_fault(made), "") << what << "\n" << made;
    // What decided may have been left out.
    if (!compiled.has_conditions) {
      ASSERT_EQ(filtered(compiled.bytes, made), made) << what;
    }
  }
}

#endif

}  // namespace
}  // namespace vedette::parsers
