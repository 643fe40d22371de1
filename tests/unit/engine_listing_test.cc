// What operators are told of a subscription: its view, version and entity-tag, its pace, and what it waits for.
#include "engine/listing.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/control_message.h"
#include "tests/support/shard_bench.h"

namespace vedette::engine {
namespace {

using support::Sent;
using support::ShardBench;

std::string take(std::string_view& rest) {
  const size_t tab = rest.find('\t');
  const std::string value(rest.substr(0, tab));
  rest.remove_prefix(tab == std::string_view::npos ? rest.size() : tab + 1);
  return value;
}

std::map<std::string, std::string> only_watcher(ShardBench& bench) {
  const auto rows = bench.ask(ControlMessage::Kind::kListWatchers, "alice@example.com");
  std::map<std::string, std::string> row;
  if (rows.empty()) return row;
  std::string_view values = rows[0];
  for (std::string_view names = control_columns(ControlReplyHeader::Kind::kWatcher); !names.empty();) {
    const std::string name = take(names);
    row[name] = take(values);
  }
  return row;
}

std::string subscribe(int cseq, const std::string& to_tag, const std::string& lines) {
  return "SUBSCRIBE sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + std::to_string(cseq) +
         "\nFrom: <sip:bob@example.com>;tag=b\nTo: <sip:alice@example.com>" + to_tag +
         "\nCall-ID: c\nCSeq: " + std::to_string(cseq) +
         " SUBSCRIBE\nContact: <sip:bob@192.0.2.1>\nExpires: 600\n" + lines + "\n";
}

std::string publish(int cseq, const std::string& id) {
  return "PUBLISH sip:alice@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKp" + id +
         "\nFrom: <sip:alice@example.com>;tag=a\nTo: <sip:alice@example.com>\nCall-ID: " + id + "\nCSeq: " +
         std::to_string(cseq) + " PUBLISH\nEvent: presence\nContent-Type: application/pidf+xml\n\n"
         "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:alice@example.com\"><tuple id=\"" + id +
         "\"><status><basic>open</basic></status></tuple></presence>";
}

TEST(ListingTest, SaysWhatASubscriptionIsShownAndWaitsFor) {
  EngineConfig config = support::bench_config();
  config.pace.interval.fill(Duration::seconds(5));
  ShardBench bench(config);
  const auto sent = bench.send(subscribe(1, "", "Event: presence\n"));
  ASSERT_EQ(sent.size(), 2u);
  const std::string to = sent[0].header("To"), tag = to.substr(to.find(";tag="));
  auto row = only_watcher(bench);
  EXPECT_EQ(row["waits_for"], "an answer");
  EXPECT_EQ(row["etag"], sent[1].header("SIP-ETag"));
  EXPECT_EQ(row["document"], "whole");
  EXPECT_EQ(row["decided_by"], "policy");
  EXPECT_EQ(row["filter"], "");
  EXPECT_EQ(row["pace_ms"], "5000");
  EXPECT_EQ(row["rates"], "");
  bench.answer(sent[1]);
  EXPECT_EQ(only_watcher(bench)["waits_for"], "a change");
  // A change that comes too soon waits, and its document has yet to be composed.
  bench.advance(Duration::seconds(1));
  bench.send(publish(1, "desk"), "192.0.2.7");
  row = only_watcher(bench);
  EXPECT_EQ(row["waits_for"], "its pace");
  EXPECT_EQ(row["next_in"], "4");
  EXPECT_EQ(row["etag"], "");
  EXPECT_GT(std::stoi(row["version"]), 0);
  const auto told = bench.advance(Duration::seconds(4));
  ASSERT_EQ(told.size(), 1u);
  bench.answer(told[0], "503 Not now");
  row = only_watcher(bench);
  EXPECT_EQ(row["waits_for"], "another attempt");
  EXPECT_EQ(row["next_in"], "32");
  // Rates, a filter, partial presence.
  const std::string filter =
      "<filter-set xmlns='urn:ietf:params:xml:ns:simple-filter'><filter id='a'><what><exclude>//note</exclude></what>"
      "</filter></filter-set>";
  const auto asked = bench.send(subscribe(2, tag, "Event: presence;max-rate=0.1\nAccept: application/pidf-diff+xml\n"
                                                  "Content-Type: application/simple-filter+xml\n") + filter);
  ASSERT_EQ(asked.size(), 2u);
  bench.answer(asked[1]);
  row = only_watcher(bench);
  EXPECT_EQ(row["rates"], "max-rate=0.1");
  EXPECT_EQ(row["pace_ms"], "10000");
  EXPECT_EQ(row["document"], "partial");
  EXPECT_EQ(row["filter"], "0");
  EXPECT_EQ(row["etag"], asked[1].header("SIP-ETag"));
  // It has the state; then it wants none.
  const std::string same = "Event: presence;max-rate=0.1\nAccept: application/pidf-diff+xml\nSuppress-If-Match: ";
  EXPECT_EQ(bench.send(subscribe(3, tag, same + row["etag"] + "\n")).size(), 1u);
  EXPECT_EQ(only_watcher(bench)["waits_for"], "another state");
  EXPECT_EQ(bench.send(subscribe(4, tag, same + "*\n")).size(), 1u);
  EXPECT_EQ(only_watcher(bench)["waits_for"], "a SUBSCRIBE");
}

// What of a user's calls a watcher is shown stands where a filter would.
TEST(ListingTest, SaysHowMuchOfCallsAWatcherIsShown) {
  for (const auto& [details, shown] : {std::pair{DialogDetails::kBusy, "busy"}, {DialogDetails::kState, "state"},
                                       {DialogDetails::kAll, "all"}}) {
    EngineConfig config;
    config.domains = {{.name = "example.com", .dialog_details = details, .authenticate = false}};
    ShardBench bench(config);
    bench.send(subscribe(1, "", "Event: dialog\n"));
    EXPECT_EQ(only_watcher(bench)["filter"], shown);
  }
}

}  // namespace
}  // namespace vedette::engine
