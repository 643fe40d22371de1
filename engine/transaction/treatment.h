// What becomes of a request by its method: the table that the shard's doors lead to. Constants alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "parsers/method.h"

namespace vedette::engine {

// RFC 3261 §8.2.1: a row for each method.
enum class Treatment : uint8_t {
  kSubscribe,
  kPublish,
  kRegister,
  kOptions,
  kSilence,
  kNoTransaction,
  kNotAllowed,
  kUnknown
};

inline constexpr auto kTreatments = [] {
  using parsers::Method;
  std::array<Treatment, static_cast<size_t>(Method::kCount)> table{};
  table.fill(Treatment::kNotAllowed);
  table[static_cast<size_t>(Method::kUnknown)] = Treatment::kUnknown;
  table[static_cast<size_t>(Method::kSubscribe)] = Treatment::kSubscribe;
  table[static_cast<size_t>(Method::kPublish)] = Treatment::kPublish;
  table[static_cast<size_t>(Method::kRegister)] = Treatment::kRegister;
  table[static_cast<size_t>(Method::kOptions)] = Treatment::kOptions;
  table[static_cast<size_t>(Method::kAck)] = Treatment::kSilence;             // RFC 3261 §17.1.1.3: never answered.
  table[static_cast<size_t>(Method::kCancel)] = Treatment::kNoTransaction;    // RFC 3261 §9.2.
  return table;
}();

}  // namespace vedette::engine
