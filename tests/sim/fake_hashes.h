// Hash functions for simulations and fuzzers: as spread as one needs, quick, and the same everywhere; not
// cryptography. The engine is given them through its production interface, the agents and the laws call them too.
#pragma once

#include <string>
#include <string_view>

#include "engine/config.h"
#include "engine/hashes.h"

namespace vedette::sim {

engine::Hashes fake_hashes();

// The hash of the text in lower-case hexadecimal digits, as digest authentication writes it.
std::string fake_hash_hex(engine::DigestAlgorithm algorithm, std::string_view text);

// Hexadecimal digits of any bytes.
std::string to_hex(std::string_view bytes);

// A 64-bit hash of one text, for traces and check sums.
uint64_t hash_text(std::string_view text);

}  // namespace vedette::sim
