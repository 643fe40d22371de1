// Who is there and who watches whom, computed from numbers: a million watchers cost no memory. A subscription's number
// says its watcher, device and presentity; its dialog identifiers are mixed from the number, and give it back.
#pragma once

#include <rte_reciprocal.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::storm {

struct PopulationShape {
  uint32_t users = 1000;
  uint32_t presentities = 1000;  // The first so many users; each has about users * contacts / presentities watchers.
  uint32_t contacts = 25;        // At most `presentities`.
  double devices = 1;            // 1 to 2 on average.
  uint32_t crowd = 0;            // Watchers of the presentity `presentities`, one more.
  double dead_share = 0;
  std::string domain = "example.com";
};

struct SubscriptionIdentity {
  uint32_t watcher = 0;
  uint8_t device = 0;
  uint32_t presentity = 0;
};

class Population {
 public:
  explicit Population(const PopulationShape& shape);

  const PopulationShape& shape() const { return shape_; }
  // Subscriptions have numbers below this. A number whose user lacks the device is of none: exists() says so. A user's
  // follow each other, and those to the crowd's presentity come last.
  uint32_t numbers() const { return regular_ + shape_.crowd; }
  bool exists(uint32_t number) const;
  SubscriptionIdentity identity(uint32_t number) const;
  // The same as identity() says, for less.
  uint32_t presentity_of(uint32_t number) const;
  bool is_crowd(uint32_t number) const { return number >= regular_; }

  uint32_t presentities() const { return shape_.presentities + (shape_.crowd > 0 ? 1 : 0); }
  unsigned devices_of(uint32_t user) const;
  uint32_t endpoints() const;  // Devices of all users.
  bool is_dead(uint32_t user) const;
  bool has_dead() const { return dead_ > 0; }

 private:
  uint32_t watched_by(uint32_t watcher, uint32_t contact) const;

  PopulationShape shape_;
  uint32_t devices_max_;
  uint32_t stride_;
  uint32_t regular_;
  uint32_t dead_;                // Of kParts users.
  // Of each NOTIFY it is asked whom it is about: without divisions.
  rte_reciprocal_u64 by_contacts_;
  rte_reciprocal_u64 by_presentities_;
};

// "u00000042", the user part of address of record number 42.
void write_user(parsers::Writer& writer, uint32_t user);
// Sixteen hexadecimal digits as clients make Call-IDs and tags: half of it mixed, half of it the number.
void write_token(parsers::Writer& writer, uint32_t number, uint32_t salt);
struct Token {
  uint32_t mark = 0;
  uint32_t number = 0;
  bool is_of(uint32_t salt) const;
};
// False when `text` is no such token of any salt.
bool read_token(std::string_view text, Token& out);
// False when it is not one of this salt.
bool read_token(std::string_view text, uint32_t salt, uint32_t& number);

// The `step`-th of `count` numbers in an order that jumps about and meets each once in `count` steps.
uint32_t scattered(uint64_t step, uint32_t count);

}  // namespace vedette::storm
