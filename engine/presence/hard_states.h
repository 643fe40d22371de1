// Hard state (RFC 3903 §2): presence that an operator sets for an address of record, for as long as he says. It is kept
// as a publication that nobody else can refresh, modify or remove; what it says beside those of devices is
// composition's.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/control_message.h"
#include "engine/core.h"
#include "engine/presence/publications.h"

namespace vedette::engine {

class HardStates {
 public:
  HardStates(Core& core, Publications& publications) : core_(core), publications_(publications) {}

  // Takes the place of what was set before. kNone and the presentity, which has changed; or why it was not taken: then
  // all is as before. The document's bytes are lent for the call.
  Reason set(Instant now, std::string_view aor, const LentHardState& document, uint32_t& presentity);
  // False when there was none. The presentity stays, even if it is idle afterwards.
  bool remove(std::string_view aor, uint32_t& presentity);

 private:
  Reason store(uint32_t presentity, const PublishedState& lent, uint32_t& publication);

  Core& core_;
  Publications& publications_;
};

}  // namespace vedette::engine
