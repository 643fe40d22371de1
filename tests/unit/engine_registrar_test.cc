// The registrar's rules, one ladder for each sentence of RFC 3261 §10.3 and of the GRUU and outbound RFCs
// that it keeps. One AOR's list of bindings, driven by whole REGISTERs; who may send them is decided
// elsewhere.
#include <gtest/gtest.h>

#include <memory_resource>
#include <string>
#include <vector>

#include "engine/control/crypto.h"
#include "engine/core.h"
#include "engine/registrar/registrar.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kInstance = "\"<urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c97980>\"";

EngineConfig make_config() {
  EngineConfig config;
  config.domains = {Domain{.name = "example.com"}};
  config.registration = {Duration::seconds(60), Duration::seconds(3600), Duration::seconds(1800), 0};
  config.limits = {.presentities_max = 4, .subscriptions_max = 4, .publications_max = 4, .bindings_max = 6,
                   .server_transactions_max = 4, .document_bytes_max = 8192, .bindings_per_aor_max = 4,
                   .contact_bytes_max = 256};
  return config;
}

class RegistrarTest : public testing::Test {
 protected:
  RegistrarTest()
      : config(make_config()), core(environment()), registrar(core), now(Instant::from_unix_seconds(1'700'000'000)) {
    flow.local = {IpAddress::v4(0xc00002fe), 5060};
    flow.remote = {IpAddress::v4(0xc0000201), 5060};
  }
  ~RegistrarTest() override {
    // Whatever a ladder did: nothing leaks.
    for (uint32_t* list : {&alice, &bob}) expire(Instant::never(), *list);
    EXPECT_EQ(registrar.size(), 0u);
    EXPECT_EQ(core.texts.used(), 0u);
  }

  ShardEnvironment environment() {
    ShardEnvironment out;
    out.partitions = &partitions;
    out.config = &config;
    out.hashes = control::openssl_hashes();
    out.documents = std::pmr::new_delete_resource();
    return out;
  }

  // Sends alice's REGISTER with these header lines; call_id and cseq are the fixture's, cseq counts up.
  Reason send(const std::string& headers) { return send(headers, alice); }
  Reason send(const std::string& headers, uint32_t& head) {
    bytes = "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
            "Call-ID: " + call_id + "\r\nCSeq: " + std::to_string(cseq++) + " REGISTER\r\n" + headers +
            "Content-Length: 0\r\n\r\n";
    const parsers::ParseError error = parsers::parse_message(bytes, message);
    Request request;
    EXPECT_EQ(read_request(message, error, flow, request), Reason::kNone) << bytes;
    plan = {};
    const Reason reason = registrar.plan(request, head, plan);
    if (reason != Reason::kNone) return reason;
    uint32_t ended = kNoIndex;
    const Reason applied = registrar.apply(now, request, plan, head, ended);
    registrar.release(ended);
    return applied;
  }
  // How many there were.
  uint32_t expire(Instant at, uint32_t& head) {
    uint32_t ended = kNoIndex;
    registrar.remove_expired(at, head, ended);
    const uint32_t count = registrar.count(ended);
    registrar.release(ended);
    return count;
  }

  // The Contact lines of the 200.
  std::string contacts(bool with_gruu = false) const {
    char buffer[4096];
    parsers::Writer writer(buffer, sizeof buffer);
    registrar.write_contacts(now, {"alice@example.com", alice, with_gruu}, writer);
    EXPECT_FALSE(writer.overflowed());
    return std::string(writer.text());
  }
  void pass(int64_t seconds) { now = now + Duration::seconds(seconds); }

  EngineConfig config;
  PartitionMap partitions = PartitionMap::spread_evenly(1);
  Core core;
  Registrar registrar;
  Instant now;
  Flow flow;
  std::string call_id = "one@client";
  uint32_t cseq = 1;
  uint32_t alice = kNoIndex;
  uint32_t bob = kNoIndex;
  std::string bytes;
  parsers::Message message;
  RegisterPlan plan;
};

// §10.3 step 8: all current bindings, each with its expires.
TEST_F(RegistrarTest, AddsAndEnumerates) {
  EXPECT_EQ(contacts(), "");
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>\r\nExpires: 600\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:alice@192.0.2.1>;expires=600\r\n");
  EXPECT_EQ(send("Contact: \"Desk\" <sip:desk@192.0.2.2:5070;transport=udp>;expires=120;q=0.5\r\n"), Reason::kNone);
  pass(20);
  EXPECT_EQ(contacts(),
            "Contact: <sip:desk@192.0.2.2:5070;transport=udp>;q=0.500;expires=100\r\n"
            "Contact: <sip:alice@192.0.2.1>;expires=580\r\n");
  EXPECT_EQ(core.counters.get(Counter::kBindingsCreated), 2u);
}

// §10.2.3: without a Contact nothing changes.
TEST_F(RegistrarTest, AQueryChangesNothing) {
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>\r\n"), Reason::kNone);
  const std::string before = contacts();
  EXPECT_EQ(send(""), Reason::kNone);
  EXPECT_EQ(send("Expires: 0\r\n"), Reason::kNone);
  EXPECT_EQ(plan.count, 0u);
  EXPECT_EQ(contacts(), before);
}

// §10.3 step 7: the expires parameter, else Expires, else the default.
TEST_F(RegistrarTest, TheIntervalIsTheContactsElseTheHeadersElseTheDefault) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=100\r\nContact: <sip:b@192.0.2.1>\r\nExpires: 200\r\n"),
            Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:b@192.0.2.1>;expires=200\r\nContact: <sip:a@192.0.2.1>;expires=100\r\n");
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:b@192.0.2.1>;expires=1800\r\nContact: <sip:a@192.0.2.1>;expires=1800\r\n");
}

