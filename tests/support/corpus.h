// Messages kept as files: the project's own below tests/rfc, and the recorded ones and the RFCs' in
// ../shared/data, which need not be there.
#pragma once

#include <string>
#include <vector>

namespace vedette::support {

struct CorpusMessage {
  std::string name;  // The file's, without its folder.
  std::string bytes;
};

// A path below the root of the source tree.
std::string source_path(const std::string& path);
// All files below `folder` with this ending, by name; empty when there is no such folder.
std::vector<CorpusMessage> read_corpus(const std::string& folder, const std::string& ending);
// The rows of a table of tab-separated columns but its first, which names them.
std::vector<std::vector<std::string>> read_table(const std::string& path);

// What the repository itself has: one message for each rule, and one of each kind that real clients send.
std::vector<CorpusMessage> own_messages();
std::vector<CorpusMessage> own_client_messages();
// The nine that bench/parser_bench reads: one of each kind, as real clients, proxies and we ourselves send them.
std::vector<CorpusMessage> bench_messages();

}  // namespace vedette::support
