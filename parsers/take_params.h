// *( SEMI generic-param ) behind an element that goes on after it: Via, addresses, media types, Event. One walk
// both finds their end and keeps what the element needs. Used by the parsers of this folder only.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/cursor.h"
#include "parsers/param.h"
#include "parsers/parse_error.h"

namespace vedette::parsers {

// Hands each parameter to keep(const Param&), whose error ends the walk. `text` is all of them as they stand, or those
// before the malformed one, and the cursor then stands behind the last of them, not behind the white space after it.
template <typename Keep>
ParseError take_params(Cursor& cursor, std::string_view& text, Keep keep) {
  const char* first = nullptr;
  ParseError error = ParseError::kOk;
  for (size_t count = 0;; ++count) {
    const Cursor before = cursor;
    cursor.skip_lws();
    const char* const mark = cursor.position();
    if (cursor.at(';')) {
      Param param;
      error = count == kParamsMax ? ParseError::kParamsTooMany : take_param(cursor, param);
      if (error == ParseError::kOk) error = keep(param);
    }
    if (error != ParseError::kOk || cursor.position() == mark) {
      cursor = before;
      break;
    }
    if (count == 0) first = mark;
  }
  text = first == nullptr ? std::string_view() : cursor.since(first);
  return error;
}

}  // namespace vedette::parsers
