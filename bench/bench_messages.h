// The messages that the parsers are timed on: bench/messages, or another folder of .sip files. They lie in memory
// as datagrams lie in DPDK's buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/datagram_memory.h"

namespace vedette::bench {

class BenchMessages {
 public:
  // Throws std::runtime_error when the folder has no messages, or not the two that are timed by themselves.
  explicit BenchMessages(const std::string& folder);

  size_t count() const { return messages_.size(); }
  std::string_view operator[](size_t i) const { return messages_[i]; }
  const std::string& name(size_t i) const { return names_[i]; }
  size_t bytes() const { return bytes_; }                               // Of all of them.
  size_t bytes_max() const { return bytes_max_; }                       // Of the longest one.
  std::string_view notify_response() const { return notify_response_; } // 200 OK to a NOTIFY of ours.
  std::string_view presence_body() const { return presence_body_; }     // 1 kB of PIDF with RPID.

 private:
  std::string_view find(std::string_view name) const;

  std::unique_ptr<DatagramMemory> memory_;
  std::vector<std::string_view> messages_;
  std::vector<std::string> names_;
  size_t bytes_ = 0, bytes_max_ = 0;
  std::string_view notify_response_, presence_body_;
};

}  // namespace vedette::bench
