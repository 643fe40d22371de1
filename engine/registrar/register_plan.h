// What a REGISTER asks for (RFC 3261 §10.2), read and judged whole. Which bindings it is about stands in the
// registrar; this looks at the request alone. Pure; views into the request's datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/handle.h"
#include "engine/base/time.h"
#include "engine/config.h"
#include "engine/transaction/request.h"
#include "parsers/address.h"
#include "parsers/writer.h"

namespace vedette::engine {

// Contacts in one REGISTER; more are refused with kAorBindingsFull.
inline constexpr size_t kRegisterContactsMax = 32;

struct RegisterPlan {
  struct Change {
    parsers::Address contact;
    std::string_view instance;           // Of +sip.instance, without quotes and brackets; empty when absent.
    Duration expires;                    // 0: remove.
    uint16_t q = 1000;                   // Thousandths.
    uint32_t existing = kNoIndex;        // The binding that it refreshes or removes.
  };
  std::array<Change, kRegisterContactsMax> changes;
  size_t count = 0;                      // 0: a query.
  uint32_t presentity = kNoIndex;        // Whose bindings they will be.
  bool remove_all = false;               // Contact: * (RFC 3261 §10.2.2).
  Duration min_expires;                  // With kIntervalTooBrief: what 423 says.
};

// The contacts and their intervals, judged by RFC 3261 §10.3 steps 6 and 7; `existing` is left alone. `lot`: see
// ExpiryRange::grant. kNone, or the refusal: kBadContact, kBadExpires, kIntervalTooBrief, kAorBindingsFull,
// kContactIsAor.
Reason read_register_plan(const ExpiryRange& range, uint64_t lot, const Request& request, RegisterPlan& out);

// The Contact's parameters that are given back as they came: all that the registrar does not give itself.
void write_kept_params(const RegisterPlan::Change& change, parsers::Writer& writer);

}  // namespace vedette::engine
