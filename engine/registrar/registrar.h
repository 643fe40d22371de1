// The registrar's records and rules (RFC 3261 §10.3): bindings of an AOR as a list whose head stands in the AOR's
// record. A REGISTER is read and judged whole before anything changes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/pool.h"
#include "engine/core.h"
#include "engine/registrar/binding.h"
#include "engine/registrar/register_plan.h"
#include "engine/transaction/request.h"
#include "parsers/writer.h"

namespace vedette::engine {

class Registrar {
 public:
  explicit Registrar(Core& core);

  // RFC 3261 §10.3 steps 6 and 7 up to the point where bindings change. kNone, or the refusal.
  Reason plan(const Request& request, uint32_t head, RegisterPlan& out) const;
  // Changes the list. kNone, or kMessageTooLong, kAorBindingsFull, kBindingsFull, kDocumentsFull; then nothing has
  // changed. Bindings that are over go to the list `ended`, for release() when they have been told of; but when their
  // records are needed at once, not.
  Reason apply(Instant now, const Request& request, const RegisterPlan& plan, uint32_t& head, uint32_t& ended);
  // The Contact fields of the 200 (§10.3 step 8), with pub-gruu (RFC 5627 §5.2) when `with_gruu`.
  struct ContactsQuestion {
    std::string_view aor;
    uint32_t head = kNoIndex;
    bool with_gruu = false;
  };
  void write_contacts(Instant now, const ContactsQuestion& question, parsers::Writer& writer) const;

  // The binding that a GRUU with this gr value names, the newest one when there are several (RFC 5627 §6.1);
  // with an empty `gr` the newest binding of all. Null when there is none.
  const Binding* find(uint32_t head, std::string_view gr) const;
  Instant next_expiry(uint32_t head) const;               // Instant::never() for an empty list.
  // Those that have expired go to the list `ended`, see apply().
  void remove_expired(Instant now, uint32_t& head, uint32_t& ended);
  void release(uint32_t& ended);
  // The connection is gone that was the one way to it: it expires now. Whose it is.
  uint32_t on_connection_lost(Instant now, uint32_t binding);

  // visit(binding, its index), which no other binding has at the same time.
  template <typename Visit>
  void for_each(uint32_t head, Visit&& visit) const {
    for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) visit(bindings_[i], i);
  }
  // No two bindings have the same one, be one of them over.
  uint64_t id_of(uint32_t binding) const {
    return uint64_t{bindings_.handle(binding).generation} << 32 | binding;
  }
  uint32_t count(uint32_t head) const {
    uint32_t n = 0;
    for_each(head, [&](const Binding&, uint32_t) { ++n; });
    return n;
  }
  // What the bindings of a list say of their user, as a hash.
  uint64_t presence_hash(uint32_t head) const;
  uint32_t size() const { return bindings_.size(); }
  static uint64_t bytes(const Limits& limits) { return limits.bindings_max * Pool<Binding>::bytes_per_record(); }

  // Every binding stands in exactly one of the lists, and the lists keep their limits.
  void check_invariants() const;

 private:
  struct Draft;
  uint32_t find_same_uri(uint32_t head, const parsers::Uri& uri) const;
  uint32_t find_same_instance(uint32_t head, std::string_view instance, const RegisterPlan& claimed) const;
  bool is_out_of_order(const Request& request, const Binding& binding) const;
  Reason check_room(Instant now, const RegisterPlan& plan, uint32_t head) const;
  Reason draft_text(std::string_view aor, const RegisterPlan::Change& change, Draft& out);
  Reason draft_texts(std::string_view aor, const RegisterPlan& plan, Draft* drafts);
  Reason draft_presence(std::string_view aor, const RegisterPlan::Change& change, PublishedState& out);
  void store(Instant now, const Request& request, const RegisterPlan::Change& change, const Draft& draft,
             Binding& binding);
  template <typename Condition>
  uint32_t remove_if(uint32_t& head, BindingEvent event, uint32_t& ended, Condition&& condition);

  Core& core_;
  Pool<Binding> bindings_;
  std::vector<char> normalised_;   // What normalise_pidf writes; used within a call.
};

// A qvalue (RFC 3261 §25.1) with three digits: 500 is 0.500.
void write_q(uint16_t thousandths, parsers::Writer& writer);

}  // namespace vedette::engine
