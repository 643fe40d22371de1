#include "parsers/notification_rates.h"

#include <array>

#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::parsers {
namespace {

constexpr size_t kWholeDigitsMax = 2, kFractionDigitsMax = 10;

struct Name {
  std::string_view text;
  NotificationRate NotificationRates::*rate;
};
constexpr std::array<Name, 3> kNames = {{{"max-rate", &NotificationRates::max},
                                         {"min-rate", &NotificationRates::min},
                                         {"adaptive-min-rate", &NotificationRates::adaptive_min}}};

// RFC 6446 §9.2: 1*2DIGIT ["." 1*10DIGIT], a positive number.
ParseError parse_rate(std::string_view text, NotificationRate& out) {
  const size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = dot == std::string_view::npos ? "0" : text.substr(dot + 1);
  uint64_t seconds = 0, parts = 0;
  if (whole.size() > kWholeDigitsMax || fraction.size() > kFractionDigitsMax ||
      parse_uint(whole, 99, seconds) != ParseError::kOk ||
      parse_uint(fraction, kNotificationsPerSecond - 1, parts) != ParseError::kOk) {
    return ParseError::kNumber;
  }
  for (size_t digits = fraction.size(); digits < kFractionDigitsMax; ++digits) parts *= 10;
  out = seconds * kNotificationsPerSecond + parts;
  return out == 0 ? ParseError::kNumber : ParseError::kOk;
}

void write_rate(NotificationRate rate, Writer& out) {
  out.put_uint(rate / kNotificationsPerSecond);
  uint64_t parts = rate % kNotificationsPerSecond;
  if (parts == 0) return;
  std::array<char, kFractionDigitsMax> digits;
  for (size_t i = digits.size(); i-- > 0; parts /= 10) digits[i] = static_cast<char>('0' + parts % 10);
  size_t count = digits.size();
  while (digits[count - 1] == '0') --count;
  out.put('.').put({digits.data(), count});
}

}  // namespace

ParseError parse_notification_rates(std::string_view params, NotificationRates& out) {
  out = {};
  Param param;
  while (next_param(params, param) == ParseError::kOk) {
    for (const Name& name : kNames) {
      if (!equal_ignoring_case(param.name, name.text)) continue;
      if (out.*name.rate != 0) return ParseError::kParam;
      if (param.quoted) return ParseError::kNumber;
      if (const ParseError error = parse_rate(param.value, out.*name.rate); error != ParseError::kOk) return error;
    }
  }
  return ParseError::kOk;
}

void write_notification_rates(const NotificationRates& rates, Writer& out) {
  for (const Name& name : kNames) {
    if (rates.*name.rate == 0) continue;
    out.put(';').put(name.text).put('=');
    write_rate(rates.*name.rate, out);
  }
}

}  // namespace vedette::parsers