// §10.2: malformed expires parameters count as 3600, those above 2^32 - 1 as 2^32 - 1; the registrar may shorten.
TEST_F(RegistrarTest, OddIntervals) {
  config.registration.max = Duration::seconds(1'000'000);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=\"Thu, 01 Dec 2040\"\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:a@192.0.2.1>;expires=3600\r\n");
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=99999999999999999999999\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:a@192.0.2.1>;expires=1000000\r\n");
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>\r\nExpires: soon\r\n"), Reason::kBadExpires);
}

// §10.3 step 7: 423 only for an interval above zero, below the minimum and below one hour.
TEST_F(RegistrarTest, ABriefIntervalIsRefusedAndNothingOfItsRequestHappens) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=600, <sip:b@192.0.2.1>;expires=59\r\n"),
            Reason::kIntervalTooBrief);
  EXPECT_EQ(plan.min_expires, Duration::seconds(60));
  EXPECT_EQ(contacts(), "");
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=60\r\n"), Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=0\r\n"), Reason::kNone) << "zero removes";
  EXPECT_EQ(contacts(), "");

  config.registration.min = Duration::seconds(7200);
  config.registration.max = Duration::seconds(9000);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=3599\r\n"), Reason::kIntervalTooBrief);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=3600\r\n"), Reason::kNone);
}

// §10.3 step 7, §19.1.4: bindings are found by URI comparison, not byte by byte.
TEST_F(RegistrarTest, ARefreshFindsItsBindingByUriComparison) {
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1:5070;transport=udp>\r\n"), Reason::kNone);
  pass(1000);
  EXPECT_EQ(send("m: <SIP:%61lice@192.0.2.1:5070;transport=UDP>\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <SIP:%61lice@192.0.2.1:5070;transport=UDP>;expires=1800\r\n");
  EXPECT_EQ(core.counters.get(Counter::kBindingsRefreshed), 1u);
  // An explicit port is not the same as none, nor is one user another.
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1;transport=udp>\r\n"), Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:ALICE@192.0.2.1:5070;transport=udp>\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.count(alice), 3u);
}

TEST_F(RegistrarTest, ARefreshThatSaysTheSameNeedsNoMemory) {
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>\r\n"), Reason::kNone);
  const uint64_t used = core.texts.used();
  std::vector<Text> hoard;
  for (size_t size = 4096; size > 0; size /= 2) {
    while (const Text more = core.texts.try_allocate(size, TextStore::Claim::kNew)) hoard.push_back(more);
  }
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>\r\n"), Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>;reg-id=1\r\n"), Reason::kDocumentsFull);
  EXPECT_EQ(contacts(), "Contact: <sip:alice@192.0.2.1>;expires=1800\r\n");
  for (Text& text : hoard) core.texts.release(text);
  EXPECT_EQ(core.texts.used(), used);
}

