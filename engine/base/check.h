// VEDETTE_CHECK: a programmer's error ends the process, in every build. Bad input never does.
#pragma once

namespace vedette::engine {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace vedette::engine

#define VEDETTE_CHECK(expression) \
  (static_cast<bool>(expression) ? void(0) : ::vedette::engine::check_failed(#expression, __FILE__, __LINE__))
