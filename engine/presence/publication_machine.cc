#include "engine/presence/publication_machine.h"

#include <array>
#include <cstddef>

namespace vedette::engine {
namespace {

using Action = PublicationAction;
using Row = std::array<Action, static_cast<size_t>(PublicationEvent::kCount)>;

constexpr std::array<Row, static_cast<size_t>(NamedPublication::kCount)> kTable = {{
    // kBody, kNoBody, kBodyAtZero, kNoBodyAtZero, kExpired
    // kNone. RFC 3903 §6 step 5: "If the request has no message body and contained no entity-tag, the ESC SHOULD reject
    // the request", and with an interval of 0 it "MUST NOT store any event state".
    {Action::kCreate, Action::kRefuseEmpty, Action::kAcknowledge, Action::kRefuseEmpty, Action::kImpossible},
    // kUnknown. §6 step 3: "If no match is found, the ESC MUST reject the publication with a response of 412".
    {Action::kRefuseUnknown, Action::kRefuseUnknown, Action::kRefuseUnknown, Action::kRefuseUnknown,
     Action::kImpossible},
    // kLive. Step 5: "If the chosen expiration interval has a special value of "0", the event state identified by the
    // entity-tag MUST be immediately removed", whatever the body says that §4.5 forbids.
    {Action::kModify, Action::kRefresh, Action::kRemove, Action::kRemove, Action::kRemove},
}};

}  // namespace

PublicationAction action_of(NamedPublication named, PublicationEvent event) {
  return kTable[static_cast<size_t>(named)][static_cast<size_t>(event)];
}

}  // namespace vedette::engine
