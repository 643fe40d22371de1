// The engine's hash functions (engine/hashes.h) by OpenSSL's libcrypto, and random bytes for keys and seeds.
// The hash functions keep everything on the stack: any thread may call them at any time, also a poll thread.
#pragma once

#include <cstdint>
#include <span>

#include "engine/hashes.h"

namespace vedette::control {

// Hashes whose `context` is null: nothing is shared between the shards that use them.
engine::Hashes openssl_hashes();

// Cryptographically strong; aborts when the system has no randomness to give. May make system calls: for
// start-up and the control thread.
void fill_random(std::span<uint8_t> out);

// Overwrites a secret, and is not optimised away.
void wipe(std::span<char> secret);

}  // namespace vedette::control
