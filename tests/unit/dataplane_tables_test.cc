// What needs no EAL: forwarding tables, fates, device arguments, CPUs, configuration.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "dataplane/config_check.h"
#include "dataplane/cpus.h"
#include "dataplane/device_args.h"
#include "dataplane/fate.h"
#include "dataplane/forwarding_table.h"
#include "dataplane/setup_error.h"
#include "engine/address_prefix.h"

namespace vedette::dataplane {
namespace {

engine::IpAddress ip(const std::string& text) {
  engine::IpAddress address;
  EXPECT_TRUE(engine::IpAddress::parse(text, address)) << text;
  return address;
}

Route route(const std::string& prefix, uint16_t port, const std::string& gateway = "") {
  engine::AddressPrefix parsed;
  EXPECT_TRUE(engine::AddressPrefix::parse(prefix, parsed)) << prefix;
  Route route;
  route.prefix = parsed.address;
  route.prefix_bits = parsed.bits;
  route.port = port;
  if (!gateway.empty()) route.gateway = ip(gateway);
  return route;
}

TEST(Fates, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kFateCount; ++i) {
    const std::string_view name = to_string(static_cast<Fate>(i));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
  }
}

TEST(ForwardingTable, TheLongestPrefixWinsAndFamiliesStayApart) {
  ForwardingTable::Contents contents;
  contents.routes = {route("10.0.0.0/8", 0), route("10.1.0.0/16", 1), route("10.1.2.3/32", 2),
                     route("::/0", 3, "fe80::1"), route("fd00::/64", 4)};
  const ForwardingTable table(std::move(contents));
  EXPECT_EQ(table.find_next_hop(ip("10.9.9.9")).port, 0);
  EXPECT_EQ(table.find_next_hop(ip("10.1.9.9")).port, 1);
  EXPECT_EQ(table.find_next_hop(ip("10.1.2.3")).port, 2);
  EXPECT_EQ(table.find_next_hop(ip("fd00::9")).port, 4);
  EXPECT_EQ(table.find_next_hop(ip("2001:db8::1")).port, 3);
  EXPECT_EQ(table.find_next_hop(ip("2001:db8::1")).address, ip("fe80::1"));
  EXPECT_EQ(table.find_next_hop(ip("192.0.2.1")).kind, NextHop::Kind::kNoRoute);
  EXPECT_EQ(ForwardingTable().find_next_hop(ip("10.1.2.3")).kind, NextHop::Kind::kNoRoute);
}

TEST(ForwardingTable, AgreesWithTheSimplestSearch) {
  std::mt19937 random(3);
  for (int world = 0; world < 50; ++world) {
    ForwardingTable::Contents contents;
    const auto address = [&] {
      // Few bits vary, so that prefixes nest and meet.
      engine::IpAddress v6;
      for (size_t i = 0; i < 16; ++i)
        v6.bytes[i] = static_cast<uint8_t>(random() % 4 == 0 ? 1U << random() % 8 : 0);
      return random() % 2 == 0 ? v6 : engine::IpAddress::v4(1U << random() % 32 | 1U << random() % 32);
    };
    for (uint16_t port = 0; port < 40; ++port) {
      const engine::IpAddress prefix = address();
      const auto bits = static_cast<uint8_t>(prefix.is_v4() ? 96 + random() % 33 : random() % 129);
      const auto same = [&](const Route& other) {
        return other.prefix_bits == bits && other.prefix == prefix_of(prefix, bits);
      };
      if (std::none_of(contents.routes.begin(), contents.routes.end(), same)) {
        contents.routes.push_back({prefix_of(prefix, bits), bits, port, std::nullopt});
      }
    }
    const std::vector<Route> routes = contents.routes;
    const ForwardingTable table(std::move(contents));
    for (int i = 0; i < 200; ++i) {
      const engine::IpAddress destination = address();
      const Route* best = nullptr;
      for (const Route& candidate : routes) {
        if (destination.is_v4() && candidate.prefix_bits < 96) continue;
        if (prefix_of(destination, candidate.prefix_bits) != candidate.prefix) continue;
        if (best == nullptr || candidate.prefix_bits > best->prefix_bits) best = &candidate;
      }
      const NextHop hop = table.find_next_hop(destination);
      ASSERT_EQ(hop.kind == NextHop::Kind::kNoRoute, best == nullptr);
      ASSERT_EQ(hop.port, best != nullptr ? best->port : 0);
    }
  }
}

TEST(ForwardingTable, ADefaultRouteGoesToItsGatewaysStation) {
  ForwardingTable::Contents contents;
  contents.routes = {route("0.0.0.0/0", 0, "10.1.0.254"), route("10.1.0.0/24", 0)};
  contents.neighbours = {{0, ip("10.1.0.254"), {{1, 2, 3, 4, 5, 6}}, true},
                         {1, ip("10.1.0.7"), {{9}}, false}};
  const ForwardingTable table(std::move(contents));
  const NextHop far = table.find_next_hop(ip("192.0.2.1"));
  EXPECT_EQ(far.kind, NextHop::Kind::kResolved);
  EXPECT_EQ(far.mac, (MacAddress{{1, 2, 3, 4, 5, 6}}));
  EXPECT_TRUE(far.stale);
  // A neighbour on another port is not this one.
  EXPECT_EQ(table.find_next_hop(ip("10.1.0.7")).kind, NextHop::Kind::kUnresolved);
}

TEST(ForwardingTable, FindsEachOfManyNeighbours) {
  ForwardingTable::Contents contents;
  contents.routes = {route("10.0.0.0/8", 0)};
  for (uint32_t i = 0; i < 3000; ++i) {
    contents.neighbours.push_back({0,
                                   engine::IpAddress::v4(0x0a000000 + i),
                                   {{0, 0, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)}},
                                   false});
  }
  const ForwardingTable table(std::move(contents));
  for (uint32_t i = 0; i < 3000; ++i) {
    const NextHop hop = table.find_next_hop(engine::IpAddress::v4(0x0a000000 + i));
    ASSERT_EQ(hop.kind, NextHop::Kind::kResolved) << i;
    EXPECT_EQ(hop.mac.bytes[3], static_cast<uint8_t>(i));
  }
  EXPECT_EQ(table.find_next_hop(engine::IpAddress::v4(0x0a000000 + 3000)).kind, NextHop::Kind::kUnresolved);
}

