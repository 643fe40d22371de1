#include "parsers/date_time.h"

#include "parsers/chars.h"

namespace vedette::parsers {
namespace {

// Exactly `digits` digits off the front.
bool take_number(std::string_view& text, size_t digits, int64_t& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is(kDigitChar, c)) return false;
    out = out * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

struct Date {
  int64_t year = 0, month = 0, day = 0;
};

int64_t days_of_month(const Date& date) {
  if (date.month == 2) {
    const bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    return is_leap ? 29 : 28;
  }
  return date.month == 4 || date.month == 6 || date.month == 9 || date.month == 11 ? 30 : 31;
}

// Days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the odd day is the last one.
int64_t days_since_epoch(const Date& date) {
  const int64_t year = date.month > 2 ? date.year : date.year - 1;
  const int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
  const int64_t days_to_epoch = 719'468;
  return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date.day - 1 - days_to_epoch;
}

bool take_date(std::string_view& text, Date& date) {
  return take_number(text, 4, date.year) && take(text, '-') && take_number(text, 2, date.month) && take(text, '-') &&
         take_number(text, 2, date.day) && date.year > 0 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_of_month(date);
}

bool take_time(std::string_view& text, int64_t& seconds, bool& has_fraction) {
  int64_t hour = 0, minute = 0, second = 0;
  if (!take_number(text, 2, hour) || !take(text, ':') || !take_number(text, 2, minute) || !take(text, ':') ||
      !take_number(text, 2, second) || minute > 59 || second > 59) {
    return false;
  }
  has_fraction = false;
  if (take(text, '.')) {
    size_t digits = 0;
    while (digits < text.size() && is(kDigitChar, text[digits])) {
      if (text[digits++] != '0') has_fraction = true;
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  seconds = hour * 3600 + minute * 60 + second;
  // 24:00:00 is the first instant of the next day.
  return hour < 24 || (hour == 24 && minute == 0 && second == 0 && !has_fraction);
}

// Of the zone: what is to be taken away from local time.
bool take_offset(std::string_view& text, int64_t& seconds) {
  seconds = 0;
  if (take(text, 'Z')) return true;
  const bool is_east = text.starts_with('+');
  if (!is_east && !text.starts_with('-')) return false;
  text.remove_prefix(1);
  int64_t hours = 0, minutes = 0;
  if (!take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes)) return false;
  if (minutes > 59 || hours > 14 || (hours == 14 && minutes > 0)) return false;
  seconds = (hours * 3600 + minutes * 60) * (is_east ? 1 : -1);
  return true;
}

}  // namespace

bool parse_date_time(std::string_view text, DateTime& out) {
  Date date;
  int64_t time = 0;
  int64_t offset = 0;
  if (!take_date(text, date) || !take(text, 'T') || !take_time(text, time, out.has_fraction) ||
      !take_offset(text, offset)) {
    return false;
  }
  out.seconds = days_since_epoch(date) * 86'400 + time - offset;
  return text.empty();
}

}  // namespace vedette::parsers
