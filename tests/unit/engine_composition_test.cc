// What a presentity's document holds for its publications and bindings, step by step as devices come and go,
// and for many random sets of publications.
#include "engine/presence/composition.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/libxml.h"
#include "engine/registrar/registration_presence.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/presence_schema.h"

namespace vedette::engine {
namespace {

using parsers::Fragment;
using parsers::FragmentKind;

// Publications as an event state compositor keeps them; the newest is first.
class Presentity {
 public:
  void publish(uint32_t number, std::string_view children) {
    publish_document(number, std::string(parsers::kPresenceOpen) + "sip:x@y" +
                                 std::string(parsers::kPresenceOpenEnd) + std::string(children) +
                                 std::string(parsers::kPresenceClose));
  }
  void publish_document(uint32_t number, std::string_view body) {
    remove(number);
    publications_.insert(publications_.begin(), normalised(number, body));
  }
  void set_hard(uint32_t number, std::string_view children) {
    publish(number, children);
    publications_.front().is_hard = true;
    std::rotate(publications_.begin(), publications_.begin() + 1, publications_.end());
  }
  void remove(uint32_t number) {
    std::erase_if(publications_, [number](const Published& p) { return p.number == number; });
  }
  // A device without an instance, that cannot do anything.
  void set_registered(bool registered) {
    registrations_.clear();
    if (registered) register_device(1000, "", "");
  }
  void register_device(uint64_t device, std::string_view instance, std::string_view params, uint16_t q = 1000) {
    std::string body(kRegistrationPresenceBytesMax, '\0');
    parsers::Writer writer(body.data(), body.size());
    write_registration_presence({aor_, instance, params, q, device}, writer);
    ASSERT_FALSE(writer.overflowed());
    Published made = normalised(0, writer.text());
    made.device = device;
    made.instance = instance;
    registrations_.insert(registrations_.begin(), std::move(made));
  }
  void set_device(uint32_t number, uint64_t device) {
    for (Published& p : publications_) {
      if (p.number == number) p.device = device;
    }
  }
  void set_aor(std::string aor) { aor_ = std::move(aor); }
  void set_bytes_max(size_t bytes_max) { bytes_max_ = bytes_max; }

  std::string compose(size_t room = 1 << 20) const {
    std::vector<PublishedFragments> published, registered;
    for (const Published& p : publications_) published.push_back(p.view());
    for (const Published& p : registrations_) registered.push_back(p.view());
    const CompositionInput input = {
        .aor = aor_, .publications = published, .registrations = registered, .bytes_max = bytes_max_};
    std::string document(room, '\0');
    parsers::Writer writer(document.data(), document.size());
    std::vector<ComposedElement> list(kComposedElementsMax);
    ComposedElements elements{list};
    if (!engine::compose(input, writer, &elements)) return "";
    if (registered.empty()) {
      EXPECT_LE(writer.length(), composed_bytes_max(aor_, published));
    }
    expect_listed(writer.text(), std::span(list).first(elements.count));
    return std::string(writer.text());
  }

  // The list says what stands where: elements one behind the other, parts within them, each beginning with its tag.
  static void expect_listed(std::string_view document, std::span<const ComposedElement> elements) {
    size_t at = document.find('>', document.find("<presence")) + 1;
    for (const ComposedElement& element : elements) {
      ASSERT_EQ(element.offset, at) << document;
      at += element.length;
      for (const parsers::FragmentPart& part : element.parts) {
        const std::string_view text = document.substr(element.part_offset(part), part.length);
        ASSERT_TRUE(text.starts_with('<') && text.ends_with('>')) << text;
        ASSERT_LT(element.part_offset(part) + part.length, at);
        if (part.kind == parsers::PartKind::kStatus) {
          ASSERT_TRUE(text.starts_with("<status")) << text;
        }
        if (part.kind == parsers::PartKind::kActivities) {
          ASSERT_TRUE(text.starts_with("<rpid:activities")) << text;
        }
      }
    }
    ASSERT_EQ(document.substr(at), parsers::kPresenceClose);
  }

