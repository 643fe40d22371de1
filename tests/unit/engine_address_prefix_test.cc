// Prefixes as configurations write them, and whom they hold.
#include "engine/address_prefix.h"

#include <gtest/gtest.h>

#include <string>

namespace vedette::engine {
namespace {

AddressPrefix prefix(const std::string& text) {
  AddressPrefix prefix;
  EXPECT_TRUE(AddressPrefix::parse(text, prefix)) << text;
  return prefix;
}

IpAddress address(const std::string& text) { return prefix(text).address; }

TEST(IpAddress, OfVersion4IsWrittenWithEveryOctetWhereItFitsExactly) {
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string n = std::to_string(octet);
    for (const std::string& text : {n + ".0.10.255", "0." + n + ".255.10", "255.10." + n + ".0", "10.255.0." + n}) {
      std::string buffer(text.size() + 16, '~');
      for (const size_t room : {text.size(), buffer.size()}) {
        parsers::Writer writer(buffer.data(), room);
        address(text).write(writer);
        EXPECT_EQ(writer.text(), text);
        EXPECT_FALSE(writer.overflowed());
      }
      parsers::Writer narrow(buffer.data(), text.size() - 1);
      address(text).write(narrow);
      EXPECT_TRUE(narrow.overflowed());
    }
  }
}

TEST(AddressPrefix, IsReadWithItsLength) {
  EXPECT_EQ(prefix("10.1.0.1/24").bits, 120);
  EXPECT_EQ(prefix("fd00::1/64").bits, 64);
  EXPECT_EQ(prefix("10.1.0.1").bits, 128);
  EXPECT_EQ(prefix("fd00::1").bits, 128);
  EXPECT_EQ(prefix("0.0.0.0/0").bits, 96);
  EXPECT_EQ(prefix("::/0").bits, 0);
  AddressPrefix out;
  for (const char* wrong :
       {"", "10.1.0.1/33", "fd00::1/129", "10.1.0/24", "10.1.0.1/", "10.1.0.1/2x", "10.1.0.1/+2", "host/3"}) {
    EXPECT_FALSE(AddressPrefix::parse(wrong, out)) << wrong;
  }
}

TEST(AddressPrefix, HoldsWhoBeginsLikeIt) {
  EXPECT_TRUE(prefix("10.1.2.9/24").contains(address("10.1.2.255")));
  EXPECT_FALSE(prefix("10.1.2.9/24").contains(address("10.1.3.0")));
  EXPECT_TRUE(prefix("10.1.2.0/23").contains(address("10.1.3.7")));
  EXPECT_FALSE(prefix("10.1.2.0/23").contains(address("10.1.4.7")));
  EXPECT_TRUE(prefix("10.1.2.3").contains(address("10.1.2.3")));
  EXPECT_FALSE(prefix("10.1.2.3").contains(address("10.1.2.2")));
  EXPECT_TRUE(prefix("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(prefix("2001:db8::/33").contains(address("2001:db8:8000::1")));
}

TEST(AddressPrefix, OfOneFamilyHoldsNobodyOfTheOther) {
  EXPECT_TRUE(prefix("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(address("2001:db8::1")));
  // But for this one: IPv4 is mapped.
  EXPECT_TRUE(prefix("::/0").contains(address("203.0.113.9")));
}

}  // namespace
}  // namespace vedette::engine
