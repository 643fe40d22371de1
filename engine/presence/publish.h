// PUBLISH: the event state compositor of RFC 3903 §6. Initial, refresh, modify and remove, under entity tags; every
// device has a publication of its own, and none touches another's. The sender has been authenticated before.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/core.h"
#include "engine/presence/notifier.h"
#include "engine/presence/publications.h"
#include "engine/transaction/exchange.h"

namespace vedette::engine {

class PublishHandler {
 public:
  PublishHandler(Core& core, Notifier& notifier, Publications& publications);

  // `presentity`: canonical AOR of the Request-URI, in a local domain. `allowed`: the packages, a bit_of() each, that
  // the sender may publish for it.
  void on_request(Exchange& exchange, std::string_view presentity, uint32_t allowed);
  // The 200 again, for a retransmission: the same entity tag.
  void answer(Exchange& exchange, const Answer& answer);
  void on_timer(Instant now, uint32_t publication);

 private:
  struct Wish;
  Reason read_wish(const Request& request, uint32_t allowed, Wish& out) const;
  Reason read_body(const parsers::Message& message, const EventPackage& package, parsers::PidfDocument& document);
  void create(Exchange& exchange, std::string_view presentity, const Wish& wish);
  void modify(Exchange& exchange, uint32_t publication, const Wish& wish);
  void extend(Exchange& exchange, uint32_t publication, const Wish& wish);
  void finish(Exchange& exchange, uint64_t entity_tag, Duration expires);
  Reason try_store(uint32_t presentity, uint32_t replaced, const parsers::PidfDocument& document,
                   PublishedState& state);
  uint32_t find_replaced(uint32_t presentity, uint64_t device, const parsers::PidfDocument& document) const;
  uint32_t find(std::string_view presentity, const Wish& wish) const;
  void remove(Instant now, uint32_t publication);

  Core& core_;
  Notifier& notifier_;
  Publications& publications_;
  std::vector<char> normalised_;      // What normalise_pidf writes; used within a call.
};

}  // namespace vedette::engine
