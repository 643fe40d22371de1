// The worst inputs that we could think of, each as a function of its size, and what reads them. A program runs them
// under callgrind, which counts instructions (linearity_test). Single thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::linearity {

struct Shape {
  std::string name;                                  // What reads it, then what it is made of.
  std::function<std::string(size_t bytes)> make;     // About so many bytes.
  std::function<void(std::string_view)> read;
};

// `piece` again and again, to `bytes` in all, between a beginning and an end.
std::string repeated(std::string_view begin, std::string_view piece, std::string_view end, size_t bytes);

void add_message_shapes(std::vector<Shape>& shapes);
void add_value_shapes(std::vector<Shape>& shapes);
void add_document_shapes(std::vector<Shape>& shapes);
void add_body_shapes(std::vector<Shape>& shapes);
void add_rules_shapes(std::vector<Shape>& shapes);
void add_diff_shapes(std::vector<Shape>& shapes);
void add_filter_shapes(std::vector<Shape>& shapes);

}  // namespace vedette::linearity
