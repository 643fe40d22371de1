// NOTIFYs whose target is an AOR or a GRUU of ours (RFC 5627 §6.1): the shard that owns that AOR puts the bound
// Contact in the Request-URI and sends it to the binding's flow. The response comes back by our Via.
#pragma once

#include <string_view>

#include "engine/core.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {

class BindingRouter {
 public:
  BindingRouter(Core& core, const Registrar& registrations) : core_(core), registrations_(registrations) {}

  // `slot` is out.try_slot() and holds a NOTIFY to `target`: sends it through the binding here, or to the shard that
  // owns the AOR. False, and nothing committed, when the AOR is ours and nothing is bound.
  bool route_notify(OutSlot& slot, std::string_view target, Outbox& out);

  // A NOTIFY of the shard `sender`: sent on, or given back as kNotifyFailed.
  void forward_notify(const PeerMessage& peer, const parsers::Message& notify, ShardIndex sender, Outbox& out);

 private:
  const Binding* find_binding(const parsers::Uri& target, std::string_view aor) const;

  Core& core_;
  const Registrar& registrations_;
};

}  // namespace vedette::engine
