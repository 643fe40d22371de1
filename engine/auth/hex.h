// Bytes as lower-case hexadecimal and back: how nonces and digests are written (RFC 7616 §3.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::engine {

// `out` has room for two characters per byte.
void write_hex(std::span<const uint8_t> bytes, char* out);
// The text must be exactly twice as long as `out`; upper case is read, too. False when it is not hexadecimal.
bool read_hex(std::string_view text, std::span<uint8_t> out);

// Takes the same time wherever the first difference is. Of different lengths: false at once.
bool equal_in_constant_time(std::span<const uint8_t> a, std::span<const uint8_t> b);

}  // namespace vedette::engine
