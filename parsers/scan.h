// The one loop over every byte of a message's head: where lines end. Scalar; a vector kernel goes behind the
// same function, held equal to this one by tests. No state; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace vedette::parsers {

struct LineEnd {
  size_t feed = std::string_view::npos;  // Where the LF stands; npos when there is none.
  bool stray_return = false;             // A CR stands before it that is not part of this line end.
};

// The first line end at or after `from`.
LineEnd find_line_end(std::string_view text, size_t from);

}  // namespace vedette::parsers