  // Without what every document begins and ends with.
  std::string children() const {
    const std::string document = compose();
    const size_t begin = document.find('>', document.find("<presence")) + 1;
    return document.substr(begin, document.size() - begin - parsers::kPresenceClose.size());
  }

 private:
  struct Published {
    uint32_t number = 0;
    std::string bytes;
    std::vector<Fragment> fragments;
    std::vector<parsers::FragmentPart> parts;
    uint64_t device = 0;
    std::string instance;

    bool is_hard = false;

    PublishedFragments view() const { return {bytes, fragments, parts, number, device, instance, is_hard}; }
  };

  static Published normalised(uint32_t number, std::string_view body) {
    Published made;
    made.number = number;
    made.device = number;
    made.bytes.resize(65'536);
    parsers::PidfDocument document;
    EXPECT_EQ(parsers::normalise_pidf(body, made.bytes, document), parsers::ParseError::kOk) << body;
    made.bytes.resize(document.length);
    made.fragments.assign(document.fragments.begin(), document.fragments.begin() + document.count);
    made.parts.assign(document.parts.begin(), document.parts.begin() + document.parts_count);
    return made;
  }

  std::vector<Published> publications_, registrations_;
  std::string aor_ = "alice@example.com";
  size_t bytes_max_ = SIZE_MAX;
};

std::string tuple(const std::string& id, const std::string& basic) {
  return "<tuple id=\"" + id + "\"><status><basic>" + basic + "</basic></status></tuple>";
}
std::string person(const std::string& id, const std::string& activity) {
  return "<dm:person id=\"" + id + "\"><rpid:activities><rpid:" + activity +
         "/></rpid:activities></dm:person>";
}
std::string device(const std::string& id, const std::string& device_id) {
  return "<dm:device id=\"" + id + "\"><dm:deviceID>" + device_id + "</dm:deviceID></dm:device>";
}

const std::string kRegistration =
    "<tuple "
    "id=\"r00000000000003e8\"><status><basic>open</basic></status><contact>sip:alice@example.com</contact></"
    "tuple>";
const std::string kOffline = "<tuple id=\"offline\"><status><basic>closed</basic></status></tuple>";

TEST(Composition, SaysClosedOfSomebodyUnknownAndOpenOfSomebodyRegistered) {
  Presentity alice;
  EXPECT_EQ(alice.children(), kOffline);
  alice.set_registered(true);
  EXPECT_EQ(alice.children(), kRegistration);
  EXPECT_TRUE(
      alice.compose().starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<presence xmlns=\"urn:ietf:"));
  EXPECT_NE(alice.compose().find(" entity=\"sip:alice@example.com\">"), std::string::npos);
}

TEST(Composition, ADeviceComesGoesAndChangesWithoutTouchingTheOther) {
  Presentity alice;
  alice.set_registered(true);
  alice.publish(1, tuple("desk", "open"));
  EXPECT_EQ(alice.children(), tuple("desk", "open") + kRegistration);
  alice.publish(2, tuple("mobile", "open"));
  EXPECT_EQ(alice.children(), tuple("mobile", "open") + tuple("desk", "open") + kRegistration);
  alice.publish(1, tuple("desk", "closed"));
  EXPECT_EQ(alice.children(), tuple("desk", "closed") + tuple("mobile", "open") + kRegistration);
  alice.remove(2);
  // What is published is the user's word, and all of it says closed.
  EXPECT_EQ(alice.children(), tuple("desk", "closed"));
  alice.remove(1);
  EXPECT_EQ(alice.children(), kRegistration);
  alice.set_registered(false);
  EXPECT_EQ(alice.children(), kOffline);
}

TEST(Composition, APersonAloneStillComesWithATuple) {
  Presentity alice;
  alice.publish(1, person("p", "away"));
  EXPECT_EQ(alice.children(), kOffline + person("p", "away"));
  alice.set_registered(true);
  EXPECT_EQ(alice.children(), kRegistration + person("p", "away"));
  alice.publish(2, person("r00000000000003e8", "busy"));
  EXPECT_EQ(alice.children(), kRegistration + person("r00000000000003e8-2", "busy"));
}

constexpr std::string_view kInstance = "urn:uuid:f45cc560-8605-4c25-9a76-b5cf4a2ed5ba";

std::string registration(std::string_view id, std::string_view capabilities, std::string_view instance,
                         std::string_view contact = "<contact>") {
  std::string text = "<tuple id=\"r000000000000000" + std::string(id) + "\"><status><basic>open</basic></status>";
  if (!capabilities.empty()) {
    text.append("<caps:servcaps xmlns:caps=\"urn:ietf:params:xml:ns:pidf:caps\">").append(capabilities);
    text.append("</caps:servcaps>");
  }
  if (!instance.empty()) text.append("<dm:deviceID>").append(instance).append("</dm:deviceID>");
  text.append(contact).append("sip:alice@example.com");
  if (!instance.empty()) text.append(";gr=").append(instance);
  return text + "</contact></tuple>";
}

// RFC 3840 §9, RFC 5196 §3: each device that registered is a service with what it can do.
TEST(Composition, ARegistrationSaysWhatItsDeviceCanDo) {
  Presentity alice;
  alice.register_device(1, kInstance, ";audio;video=\"!TRUE\";methods=\"INVITE,BYE,!MESSAGE,X\"", 500);
  EXPECT_EQ(alice.children(),
            registration("1",
                         "<caps:audio>true</caps:audio><caps:methods><caps:supported><caps:BYE/><caps:INVITE/>"
                         "</caps:supported><caps:notsupported><caps:MESSAGE/></caps:notsupported></caps:methods>"
                         "<caps:video>false</caps:video>",
                         kInstance, "<contact priority=\"0.500\">"));
  EXPECT_EQ(support::presence_schema_fault(alice.compose()), "");
  Presentity bob;
  bob.register_device(1, "",
                      ";video;text;application;data;control;automata;isfocus;+sip.message"
                      ";actor=\"principal,!msg-taker\""
                      ";class=\"business\";duplex=\"full\";events=\"presence,dialog\";extensions=\"100rel,gruu"
                      ",histinfo\""
                      ";language=\"en,!de\";schemes=\"sip,tel\";type=\"text/plain,text/html\";description=\"<A & B>\""
                      ";+sip.extra=\"x\";mobility=\"fixed\"");
  const std::string document = bob.compose();
  EXPECT_EQ(support::presence_schema_fault(document), "") << document;
  for (const std::string_view said :
       {"<caps:description>A &amp; B</caps:description>", "<caps:message>true</caps:message>",
        "<caps:type>text/plain</caps:type><caps:type>text/html</caps:type>", "<caps:isfocus>true</caps:isfocus>",
        "<caps:extensions><caps:supported><caps:rel100/><caps:gruu/><caps:hist-info/></caps:supported>",
        "<caps:event-packages><caps:supported><caps:dialog/><caps:presence/></caps:supported></caps:event-packages>",
        "<caps:languages><caps:supported><caps:l>en</caps:l></caps:supported><caps:notsupported><caps:l>de</caps:l>"
        "</caps:notsupported></caps:languages>",
        "<caps:schemes><caps:supported><caps:s>sip</caps:s><caps:s>tel</caps:s></caps:supported></caps:schemes>"}) {
    EXPECT_NE(document.find(said), std::string::npos) << said << "\n" << document;
  }
}

// RFC 4479 §3.4: a device that speaks for itself is not said twice.
TEST(Composition, ADeviceThatPublishesATupleIsNotShownAsARegistrationToo) {
  Presentity alice;
  alice.register_device(1, kInstance, ";audio");
  alice.register_device(2, "", ";video");
  const std::string first = registration("1", "<caps:audio>true</caps:audio>", kInstance);
  const std::string second = registration("2", "<caps:video>true</caps:video>", "");
  EXPECT_EQ(alice.children(), second + first);
  // From where it registered,
  alice.publish(7, tuple("t", "open"));
  alice.set_device(7, 2);
  EXPECT_EQ(alice.children(), tuple("t", "open") + first);
  // a person alone is no service,
  alice.publish(7, person("p", "away"));
  alice.set_device(7, 2);
  EXPECT_EQ(alice.children(), second + first + person("p", "away"));
  alice.remove(7);
  // by its GRUU, by its deviceID.
  for (const std::string& named : {"<contact>sip:alice@example.com;gr=" + std::string(kInstance) + "</contact>",
                                  "<dm:deviceID>" + std::string(kInstance) + "</dm:deviceID>"}) {
    const std::string own = "<tuple id=\"t\"><status><basic>open</basic></status>" + named + "</tuple>";
    alice.publish(8, own);
    EXPECT_EQ(alice.children(), own + second);
  }
}

// OMA Presence SIMPLE, Data Extensions: <overriding-willingness>.
TEST(Composition, AppearingOfflineHidesEverything) {
  Presentity alice;
  const auto willing = [](const std::string& basic) {
    return "<dm:person id=\"p\"><op:overriding-willingness xmlns:op=\"urn:oma:xml:prs:pidf:oma-pres\"><op:basic>" +
           basic + "</op:basic></op:overriding-willingness></dm:person>";
  };
  alice.set_registered(true);
  alice.publish(1, tuple("pda", "open") + willing("closed") + "<note>n</note>");
  alice.publish(2, tuple("phone", "open") + person("q", "busy") + device("d", "urn:x:1"));
  // Byte for byte what somebody is shown as who has nothing to say.
  EXPECT_EQ(alice.compose(), Presentity().compose());
  alice.publish(1, tuple("pda", "open") + willing("open"));
  EXPECT_EQ(alice.children(), tuple("pda", "open") + tuple("phone", "open") + kRegistration + willing("open") +
                                  device("d", "urn:x:1"));
  alice.publish(1, tuple("pda", "open") + willing("closed"));
  EXPECT_EQ(alice.children(), kOffline);
  // It ends with the publication that said so.
  alice.remove(1);
  EXPECT_EQ(alice.children(), tuple("phone", "open") + kRegistration + person("q", "busy") + device("d", "urn:x:1"));
}

// RFC 3903 §2: "which the ESC may use in the absence of, or in addition to, soft state publications".
TEST(Composition, HardStateComesLast) {
  Presentity alice;
  const std::string mail = tuple("mail", "open"), leave = tuple("leave", "closed");
  alice.set_hard(100, "<note>hard</note>" + leave + mail + person("p", "vacation") + device("d", "urn:x:1"));
  const std::string rest = "<note>hard</note>" + person("p", "vacation") + device("d", "urn:x:1");
  EXPECT_EQ(alice.children(), leave + mail + rest);
  alice.set_registered(true);
  EXPECT_EQ(alice.children(), kRegistration + mail + rest);
  alice.publish(1, tuple("desk", "closed") + person("q", "away") + device("e", "urn:x:1") + "<note>soft</note>");
  EXPECT_EQ(alice.children(), tuple("desk", "closed") + mail + "<note>soft</note><note>hard</note>" +
                                  person("q", "away") + device("e", "urn:x:1"));
  // Ids of devices stay as they are: who is told by a patch does not lose them.
  alice.publish(1, tuple("mail", "open"));
  EXPECT_EQ(alice.children(), tuple("mail", "open") + kRegistration + tuple("mail-100", "open") + rest);
  // A device that only hard state names has not published itself.
  alice.remove(1);
  alice.set_registered(false);
  alice.register_device(1, kInstance, "");
  alice.set_hard(100, "<tuple id=\"t\"><status><basic>open</basic></status><dm:deviceID>" + std::string(kInstance) +
                          "</dm:deviceID></tuple>");
  EXPECT_TRUE(alice.children().starts_with(registration("1", "", kInstance) + "<tuple id=\"t\">")) << alice.children();
}

TEST(Composition, RegistrationsThatDoNotFitAreLeftOut) {
  Presentity alice;
  alice.publish(1, tuple("a", "open") + person("p", "away"));
  const size_t alone = alice.compose().size();
  for (uint64_t i = 0; i < 40; ++i) alice.register_device(100 + i, "", ";audio");
  size_t shown = 0;
  for (size_t bytes_max = alone; bytes_max < alone + 8'000; bytes_max += 40) {
    alice.set_bytes_max(bytes_max);
    const std::string document = alice.compose();
    EXPECT_LE(document.size(), bytes_max);
    size_t count = 0;
    for (size_t at = 0; (at = document.find("<tuple id=\"r", at)) != std::string::npos; ++at) ++count;
    EXPECT_GE(count, shown);
    shown = count;
  }
  EXPECT_GT(shown, 20u);
  EXPECT_LE(shown, kComposedRegistrationsMax);
}

TEST(Composition, TheNewestPublicationHasTheWordOnThePerson) {
  Presentity alice;
  alice.publish(1, tuple("a", "open") + person("p1", "away") + person("p2", "busy"));
  EXPECT_EQ(alice.children(), tuple("a", "open") + person("p1", "away"));
  alice.publish(2, tuple("b", "open"));
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("a", "open") + person("p1", "away"));
  alice.publish(3, person("p3", "busy"));
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("a", "open") + person("p3", "busy"));
  alice.remove(3);
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("a", "open") + person("p1", "away"));
}

