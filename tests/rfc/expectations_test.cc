// The table of expectations by itself: it names every message, has a message of ours for each section of the
// two RFCs, and promises nothing that the RFCs' own verdicts (../shared/data) do not allow.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/support/corpus.h"
#include "tests/support/expectations.h"

namespace vedette {
namespace {

using support::Expectation;

std::set<std::string> names_in(const std::string& folder, const std::string& path, const std::string& ending) {
  std::set<std::string> names;
  for (const auto& found : support::read_corpus(support::source_path(path), ending)) {
    names.insert(folder + found.name.substr(0, found.name.size() - ending.size()));
  }
  return names;
}

TEST(Expectations, NameEachMessageOnce) {
  std::map<std::string, std::set<std::string>> named;
  for (const Expectation& row : support::read_expectations()) {
    const std::string folder = row.message.substr(0, row.message.find('/') + 1);
    EXPECT_TRUE(named[folder].insert(row.message).second) << row.message;
  }
  EXPECT_EQ(named["own/"], names_in("own/", "tests/rfc/messages", ".sip"));
  EXPECT_EQ(named["rfc4475/"].size(), 50u);     // 49, and one that no section names.
  EXPECT_EQ(named["rfc5118/"].size(), 12u);
  EXPECT_EQ(named.size(), 3u);
}

TEST(Expectations, NameEachMessageOfTheArchivesOnce) {
  const auto archived = names_in("rfc4475/", "../shared/data/rfc4475", ".dat");
  if (archived.empty()) GTEST_SKIP() << "../shared/data is not present";
  std::set<std::string> named;
  for (const Expectation& row : support::read_expectations()) named.insert(row.message);
  for (const std::string& name : archived) EXPECT_TRUE(named.contains(name)) << name;
  for (const std::string& name : names_in("rfc5118/", "../shared/data/rfc5118", ".dat")) {
    EXPECT_TRUE(named.contains(name)) << name;
  }
}

// Who clones the repository alone has a message of ours for each section, and it gets the verdict of the RFC's.
TEST(Expectations, EverySectionHasAMessageOfOurOwnWithTheSameVerdict) {
  std::map<std::string, std::set<std::string>> own, archived;
  for (const Expectation& row : support::read_expectations()) {
    if (row.section().empty()) continue;
    (row.is_own() ? own : archived)[row.section()].insert(row.parser);
  }
  size_t sections_of_4475 = 0;
  for (const auto& [section, verdicts] : archived) {
    sections_of_4475 += section.starts_with("RFC 4475");
    EXPECT_TRUE(own.contains(section)) << section;
  }
  EXPECT_EQ(sections_of_4475, 49u);
  // The RFC's own Content-Length is wrong; the archived file lacks its last line.
  archived["RFC 5118 4.6"] = {"ok"};
  archived["RFC 4475 3.1.2.15"] = {"malformed address"};
  for (const auto& [section, verdicts] : archived) {
    for (const std::string& verdict : verdicts)
      EXPECT_TRUE(own[section].contains(verdict)) << section << ": " << verdict;
  }
}

// All numbers of three digits in a text, but for one behind "not ".
std::set<std::string> statuses_in(const std::string& text) {
  std::set<std::string> found;
  for (size_t i = 0; i + 3 <= text.size(); ++i) {
    const auto is_digit = [&text](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
    if (!is_digit(i) || !is_digit(i + 1) || !is_digit(i + 2) || is_digit(i + 3) || (i > 0 && is_digit(i - 1))) continue;
    if (i >= 4 && text.substr(i - 4, 4) == "not ") continue;
    found.insert(text.substr(i, 3));
  }
  return found;
}

bool speaks_of(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

// What `must` and `may` of an archive's table say in words.
bool allows(const std::string& must, const std::string& may, const std::string& answer) {
  if (answer == "-") return speaks_of(must + " " + may, {"no answer", "drop", "discard", "no crash"});
  if (must.starts_with("not " + answer)) return false;
  if (speaks_of(must, {"no answer", "drop", "discard"})) return false;
  if (statuses_in(must + " " + may).contains(answer)) return true;
  return speaks_of(may, {"any other final", "any final"}) || may == "any";
}

// Answers that those words do not name, and why they are right all the same.
const std::map<std::string, std::string> kAllowedBesides = {
    {"rfc4475/regaut01 200", "without authentication as if there were no Authorization, as `must` says in words"},
    {"rfc5118/via-received-param-with-delim 405", "RFC 3261 8.2.1: BYE is known and not taken, whatever its dialog"},
    {"rfc5118/mult-ip-in-header 405", "the same"},
    {"rfc5118/ipv6-in-sdp 400", "as archived; `must` says so behind its semicolon"},
    {"rfc5118/ipv6-bug-abnf-3-colons 200", "`must` advises to accept it"}};

TEST(Expectations, PromiseWhatTheArchivesAllow) {
  size_t compared = 0;
  for (const char* folder : {"rfc4475", "rfc5118"}) {
    std::map<std::string, std::vector<std::string>> archive;
    for (auto& cells : support::read_table(
             support::source_path("../shared/data/" + std::string(folder) + "/expected.tsv"))) {
      ASSERT_GE(cells.size(), 6u);
      archive[folder + ("/" + cells[0])] = cells;
    }
    for (const Expectation& row : support::read_expectations()) {
      if (!archive.contains(row.message)) continue;
      const auto& cells = archive[row.message];
      for (const std::string& answer : {row.answer, row.open}) {
        if (kAllowedBesides.contains(row.message + " " + answer)) continue;
        EXPECT_TRUE(allows(cells[4], cells[5], answer))
            << row.message << ": " << answer << ", must: " << cells[4] << ", may: " << cells[5];
      }
      ++compared;
    }
  }
  if (compared == 0) GTEST_SKIP() << "../shared/data is not present";
  EXPECT_EQ(compared, 62u);
}

// The reader of those words is tried on some itself.
TEST(Expectations, AreComparedByWordsThatAreUnderstood) {
  EXPECT_TRUE(allows("400", "drop if Via unusable", "400"));
  EXPECT_TRUE(allows("400", "drop if Via unusable", "-"));
  EXPECT_FALSE(allows("400", "ignore the brackets", "-"));
  EXPECT_FALSE(allows("400", "-", "405"));
  EXPECT_FALSE(allows("not 400; two contacts", "200/401", "400"));
  EXPECT_TRUE(allows("not 400; two contacts", "200/401", "401"));
  EXPECT_FALSE(allows("not 400; two contacts", "200/401", "405"));
  EXPECT_TRUE(allows("not 400", "any other final", "405"));
  EXPECT_FALSE(allows("not 400", "any other final", "-"));
  EXPECT_FALSE(allows("parse; no answer", "drop (no transaction)", "400"));
  EXPECT_FALSE(allows("parse; empty reason phrase", "drop (no transaction)", "200"));
}

}  // namespace
}  // namespace vedette
