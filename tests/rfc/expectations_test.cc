// The table of expectations by itself: it names every message, has a message of ours for each section of the
// two RFCs, and promises what the RFCs' own verdicts (../shared/data) ask for, or says by which section not.
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

// The refusals that a text names, but for one behind "not " and those in parentheses.
std::set<std::string> statuses_in(const std::string& text) {
  std::set<std::string> found;
  int depth = 0;
  for (size_t i = 0; i + 3 <= text.size(); ++i) {
    depth += (text[i] == '(') - (text[i] == ')');
    if (depth > 0 || text[i] < '4' || text[i] > '6') continue;
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

// What an archive's table asks for in words: what `must` names; where it names nothing but what must not be, what `may`
// names. That `may` tolerates something else is no excuse.
bool asks_for(const std::string& must, const std::string& may, const std::string& answer) {
  if (answer == "-") return speaks_of(must, {"no answer", "drop", "discard", "no crash"});
  if (must.starts_with("not " + answer)) return false;
  if (speaks_of(must, {"no answer", "drop", "discard"})) return false;
  if (const auto demanded = statuses_in(must); !demanded.empty()) return demanded.contains(answer);
  if (speaks_of(may, {"any other final", "any final"}) || may == "any") return true;
  return answer == "200" ? may.starts_with("200") : statuses_in(may).contains(answer);
}

// Behind what it is about, a rule says by which section something else is right, where that is so.
bool gives_reason(const Expectation& row) { return row.rule.find("; RFC ") != std::string::npos; }

// A stream makes of it what a datagram does, unless `may` speaks of streams.
bool is_asked_for_on_a_stream(const Expectation& row, const std::string& may) {
  return support::split(row.stream, ',')[0] == row.answer || may.find("TCP: ") != std::string::npos;
}

TEST(Expectations, PromiseWhatTheArchivesAskForOrGiveTheReason) {
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
      const std::string& must = cells[4];
      const std::string& may = cells[5];
      const bool is_asked_for = asks_for(must, may, row.answer) && asks_for(must, may, row.open) &&
                                is_asked_for_on_a_stream(row, may);
      EXPECT_NE(is_asked_for, gives_reason(row)) << row.message << ": " << row.answer << ", " << row.open << ", "
                                                 << row.stream << "; must: " << must << ", may: " << may;
      ++compared;
    }
  }
  if (compared == 0) GTEST_SKIP() << "../shared/data is not present";
  EXPECT_EQ(compared, 62u);
}

// The reader of those words is tried on some itself.
TEST(Expectations, AreComparedByWordsThatAreUnderstood) {
  EXPECT_TRUE(asks_for("400", "drop if Via unusable", "400"));
  EXPECT_FALSE(asks_for("400", "drop if Via unusable", "-"));
  EXPECT_FALSE(asks_for("400", "ignore the brackets", "-"));
  EXPECT_FALSE(asks_for("400", "-", "405"));
  EXPECT_FALSE(asks_for("501", "400", "400"));
  EXPECT_FALSE(asks_for("answer as target, or 483", "200/404", "200"));
  EXPECT_TRUE(asks_for("420 + Unsupported (as 421)", "-", "420"));
  EXPECT_FALSE(asks_for("420 + Unsupported (as 421)", "-", "421"));
  EXPECT_FALSE(asks_for("not 400; two contacts", "200/401", "400"));
  EXPECT_TRUE(asks_for("not 400; two contacts", "200/401", "401"));
  EXPECT_TRUE(asks_for("not 400; two contacts", "200/401", "200"));
  EXPECT_FALSE(asks_for("not 400; two contacts", "401/403", "200"));
  EXPECT_FALSE(asks_for("not 400; two contacts", "200/401", "405"));
  EXPECT_TRUE(asks_for("not 400", "any other final", "405"));
  EXPECT_FALSE(asks_for("not 400", "any other final", "-"));
  EXPECT_FALSE(asks_for("parse; no answer", "drop (no transaction)", "400"));
  EXPECT_FALSE(asks_for("parse; empty reason phrase", "drop (no transaction)", "200"));
  EXPECT_TRUE(asks_for("discard, no answer", "-", "-"));
}

}  // namespace
}  // namespace vedette
