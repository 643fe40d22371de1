// The call flows of tests/rfc/flows, each a test case of its own, played against one shard and against three. How many
// hold for each RFC that they cite is printed at the end; tools/test repeats it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/corpus.h"
#include "tests/support/flow_runner.h"

namespace vedette {
namespace {

struct FlowFile {
  std::string path, name;       // Relative to tests/rfc/flows; letters, digits and underscores alone.
};

void PrintTo(const FlowFile& file, std::ostream* out) { *out << file.path; }

std::vector<FlowFile> flow_files() {
  const std::filesystem::path folder = support::source_path("tests/rfc/flows");
  std::vector<FlowFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".flow") continue;
    FlowFile file{entry.path().string(), std::filesystem::relative(entry.path(), folder).replace_extension().string()};
    for (char& c : file.name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    files.push_back(file);
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

// How many flows that cite an RFC held.
class FlowTally : public testing::Environment {
 public:
  static std::map<std::string, int>& by_rfc() {
    static std::map<std::string, int> counts;
    return counts;
  }
  void TearDown() override {
    for (const auto& [rfc, count] : by_rfc()) std::printf("call flows of RFC %s: %d\n", rfc.c_str(), count);
  }
};

const auto* const kTally = testing::AddGlobalTestEnvironment(new FlowTally);

class Flows : public testing::TestWithParam<FlowFile> {};

TEST_P(Flows, Hold) {
  std::ifstream file(GetParam().path);
  std::ostringstream text;
  text << file.rdbuf();
  for (const unsigned shards : {1u, 3u}) {
    const support::FlowVerdict verdict = support::play_flow(text.str(), shards);
    if (verdict.holds) continue;
    ADD_FAILURE_AT(GetParam().path.c_str(), verdict.fault.line)
        << verdict.fault.what << (shards > 1 ? "\n(with three shards)" : "");
    return;
  }
  for (const std::string& rfc : support::parse_flow(text.str()).rfcs) ++FlowTally::by_rfc()[rfc];
}

INSTANTIATE_TEST_SUITE_P(Rfc, Flows, testing::ValuesIn(flow_files()), [](const auto& flow) { return flow.param.name; });

}  // namespace
}  // namespace vedette
