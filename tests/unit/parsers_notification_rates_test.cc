// Rates in Event and Subscription-State (RFC 6446 §9.2).
#include <gtest/gtest.h>

#include <string>

#include "parsers/notification_rates.h"

namespace vedette::parsers {
namespace {

std::string written(const NotificationRates& rates) {
  char buffer[kNotificationRatesBytesMax];
  Writer writer(buffer, sizeof buffer);
  write_notification_rates(rates, writer);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.text());
}

TEST(NotificationRates, AreReadAmongOtherParameters) {
  NotificationRates rates;
  ASSERT_EQ(parse_notification_rates(";id=7 ; Max-Rate = 2.5;x=\"max-rate=9\";adaptive-min-rate=0.1", rates),
            ParseError::kOk);
  EXPECT_EQ(rates.max, kNotificationsPerSecond * 5 / 2);
  EXPECT_EQ(rates.min, 0u);
  EXPECT_EQ(rates.adaptive_min, kNotificationsPerSecond / 10);
  ASSERT_EQ(parse_notification_rates("", rates), ParseError::kOk);
  EXPECT_FALSE(rates.any());
}

TEST(NotificationRates, AreFinePositiveDecimals) {
  const auto read = [](const std::string& value, ParseError expected) {
    NotificationRates rates;
    EXPECT_EQ(parse_notification_rates(";min-rate=" + value, rates), expected) << value;
    return rates.min;
  };
  EXPECT_EQ(read("99.9999999999", ParseError::kOk), kNotificationRateMax);
  EXPECT_EQ(read("0.0000000001", ParseError::kOk), 1u);
  EXPECT_EQ(read("01", ParseError::kOk), kNotificationsPerSecond);
  for (const char* bad : {"0", "00.0000000000", "100", "1.", ".1", "1.12345678901", "-1", "+1", "1e1", "1.1.1",
                          "\"1\"", "a"}) {
    read(bad, ParseError::kNumber);
  }
  NotificationRates rates;
  EXPECT_EQ(parse_notification_rates(";max-rate", rates), ParseError::kNumber);
  EXPECT_EQ(parse_notification_rates(";max-rate=1;max-rate=1", rates), ParseError::kParam);
}

TEST(NotificationRates, ComeBackAsTheyWere) {
  for (const char* text : {";max-rate=0.2", ";min-rate=12.0000000001", ";max-rate=99.9999999999;min-rate=10",
                           ";max-rate=99.9999999999;min-rate=99.9999999999;adaptive-min-rate=99.9999999999"}) {
    NotificationRates rates;
    ASSERT_EQ(parse_notification_rates(text, rates), ParseError::kOk);
    EXPECT_EQ(written(rates), text);
  }
  EXPECT_EQ(written({}), "");
}

}  // namespace
}  // namespace vedette::parsers
