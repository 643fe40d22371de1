// dateTime of XML Schema (part 2, §3.2.7) with a zone, as seconds since the epoch. No state; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

struct DateTime {
  int64_t seconds = 0;        // Since 1970-01-01T00:00:00Z; the fraction of a second is left away.
  bool has_fraction = false;  // One that is not zero: the time is later than `seconds` by less than one.
};

// The whole of `text`: years 0001 to 9999, any number of digits behind the point, "Z" or an offset of up to 14 hours.
// False for anything else, without a zone, too. Leap seconds are none of XML Schema's.
bool parse_date_time(std::string_view text, DateTime& out);

}  // namespace vedette::parsers
