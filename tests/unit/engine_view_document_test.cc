// What views show of a document: step by step for each kind of element; and what clients publish, under rights made at
// random, stays valid by the schemas.
#include "engine/presence/view_document.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "parsers/pidf.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/presence_schema.h"

namespace vedette::engine {
namespace {

using parsers::SubHandling;

constexpr std::string_view kAor = "alice@example.com";

// A document of one publication, as composition makes it, and its list.
struct Composed {
  explicit Composed(const std::string& body) : bytes(65'536, '\0'), text(65'536, '\0'), list(kComposedElementsMax) {
    EXPECT_EQ(parsers::normalise_pidf(body, bytes, document), parsers::ParseError::kOk) << body;
    const PublishedFragments published = {{bytes.data(), document.length},
                                          std::span(document.fragments).first(document.count),
                                          std::span(document.parts).first(document.parts_count),
                                          1};
    parsers::Writer writer(text.data(), text.size());
    ComposedElements elements{list};
    EXPECT_TRUE(compose({.aor = kAor, .publications = {&published, 1}}, writer, &elements));
    text.resize(writer.length());
    list.resize(elements.count);
  }
  static Composed of_children(const std::string& children) {
    return Composed(std::string(parsers::kPresenceOpen) + "sip:alice@example.com" +
                    std::string(parsers::kPresenceOpenEnd) + children + std::string(parsers::kPresenceClose));
  }

  std::string seen_with(const ViewRights& rights) const {
    std::string out(text.size(), '\0');
    parsers::Writer writer(out.data(), out.size());
    write_view({text, list}, rights, writer);
    EXPECT_FALSE(writer.overflowed());
    out.resize(writer.length());
    return out;
  }

  std::string bytes, text;
  std::vector<ComposedElement> list;
  parsers::PidfDocument document;
};

// What is granted by these transformations.
struct Granted {
  explicit Granted(const std::string& transformations) : rule_set(parsers::kRuleSetBytesMax, '\0') {
    const std::string document =
        "<cr:ruleset xmlns='urn:ietf:params:xml:ns:pres-rules' xmlns:cr='urn:ietf:params:xml:ns:common-policy'>"
        "<cr:rule id='a'><cr:actions><sub-handling>allow</sub-handling></cr:actions><cr:transformations>" +
        transformations + "</cr:transformations></cr:rule></cr:ruleset>";
    const parsers::RulesReport report = parsers::compile_rules(document, rule_set);
    EXPECT_EQ(report.error, parsers::RulesError::kOk) << document;
    rule_set.resize(report.length);
    const parsers::WatcherIdentity watcher{{{{parsers::UriScheme::kSip, "bob@example.com"}}}, 1};
    permissions = parsers::evaluate_rules(rule_set, watcher, 0, {});
    EXPECT_EQ(permissions.sub_handling, SubHandling::kAllow);
  }
  ViewRights rights() const { return {rule_set, permissions}; }

