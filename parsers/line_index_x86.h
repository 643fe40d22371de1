// The kernels for AVX2 and AVX-512. For line_index.cc only.
#pragma once

#include <cstddef>
#include <string_view>

#include "parsers/line_index.h"

namespace vedette::parsers {

// IndexKernel::index_plain_lines. To be called only where the processor has AVX2, BMI1 and BMI2.
size_t index_plain_lines_by_avx2(std::string_view text, size_t begin, HeaderIndex& index);
// The same with AVX-512 F, BW and VL, BMI1 and BMI2.
size_t index_plain_lines_by_avx512(std::string_view text, size_t begin, HeaderIndex& index);

}  // namespace vedette::parsers