// §10.2.2: expires=0 removes that contact alone; removing what is not there is no error.
TEST_F(RegistrarTest, ZeroRemovesThatContactAlone) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n"), Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=0\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:b@192.0.2.1>;expires=1800\r\n");
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>\r\nExpires: 0\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.count(alice), 1u);
  EXPECT_EQ(core.counters.get(Counter::kBindingsRemoved), 1u);
}

// §10.3 step 6.
TEST_F(RegistrarTest, TheWildcardRemovesAllAndStandsAlone) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n"), Reason::kNone);
  const std::string before = contacts();
  EXPECT_EQ(send("Contact: *\r\n"), Reason::kBadExpires) << "no Expires";
  EXPECT_EQ(send("Contact: *\r\nExpires: 60\r\n"), Reason::kBadExpires);
  EXPECT_EQ(send("Contact: *, <sip:c@192.0.2.1>\r\nExpires: 0\r\n"), Reason::kBadContact);
  EXPECT_EQ(send("Contact: <sip:c@192.0.2.1>\r\nContact: *\r\nExpires: 0\r\n"), Reason::kBadContact);
  EXPECT_EQ(send("Contact: *\r\nContact: *\r\nExpires: 0\r\n"), Reason::kBadContact);
  EXPECT_EQ(contacts(), before);
  EXPECT_EQ(send("Contact: *\r\nExpires: 0\r\n"), Reason::kNone);
  EXPECT_EQ(alice, kNoIndex);
  EXPECT_EQ(send("Contact: *\r\nExpires: 0\r\n"), Reason::kNone) << "nothing left is no error";
}

// §10.3 step 6: the wildcard is aborted as a whole when it is older than any binding of the same client.
TEST_F(RegistrarTest, AnOvertakenWildcardRemovesNothing) {
  call_id = "other@client";
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>\r\n"), Reason::kNone);
  call_id = "one@client";
  cseq = 10;
  EXPECT_EQ(send("Contact: <sip:b@192.0.2.1>\r\n"), Reason::kNone);
  cseq = 9;
  EXPECT_EQ(send("Contact: *\r\nExpires: 0\r\n"), Reason::kBindingConflict);
  EXPECT_EQ(registrar.count(alice), 2u);
  cseq = 11;
  EXPECT_EQ(send("Contact: *\r\nExpires: 0\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.count(alice), 0u);
}

// §10.3 step 7: same Call-ID and no higher CSeq: aborted. Another Call-ID: a client that started anew.
TEST_F(RegistrarTest, AnOvertakenUpdateIsAborted) {
  cseq = 10;
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=600\r\n"), Reason::kNone);
  for (const uint32_t late : {10u, 9u}) {
    cseq = late;
    EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=0\r\n"), Reason::kBindingConflict);
    cseq = late;
    EXPECT_EQ(send("Contact: <sip:b@192.0.2.1>, <sip:a@192.0.2.1>;expires=900\r\n"), Reason::kBindingConflict);
  }
  EXPECT_EQ(contacts(), "Contact: <sip:a@192.0.2.1>;expires=600\r\n") << "b was not added either";
  call_id = "rebooted@client";
  cseq = 1;
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=900\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:a@192.0.2.1>;expires=900\r\n");
}

TEST_F(RegistrarTest, TheSameContactTwiceInOneRequestIsAborted) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:a@192.0.2.1>;expires=0\r\n"), Reason::kBindingConflict);
  EXPECT_EQ(alice, kNoIndex);
}

TEST_F(RegistrarTest, MalformedContactsChangeNothing) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:@bad>\r\n"), Reason::kBadContact);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1\r\n"), Reason::kBadContact);
  EXPECT_EQ(send("Contact: <sip:" + std::string(300, 'a') + "@192.0.2.1>\r\n"), Reason::kMessageTooLong);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:" + std::string(300, 'a') + "@192.0.2.1>\r\n"),
            Reason::kMessageTooLong);
  EXPECT_EQ(alice, kNoIndex);
}

