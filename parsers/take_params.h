// *( SEMI generic-param ) behind an element that goes on after it: Via, addresses, media types, Event. One walk
// both finds their end and keeps what the element needs. Used by the parsers of this folder only.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Hands each parameter to keep(const Param&), whose error ends the walk. `text` is all of them as they stand, and
// the cursor then stands behind the last one, not behind the white space after it.
template <typename Keep>
ParseError take_params(Cursor& cursor, std::string_view& text, Keep keep) {
  const char* first = nullptr;
  for (size_t count = 0;; ++count) {
    const Cursor before = cursor;
    cursor.skip_lws();
    if (!cursor.at(';')) {
      cursor = before;
      break;
    }
    if (count == kParamsMax) return ParseError::kParamsTooMany;
    if (count == 0) first = cursor.position();
    Param param;
    if (const ParseError error = take_param(cursor, param); error != ParseError::kOk) return error;
    if (const ParseError error = keep(param); error != ParseError::kOk) return error;
  }
  text = first == nullptr ? std::string_view() : cursor.since(first);
  return ParseError::kOk;
}

}  // namespace vedette::parsers
