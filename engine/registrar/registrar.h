// The registrar's records and rules (RFC 3261 §10.3): bindings of an AOR as a list whose head stands in the AOR's
// record. A REGISTER is read and judged whole before anything changes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/pool.h"
#include "engine/core.h"
#include "engine/registrar/binding.h"
#include "engine/transaction/request.h"
#include "parsers/address.h"
#include "parsers/writer.h"

namespace vedette::engine {

// Contacts in one REGISTER; more are refused with kAorBindingsFull.
inline constexpr size_t kRegisterContactsMax = 32;

// What a REGISTER asks for, judged: apply() cannot fail.
struct RegisterPlan {
  struct Change {
    parsers::Address contact;
    std::string_view instance;           // Of +sip.instance, without quotes and brackets; empty when absent.
    Duration expires;                    // 0: remove.
    uint16_t q = 1000;
    uint32_t existing = kNoIndex;        // The binding that it refreshes or removes.
  };
  std::array<Change, kRegisterContactsMax> changes;
  size_t count = 0;                      // 0: a query.
  bool remove_all = false;               // Contact: * (RFC 3261 §10.2.2).
  Duration min_expires;                  // With kIntervalTooBrief: what 423 says.
};

class Registrar {
 public:
  explicit Registrar(Core& core);

  // RFC 3261 §10.3 steps 6 and 7 up to the point where bindings change. kNone, or the refusal.
  Reason plan(const Request& request, uint32_t head, RegisterPlan& out) const;
  // Changes the list. kNone, or kBindingsFull / kDocumentsFull; then nothing has changed.
  Reason apply(Instant now, const Request& request, const RegisterPlan& plan, uint32_t& head);
  // The Contact fields of the 200 (§10.3 step 8), with pub-gruu (RFC 5627 §3.2) when `with_gruu`.
  struct ContactsQuestion {
    std::string_view aor;
    uint32_t head = kNoIndex;
    bool with_gruu = false;
  };
  void write_contacts(Instant now, const ContactsQuestion& question, parsers::Writer& writer) const;

  // The binding that a GRUU with this gr value names, the newest one when there are several (RFC 5627 §5.1);
  // with an empty `gr` the newest binding of all. Null when there is none.
  const Binding* find(uint32_t head, std::string_view gr) const;
  Instant next_expiry(uint32_t head) const;               // Instant::never() for an empty list.
  // The number of bindings that had expired and are gone.
  uint32_t remove_expired(Instant now, uint32_t& head);

  template <typename Visit>
  void for_each(uint32_t head, Visit&& visit) const {
    for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) visit(bindings_[i]);
  }
  uint32_t count(uint32_t head) const {
    uint32_t n = 0;
    for_each(head, [&](const Binding&) { ++n; });
    return n;
  }
  uint32_t size() const { return bindings_.size(); }
  static uint64_t bytes(const Limits& limits) { return limits.bindings_max * Pool<Binding>::bytes_per_record(); }

 private:
  Core& core_;
  Pool<Binding> bindings_;
};

}  // namespace vedette::engine