TEST(Composition, OrdersByKindThenByAge) {
  Presentity alice;
  alice.publish(
      1, "<x:ext xmlns:x=\"urn:x\"/><note>old</note>" + device("d1", "x") + person("p1", "away") + tuple("a", "open"));
  alice.publish(2, "<note>new</note>" + device("d2", "y") + tuple("b", "open") + tuple("c", "closed"));
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("c", "closed") + tuple("a", "open") +
                                  "<note>new</note>" + "<note>old</note>" + person("p1", "away") +
                                  device("d2", "y") + device("d1", "x") + "<x:ext xmlns:x=\"urn:x\"/>");
}

TEST(Composition, OneDeviceIsListedOnce) {
  Presentity alice;
  alice.publish(1, tuple("a", "open") + device("d1", "urn:device:1") + device("d2", "urn:device:2"));
  alice.publish(2, tuple("b", "open") + device("d3", " urn:device:1 "));
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("a", "open") + device("d3", "urn:device:1") +
                                  device("d2", "urn:device:2"));
}

// RFC 4479 §3.4, RFC 4122 §3: the same URN, however it is spelt.
TEST(Composition, ADeviceIdIsComparedAsAUrn) {
  Presentity alice;
  alice.publish(1, tuple("a", "open") + device("d1", "urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6") +
                       device("d2", "urn:x-dev:A"));
  alice.publish(2, tuple("b", "open") + device("d3", "URN:UUID:f81d4fae-7dec-11d0-a765-00a0c91e6bf6") +
                       device("d4", "URN:X-DEV:a"));
  EXPECT_EQ(alice.children(), tuple("b", "open") + tuple("a", "open") +
                                  device("d3", "URN:UUID:f81d4fae-7dec-11d0-a765-00a0c91e6bf6") +
                                  device("d4", "URN:X-DEV:a") + device("d2", "urn:x-dev:A"));
}

