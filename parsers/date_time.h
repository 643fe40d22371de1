// dateTime of XML Schema (part 2, §3.2.7), and the SIP-date of Date (RFC 3261 §20.17). No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parsers/parse_error.h"

namespace vedette::parsers {

// What stands there: a day that is in the calendar, a time of it, perhaps a zone.
struct DateTimeText {
  int64_t year = 0, month = 0, day = 0;       // -0004 is a year, 0000 is none.
  int64_t hour = 0, minute = 0, second = 0;   // 24:00:00 is the end of the day. Leap seconds are none of XML Schema's.
  size_t fraction_digits = 0;
  bool has_fraction = false;                  // One that is not zero.
  bool has_zone = false;
  int64_t offset_seconds = 0;                 // Of the zone, at most 14 hours: to be taken away from local time.
};

struct DateTime {
  int64_t seconds = 0;        // Since 1970-01-01T00:00:00Z; the fraction of a second is left away.
  bool has_fraction = false;  // One that is not zero: the time is later than `seconds` by less than one.
};

// The whole of `text`: years of four to nine digits, any number of digits behind the point. False for anything else.
bool read_date_time(std::string_view text, DateTimeText& out);
// The same as a time: years 0001 to 9999, with a zone.
bool parse_date_time(std::string_view text, DateTime& out);

// The value of Date: "Sat, 13 Nov 2010 23:29:00 GMT", a day of that name. Seconds since the epoch, or kDate.
ParseError parse_sip_date(std::string_view value, int64_t& out);

}  // namespace vedette::parsers
