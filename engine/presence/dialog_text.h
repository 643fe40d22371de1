// What every NOTIFY of a subscription's dialog copies (RFC 3261 §12.2.1.1): written once, from the SUBSCRIBE.
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
  std::string_view presentity;         // Its canonical AOR.
  const Flow& flow;                    // Where NOTIFYs go.
  std::string_view pace;               // A PaceText.
};

// Fills in `subscription.dialog` with its offsets and both ends. kNone, kMessageTooLong when it is over
// limits.dialog_bytes_max, kDocumentsFull or kLocalEndsFull when there is no room.
Reason begin_dialog(Core& core, const DialogParts& parts, Subscription& subscription);

// What a refresh may change.
struct DialogChange {
  std::string_view target;             // The remote target.
  std::string_view pace;               // A PaceText.
  const Flow& flow;
};
// The same dialog with these. On a refusal nothing has changed.
Reason change_dialog(Core& core, const DialogChange& change, Subscription& subscription);
// The same with the rates that the Event of an answer to a NOTIFY asks for (RFC 6446 §9.3).
void take_rates(Core& core, Instant now, std::string_view event, Subscription& subscription);

// How many bytes of each NOTIFY are its dialog's, about.
size_t dialog_bytes(const Core& core, const Subscription& subscription);

// Whether the subscription was made for this Event: the same package with the same id, or both without one.
bool is_event_of(const Core& core, const Subscription& subscription, const parsers::Event& event);

bool has_route_set(const Subscription& subscription);

// The display name of the From that its SUBSCRIBE had, as it stood there, quotes kept; empty when it had none.
std::string_view display_name_of(const Subscription& subscription);

// Our Contact: where in-dialog requests reach us, the address that the peer reached us on, as a GRUU.
void write_contact(const Request& request, parsers::Writer& writer);

}  // namespace vedette::engine