TEST(Composition, IdsAreUnique) {
  Presentity alice;
  alice.publish(7, tuple("t1", "open"));
  alice.publish(8, tuple("t1", "closed"));
  EXPECT_EQ(alice.children(), tuple("t1", "closed") + tuple("t1-7", "open"));
  // One that stands where ours would have gone, twice the same in one publication, and across kinds.
  alice.publish(9, tuple("t1-7", "open") + tuple("t1", "open") + tuple("t1", "open") + device("t1", "d"));
  EXPECT_EQ(alice.children(), tuple("t1-7", "open") + tuple("t1", "open") + tuple("t1-9", "open") +
                                  tuple("t1-8", "closed") + tuple("t1-7-2", "open") + device("t1-9-3", "d"));
}

TEST(Composition, EscapesTheEntity) {
  Presentity odd;
  odd.set_registered(true);
  odd.set_aor("a&b<\"c\">@example.com");
  const std::string document = odd.compose();
  EXPECT_NE(document.find(" entity=\"sip:a&amp;b&lt;&quot;c&quot;&gt;@example.com\">"), std::string::npos);
  EXPECT_TRUE(support::libxml_takes(document));
}

TEST(Composition, RefusesWhatDoesNotFit) {
  Presentity alice;
  alice.publish(1, tuple("a", "open") + person("p", "away"));
  alice.publish(2, tuple("a", "open"));
  const size_t needed = alice.compose().size();
  for (size_t room = 0; room < needed; ++room) EXPECT_EQ(alice.compose(room), "") << room;
  EXPECT_EQ(alice.compose(needed).size(), needed);
}

