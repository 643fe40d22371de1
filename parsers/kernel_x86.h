// The kernels of files that are built for one processor each. For kernel.cc only.
#pragma once

#include "parsers/kernel.h"

namespace vedette::parsers {

extern const Kernel kAvx2Kernel;    // Needs AVX2, BMI1 and BMI2.
extern const Kernel kAvx512Kernel;  // Needs AVX-512 F, BW, VL, VBMI and VBMI2, BMI1 and BMI2.

}  // namespace vedette::parsers
