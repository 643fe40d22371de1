#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace vedette::engine {

void check_failed(const char* expression, const char* file, int line) {
  // The last words of a dying process: the one place in pure code that prints.
  std::fprintf(stderr, "vedette: check failed at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace vedette::engine