TEST(Composition, HoldsAsManyFragmentsAsItPromises) {
  Presentity alice;
  std::string tuples;
  for (size_t i = 0; i < parsers::kFragmentsMax; ++i) tuples += tuple("d", "open");
  for (uint32_t number = 1; number <= kComposedFragmentsMax / parsers::kFragmentsMax; ++number) {
    alice.publish(number, tuples);
  }
  EXPECT_NE(alice.compose(), "");
  alice.publish(1000, tuples);
  EXPECT_EQ(alice.compose(), "");
}

TEST(Composition, DocumentsOfManyRandomPublicationsAreGoodDocuments) {
  std::mt19937 random(20'260'722);
  const auto pick = [&random](size_t bound) { return random() % bound; };
  const auto name = [&](size_t bound) { return std::string("n").append(std::to_string(pick(bound))); };
  for (int round = 0; round < 400; ++round) {
    Presentity alice;
    alice.set_registered(pick(2) == 0);
    const size_t publications = pick(6);
    for (uint32_t number = 1; number <= publications; ++number) {
      if (pick(3) == 0) {
        alice.publish_document(number, support::kPidfCorpus[pick(support::kPidfCorpus.size())]);
        continue;
      }
      std::string children;
      for (size_t i = pick(8); i > 0; --i) {
        switch (pick(5)) {
          case 0:
            children += tuple(name(3), pick(2) == 0 ? "open" : "closed");
            break;
          case 1:
            children += person(name(3), "busy");
            break;
          case 2:
            children += device(name(3) + "-" + std::to_string(pick(4)), name(3));
            break;
          case 3:
            children += "<note xml:lang=\"en\">" + name(9) + "</note>";
            break;
          default:
            children += "<x:y xmlns:x=\"urn:" + name(3) + "\" x:a=\"1\"/>";
            break;
        }
      }
      alice.publish(number, children);
    }
    if (pick(3) == 0) alice.set_hard(100, tuple(name(3), pick(2) == 0 ? "open" : "closed") + person(name(3), "busy"));
    const std::string document = alice.compose();
    ASSERT_TRUE(support::libxml_takes(document)) << document;
    ASSERT_EQ(support::presence_schema_fault(document), "") << document;

    // Our own reader takes it, finds every id once, one person at most and a tuple at least.
    std::string out(1 << 17, '\0');
    parsers::PidfDocument read;
    const parsers::ParseError error = parsers::normalise_pidf(document, out, read);
    if (error == parsers::ParseError::kXmlTooLarge)
      continue;  // More fragments than one publication may have.
    ASSERT_EQ(error, parsers::ParseError::kOk) << document;
    EXPECT_TRUE(document.ends_with(out.substr(0, read.length) + std::string(parsers::kPresenceClose)))
        << document;
    std::map<std::string, int> ids;
    std::map<FragmentKind, int> kinds;
    for (size_t i = 0; i < read.count; ++i) {
      const Fragment& fragment = read.fragments[i];
      ++kinds[fragment.kind];
      if (fragment.id_length == 0) continue;
      EXPECT_EQ(++ids[out.substr(fragment.offset + fragment.id_offset, fragment.id_length)], 1) << document;
    }
    EXPECT_GE(kinds[FragmentKind::kTuple], 1);
    EXPECT_LE(kinds[FragmentKind::kPerson], 1);
  }
}

}  // namespace
}  // namespace vedette::engine
