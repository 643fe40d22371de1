// Header field values and start lines of plain shapes, as one kernel reads them. Included by parsers/kernel*.cc alone
// (see plain_window.h).
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/plain_address.h"
#include "parsers/plain_digest.h"
#include "parsers/plain_start_line.h"
#include "parsers/plain_tokens.h"
#include "parsers/plain_via.h"

namespace vedette::parsers {
namespace {

template <typename Vectors>
constexpr Kernel kernel_of(std::string_view name,
                           size_t (*index_plain_lines)(std::string_view, size_t, LookAhead, HeaderIndex&)) {
  return {.name = name,
          .parse_plain_start_line = PlainStartLine<Vectors>::parse,
          .index_plain_lines = index_plain_lines,
          .next_plain_via = next_plain_via<Vectors>,
          .next_plain_address = next_plain_address<Vectors>,
          .parse_plain_uri = parse_plain_uri<Vectors>,
          .parse_plain_credentials = PlainDigest<Vectors>::parse,
          .parse_plain_event = PlainTokens<Vectors>::parse_event,
          .next_plain_media_type = PlainTokens<Vectors>::next_media_type,
          .token_stops = PlainTokens<Vectors>::stops};
}

}  // namespace
}  // namespace vedette::parsers