// RFC 5626 §6 in spirit: a device is known by its instance, whatever Contact it has today.
TEST_F(RegistrarTest, TheSameInstanceReplacesItsFormerContact) {
  const std::string instance = ";+sip.instance=" + std::string(kInstance);
  EXPECT_EQ(send("Contact: <sip:alice-0x558689aacee0@192.0.2.1:5070>;expires=600" + instance + "\r\n"), Reason::kNone);
  call_id = "rebooted@client";
  cseq = 1;
  EXPECT_EQ(send("Contact: <sip:alice-0x55a40095b920@192.0.2.1:5070>;expires=700" + instance + "\r\n"), Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:alice-0x55a40095b920@192.0.2.1:5070>;expires=700" + instance + "\r\n");
  // Also when it leaves under the wrong name.
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1:5070>;expires=0" + instance + "\r\n"), Reason::kNone);
  EXPECT_EQ(alice, kNoIndex);
}

TEST_F(RegistrarTest, OneDeviceMayHaveTwoContactsInOneRequest) {
  const std::string instance = ";+sip.instance=" + std::string(kInstance);
  const std::string both =
      "Contact: <sip:a@192.0.2.1>" + instance + "\r\nContact: <sip:a@[2001:db8::1]>" + instance + "\r\n";
  EXPECT_EQ(send(both), Reason::kNone);
  EXPECT_EQ(send(both), Reason::kNone);
  EXPECT_EQ(registrar.count(alice), 2u);
  // A new contact beside the removal of the old one is an addition, not its refresh.
  EXPECT_EQ(send("Contact: <sip:b@192.0.2.1>" + instance + ", <sip:a@192.0.2.1>;expires=0" + instance +
                 ", <sip:a@[2001:db8::1]>" + instance + "\r\n"),
            Reason::kNone);
  EXPECT_EQ(registrar.count(alice), 2u);
  EXPECT_EQ(contacts().find("sip:a@192.0.2.1"), std::string::npos);
}

// RFC 5627 §5.1, §5.2: a public GRUU for each binding with an instance, for clients that know GRUUs.
TEST_F(RegistrarTest, PublicGruus) {
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1>;expires=600;pub-gruu=\"sip:mallory@example.com;gr=x\";+sip.instance=" +
                 std::string(kInstance) + "\r\nContact: <sip:plain@192.0.2.1>;expires=600\r\n"),
            Reason::kNone);
  EXPECT_EQ(contacts(true),
            "Contact: <sip:plain@192.0.2.1>;expires=600\r\n"
            "Contact: <sip:alice@192.0.2.1>;expires=600;pub-gruu=\"sip:alice@example.com;"
            "gr=urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c97980\";+sip.instance=" + std::string(kInstance) + "\r\n");
  EXPECT_EQ(contacts(false).find("gruu"), std::string::npos);

  const Binding* found = registrar.find(alice, "urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c97980");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->contact(), "sip:alice@192.0.2.1");
  EXPECT_EQ(registrar.find(alice, "URN:UUID:F5BF0BCC-bdab-e68a-42d1-64d746c97980"), found);
  EXPECT_EQ(registrar.find(alice, "urn%3auuid%3Af5bf0bcc-bdab-e68a-42d1-64d746c97980"), found);
  EXPECT_EQ(registrar.find(alice, "urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c9798"), nullptr);
  EXPECT_EQ(registrar.find(alice, "urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c979800"), nullptr);
  EXPECT_EQ(registrar.find(bob, "urn:uuid:f5bf0bcc-bdab-e68a-42d1-64d746c97980"), nullptr);
}

// RFC 5627 §6.1: of several the one registered last.
TEST_F(RegistrarTest, WithoutAnInstanceTheLastRefreshedBindingIsFound) {
  EXPECT_EQ(registrar.find(alice, ""), nullptr);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>\r\n"), Reason::kNone);
  pass(1);
  EXPECT_EQ(send("Contact: <sip:b@192.0.2.1>\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.find(alice, "")->contact(), "sip:b@192.0.2.1");
  pass(1);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.find(alice, "")->contact(), "sip:a@192.0.2.1");
}

TEST_F(RegistrarTest, OtherParametersComeBackOnOneLine) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;+sip.ice;reg-id=1;expires=60;note=\"one\r\n two\";q=0.25;"
                 "temp-gruu=\"sip:x@example.com;gr\"\r\n"),
            Reason::kNone);
  EXPECT_EQ(contacts(), "Contact: <sip:a@192.0.2.1>;q=0.250;expires=60;+sip.ice;reg-id=1;note=\"one   two\"\r\n");
}

