// Reads every shape at 1, 2, 4, ... 64 kB. Under callgrind only the reading is counted, and each count is
// dumped under "SIZE BYTES NAME" (the size that was asked for, the bytes that there are); by itself the
// program does nothing that anybody sees. usage: linearity [PART_OF_A_NAME]
#include <valgrind/callgrind.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/linearity/shapes.h"

using vedette::linearity::Shape;

namespace {

[[gnu::noinline]] void read_counted(const Shape& shape, const std::string& input, const std::string& label) {
  CALLGRIND_ZERO_STATS;
  CALLGRIND_TOGGLE_COLLECT;
  shape.read(input);
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT(label.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  std::vector<Shape> shapes;
  vedette::linearity::add_message_shapes(shapes);
  vedette::linearity::add_value_shapes(shapes);
  vedette::linearity::add_document_shapes(shapes);
  vedette::linearity::add_body_shapes(shapes);
  vedette::linearity::add_rules_shapes(shapes);
  vedette::linearity::add_diff_shapes(shapes);
  vedette::linearity::add_filter_shapes(shapes);
  size_t read = 0;
  CALLGRIND_START_INSTRUMENTATION;      // Not before: each dump goes through all code that was seen.
  for (const Shape& shape : shapes) {
    if (shape.name.find(wanted) == std::string::npos) continue;
    shape.read(shape.make(1'000));      // Symbols are bound and buffers grown before anything is counted.
    for (size_t bytes = 1'000; bytes <= 64'000; bytes *= 2) {
      const std::string input = shape.make(bytes);
      read_counted(shape, input, std::to_string(bytes) + " " + std::to_string(input.size()) + " " + shape.name);
    }
    ++read;
  }
  std::printf("%zu shapes\n", read);
  return read == 0 ? 1 : 0;
}
