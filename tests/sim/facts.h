// What the laws and the agents read from a message: its identifiers, taken once with the parsers of parsers/.
#pragma once

#include <string>
#include <string_view>

#include "engine/config.h"
#include "parsers/message.h"
#include "parsers/via.h"

namespace vedette::sim {

struct Facts {
  parsers::Message message;
  parsers::Method method = parsers::Method::kUnknown;    // The request's, or its response's CSeq's.
  std::string_view call_id;
  std::string_view from_tag;
  std::string_view to_tag;
  std::string_view branch;
  std::string_view sent_by;
  uint32_t cseq = 0;
  std::string_view cseq_method;

  bool is_request() const { return message.is_request(); }
  unsigned status() const { return message.status(); }
  bool is_success() const { return status() / 100 == 2; }
  std::string_view value(parsers::HeaderId id) const { return message.value(id); }
  bool has(parsers::HeaderId id) const { return message.find(id) != nullptr; }
};

// False when it is no message or lacks one of the fields above (tags may be missing); what was found until then is
// in `out` all the same. `out` points into `bytes`.
bool read_facts(std::string_view bytes, Facts& out);

// The canonical address of record of a URI, empty when it has none.
std::string aor_of(std::string_view uri);
// The same for a From, To or Contact value.
std::string aor_of_address(std::string_view value);

// Names a request's transaction, for pairing retransmissions (RFC 3261 §17.2.3): branch, sent-by, method.
std::string transaction_key(const Facts& facts);
// Names a dialog from the server's side.
struct DialogId {
  std::string call_id;
  std::string server_tag;
  std::string client_tag;
  auto operator<=>(const DialogId&) const = default;
};

// The dialog of a client's request, and of a NOTIFY of the server. `server_tag` is in lower case: what the server
// mints are digits, which it may compare as it likes (RFC 3261 §7.3.1: tokens are case-insensitive).
DialogId dialog_of(const Facts& request, std::string_view server_tag);
DialogId dialog_of_notify(const Facts& notify);
std::string lower_case(std::string_view text);

// Expires of a message; false when it is absent or no number.
bool read_expires(const parsers::Message& message, uint32_t& out);
// Whether who asked for so many seconds may be granted so many.
bool may_grant(const engine::ExpiryRange& range, uint32_t asked, uint32_t granted);

}  // namespace vedette::sim
