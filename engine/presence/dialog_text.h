// The lines of a subscription's dialog that every NOTIFY copies (RFC 3261 §12.2.1.1): written once, from the SUBSCRIBE.
#pragma once

#include <string_view>

#include "engine/core.h"
#include "parsers/event.h"

namespace vedette::engine {

struct DialogParts {
  const Request& request;
  const parsers::Event& event;
  const parsers::Address& contact;
  std::string_view watcher;            // Canonical AOR.
  Partition partition;                 // The presentity's: our tag begins with it.
  std::string_view pace;               // A PaceText.
};

// Fills in `subscription.dialog` and its offsets; subscription.tag is set before. kNone, kMessageTooLong when it is
// over limits.dialog_bytes_max, kDocumentsFull when the store is full.
Reason write_dialog_text(Core& core, const DialogParts& parts, Subscription& subscription);

// What a refresh may change.
struct DialogChange {
  std::string_view target;             // The remote target.
  std::string_view pace;               // A PaceText.
};
// The same dialog with these. On a refusal nothing has changed.
Reason change_dialog(Core& core, const DialogChange& change, Subscription& subscription);
// The same with the rates that the Event of an answer to a NOTIFY asks for (RFC 6446 §9.3).
void take_rates(Core& core, Instant now, std::string_view event, Subscription& subscription);

// Whether the subscription was made for this Event: the same package with the same id, or both without one.
bool is_event_of(const Subscription& subscription, const parsers::Event& event);

bool has_route_set(const Subscription& subscription);

// The display name of the From that its SUBSCRIBE had, as it stood there, quotes kept; empty when it had none.
std::string_view display_name_of(const Subscription& subscription);

// Our Contact: where in-dialog requests reach us, the address that the peer reached us on, as a GRUU.
void write_contact(const Request& request, parsers::Writer& writer);

}  // namespace vedette::engine
