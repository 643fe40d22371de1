// Parameters of plain shapes, one at a time. Included by parsers/kernel*.cc alone (see plain_window.h).
#pragma once

#include <string_view>

#include "parsers/param.h"
#include "parsers/plain_window.h"

namespace vedette::parsers {
namespace {

template <typename Vectors, bool kIsShort>
class PlainParams : PlainWindow<Vectors, kIsShort> {
  using Window = PlainWindow<Vectors, kIsShort>;

 public:
  [[gnu::always_inline]] PlainParams(std::string_view text, PlainCopy& copy) : Window(text, copy) {}

  // ";" name ["=" value], with the next ";" behind it or nothing.
  [[gnu::always_inline]] bool read(Param& out, std::string_view& rest) {
    if (!this->take(';') || !Window::read_param(out.name, out.value, out.quoted)) return false;
    if (!this->at_end() && this->peek() != ';') return false;
    out.has_value = out.value.data() != nullptr;
    rest = {this->here(), this->left()};
    return true;
  }
};

// Kernel::next_plain_param.
template <typename Vectors>
bool next_plain_param(std::string_view& rest, Param& out) {
  PlainCopy copy;
  if (rest.empty()) return false;
  return rest.size() <= kShortTextMax ? PlainParams<Vectors, true>(rest, copy).read(out, rest)
                                      : PlainParams<Vectors, false>(rest, copy).read(out, rest);
}

}  // namespace
}  // namespace vedette::parsers
