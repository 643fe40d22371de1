#include "tools/storm/population.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "parsers/digits.h"

namespace vedette::storm {
namespace {

constexpr uint32_t kTenth = 10;
constexpr uint32_t kUsersMax = 100'000'000;   // Names have eight digits.
constexpr uint32_t kParts = 1'000;        // Of users, some of whom are dead.
constexpr uint32_t kCrowdDevices = 250;  // Of one user: their numbers have a byte.

uint32_t mix(uint32_t number, uint32_t salt) {
  uint64_t state = (uint64_t{salt} << 32 | number) * 0x9e3779b97f4a7c15;
  state ^= state >> 29;
  return static_cast<uint32_t>(state * 0xbf58476d1ce4e5b9 >> 32);
}

// Eight digits as they stand in memory, all at a time: halves, quarters, eighths. `value` has no more.
uint64_t decimal_digits_of(uint32_t value) {
  uint64_t parts = value / 10'000 | uint64_t{value % 10'000} << 32;
  const uint64_t hundreds = parts * 10'486 >> 20 & 0x0000007f'0000007f;   // 1/100 of what is below 10,000.
  parts = hundreds | (parts - hundreds * 100) << 16;
  const uint64_t tens = parts * 103 >> 10 & 0x000f000f'000f000f;          // 1/10 of what is below 100.
  parts = tens | (parts - tens * 10) << 8;
  return parts + 0x30303030'30303030;
}

// A prime that shares no factor with `count`.
uint32_t stride_for(uint32_t count) {
  for (const uint32_t prime : {7919U, 7927U, 7933U}) {
    if (count % prime != 0) return prime;
  }
  return 1;
}

}  // namespace

Population::Population(const PopulationShape& shape)
    : shape_(shape), devices_max_(shape.devices > 1 ? 2 : 1) {
  if (shape.contacts > shape.presentities)
    throw std::invalid_argument("more contacts than presentities to watch");
  if (shape.users == 0 || shape.presentities == 0) throw std::invalid_argument("there must be users");
  if (shape.devices < 1 || shape.devices > 2) throw std::invalid_argument("a user has 1 to 2 devices");
  if (shape.crowd > uint64_t{shape.users} * kCrowdDevices) {
    throw std::invalid_argument("a crowd has at most 250 watchers for each user");
  }
  const uint64_t regular = uint64_t{shape.users} * shape.contacts * devices_max_;
  if (regular + shape.crowd > UINT32_MAX / 2)
    throw std::invalid_argument("more than 2,147,483,647 subscriptions");
  regular_ = static_cast<uint32_t>(regular);
  stride_ = stride_for(shape.presentities);
  dead_ = static_cast<uint32_t>(std::lround(shape.dead_share * kParts));
  by_contacts_ = rte_reciprocal_value_u64(std::max(shape.contacts, 1U));
  by_presentities_ = rte_reciprocal_value_u64(shape.presentities);
}

unsigned Population::devices_of(uint32_t user) const {
  if (devices_max_ == 1) return 1;
  return user % kTenth < static_cast<uint32_t>(std::lround((shape_.devices - 1) * kTenth)) ? 2 : 1;
}

uint32_t Population::endpoints() const {
  if (devices_max_ == 1) return shape_.users;
  const auto with_two = static_cast<uint32_t>(std::lround((shape_.devices - 1) * kTenth));
  return shape_.users + shape_.users / kTenth * with_two + std::min(shape_.users % kTenth, with_two);
}

bool Population::exists(uint32_t number) const {
  if (is_crowd(number)) return number < numbers();
  const SubscriptionIdentity who = identity(number);
  return who.device < devices_of(who.watcher);
}

SubscriptionIdentity Population::identity(uint32_t number) const {
  if (is_crowd(number)) {
    // Devices from 2 on, so that these dialogs have a Contact of their own.
    const uint32_t place = number - regular_;
    return {place % shape_.users, static_cast<uint8_t>(2 + place / shape_.users), shape_.presentities};
  }
  const auto endpoint = static_cast<uint32_t>(rte_reciprocal_divide_u64(number, &by_contacts_));
  const uint32_t watcher = endpoint >> (devices_max_ - 1);
  return {watcher, static_cast<uint8_t>(endpoint & (devices_max_ - 1)),
          watched_by(watcher, number - endpoint * shape_.contacts)};
}

uint32_t Population::presentity_of(uint32_t number) const {
  return is_crowd(number) ? shape_.presentities : identity(number).presentity;
}

uint32_t Population::watched_by(uint32_t watcher, uint32_t contact) const {
  const uint64_t place = watcher + 1 + uint64_t{contact} * stride_;
  return static_cast<uint32_t>(place - rte_reciprocal_divide_u64(place, &by_presentities_) * shape_.presentities);
}

bool Population::is_dead(uint32_t user) const { return user % kParts < dead_; }

void write_user(parsers::Writer& writer, uint32_t user) {
  const uint64_t digits = decimal_digits_of(user % kUsersMax);
  char* const name = writer.try_take(1 + sizeof digits);
  if (name == nullptr) return;
  *name = 'u';
  std::memcpy(name + 1, &digits, sizeof digits);
}

void write_token(parsers::Writer& writer, uint32_t number, uint32_t salt) {
  const uint64_t mark = parsers::hex_digits_of(mix(number, salt)), digits = parsers::hex_digits_of(number);
  char* const token = writer.try_take(sizeof mark + sizeof digits);
  if (token == nullptr) return;
  std::memcpy(token, &mark, sizeof mark);
  std::memcpy(token + sizeof mark, &digits, sizeof digits);
}

bool Token::is_of(uint32_t salt) const { return mark == mix(number, salt); }

bool read_token(std::string_view text, Token& out) {
  uint64_t mark = 0, number = 0;
  if (text.size() != sizeof mark + sizeof number) return false;
  std::memcpy(&mark, text.data(), sizeof mark);
  std::memcpy(&number, text.data() + sizeof mark, sizeof number);
  if (!parsers::are_hex_digits(mark) || !parsers::are_hex_digits(number)) return false;
  out = {parsers::number_of_hex_digits(mark), parsers::number_of_hex_digits(number)};
  return true;
}

bool read_token(std::string_view text, uint32_t salt, uint32_t& number) {
  Token token;
  if (!read_token(text, token) || !token.is_of(salt)) return false;
  number = token.number;
  return true;
}

uint32_t scattered(uint64_t step, uint32_t count) {
  return static_cast<uint32_t>(step % count * stride_for(count) % count);
}

}  // namespace vedette::storm
