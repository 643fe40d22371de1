// What must be true of each typed parser for every value there is: nothing outside of the value is given
// back, what was read does not depend on what stood in the result before, nor on what stands around the
// value, white space and folds change nothing, and what was accepted reads the same when it was written anew.
// For tests and fuzzers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/header_id.h"
#include "parsers/kernel.h"
#include "parsers/parse_error.h"
#include "parsers/writer.h"

namespace vedette::support {

// All that a parser says of a value, in one shape for all parsers. Lists are read to their end or first error.
struct Reading {
  parsers::ParseError error = parsers::ParseError::kOk;
  std::vector<std::string_view> parts;   // What the value consists of.
  std::vector<std::string_view> spans;   // Stretches of it as they stand, white space and all.
  std::vector<uint64_t> numbers;
  void clear();
};

struct ValueParser {
  char letter;                 // By which the first byte of a fuzzer's input chooses it.
  std::string_view name;
  std::string_view sample;     // Accepted, and rich in everything.
  bool takes_white_space;      // Around the value.
  void (*parse)(std::string_view value);      // And nothing else; lists to their end.
  // `before` is read into the same result first, unless it is empty.
  void (*read)(std::string_view value, std::string_view before, Reading& out);
  // An accepted value anew: from its fields, or from its elements as they stand.
  void (*rewrite)(std::string_view value, bool from_fields, parsers::Writer& writer);
  // The same as read() by one kernel; null where no kernel takes part.
  void (*read_by)(const parsers::Kernel& kernel, std::string_view value, Reading& out) = nullptr;
};

std::span<const ValueParser> value_parsers();
const ValueParser& value_parser(char letter);
// Of the parser for this header field's values; '\0' when there is none.
char parser_letter(parsers::HeaderId id);

// The kernel that reads this value otherwise than the parsers that read every shape do, or nothing.
std::string broken_kernel_law(const ValueParser& parser, std::string_view value);
// The first law that this value breaks, or nothing; the one of the kernels is among them.
std::string broken_value_law(const ValueParser& parser, std::string_view value);

}  // namespace vedette::support
