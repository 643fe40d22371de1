#include "engine/presence/entity_tag.h"

#include <algorithm>

#include "parsers/number.h"

namespace vedette::engine {

bool read_entity_tag(std::string_view text, uint64_t& out) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'F'; };
  return text.size() == kEntityTagDigits && std::none_of(text.begin(), text.end(), is_capital) &&
         parsers::parse_hex(text, out);
}

}  // namespace vedette::engine
