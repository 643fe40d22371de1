// What a NOTIFY shows, or a PUBLISH says, in any package, as the simulation compares it: a presence document as
// document_view.h has it; of the others, the elements that they list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/document_view.h"
#include "tests/sim/event_package.h"

namespace vedette::sim {

// A dialog (or an extension beside dialogs), a message summary, a contact of a registration, a watcher.
struct ElementView {
  std::string id;
  std::string subject;          // A contact's URI, a watcher's AOR.
  std::string state;            // A contact's, a watcher's.
  std::string event;            // What led to it.
  uint64_t content = 0;         // Of what was published: without its id, which composition may change.
  bool stamped = false;
  Stamp stamp;
};

struct PackageView {
  Package package = Package::kPresence;
  DocumentView presence;                 // Of kPresence alone.
  std::vector<ElementView> elements;     // Of all others.
  std::string aor;                       // What it is about, where a document says so; without scheme.
  std::string state;                     // Of a registration.
  uint32_t version = 0;
  bool is_full = true;
  size_t bytes = 0;
};

// False when the body is no document of the package. What is published says neither version nor state that would count.
bool read_published(Package package, std::string_view body, PackageView& out);
bool read_shown(Package package, std::string_view body, PackageView& out);

// The stamps of everything in it that has one.
std::vector<Stamp> stamps_of(const PackageView& view);
// As one line, for reports.
std::string to_text(const PackageView& view);

// What a PUBLISH of an agent carries, besides presence (DocumentPlan).
struct PackageDocumentPlan {
  std::string aor;
  Stamp stamp;
  std::string id;               // Of its first dialog.
  size_t count = 1;             // Dialogs; 0: none any more. Messages.
  bool with_extension = false;
};
std::string write_dialog_info(const PackageDocumentPlan& plan);
std::string write_message_summary(const PackageDocumentPlan& plan);

}  // namespace vedette::sim