TEST_F(RegistrarTest, Qvalues) {
  struct Step {
    const char* text;
    uint16_t thousandths;
  };
  for (const Step& step : {Step{"0", 0}, Step{"0.", 0}, Step{"0.5", 500}, Step{"0.05", 50}, Step{"0.125", 125},
                           Step{"1", 1000}, Step{"1.000", 1000}, Step{"0.1234", 1000}, Step{"much", 1000}}) {
    EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;q=" + std::string(step.text) + "\r\n"), Reason::kNone);
    EXPECT_EQ(registrar.find(alice, "")->q, step.thousandths) << step.text;
  }
}

TEST_F(RegistrarTest, BindingsExpireOneByOne) {
  EXPECT_EQ(registrar.next_expiry(alice), Instant::never());
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=100, <sip:b@192.0.2.1>;expires=200\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.next_expiry(alice), now + Duration::seconds(100));
  pass(99);
  EXPECT_EQ(expire(now, alice), 0u);
  pass(1);
  EXPECT_EQ(contacts(), "Contact: <sip:b@192.0.2.1>;expires=100\r\n") << "gone even before the timer fires";
  EXPECT_EQ(expire(now, alice), 1u);
  EXPECT_EQ(registrar.next_expiry(alice), now + Duration::seconds(100));
  pass(100);
  EXPECT_EQ(expire(now, alice), 1u);
  EXPECT_EQ(alice, kNoIndex);
}

TEST_F(RegistrarTest, AFullAorRefusesAdditionsAloneAndChangesNothing) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>;expires=60, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>\r\n"), Reason::kNone);
  const std::string before = contacts();
  EXPECT_EQ(send("Contact: <sip:d@192.0.2.1>, <sip:e@192.0.2.1>\r\n"), Reason::kAorBindingsFull);
  EXPECT_EQ(contacts(), before);
  EXPECT_EQ(send("Contact: <sip:d@192.0.2.1>, <sip:e@192.0.2.1>, <sip:b@192.0.2.1>;expires=0\r\n"), Reason::kNone)
      << "one goes, two come";
  EXPECT_EQ(registrar.count(alice), 4u);
  EXPECT_EQ(send("Contact: <sip:c@192.0.2.1>\r\n"), Reason::kNone) << "a refresh adds nothing";
  pass(60);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:f@192.0.2.1>\r\n"), Reason::kAorBindingsFull)
      << "a has expired, but would live again";
  EXPECT_EQ(send("Contact: <sip:d@192.0.2.1>;expires=0, <sip:f@192.0.2.1>, <sip:g@192.0.2.1>\r\n"), Reason::kNone)
      << "in place of d and of a, which has expired";
  EXPECT_EQ(registrar.count(alice), 4u);
  EXPECT_EQ(core.counters.get(Counter::kBindingsExpired), 1u);
}

TEST_F(RegistrarTest, AFullPoolRefusesAdditionsAndChangesNothing) {
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>, <sip:d@192.0.2.1>\r\n"),
            Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>\r\n", bob), Reason::kBindingsFull);
  EXPECT_EQ(bob, kNoIndex);
  EXPECT_EQ(send("Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>\r\n", bob), Reason::kNone);
  EXPECT_EQ(send("Contact: <sip:b@192.0.2.1>;expires=0, <sip:c@192.0.2.1>\r\n", bob), Reason::kNone);
  EXPECT_EQ(registrar.count(alice) + registrar.count(bob), 6u);
}

TEST_F(RegistrarTest, TooManyContactsInOneRequest) {
  std::string headers;
  for (size_t i = 0; i <= kRegisterContactsMax; ++i)
    headers += "Contact: <sip:" + std::to_string(i) + "@192.0.2.1>\r\n";
  EXPECT_EQ(send(headers), Reason::kAorBindingsFull);
}

// Behind a NAT the Contact is what the client calls itself; requests go where the REGISTER came from.
TEST_F(RegistrarTest, TheFlowOfABindingReachesItsClient) {
  flow.remote = {IpAddress::v4(0xcb007107), 31'000};   // The Via says 192.0.2.1.
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1:5060>\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.find(alice, "")->flow, flow);
  flow.remote.port = 32'000;
  EXPECT_EQ(send("Contact: <sip:alice@192.0.2.1:5060>\r\n"), Reason::kNone);
  EXPECT_EQ(registrar.find(alice, "")->flow, flow) << "a refresh takes the new flow";
}

}  // namespace
}  // namespace vedette::engine
