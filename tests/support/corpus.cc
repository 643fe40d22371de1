#include "tests/support/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace vedette::support {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

}  // namespace

std::string source_path(const std::string& path) { return std::string(VEDETTE_SOURCE_ROOT) + "/" + path; }

std::vector<CorpusMessage> read_corpus(const std::string& folder, const std::string& ending) {
  std::vector<CorpusMessage> messages;
  if (!std::filesystem::is_directory(folder)) return messages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ending) {
      messages.push_back({entry.path().filename().string(), read_file(entry.path())});
    }
  }
  std::sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return messages;
}

std::vector<std::vector<std::string>> read_table(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string cell;
    rows.emplace_back();
    while (std::getline(cells, cell, '\t')) rows.back().push_back(cell);
  }
  return rows;
}

std::vector<CorpusMessage> own_messages() { return read_corpus(source_path("tests/rfc/messages"), ".sip"); }

std::vector<CorpusMessage> own_client_messages() {
  return read_corpus(source_path("tests/rfc/clients"), ".sip");
}

std::vector<CorpusMessage> bench_messages() { return read_corpus(source_path("bench/messages"), ".sip"); }

}  // namespace vedette::support
