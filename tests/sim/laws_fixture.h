// What tests of the laws have in hand: messages written by hand, between one client of a domain without authentication
// and a server that is not there, and the laws that they pass by.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/sim/fake_hashes.h"
#include "tests/sim/laws.h"

namespace vedette::sim {

using engine::Duration;

inline constexpr std::string_view kAor = "user3@closed.test";      // No authentication there.

class LawsTest : public ::testing::Test {
 protected:
  LawsTest() { config_.pace.interval.fill(Duration()); }
  // What a client at kClient sends and the server takes.
  void take(const std::string& bytes) {
    laws_.on_arrival({bytes, flow_});
    laws_.on_taken({bytes, flow_});
  }
  void put_out(const std::string& bytes) { laws_.on_output(bytes, flow_); }
  void put_out_unasked(const std::string& bytes) {
    laws_.on_own_work();
    put_out(bytes);
  }
  void pass(Duration time) { clock_.run_until(clock_.now() + time); }
  void leap(Duration far) {
    stage_.leaps.push_back({clock_.now(), clock_.now() + far});
    clock_.leap(far);
  }

  std::string event() const { return std::string(entry_of(package_).name); }
  std::string dialog_lines(std::string_view from_tag, std::string_view to_tag) const {
    return "From: <sip:" + std::string(kAor) + ">;tag=" + std::string(from_tag) +
           "\r\nTo: <sip:" + std::string(kAor) + ">" + (to_tag.empty() ? "" : ";tag=" + std::string(to_tag)) +
           "\r\nCall-ID: " + call_ + "\r\n";
  }
  std::string subscribe(std::string_view to_tag = "", unsigned expires = 60) {
    ++client_cseq_;
    return "SUBSCRIBE sip:" + std::string(kAor) + " SIP/2.0\r\nVia: " + client_via() + "\r\n" +
           dialog_lines("client", to_tag) + "CSeq: " + std::to_string(client_cseq_) +
           " SUBSCRIBE\r\nEvent: " + event() + "\r\nExpires: " + std::to_string(expires) +
           "\r\nContact: <sip:user3@10.0.0.9:5070>\r\nContent-Length: 0\r\n\r\n";
  }
  std::string publish(std::string_view tag, std::string_view body, unsigned expires = 60) {
    ++client_cseq_;
    return "PUBLISH sip:" + std::string(kAor) + " SIP/2.0\r\nVia: " + client_via() + "\r\n" +
           dialog_lines("client", "") + "CSeq: " + std::to_string(client_cseq_) +
           " PUBLISH\r\nEvent: " + event() + "\r\nExpires: " + std::to_string(expires) + "\r\n" +
           (tag.empty() ? "" : "SIP-If-Match: " + std::string(tag) + "\r\n") +
           "Content-Type: " + std::string(entry_of(package_).media_type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
  std::string answer(unsigned status, std::string_view method, std::string_view to_tag,
                     const std::string& headers = "") {
    return "SIP/2.0 " + std::to_string(status) + " Text\r\nVia: " + client_via() + "\r\n" +
           dialog_lines("client", to_tag) + "CSeq: " + std::to_string(client_cseq_) + " " +
           std::string(method) + "\r\n" + headers + "Content-Length: 0\r\n\r\n";
  }
  std::string accepted(unsigned expires = 60) {
    return answer(200, "SUBSCRIBE", "server",
                  "Expires: " + std::to_string(expires) + "\r\nContact: <sip:10.0.0.1;gr>\r\n");
  }
  std::string notify(unsigned cseq, std::string_view state, const std::string& body = offline()) {
    return "NOTIFY sip:user3@10.0.0.9:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=" + branch(cseq) +
           "\r\n" + dialog_lines("server", "client") + "CSeq: " + std::to_string(cseq) +
           " NOTIFY\r\nMax-Forwards: 70\r\n" +
           "Contact: <sip:10.0.0.1;gr>\r\nEvent: " + event() +
           "\r\nSubscription-State: " + std::string(state) +
           "\r\nSIP-ETag: " + std::to_string(hash_text(body)) +
           "\r\nContent-Type: " + std::string(entry_of(package_).media_type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  // The same body under another media type.
  static std::string typed(std::string message, std::string_view type) {
    const size_t begin = message.find("Content-Type: ") + 14;
    return message.replace(begin, message.find("\r\n", begin) - begin, type);
  }
  // What a SUBSCRIBE says besides.
  static std::string with(std::string message, const std::string& line) {
    return message.insert(message.find("Content-Length"), line + "\r\n");
  }
  std::string notify_answer(unsigned cseq, unsigned status = 200) {
    return "SIP/2.0 " + std::to_string(status) +
           " OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=" + branch(cseq) + "\r\n" +
           dialog_lines("server", "client") + "CSeq: " + std::to_string(cseq) +
           " NOTIFY\r\nContent-Length: 0\r\n\r\n";
  }
  std::string branch(unsigned cseq) const {
    return std::string(engine::kBranchPrefix) + call_ + std::to_string(cseq);
  }
  std::string client_via() const { return "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK" + std::to_string(client_cseq_); }
  static std::string offline() {
    return "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:user3@closed.test\"><tuple "
           "id=\"offline\"><status><basic>"
           "closed</basic></status></tuple></presence>";
  }
  static std::string online(uint32_t version) {
    return write_document({.aor = std::string(kAor), .tuple_id = "d0", .stamp = {"user3-d0-1", version}});
  }

  void expect_fine() { EXPECT_FALSE(verdict_.is_broken()) << verdict_.first().law << ": " << verdict_.first().seen; }
  void expect_broken(std::string_view law) {
    ASSERT_TRUE(verdict_.is_broken()) << "expected: " << law;
    EXPECT_EQ(verdict_.first().law, law) << verdict_.first().seen;
  }
  // A subscription with one answered NOTIFY.
  void establish() {
    take(subscribe());
    put_out(accepted());
    put_out_unasked(notify(1, "active;expires=60"));
    take(notify_answer(1));
    expect_fine();
  }

  Package package_ = Package::kPresence;
  std::string call_ = "call";                // The Call-ID of what is written from now on.
  Preset preset_ = *find_preset("normal");
  EventQueue clock_{engine::Instant::from_unix_seconds(1000)};
  Trace trace_{clock_, TracePrint::kNothing};
  Verdict verdict_{clock_};
  Network network_{clock_, trace_, preset_.faults, Random(1)};
  Stage stage_{preset_, clock_, network_, trace_, verdict_, {make_v4(1), 5060}, {make_v6(1), 5060}};
  engine::EngineConfig config_ = make_config(preset_, Random(1));
  Laws laws_{stage_, config_};
  engine::Flow flow_{.local = {make_v4(1), 5060}, .remote = {make_v4(9), 5070}};
  uint32_t client_cseq_ = 0;
};

}  // namespace vedette::sim
