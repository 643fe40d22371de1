// Partial presence (RFC 5262): what a patch says in the cases that there are, and that patches give the document that
// they stand for, for many random lives of presentities.
#include "engine/presence/pidf_diff.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/presence/element_pairs.h"
#include "engine/presence/packages/package.h"
#include "tests/support/composed_presentity.h"
#include "tests/support/pidf_corpus.h"
#include "tests/support/pidf_diff_laws.h"
#include "tests/support/presence_schema.h"

namespace vedette::engine {
namespace {

using support::ComposedPresentity;

constexpr std::string_view kLong =
    "<dm:deviceID>urn:device:0003ba4811e3-0003ba4811e3-0003ba4811e3-0003ba4811e3-0003ba4811e3</dm:deviceID>"
    "<contact priority=\"0.8\">sip:someone@mobile.example.net;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c9</contact>"
    "<note>This is a note that has enough words in it for a tuple to be longer than a patch that goes around it</note>";

std::string tuple(const std::string& id, const std::string& basic, std::string_view rest = kLong) {
  return "<tuple id=\"" + id + "\"><status><basic>" + basic + "</basic></status>" + std::string(rest) + "</tuple>";
}
std::string note(const std::string& text) { return "<note>" + text + "</note>"; }
std::string person(const std::string& id, const std::string& activity) {
  return "<dm:person id=\"" + id + "\"><rpid:activities><rpid:" + activity + "/></rpid:activities></dm:person>";
}

// Documents of these elements and nothing else.
std::string document(const std::string& elements) {
  return std::string(parsers::kPresenceOpen) + "sip:alice@example.com" + std::string(parsers::kPresenceOpenEnd) +
         elements + std::string(parsers::kPresenceClose);
}

// The operations of the patch, after the laws were asked.
std::string operations(const std::string& before, const std::string& after) {
  EXPECT_EQ(support::broken_pidf_diff_law(document(before), document(after)), "");
  const std::string diff = support::pidf_diff_of(document(before), document(after));
  if (diff.empty()) return "full";
  EXPECT_EQ(support::presence_schema_fault(diff), "");
  const size_t begin = diff.find('>', diff.find("<p:pidf-diff")) + 1;
  return diff.substr(begin, diff.rfind("</") - begin);
}

std::string replaced(const std::string& selector, const std::string& by) {
  return "<p:replace sel=\"" + selector + "\">" + by + "</p:replace>";
}
std::string removed(const std::string& selector) { return "<p:remove sel=\"" + selector + "\"/>"; }
std::string added(const std::string& where, const std::string& what) {
  return "<p:add sel=\"" + where + ">" + what + "</p:add>";
}

TEST(PidfDiff, FullSaysTheSameAsTheDocument) {
  const std::string elements = tuple("a", "open") + note("hello") + person("p", "away");
  EXPECT_EQ(support::pidf_full_of(document(elements)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<p:pidf-full xmlns:p=\"urn:ietf:params:xml:ns:pidf-diff\" xmlns=\"urn:ietf:params:xml:ns:pidf\" "
            "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" "
            "entity=\"sip:alice@example.com\" version=\"0000000000\">" +
                elements + "</p:pidf-full>");
  EXPECT_EQ(support::presence_schema_fault(support::pidf_full_of(document(elements))), "");
}

TEST(PidfDiff, HasItsVersionWhereItSays) {
  const std::string before = document(tuple("a", "open") + tuple("b", "open"));
  const std::string after = document(tuple("a", "open") + tuple("b", "closed"));
  char room[4096];
  for (const bool is_full : {true, false}) {
    parsers::Writer writer(room, sizeof room);
    uint32_t offset = 0;
    ASSERT_TRUE(is_full ? write_pidf_full(after, writer, offset) : write_pidf_diff(before, after, writer, offset));
    EXPECT_EQ(writer.text().substr(offset - 10, kVersionDigits + 12), " version=\"0000000000\">") << writer.text();
  }
}

TEST(PidfDiff, NothingChanged) { EXPECT_EQ(operations(tuple("a", "open"), tuple("a", "open")), ""); }

TEST(PidfDiff, PartsOfATuple) {
  // Its status alone; a part more; one less; one first; and none that is worth a word for itself.
  EXPECT_EQ(operations(tuple("a", "open"), tuple("a", "closed")),
            replaced("*/tuple[@id='a']/*[1]", "<status><basic>closed</basic></status>"));
  const std::string more = std::string(kLong) + note("more");
  EXPECT_EQ(operations(tuple("a", "open"), tuple("a", "open", more)), added("*/tuple[@id='a']\"", note("more")));
  EXPECT_EQ(operations(tuple("a", "open", more), tuple("a", "open")), removed("*/tuple[@id='a']/*[5]"));
  const std::string between = "<rpid:class>home</rpid:class>" + std::string(kLong);
  EXPECT_EQ(operations(tuple("a", "open"), tuple("a", "open", between)),
            added("*/tuple[@id='a']/*[1]\" pos=\"after\"", "<rpid:class>home</rpid:class>"));
  const std::string z = tuple("z", "open"), short_one = tuple("a", "closed", "");
  EXPECT_EQ(operations(z + tuple("a", "open", note("1")), z + short_one), replaced("*/tuple[@id='a']", short_one));
}

TEST(PidfDiff, ATupleComesAndGoes) {
  const std::string a = tuple("a", "open"), b = tuple("b", "closed"), c = tuple("c", "open");
  EXPECT_EQ(operations(a, b + a), added("*/tuple[@id='a']\" pos=\"before\"", b));
  EXPECT_EQ(operations(a + c, a + b + c), added("*/tuple[@id='a']\" pos=\"after\"", b));
  EXPECT_EQ(operations(a, a + b + c), added("*\"", b + c));
  EXPECT_EQ(operations(a + b + c, a + c), removed("*/tuple[@id='b']"));
  EXPECT_EQ(operations(b + a, tuple("offline", "closed", "") + a),
            replaced("*/tuple[@id='b']", tuple("offline", "closed", "")));
}

TEST(PidfDiff, WhoPublishedLastComesFirst) {
  const std::string a = tuple("a", "open"), b = tuple("b", "open"), c = tuple("c", "open");
  // The one that changed moves, not the two that did not; an id never stands twice.
  const std::string closed = tuple("c", "closed");
  EXPECT_EQ(operations(a + b + c, closed + a + b),
            removed("*/tuple[@id='c']") + added("*/tuple[@id='a']\" pos=\"before\"", closed));
  EXPECT_EQ(operations(a + b, b + a), removed("*/tuple[@id='a']") + added("*\"", a));
}

TEST(PidfDiff, WhatHasNoIdGoesByItsPlace) {
  const std::string a = tuple("a", "open"), same = note("same");
  EXPECT_EQ(operations(a + same + note("1") + same, a + same + note("2") + same), replaced("*/*[3]", note("2")));
  EXPECT_EQ(operations(a + same + same, a + same), removed("*/*[3]"));
  EXPECT_EQ(operations(a + same, a + same + same), added("*\"", same));
  EXPECT_EQ(operations(note("1") + note("2") + a, a), removed("*/*[1]") + removed("*/*[1]"));
  EXPECT_EQ(operations(a + person("p", "away"), a + person("p", "busy")),
            replaced("*/*[2]/*[1]", "<rpid:activities><rpid:busy/></rpid:activities>"));
}

TEST(PidfDiff, DeclaresThePrefixesThatItUses) {
  const auto diff = [](const std::string& before, const std::string& after) {
    return support::pidf_diff_of(document(tuple("a", "open") + before), document(tuple("a", "open") + after));
  };
  const std::string by_name = diff("", note("rpidx"));
  EXPECT_EQ(by_name.find("xmlns:rpid"), std::string::npos);
  EXPECT_EQ(by_name.find("xmlns:dm"), std::string::npos);
  EXPECT_NE(diff("", person("p", "away")).find("xmlns:rpid"), std::string::npos);
  EXPECT_NE(diff("", person("p", "away")).find("xmlns:dm"), std::string::npos);
}

TEST(PidfDiff, IsShorterOrNotAtAll) {
  const std::string other = tuple("b", "open", "") + person("q", "busy");
  EXPECT_EQ(operations(tuple("a", "open", "") + person("p", "away"), other), "full");
  EXPECT_EQ(operations(tuple("a", "open", ""), tuple("b", "open", "")),
            replaced("*/tuple[@id='a']", tuple("b", "open", "")));
  EXPECT_EQ(operations("", ""), "");
}

TEST(PidfDiff, OnlyOfOnePresentity) {
  const ComposedPresentity alice("alice@example.com"), bob("bob@example.com");
  EXPECT_EQ(support::pidf_diff_of(alice.compose(), alice.compose()).empty(), false);
  EXPECT_EQ(support::pidf_diff_of(alice.compose(), bob.compose()), "");
  EXPECT_EQ(support::pidf_diff_of("", alice.compose()), "");
  EXPECT_EQ(support::pidf_diff_of(alice.compose(), "<presence/>"), "");
}

TEST(PidfDiff, HasALimit) {
  std::string elements = tuple("a", "open");
  for (size_t i = 1; i < kPairedElementsMax; ++i) elements += note("n");
  EXPECT_EQ(operations(elements, elements), "");
  EXPECT_EQ(operations(elements, elements + note("n")), "full");
  EXPECT_EQ(operations(elements + note("n"), elements), "full");
}

TEST(PidfDiff, StopsWhereTheRoomEnds) {
  const std::string before = document(tuple("a", "open") + tuple("b", "open") + note("1"));
  const std::string after = document(tuple("b", "closed") + tuple("a", "open") + note("2"));
  const std::string whole = support::pidf_diff_of(before, after);
  ASSERT_FALSE(whole.empty());
  for (size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    std::vector<char> room(bytes);
    parsers::Writer writer(room.data(), room.size());
    uint32_t offset = 0;
    EXPECT_EQ(write_pidf_diff(before, after, writer, offset), bytes == whole.size());
  }
}

// What one device publishes.
class RandomBodies {
 public:
  explicit RandomBodies(uint32_t seed) : random_(seed) {}

  size_t pick(size_t bound) { return random_() % bound; }
  std::string name(size_t bound) { return "n" + std::to_string(pick(bound)); }
  std::string elements() {
    std::string all;
    for (size_t i = pick(7); i > 0; --i) all += element();
    return all;
  }

 private:
  std::string element() {
    switch (pick(6)) {
      case 0: return person(name(2), pick(2) == 0 ? "busy" : "away");
      case 1:
        return "<dm:device id=\"" + name(3) + "\"><dm:deviceID>" + name(3) + "</dm:deviceID>" + parts() +
               "</dm:device>";
      case 2: return "<note xml:lang=\"en\">" + name(3) + (pick(4) == 0 ? " &gt;&lt;/a>\"" : "") + "</note>";
      case 3: return "<x:y xmlns:x=\"urn:" + name(2) + "\" x:a=\"1>\" id=\"n1\"><x:tuple id=\"n0\"/></x:y>";
      default: return tuple(name(4), pick(2) == 0 ? "open" : "closed", parts());
    }
  }
  std::string parts() {
    std::string all;
    if (pick(2) == 0) all += "<e:f xmlns:e=\"urn:e\" e:g=\"" + name(3) + "\">" + (pick(2) == 0 ? "<e:f/>" : "");
    if (!all.empty()) all += "</e:f>";
    if (pick(2) == 0) all += "<dm:note>" + name(3) + "</dm:note>";
    if (pick(3) == 0) all += kLong;
    return all;
  }

  std::mt19937 random_;
};

TEST(PidfDiff, RandomLivesOfPresentitiesAreToldExactly) {
  RandomBodies random(20'261'123);
  size_t patches = 0;
  for (int life = 0; life < 500; ++life) {
    ComposedPresentity alice;
    std::string before = alice.compose();
    for (int step = 0; step < 8; ++step) {
      const auto number = static_cast<uint32_t>(1 + random.pick(4));
      const size_t what = random.pick(8);
      if (what == 0) {
        alice.remove(number);
      } else if (what == 1) {
        ASSERT_TRUE(alice.publish(number, support::kPidfCorpus[random.pick(support::kPidfCorpus.size())]));
      } else {
        ASSERT_TRUE(alice.publish_elements(number, random.elements()));
      }
      const std::string after = alice.compose();
      ASSERT_EQ(support::broken_pidf_diff_law(before, after), "");
      const std::string diff = support::pidf_diff_of(before, after);
      ASSERT_EQ(support::presence_schema_fault(support::pidf_full_of(after)), "") << after;
      if (!diff.empty()) {
        ASSERT_EQ(support::presence_schema_fault(diff), "") << diff;
        ++patches;
      }
      // Sometimes a watcher misses a version.
      if (random.pick(3) != 0) before = after;
    }
  }
  EXPECT_GT(patches, 2000U);  // The rest is told in full, being shorter so.
}

// Lists that have little but order in common.
TEST(PidfDiff, RandomOrdersAreToldExactly) {
  std::mt19937 random(4711);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> elements;
    for (size_t i = 0; i < 12; ++i) {
      std::string id("i");
      id += std::to_string(i);
      elements.push_back(i % 3 == 0 ? note(std::to_string(i % 2)) : tuple(id, random() % 2 == 0 ? "open" : "closed"));
    }
    const auto some = [&] {
      std::shuffle(elements.begin(), elements.end(), random);
      std::string all;
      for (size_t i = random() % elements.size(); i > 0; --i) all += elements[i];
      return document(all);
    };
    const std::string before = some();
    ASSERT_EQ(support::broken_pidf_diff_law(before, some()), "");
  }
}

}  // namespace
}  // namespace vedette::engine
