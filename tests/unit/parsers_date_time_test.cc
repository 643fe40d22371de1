// XML's dateTime: which texts are one, and how many seconds it is from the epoch.
// Days are counted one by one beside it.
#include "parsers/date_time.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace vedette::parsers {
namespace {

TEST(DateTime, IsSecondsSinceTheEpoch) {
  const std::vector<std::pair<std::string_view, int64_t>> times{{"1970-01-01T00:00:00Z", 0},
                                                                {"1970-01-01T00:00:00+00:00", 0},
                                                                {"1970-01-01T01:00:00+01:00", 0},
                                                                {"1969-12-31T10:00:00-14:00", 0},
                                                                {"1969-12-31T24:00:00Z", 0},
                                                                {"1969-12-31T23:59:59.999Z", -1},
                                                                {"2000-02-29T12:34:56Z", 951'827'696},
                                                                {"2003-08-15T10:20:00.000-05:00", 1'060'960'800},
                                                                {"2003-12-24T17:00:00+01:00", 1'072'281'600},
                                                                {"2038-01-19T03:14:08Z", 2'147'483'648},
                                                                {"0001-01-01T00:00:00Z", -62'135'596'800},
                                                                {"9999-12-31T23:59:59Z", 253'402'300'799},
                                                                {"1900-03-01T00:00:00Z", -2'203'891'200}};
  for (const auto& [text, seconds] : times) {
    DateTime time;
    EXPECT_TRUE(parse_date_time(text, time)) << text;
    EXPECT_EQ(time.seconds, seconds) << text;
    EXPECT_EQ(time.has_fraction, text.find(".999") != std::string_view::npos) << text;
    for (size_t length = 0; length < text.size(); ++length) {
      EXPECT_FALSE(parse_date_time(text.substr(0, length), time)) << text.substr(0, length);
    }
    EXPECT_FALSE(parse_date_time(std::string(text) + "0", time)) << text;
  }
}

TEST(DateTime, NeedsAZoneAndADayThatThereIs) {
  for (const std::string_view text : {"2003-12-24T17:00:00",
                                      "2003-12-24",
                                      "17:00:00Z",
                                      "2003-12-24 17:00:00Z",
                                      "2003-12-24t17:00:00Z",
                                      "2003-12-24T17:00:00z",
                                      "2003-13-24T17:00:00Z",
                                      "2003-00-24T17:00:00Z",
                                      "2003-12-32T17:00:00Z",
                                      "2003-12-00T17:00:00Z",
                                      "2003-02-29T17:00:00Z",
                                      "1900-02-29T17:00:00Z",
                                      "2003-04-31T17:00:00Z",
                                      "2003-12-24T24:00:01Z",
                                      "2003-12-24T24:00:00.1Z",
                                      "2003-12-24T25:00:00Z",
                                      "2003-12-24T17:60:00Z",
                                      "2003-12-24T17:00:60Z",
                                      "2003-12-24T17:00:00.Z",
                                      "2003-12-24T17:00:00+14:01",
                                      "2003-12-24T17:00:00+15:00",
                                      "2003-12-24T17:00:00+01:60",
                                      "2003-12-24T17:00:00+0100",
                                      "2003-12-24T17:00:00 Z",
                                      "0000-12-24T17:00:00Z",
                                      "-2003-12-24T17:00:00Z",
                                      "12003-12-24T17:00:00Z",
                                      "2003-1-24T17:00:00Z",
                                      "2003-12-24T1a:00:00Z"}) {
    DateTime time;
    EXPECT_FALSE(parse_date_time(text, time)) << text;
  }
}

// Each day of four hundred years, one by one.
TEST(DateTime, CountsDaysWithoutGaps) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t expected = -11'676'096'000;  // 1600-01-01
  for (int year = 1600; year < 2000; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const bool is_leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year == 1600);
      for (int day = 1; day <= kDays[static_cast<size_t>(month - 1)] + (is_leap ? 1 : 0); ++day) {
        std::array<char, 32> text;
        std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT00:00:00Z", year, month, day);
        DateTime time;
        ASSERT_TRUE(parse_date_time(text.data(), time)) << text.data();
        ASSERT_EQ(time.seconds, expected) << text.data();
        expected += 86'400;
      }
    }
  }
  EXPECT_EQ(expected, 946'684'800);
}

}  // namespace
}  // namespace vedette::parsers
