// A document of presence rules (RFC 4745, RFC 5025) on its way to the shard that owns its address of record: compiled
// here, so that a shard gets bytes that it can keep as they are. Control thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/control_message.h"

namespace vedette::control {

struct CompiledDocument {
  std::shared_ptr<const std::string> bytes;  // As engine::LentRules has them.
  uint32_t rule_set_length = 0;
  uint32_t rules = 0;
  uint32_t document_bytes = 0;
  size_t rules_that_never_match = 0;

  // Good as long as `bytes` are kept.
  engine::LentRules lent() const;
};

// What is wrong with the document, and in which line; empty when it has been compiled.
std::string compile_document(std::string_view document, CompiledDocument& out);

}  // namespace vedette::control