  std::string rule_set;
  parsers::Permissions permissions;
};

// What is seen of these elements, without what every document begins and ends with.
std::string seen(const std::string& children, const std::string& transformations) {
  const Composed composed = Composed::of_children(children);
  const std::string out = composed.seen_with(Granted(transformations).rights());
  const size_t begin = composed.text.find("\">") + 2;
  EXPECT_EQ(out.substr(0, begin), composed.text.substr(0, begin));
  EXPECT_TRUE(out.ends_with(parsers::kPresenceClose));
  return out.substr(begin, out.size() - begin - parsers::kPresenceClose.size());
}

const std::string kServices = "<provide-services><all-services/></provide-services>";
const std::string kPersons = "<provide-persons><all-persons/></provide-persons>";
const std::string kDevices = "<provide-devices><all-devices/></provide-devices>";
const std::string kTuple = "<tuple id=\"a\"><status><basic>open</basic></status></tuple>";

TEST(ViewDocument, NothingIsGrantedWithoutARule) {
  EXPECT_EQ(seen(kTuple + "<note>Hello</note><dm:person id=\"p\"></dm:person>", ""), "");
}

// RFC 5025 §3.3.1.
TEST(ViewDocument, ComponentsByKind) {
  const std::string person = "<dm:person id=\"p\"/>";
  const std::string device = "<dm:device id=\"d\"><dm:deviceID>urn:d</dm:deviceID></dm:device>";
  const std::string all = kTuple + person + device;
  EXPECT_EQ(seen(all, kServices), kTuple);
  EXPECT_EQ(seen(all, kPersons), person);
  EXPECT_EQ(seen(all, kDevices), device) << "its deviceID is what makes it a device";
  EXPECT_EQ(seen(all, kServices + kPersons + kDevices), all);
}

TEST(ViewDocument, ComponentsByName) {
  const std::string work = "<tuple id=\"a\"><status><basic>open</basic></status>"
                           "<rpid:class>work &amp; so on</rpid:class>"
                           "<contact priority=\"0.5\">sip:alice@work.example</contact></tuple>";
  const std::string home = "<tuple id=\"b\"><status><basic>open</basic></status><contact>tel:+1</contact></tuple>";
  const std::string device = "<dm:device id=\"c\"><dm:deviceID>urn:d</dm:deviceID></dm:device>";
  const std::string all = work + home + device;
  const std::string classless = "<tuple id=\"a\"><status><basic>open</basic></status>"
                                "<contact priority=\"0.5\">sip:alice@work.example</contact></tuple>";
  EXPECT_EQ(seen(all, "<provide-services><class>work &amp; so on</class></provide-services>"), classless);
  EXPECT_EQ(seen(all, "<provide-services><occurrence-id>b</occurrence-id></provide-services>"), home);
  EXPECT_EQ(seen(all, "<provide-services><service-uri>sip:alice@work.example</service-uri></provide-services>"),
            classless);
  EXPECT_EQ(seen(all, "<provide-services><service-uri-scheme>tel</service-uri-scheme></provide-services>"), home);
  EXPECT_EQ(seen(all, "<provide-devices><deviceID>urn:d</deviceID></provide-devices>"), device);
  EXPECT_EQ(seen(all, "<provide-devices><deviceID>urn:e</deviceID></provide-devices>"), "");
}

// RFC 5025 §3.3.2.
TEST(ViewDocument, AttributesOfTheDataModelAndOfRpid) {
  const std::string open = "<dm:person id=\"p\">", close = "</dm:person>";
  const struct {
    std::string name, element;
  } cases[] = {{"activities", "<rpid:activities><rpid:note>at lunch</rpid:note><rpid:away/></rpid:activities>"},
               {"class", "<rpid:class>x</rpid:class>"},
               {"mood", "<rpid:mood><rpid:happy/></rpid:mood>"},
               {"place-is", "<rpid:place-is><rpid:audio><rpid:noisy/></rpid:audio></rpid:place-is>"},
               {"place-type", "<rpid:place-type><rpid:other>here</rpid:other></rpid:place-type>"},
               {"privacy", "<rpid:privacy><rpid:audio/></rpid:privacy>"},
               {"sphere", "<rpid:sphere><rpid:work/></rpid:sphere>"},
               {"status-icon", "<rpid:status-icon>http://a.example/</rpid:status-icon>"},
               {"time-offset", "<rpid:time-offset>60</rpid:time-offset>"},
               {"note", "<dm:note>a note</dm:note>"}};
  std::string all;
  for (const auto& c : cases) all += c.element;
  const std::string stamp = "<dm:timestamp>2026-11-23T09:00:00Z</dm:timestamp>";
  EXPECT_EQ(seen(open + all + stamp + close, kPersons), open + stamp + close);
  for (const auto& c : cases) {
    const std::string granted = kPersons + "<provide-" + c.name + ">true</provide-" + c.name + ">";
    EXPECT_EQ(seen(open + all + stamp + close, granted), open + c.element + stamp + close) << c.name;
  }
  EXPECT_EQ(seen(open + all + stamp + close, kPersons + "<provide-all-attributes/>"), open + all + stamp + close);
}

TEST(ViewDocument, AttributesOfServices) {
  const std::string open = "<tuple id=\"a\"><status><basic>open</basic></status>", close = "</tuple>";
  const std::string relationship = "<rpid:relationship><rpid:self/></rpid:relationship>";
  const std::string device = "<dm:deviceID>urn:d</dm:deviceID>", contact = "<contact>sip:alice@example.com</contact>";
  const std::string class_ = "<rpid:service-class><rpid:electronic/></rpid:service-class>";
  EXPECT_EQ(seen(open + class_ + contact + close, kServices), open + class_ + contact + close);
  const std::string all =
      open + relationship + device + contact + "<note>a note</note>" + close + "<note>of all</note>";
  EXPECT_EQ(seen(all, kServices), open + contact + close);
  EXPECT_EQ(seen(all, kServices + "<provide-relationship>true</provide-relationship>"),
            open + relationship + contact + close);
  EXPECT_EQ(seen(all, kServices + "<provide-deviceID>true</provide-deviceID>"), open + device + contact + close);
  EXPECT_EQ(seen(all, kServices + "<provide-note>true</provide-note>"),
            open + contact + "<note>a note</note>" + close + "<note>of all</note>");
}

// RFC 5025 §3.3.2.14: by namespace and name, wherever its namespace was declared.
TEST(ViewDocument, UnknownAttributesByName) {
  const std::string open = "<tuple id=\"a\"><status><basic>open</basic>", close = "</tuple>";
  const std::string in_status = "<s:mine xmlns:s=\"urn:s\">1</s:mine>";
  const std::string y = "<x:y xmlns:x=\"urn:x\"><x:z>1</x:z></x:y>", z = "<x:z xmlns:x=\"urn:x\"/>";
  const std::string caps = "<caps:servcaps xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\"/>";
  const std::string extension = "<x:y xmlns:x=\"urn:x\">2</x:y>";
  const std::string all = open + in_status + "</status>" + y + z + caps + close + extension;
  const auto grant = [](const std::string& space, const std::string& name) {
    return kServices + "<provide-unknown-attribute ns='" + space + "' name='" + name +
           "'>true</provide-unknown-attribute>";
  };
  const std::string bare = open + "</status>" + close;
  EXPECT_EQ(seen(all, kServices), bare);
  EXPECT_EQ(seen(all, grant("urn:x", "y")), open + "</status>" + y + close + extension);
  EXPECT_EQ(seen(all, grant("urn:x", "z")), open + "</status>" + z + close);
  EXPECT_EQ(seen(all, grant("urn:s", "mine")), open + in_status + "</status>" + close);
  EXPECT_EQ(seen(all, grant("urn:ietf:params:xml:ns:pidf:caps", "servcaps")), open + "</status>" + caps + close);
  EXPECT_EQ(seen(all, grant("urn:y", "y")), bare);
}

TEST(ViewDocument, ThatThereAreNoServicesIsForThoseWhoMaySeeThemAll) {
  const std::string offline = "<tuple id=\"offline\"><status><basic>closed</basic></status></tuple>";
  EXPECT_EQ(seen("", kServices), offline);
  EXPECT_EQ(seen("", kPersons), "");
  EXPECT_EQ(seen("", "<provide-services><class>x</class></provide-services>"), "");
}

// Every document of the corpus, under random permissions: valid by the schemas, no longer than the whole, and the same
// again when it is looked at with the same rights.
TEST(ViewDocument, IsValidWhateverIsGranted) {
  std::mt19937 random(5025);
  for (const std::string_view body : support::kPidfCorpus) {
    const Composed composed{std::string(body)};
    ASSERT_EQ(support::presence_schema_fault(composed.text), "") << composed.text;
    for (int i = 0; i < 100; ++i) {
      parsers::Permissions permissions{.sub_handling = SubHandling::kAllow};
      permissions.booleans = static_cast<uint16_t>(random());
      permissions.user_input = static_cast<parsers::UserInput>(random() % 4 * 10);
      const std::string view = composed.seen_with({"", permissions});
      EXPECT_EQ(support::presence_schema_fault(view), "") << view;
      EXPECT_LE(view.size(), composed.text.size());
    }
    EXPECT_EQ(composed.seen_with({"", all_permissions()}), composed.text);
  }
}

}  // namespace
}  // namespace vedette::engine