TEST(ForwardingTable, APortWithOnePeerNeedsNoNeighbours) {
  ForwardingTable::Contents contents;
  contents.routes = {route("0.0.0.0/0", 1)};
  contents.fixed_peers = {{1, {{2, 2, 2, 2, 2, 2}}}};
  const NextHop hop = ForwardingTable(std::move(contents)).find_next_hop(ip("192.0.2.1"));
  EXPECT_EQ(hop.kind, NextHop::Kind::kResolved);
  EXPECT_EQ(hop.mac, (MacAddress{{2, 2, 2, 2, 2, 2}}));
}

TEST(DeviceArgs, WhatAnAfPacketDeviceNeedsIsAdded) {
  EXPECT_EQ(complete_device("net_af_packet0,iface=v0", {3, 20480}),
            "net_af_packet0,iface=v0,qpairs=3,framesz=20480,blocksz=20480,framecnt=512");
  EXPECT_EQ(complete_device("net_af_packet0,iface=v0,qpairs=1,framecnt=64", {3, 20480}),
            "net_af_packet0,iface=v0,qpairs=1,framecnt=64,framesz=20480,blocksz=20480");
  EXPECT_EQ(complete_device("net_null0", {3, 20480}), "net_null0");
  EXPECT_EQ(device_interface("net_af_packet0,iface=v0,qpairs=1"), "v0");
  EXPECT_EQ(device_interface("net_af_packet0,qpairs=1,iface=veth-a"), "veth-a");
  EXPECT_EQ(device_interface("0000:03:00.0"), "");
  EXPECT_EQ(device_name("net_af_packet0,iface=v0"), "net_af_packet0");
}

TEST(Cpus, WorkersShareWhenThereAreTooFew) {
  using Places = std::vector<std::vector<unsigned>>;
  EXPECT_EQ(place_workers("auto", 2, {4, 5, 6}), (Places{{4}, {5}}));
  EXPECT_EQ(place_workers("auto", 3, {0, 1}), (Places{{0, 1}, {0, 1}, {0, 1}}));
  EXPECT_EQ(place_workers("3,0-1", 3, {0, 1, 2, 3}), (Places{{3}, {0}, {1}}));
  for (const char* wrong : {"", "1,", "x", "2-1", "1;2", "9", "0,1,2", "-1"}) {
    EXPECT_THROW(place_workers(wrong, 2, {0, 1}), SetupError) << wrong;
  }
}

TEST(ConfigCheck, SaysWhatCannotBe) {
  DataplaneConfig good;
  good.ports = {PortConfig{.name = "lan", .device = "net_null0"}};
  EXPECT_NO_THROW(check_config(good, 16'384));
  const auto wrong = [&](auto change) {
    DataplaneConfig config = good;
    change(config);
    EXPECT_THROW(check_config(config, 16'384), SetupError);
  };
  wrong([](DataplaneConfig& c) { c.workers = 0; });
  wrong([](DataplaneConfig& c) { c.workers = kWorkersMax + 1; });
  wrong([](DataplaneConfig& c) { c.ports.clear(); });
  wrong([](DataplaneConfig& c) { c.ports.push_back(c.ports[0]); });
  wrong([](DataplaneConfig& c) { c.ports[0].device.clear(); });
  wrong([](DataplaneConfig& c) { c.ports[0].device = "net_af_packet0"; });
  wrong([](DataplaneConfig& c) { c.ports[0].mtu = 576; });
  wrong([](DataplaneConfig& c) { c.reassemblies_max = 0; });
  EXPECT_THROW(check_config(good, 70'000), SetupError);
}

}  // namespace
}  // namespace vedette::dataplane
