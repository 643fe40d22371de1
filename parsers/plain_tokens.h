// Tokens of plain shapes: lists of them, Event, media types, Call-ID. Included by parsers/kernel*.cc alone (see
// plain_window.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/plain_window.h"

namespace vedette::parsers {
namespace {

// Short values alone.
template <typename Vectors>
class PlainTokens : PlainWindow<Vectors, true> {
  using Window = PlainWindow<Vectors, true>;

 public:
  // Kernel::parse_plain_event.
  static bool parse_event(std::string_view value, Event& out) {
    PlainCopy copy;
    if (value.empty() || value.size() > kShortTextMax) return false;
    return PlainTokens(value, copy).read_event(out);
  }

  // Kernel::next_plain_media_type.
  static bool next_media_type(std::string_view& rest, MediaType& out) {
    PlainCopy copy;
    if (rest.empty() || rest.size() > kShortTextMax) return false;
    return PlainTokens(rest, copy).read_media_type(out, rest);
  }

  // Kernel::is_plain_call_id: word ["@" word].
  static bool is_call_id(std::string_view value) {
    PlainCopy copy;
    if (value.empty() || value.size() > kShortTextMax) return false;
    // What stands behind the end is no word.
    const uint64_t stops =
        Vectors::template outside<PlainClass::kWord>(Vectors::load_short(value.data(), value.size(), copy.bytes));
    const size_t first = Vectors::count_zeros(stops);
    if (first == 0 || first == value.size()) return first != 0;
    const size_t second = Vectors::count_zeros(stops & (stops - 1));
    return value[first] == '@' && second == value.size() && second > first + 1;
  }

  // Kernel::token_stops.
  static uint64_t stops(std::string_view text) {
    PlainCopy copy;
    const auto block = text.size() < kWindowBytes ? Vectors::load_short(text.data(), text.size(), copy.bytes)
                                                  : Vectors::load(text.data());
    return Vectors::template outside<PlainClass::kToken>(block);
  }

 private:
  [[gnu::always_inline]] PlainTokens(std::string_view text, PlainCopy& copy) : Window(text, copy) {}

  [[gnu::always_inline]] bool read_event(Event& out) {
    const size_t length = this->template count<PlainClass::kToken>();
    if (length == 0) return false;
    // event-type = event-package *( "." event-template ), each of them one character or more without dots.
    const uint64_t dots = Vectors::low_bits(Vectors::equal(this->block_, kPlainTables.dots), length);
    if ((dots & (dots << 1 | 1 | uint64_t{1} << (length - 1))) != 0) return false;
    out.package = {this->here(), length};
    out.id = {};
    this->at_ += length;
    return read_params(out.params, &out.id) && this->at_end();
  }

  [[gnu::always_inline]] bool read_media_type(MediaType& out, std::string_view& rest) {
    if (!this->template take_some<PlainClass::kToken>(out.type) || !this->take('/')) return false;
    if (!this->template take_some<PlainClass::kToken>(out.subtype)) return false;
    return read_params(out.params, nullptr) && this->take_comma(rest);
  }

  // All of them as `text`, and the value of the one that is called id.
  [[gnu::always_inline]] bool read_params(std::string_view& text, std::string_view* id) {
    const char* const begin = this->here();
    for (size_t count = 0; this->take(';'); ++count) {
      std::string_view name;
      std::string_view value;
      bool quoted = false;
      if (count == kPlainParamsMax || !this->read_param(name, value, quoted)) return false;
      if (id == nullptr || name.size() != 2 || (name[0] | 0x20) != 'i' || (name[1] | 0x20) != 'd') continue;
      if (!id->empty() || quoted || value.empty()) return false;
      *id = value;
    }
    text = begin == this->here() ? std::string_view() : view(begin, this->here());
    return true;
  }
};

}  // namespace
}  // namespace vedette::parsers
