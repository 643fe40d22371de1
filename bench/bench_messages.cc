#include "bench/bench_messages.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tests/support/corpus.h"

namespace vedette::bench {
namespace {

constexpr std::string_view kNotifyResponse = "4-notify-200.sip";
constexpr std::string_view kPublish = "5-publish-rpid.sip";

}  // namespace

BenchMessages::BenchMessages(const std::string& folder) {
  const auto files = support::read_corpus(folder, ".sip");
  if (files.empty()) throw std::runtime_error("no .sip files in " + folder);
  for (const auto& file : files) {
    bytes_ += file.bytes.size();
    bytes_max_ = std::max(bytes_max_, file.bytes.size());
  }
  memory_ = std::make_unique<DatagramMemory>(bytes_ + files.size() * DatagramMemory::kCacheLine);
  char* place = memory_->begin();
  for (const auto& file : files) {
    place = DatagramMemory::next(place);
    std::memcpy(place, file.bytes.data(), file.bytes.size());
    messages_.emplace_back(place, file.bytes.size());
    names_.push_back(file.name);
    place += file.bytes.size();
  }
  notify_response_ = find(kNotifyResponse);
  const std::string_view publish = find(kPublish);
  presence_body_ = publish.substr(publish.find("\r\n\r\n") + 4);
}

std::string_view BenchMessages::find(std::string_view name) const {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return messages_[i];
  }
  throw std::runtime_error("the corpus lacks " + std::string(name));
}

}  // namespace vedette::bench
