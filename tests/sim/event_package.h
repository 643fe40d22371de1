// The event packages as the simulation knows them (RFC 6665 §7.2), written down from their RFCs: the engine's own table
// is not asked.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/presence/packages/package.h"
#include "parsers/message.h"

namespace vedette::sim {

enum class Package : uint8_t { kPresence, kWatcherInfo, kDialog, kMessageSummary, kReg, kCount };

struct PackageEntry {
  engine::PackageId id;           // Its row in the configuration's tables.
  std::string_view name;          // In Event.
  std::string_view media_type;    // Of its documents.
  bool is_published = false;      // Somebody may PUBLISH it.
  bool is_owners = false;         // Only the owner of the address of record may watch it.
  bool counts = false;            // Each watcher's documents are numbered, from 0.
};

const PackageEntry& entry_of(Package package);
// The package of an Event header; false when it is none of them.
bool read_package(const parsers::Message& message, Package& out);

}  // namespace vedette::sim
