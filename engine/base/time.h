// Time as the engine sees it: handed in, never read. Nanoseconds in strong types.
//
// An Instant counts nanoseconds since the Unix epoch and never goes back: its source is a monotonic clock
// that was set by the wall clock once, at start-up. So one number serves timers, nonces and time stamps.
#pragma once

#include <compare>
#include <cstdint>

namespace vedette::engine {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(int64_t n) { return Duration(n); }
  static constexpr Duration microseconds(int64_t n) { return Duration(n * 1'000); }
  static constexpr Duration milliseconds(int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration seconds(int64_t n) { return Duration(n * 1'000'000'000); }

  constexpr int64_t to_nanoseconds() const { return nanoseconds_; }
  constexpr int64_t to_milliseconds() const { return nanoseconds_ / 1'000'000; }
  constexpr int64_t to_seconds() const { return nanoseconds_ / 1'000'000'000; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration other) const { return Duration(nanoseconds_ + other.nanoseconds_); }
  constexpr Duration operator-(Duration other) const { return Duration(nanoseconds_ - other.nanoseconds_); }
  constexpr Duration operator*(int64_t factor) const { return Duration(nanoseconds_ * factor); }

 private:
  explicit constexpr Duration(int64_t n) : nanoseconds_(n) {}
  int64_t nanoseconds_ = 0;
};

class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_unix_nanoseconds(int64_t n) { return Instant(n); }
  static constexpr Instant from_unix_seconds(int64_t s) { return Instant(s * 1'000'000'000); }
  static constexpr Instant never() { return Instant(INT64_MAX); }

  constexpr int64_t unix_nanoseconds() const { return nanoseconds_; }
  constexpr int64_t unix_seconds() const { return nanoseconds_ / 1'000'000'000; }

  constexpr auto operator<=>(const Instant&) const = default;
  constexpr Instant operator+(Duration d) const { return Instant(nanoseconds_ + d.to_nanoseconds()); }
  constexpr Instant operator-(Duration d) const { return Instant(nanoseconds_ - d.to_nanoseconds()); }
  constexpr Duration operator-(Instant other) const {
    return Duration::nanoseconds(nanoseconds_ - other.nanoseconds_);
  }

 private:
  explicit constexpr Instant(int64_t n) : nanoseconds_(n) {}
  int64_t nanoseconds_ = 0;
};

}  // namespace vedette::engine
