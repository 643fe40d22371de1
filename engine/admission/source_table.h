// Who sends how much: two token buckets for each source, in fixed memory. Requests and responses have one each, because
// a source that watches much answers much. What a source is, an address, a prefix or a user, is the caller's business.
// One thread, the shard's; no allocation after construction.
//
// The table is a hash of sets of four. In a set that is full the source whose buckets are the fullest makes room, as
// least is lost with it: who is over its rate stays, and so does, for longer, who has proved itself.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/admission/pair_hash.h"
#include "engine/admission/source_key.h"
#include "engine/base/keyed_hash.h"
#include "engine/base/time.h"

namespace vedette::engine {

// Tokens. No rate: there is no limit.
struct TokenRate {
  uint32_t per_second = 0;
  uint32_t burst = 0;
};

// A bucket is when it will be full again (the virtual scheduling of ITU-T I.371): at most a burst ahead of now.
class TokenInterval {
 public:
  TokenInterval() = default;               // There is no limit.
  explicit TokenInterval(TokenRate rate) {
    if (rate.per_second == 0) return;
    interval_ = Duration::nanoseconds(1'000'000'000 / rate.per_second);
    burst_ = interval_ * std::max(rate.burst, 1U);
  }
  // Takes a token; false when there is none left.
  bool try_take(Instant now, Instant& full) const {
    const Instant from = full > now ? full : now;
    if (from + interval_ > now + burst_) return false;
    full = from + interval_;
    return true;
  }

 private:
  Duration interval_;              // Of one token.
  Duration burst_;                 // As long as all the tokens that a bucket holds take to come.
};

// What each bucket of a table gets.
struct SourceRates {
  TokenRate requests;
  TokenRate responses;
};

class SourceTable {
 public:
  struct Source {
    uint64_t key = 0;              // 0: free.
    Instant requests_full;         // See TokenInterval.
    Instant responses_full;
    uint32_t refused = 0;          // Since it is here.
    uint32_t proven_until = 0;     // Unix seconds: it has shown that it is where it says, by a digest or an answer.
  };
  static_assert(sizeof(Source) == 32);

  // The hash's key is secret, so that nobody can choose whom he shares a set with.
  SourceTable(uint32_t sources_max, const KeyedHash& hash, const SourceRates& rates);

  // The source's record, made when there is none; good until the next call.
  Source& obtain(Instant now, SourceKey key) {
    Set& set = sets_[hash_(key.value) & set_mask_];
    for (Source& source : set.sources) {
      if (source.key == key.value) return source;
    }
    return replace(now, set, key);
  }
  const Source* find(SourceKey key) const;
  // Takes a token; false when there is none left.
  bool try_take_request(Instant now, Source& source) const { return requests_.try_take(now, source.requests_full); }
  bool try_take_response(Instant now, Source& source) const { return responses_.try_take(now, source.responses_full); }

  // Records by place, used or not.
  uint64_t places() const { return sets_.size() * kWays; }
  const Source& at(uint64_t place) const { return sets_[place / kWays].sources[place % kWays]; }
  // Sources that made room before their buckets were full again.
  uint64_t forgotten() const { return forgotten_; }
  // Rounded up to a power of two.
  static uint64_t bytes(uint32_t sources_max) { return sets_of(sources_max) * kWays * sizeof(Source); }

 private:
  static constexpr size_t kWays = 4;
  // Two cache lines, which are fetched together.
  struct alignas(128) Set {
    std::array<Source, kWays> sources;
  };

  Source& replace(Instant now, Set& set, SourceKey key);
  static uint64_t sets_of(uint32_t sources_max);

  std::vector<Set> sets_;
  uint64_t set_mask_;
  PairHash hash_;
  TokenInterval requests_;
  TokenInterval responses_;
  uint64_t forgotten_ = 0;
};

}  // namespace vedette::engine
