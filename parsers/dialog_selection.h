// Which dialogs a subscription to dialog state is about: the parameters of its Event (RFC 4235 §3.2). Pure.
#pragma once

#include <span>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

struct DialogSelection {
  std::string_view call_id;    // Without quotes and escapes. Empty: of all dialogs.
  std::string_view to_tag;     // The local tag of who is watched.
  std::string_view from_tag;   // The remote tag. Empty: of all dialogs that one INVITE made.
  bool wants_session_descriptions = false;

  bool is_of_all() const { return call_id.empty(); }
};

// `params` as they stand in an Event that has been parsed; `room` keeps what of them had escapes, and is to be as large
// as they are. kEvent: they name no dialog and no set of dialogs, or one of them twice.
ParseError parse_dialog_selection(std::string_view params, std::span<char> room, DialogSelection& out);

}  // namespace vedette::parsers
