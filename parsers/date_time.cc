#include "parsers/date_time.h"

#include <algorithm>
#include <array>

#include "parsers/cursor.h"

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

int64_t days_of_month(const DateTimeText& date) {
  if (date.month == 2) {
    const bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    return is_leap ? 29 : 28;
  }
  return date.month == 4 || date.month == 6 || date.month == 9 || date.month == 11 ? 30 : 31;
}

// Days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the odd day is the last one.
int64_t days_since_epoch(const DateTimeText& date) {
  const int64_t year = date.month > 2 ? date.year : date.year - 1;
  const int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
  const int64_t days_to_epoch = 719'468;
  return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date.day - 1 - days_to_epoch;
}

// Four digits at least, and more only when they are needed.
bool take_year(std::string_view& text, int64_t& year) {
  const bool is_negative = take(text, '-');
  size_t digits = 0;
  while (digits < text.size() && is(kDigitChar, text[digits])) ++digits;
  if (digits < 4 || digits > 9 || (digits > 4 && text[0] == '0') || !take_number(text, digits, year)) return false;
  if (is_negative) year = -year;
  return year != 0;
}

bool take_date(std::string_view& text, DateTimeText& out) {
  return take_year(text, out.year) && take(text, '-') && take_number(text, 2, out.month) && take(text, '-') &&
         take_number(text, 2, out.day) && out.month >= 1 && out.month <= 12 && out.day >= 1 &&
         out.day <= days_of_month(out);
}

bool take_time(std::string_view& text, DateTimeText& out) {
  if (!take_number(text, 2, out.hour) || !take(text, ':') || !take_number(text, 2, out.minute) || !take(text, ':') ||
      !take_number(text, 2, out.second) || out.minute > 59 || out.second > 59) {
    return false;
  }
  out.has_fraction = false;
  out.fraction_digits = 0;
  if (take(text, '.')) {
    size_t& digits = out.fraction_digits;
    while (digits < text.size() && is(kDigitChar, text[digits])) {
      if (text[digits++] != '0') out.has_fraction = true;
    }
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  return out.hour < 24 || (out.hour == 24 && out.minute == 0 && out.second == 0 && !out.has_fraction);
}

// "Z", an offset, or nothing.
bool take_zone(std::string_view& text, DateTimeText& out) {
  out.offset_seconds = 0;
  out.has_zone = !text.empty();
  if (!out.has_zone || take(text, 'Z')) return true;
  const bool is_east = text.starts_with('+');
  if (!is_east && !text.starts_with('-')) return false;
  text.remove_prefix(1);
  int64_t hours = 0, minutes = 0;
  if (!take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes)) return false;
  if (minutes > 59 || hours > 14 || (hours == 14 && minutes > 0)) return false;
  out.offset_seconds = (hours * 3600 + minutes * 60) * (is_east ? 1 : -1);
  return true;
}

constexpr std::array<std::string_view, 7> kWeekdays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// White space, of which there is some.
bool take_space(Cursor& cursor) {
  const char* const mark = cursor.position();
  cursor.skip_lws();
  return cursor.position() != mark;
}

bool take_number(Cursor& cursor, size_t digits, int64_t& out) {
  std::string_view text = cursor.take_digits();
  return text.size() == digits && take_number(text, digits, out);
}

// From 1 on.
bool take_month(Cursor& cursor, int64_t& out) {
  const auto at = std::find(kMonths.begin(), kMonths.end(), cursor.take_all(kAlphaChar));
  out = at - kMonths.begin() + 1;
  return at != kMonths.end();
}

// date1 = 2DIGIT SP month SP 4DIGIT
bool take_sip_day(Cursor& cursor, DateTimeText& out) {
  return take_number(cursor, 2, out.day) && take_space(cursor) && take_month(cursor, out.month) &&
         take_space(cursor) && take_number(cursor, 4, out.year) && out.year > 0 && out.day >= 1 &&
         out.day <= days_of_month(out);
}

bool take_sip_time(Cursor& cursor, DateTimeText& out) {
  return take_number(cursor, 2, out.hour) && cursor.take(':') && take_number(cursor, 2, out.minute) &&
         cursor.take(':') && take_number(cursor, 2, out.second) && out.hour < 24 && out.minute < 60 &&
         out.second < 60;
}

}  // namespace

bool read_date_time(std::string_view text, DateTimeText& out) {
  return take_date(text, out) && take(text, 'T') && take_time(text, out) && take_zone(text, out) && text.empty();
}

bool parse_date_time(std::string_view text, DateTime& out) {
  DateTimeText read;
  if (!read_date_time(text, read) || !read.has_zone || read.year < 1 || read.year > 9999) return false;
  const int64_t time = read.hour * 3600 + read.minute * 60 + read.second;
  out.seconds = days_since_epoch(read) * 86'400 + time - read.offset_seconds;
  out.has_fraction = read.has_fraction;
  return true;
}

// RFC 3261 §20.17: "An RFC 1123 date is case-sensitive."
ParseError parse_sip_date(std::string_view value, int64_t& out) {
  Cursor cursor(value);
  cursor.skip_lws();
  const std::string_view weekday = cursor.take_all(kAlphaChar);
  DateTimeText read;
  const bool is_read = cursor.take(',') && take_space(cursor) && take_sip_day(cursor, read) && take_space(cursor) &&
                       take_sip_time(cursor, read) && take_space(cursor) && cursor.take_all(kAlphaChar) == "GMT";
  cursor.skip_lws();
  if (!is_read || !cursor.at_end()) return ParseError::kDate;
  const int64_t day = days_since_epoch(read);
  if (weekday != kWeekdays[static_cast<size_t>((day % 7 + 7) % 7)]) return ParseError::kDate;
  out = day * 86'400 + read.hour * 3600 + read.minute * 60 + read.second;
  return ParseError::kOk;
}

}  // namespace vedette::parsers
