// What a watcher has who takes partial presence (RFC 5262, RFC 5263): the last <pidf-full> with the patches since.
// Naive: a tree of strings, changed as RFC 5261 says, and written again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/sim/naive_xml.h"

namespace vedette::sim {

inline constexpr std::string_view kPartialMediaType = "application/pidf-diff+xml";

class PartialDocument {
 public:
  // A body of kPartialMediaType. Empty when it is taken, or not newer than what is there; else why it is neither
  // everything nor fits what is there. Then there is nothing any more.
  std::string take(std::string_view body);
  void clear() { *this = {}; }

  // As a presence document; empty when there is nothing.
  std::string document() const;
  int64_t version() const { return version_; }
  // It was a patch that was taken last.
  bool was_patched() const { return was_patched_; }

 private:
  std::string apply(const XmlNode& patch);

  XmlNode root_;
  int64_t version_ = -1;         // -1: nothing.
  bool was_patched_ = false;
};

}  // namespace vedette::sim
