// Header field values and start lines of plain shapes, as one kernel reads them. Included by parsers/kernel*.cc alone
// (see plain_window.h).
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/kernel.h"
#include "parsers/line_index_passes.h"
#include "parsers/plain_address.h"
#include "parsers/plain_digest.h"
#include "parsers/plain_params.h"
#include "parsers/plain_start_line.h"
#include "parsers/plain_tokens.h"
#include "parsers/plain_via.h"

namespace vedette::parsers {
namespace {

// Kernel::index_plain_head.
template <typename Lines, typename Values>
size_t index_plain_head_with(std::string_view text, StartLine& start, HeaderIndex& index) {
  const size_t begin = PlainStartLine<Values>::parse(text, start);
  return begin == 0 ? 0 : index_lines<Lines>(text, begin, LookAhead::kFar, index);
}

template <typename Lines, typename Values>
constexpr Kernel kernel_of(std::string_view name) {
  return {.name = name,
          .index_plain_head = index_plain_head_with<Lines, Values>,
          .index_plain_lines = index_plain_lines_with<Lines>,
          .next_plain_via = next_plain_via<Values>,
          .next_plain_address = next_plain_address<Values>,
          .parse_plain_uri = parse_plain_uri<Values>,
          .parse_plain_credentials = PlainDigest<Values>::parse,
          .parse_plain_event = PlainTokens<Values>::parse_event,
          .next_plain_media_type = PlainTokens<Values>::next_media_type,
          .next_plain_param = next_plain_param<Values>,
          .is_plain_call_id = PlainTokens<Values>::is_call_id,
          .token_stops = PlainTokens<Values>::stops};
}

}  // namespace
}  // namespace vedette::parsers
