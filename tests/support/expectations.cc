#include "tests/support/expectations.h"

#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/support/corpus.h"

namespace vedette::support {

std::string Expectation::section() const {
  if (!rule.starts_with("RFC 4475 ") && !rule.starts_with("RFC 5118 ")) return {};
  return rule.substr(0, rule.find(':'));
}

std::vector<Expectation> read_expectations() {
  std::map<std::string, std::string> bytes;
  const struct {
    const char* name;
    const char* path;
    const char* ending;
  } kFolders[] = {{"own/", "tests/rfc/messages", ".sip"},
                  {"rfc4475/", "../shared/data/rfc4475", ".dat"},
                  {"rfc5118/", "../shared/data/rfc5118", ".dat"}};
  for (const auto& folder : kFolders) {
    for (auto& found : read_corpus(source_path(folder.path), folder.ending)) {
      bytes[folder.name + found.name.substr(0, found.name.size() - 4)] = std::move(found.bytes);
    }
  }
  std::vector<Expectation> rows;
  for (const auto& cells : read_table(source_path("tests/rfc/expected.tsv"))) {
    if (cells.size() != 8) std::abort();
    rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7], bytes[cells[0]]});
  }
  return rows;
}

std::vector<Expectation> present_expectations() {
  std::vector<Expectation> rows = read_expectations();
  std::erase_if(rows, [](const Expectation& row) { return row.bytes.empty(); });
  return rows;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, separator);) parts.push_back(part);
  return parts;
}

}  // namespace vedette::support
