// A presence document (RFC 3863) that an operator sets for an address of record, on its way to the shard that owns it:
// read here as the body of a PUBLISH is there, so that the shard gets bytes that it can keep as they are. Control
// thread only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/control_message.h"

namespace vedette::control {

struct NormalisedDocument {
  std::shared_ptr<const std::string> bytes;
  engine::LentHardState lent;                // Good as long as `bytes` are kept.
  size_t parts_left_out = 0;                 // What the schemas do not allow.
};

// What is wrong with the document; empty when it has been normalised.
std::string normalise_document(std::string_view document, NormalisedDocument& out);

}  // namespace vedette::control
