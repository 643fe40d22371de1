// What a presentity's document holds for its publications and bindings, step by step as devices come and go,
// and for many random sets of publications.
#include "engine/presence/composition.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/libxml.h"
#include "tests/support/pidf_corpus.h"

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
    Publication publication{number, std::string(65'536, '\0'), {}};
    parsers::PidfDocument document;
    ASSERT_EQ(parsers::normalise_pidf(body, publication.bytes, document), parsers::ParseError::kOk) << body;
    publication.bytes.resize(document.length);
    publication.fragments.assign(document.fragments.begin(), document.fragments.begin() + document.count);
    publications_.insert(publications_.begin(), std::move(publication));
  }
  void remove(uint32_t number) {
    std::erase_if(publications_, [number](const Publication& p) { return p.number == number; });
  }
  void set_registered(bool registered) { registered_ = registered; }
  void set_aor(std::string aor) { aor_ = std::move(aor); }

  std::string compose(size_t room = 1 << 20) const {
    std::vector<PublishedFragments> published;
    for (const Publication& p : publications_) published.push_back({p.bytes, p.fragments, p.number});
    const CompositionInput input = {.aor = aor_, .publications = published, .registered = registered_};
    std::string document(room, '\0');
    parsers::Writer writer(document.data(), document.size());
    if (!engine::compose(input, writer)) return "";
    EXPECT_LE(writer.length(), composed_bytes_max(input));
    return std::string(writer.text());
  }

  // Without what every document begins and ends with.
  std::string children() const {
    const std::string document = compose();
    const size_t begin = document.find('>', document.find("<presence")) + 1;
    return document.substr(begin, document.size() - begin - parsers::kPresenceClose.size());
  }

 private:
  struct Publication {
    uint32_t number;
    std::string bytes;
    std::vector<Fragment> fragments;
  };
  std::vector<Publication> publications_;
  std::string aor_ = "alice@example.com";
  bool registered_ = false;
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
    "id=\"registration\"><status><basic>open</basic></status><contact>sip:alice@example.com</contact></"
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
  EXPECT_EQ(alice.children(), tuple("desk", "open"));  // A published tuple speaks for the registration.
  alice.publish(2, tuple("mobile", "open"));
  EXPECT_EQ(alice.children(), tuple("mobile", "open") + tuple("desk", "open"));
  alice.publish(1, tuple("desk", "closed"));
  EXPECT_EQ(alice.children(), tuple("desk", "closed") + tuple("mobile", "open"));
  alice.remove(2);
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
  alice.publish(2, person("registration", "busy"));
  EXPECT_EQ(alice.children(), kRegistration + person("registration-2", "busy"));
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
  EXPECT_NE(document.find("<contact>sip:a&amp;b&lt;&quot;c&quot;&gt;@example.com</contact>"),
            std::string::npos);
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
    const std::string document = alice.compose();
    ASSERT_TRUE(support::libxml_takes(document)) << document;

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
