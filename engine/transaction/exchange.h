// One request and its answer in the making. Handlers decide; this writes the response with the header fields that
// its status asks for, counts it, and remembers what a retransmission needs.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/transaction/request.h"
#include "engine/transaction/response.h"

namespace vedette::engine {

class Exchange {
 public:
  Exchange(Core& core, Instant now, const Request& request, Outbox& out)
      : core_(core), now_(now), request_(request), out_(out) {}

  Instant now() const { return now_; }
  const Request& request() const { return request_; }

  // The answer to a refusal: status and phrase from the Reason's table (but see status_of), with Allow, Allow-Events,
  // Accept, Unsupported, Retry-After as the status asks. Reasons without a status are only counted.
  void refuse(Reason reason);
  // 423 with Min-Expires (RFC 3261 §21.4.17).
  void refuse_too_brief(Duration min);
  // A refusal with header fields of the caller's: `write(Writer&)`.
  template <typename WriteHeaders>
  void refuse_with(Reason reason, WriteHeaders&& write) {
    core_.counters.add(reason);
    answer(status_of(reason), entry_of(reason).phrase, stateless_tag().view(), write);
  }

  // 200 OK with header fields of the caller's. `to_tag` may be empty: then one that any shard could have made.
  template <typename WriteHeaders>
  void accept(std::string_view to_tag, WriteHeaders&& write) {
    answer(200, "OK", to_tag.empty() ? stateless_tag().view() : to_tag, write);
  }
  // RFC 5839 §7.1: "the request was successful, but the notification associated with the request will not be sent".
  template <typename WriteHeaders>
  void accept_without_notification(std::string_view to_tag, WriteHeaders&& write) {
    answer(204, "No Notification", to_tag, write);
  }
  // Worked out when they are first asked for.
  const ServerTransactions::Keys& keys();
  // From now on a retransmission of the request is answered from `answer`.
  void remember(const Answer& answer);

 private:
  // RFC 3261 §8.2.7: the same request gets the same To tag, without anything being stored.
  struct Tag {
    char digits[kTagDigits];
    std::string_view view() const { return {digits, sizeof digits}; }
  };
  Tag stateless_tag() const;
  unsigned status_of(Reason reason) const;
  uint64_t request_hash() const;

  template <typename WriteHeaders>
  void answer(unsigned status, std::string_view phrase, std::string_view to_tag, WriteHeaders&& write) {
    OutSlot* slot = out_.try_slot();
    if (slot == nullptr) {
      core_.counters.add(Reason::kOutboxFull);
      return;
    }
    Response response(*slot, {request_.message, &request_.via, request_.flow, status, phrase, to_tag,
                              core_.config.server_name,
                              core_.admission.overload().loss_percent(core_.admission.work_class(now_)), now_});
    write(response.writer());
    if (!response.finish()) {
      core_.counters.add(Reason::kResponseTooLong);
      return;
    }
    out_.commit();
    core_.counters.add(Counter::kResponsesOut);
    core_.counters.add(Counter::kDatagramsOut);
  }
  // Of the request's own body, or of what is told for it.
  std::string_view wanted_media_types(bool of_body) const;
  void write_refusal_headers(Reason reason, parsers::Writer& writer) const;
  void write_retry_after(parsers::Writer& writer) const;

  Core& core_;
  Instant now_;
  const Request& request_;
  Outbox& out_;
  ServerTransactions::Keys keys_;
};

// RFC 3261 §8.2.2.3: the extensions in Require that we do not have, as an Unsupported value; empty when all are
// known.
void write_unsupported(const parsers::Message& message, parsers::Writer& writer);
bool requires_unknown_extension(const parsers::Message& message);

}  // namespace vedette::engine
