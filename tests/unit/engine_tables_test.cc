// The engine's constant tables: reasons, counters, control columns; bounds of expiries and limits that are arithmetic;
// and look-ups in the configuration.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/config.h"
#include "engine/control_message.h"
#include "engine/counters.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/publication_machine.h"
#include "engine/reason.h"

namespace vedette::engine {
namespace {

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

TEST(ReasonTable, EveryReasonHasItsOwnRow) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < static_cast<size_t>(Reason::kCount); ++i) {
    const ReasonEntry& entry = entry_of(static_cast<Reason>(i));
    EXPECT_EQ(static_cast<size_t>(entry.reason), i) << entry.name;
    EXPECT_TRUE(is_snake_case(entry.name)) << entry.name;
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " stands twice";
  }
}

// RFC 3903 §4.1, Table 1, and §6.
TEST(PublicationTable, EveryRowIsWhatTheRfcSays) {
  using Named = NamedPublication;
  using Event = PublicationEvent;
  using Action = PublicationAction;
  EXPECT_EQ(action_of(Named::kNone, Event::kBody), Action::kCreate);             // Initial.
  EXPECT_EQ(action_of(Named::kLive, Event::kNoBody), Action::kRefresh);
  EXPECT_EQ(action_of(Named::kLive, Event::kBody), Action::kModify);
  EXPECT_EQ(action_of(Named::kLive, Event::kNoBodyAtZero), Action::kRemove);
  EXPECT_EQ(action_of(Named::kLive, Event::kBodyAtZero), Action::kRemove);
  EXPECT_EQ(action_of(Named::kLive, Event::kExpired), Action::kRemove);
  EXPECT_EQ(action_of(Named::kNone, Event::kBodyAtZero), Action::kAcknowledge);  // Stored nowhere.
  for (const Event event : {Event::kNoBody, Event::kNoBodyAtZero}) {
    EXPECT_EQ(action_of(Named::kNone, event), Action::kRefuseEmpty);
  }
  for (const Event event : {Event::kBody, Event::kNoBody, Event::kBodyAtZero, Event::kNoBodyAtZero}) {
    EXPECT_EQ(action_of(Named::kUnknown, event), Action::kRefuseUnknown);
    EXPECT_NE(action_of(Named::kLive, event), Action::kCreate) << "a second one";
  }
  // What is not there cannot expire; everything else has an answer.
  for (size_t n = 0; n < static_cast<size_t>(Named::kCount); ++n) {
    for (size_t e = 0; e < static_cast<size_t>(Event::kCount); ++e) {
      const bool cannot_be = static_cast<Event>(e) == Event::kExpired && static_cast<Named>(n) != Named::kLive;
      EXPECT_EQ(action_of(static_cast<Named>(n), static_cast<Event>(e)) == Action::kImpossible, cannot_be);
    }
  }
}

TEST(ReasonTable, AnAnswerIsAnErrorWithAPhraseAndSilenceHasNone) {
  for (size_t i = 0; i < static_cast<size_t>(Reason::kCount); ++i) {
    const ReasonEntry& entry = entry_of(static_cast<Reason>(i));
    if (entry.status == 0) {
      EXPECT_TRUE(entry.phrase.empty()) << entry.name;
    } else {
      EXPECT_TRUE(entry.status >= 400 && entry.status <= 599) << entry.name;
      EXPECT_FALSE(entry.phrase.empty()) << entry.name;
    }
  }
}

TEST(ReasonTable, StatusesAreThoseOfTheRfcs) {
  EXPECT_EQ(entry_of(Reason::kNone).status, 0);
  EXPECT_EQ(entry_of(Reason::kNotSip).status, 0);
  EXPECT_EQ(entry_of(Reason::kBadRequest).status, 400);  // RFC 3261 §21.4.1
  EXPECT_EQ(entry_of(Reason::kMissingContact).status, 400);
  EXPECT_EQ(entry_of(Reason::kVersion).status, 505);            // §21.5.6
  EXPECT_EQ(entry_of(Reason::kMessageTooLong).status, 513);     // §21.5.7
  EXPECT_EQ(entry_of(Reason::kBodyTooLong).status, 413);        // §21.4.11
  EXPECT_EQ(entry_of(Reason::kMethodUnknown).status, 501);      // §21.5.2
  EXPECT_EQ(entry_of(Reason::kMethodNotAllowed).status, 405);   // §21.4.6
  EXPECT_EQ(entry_of(Reason::kExtensionRequired).status, 420);  // §21.4.15
  EXPECT_EQ(entry_of(Reason::kEventUnknown).status, 489);       // RFC 6665 §8.3.2
  EXPECT_EQ(entry_of(Reason::kNotAcceptable).status, 406);
  EXPECT_EQ(entry_of(Reason::kMediaTypeUnknown).status, 415);
  EXPECT_EQ(entry_of(Reason::kContentEncodingUnknown).status, 415);
  EXPECT_EQ(entry_of(Reason::kSchemeUnknown).status, 416);
  EXPECT_EQ(entry_of(Reason::kForbidden).status, 403);
  EXPECT_EQ(entry_of(Reason::kNotYourAor).status, 403);        // RFC 3261 §10.3 step 4
  EXPECT_EQ(entry_of(Reason::kNotLocalDomain).status, 404);    // §10.3 step 5
  EXPECT_EQ(entry_of(Reason::kIntervalTooBrief).status, 423);  // §21.4.17
  EXPECT_EQ(entry_of(Reason::kEntityTagUnknown).status, 412);  // RFC 3903 §11.2.1
  EXPECT_EQ(entry_of(Reason::kDialogUnknown).status, 481);
  EXPECT_EQ(entry_of(Reason::kCSeqOutOfOrder).status, 500);   // RFC 3261 §12.2.2
  EXPECT_EQ(entry_of(Reason::kBindingConflict).status, 500);  // §10.3 step 7
}

// What a guesser learns from the answer must not depend on whether the user exists.
TEST(ReasonTable, FailedAuthenticationLooksTheSameWhateverFailed) {
  const ReasonEntry& first = entry_of(Reason::kUnauthorized);
  EXPECT_EQ(first.status, 401);
  for (const Reason reason :
       {Reason::kStaleNonce, Reason::kWrongDigest, Reason::kUserUnknown, Reason::kReplayedNonce}) {
    EXPECT_EQ(entry_of(reason).status, first.status);
    EXPECT_EQ(entry_of(reason).phrase, first.phrase);
  }
}

// RFC 3261 §21.5.4: 503 is for what concerns everybody.
TEST(ReasonTable, LimitsOfAllAreServiceUnavailableAndThoseOfOneAreNot) {
  const auto expect = [](Reason first, Reason last, unsigned status) {
    for (auto i = static_cast<size_t>(first); i <= static_cast<size_t>(last); ++i) {
      EXPECT_EQ(entry_of(static_cast<Reason>(i)).status, status) << entry_of(static_cast<Reason>(i)).name;
    }
  };
  expect(Reason::kPresentitiesFull, Reason::kIdentitiesFull, 503);
  expect(Reason::kPresentitySubscriptionsFull, Reason::kUserTooFast, 480);
  expect(Reason::kSourceTooFast, Reason::kOverloaded, 503);
  expect(Reason::kOutboxFull, Reason::kStaleHandle, 0);
}

TEST(CounterTable, EveryCounterHasItsOwnName) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < static_cast<size_t>(Counter::kCount); ++i) {
    const std::string_view name = to_string(static_cast<Counter>(i));
    EXPECT_TRUE(is_snake_case(name)) << name;
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
  }
  EXPECT_EQ(to_string(Counter::kDatagramsIn), "datagrams_in");
  EXPECT_EQ(to_string(Counter::kReplayWindowsForgotten), "replay_windows_forgotten");
}

TEST(Counters, CountersAndRefusalsCountApart) {
  Counters counters;
  counters.add(Counter::kNotifiesOut, 3);
  counters.add(Reason::kKeepAlive);
  counters.add(Reason::kKeepAlive);
  EXPECT_EQ(counters.get(Counter::kNotifiesOut), 3u);
  EXPECT_EQ(counters.get(Reason::kKeepAlive), 2u);
  EXPECT_EQ(counters.get(Counter::kDatagramsOut), 0u);
}

TEST(ControlColumns, EveryRowKindNamesItsColumns) {
  using Kind = ControlReplyHeader::Kind;
  const auto columns = [](Kind kind) {
    const std::string_view names = control_columns(kind);
    return names.empty() ? 0 : 1 + std::count(names.begin(), names.end(), '\t');
  };
  EXPECT_EQ(columns(Kind::kEnd), 0);
  EXPECT_EQ(columns(Kind::kWatcher), 21);
  EXPECT_EQ(columns(Kind::kPresentity), 7);
  EXPECT_EQ(columns(Kind::kPublication), 5);
  EXPECT_EQ(columns(Kind::kBinding), 6);
  EXPECT_EQ(columns(Kind::kCounter), 2);
  EXPECT_EQ(columns(Kind::kSummary), 13);
  EXPECT_EQ(columns(Kind::kRules), 10);
  EXPECT_EQ(columns(Kind::kView), 5);
}

TEST(ExpiryRange, GrantsLessThanWasAskedForByItsShareAtMost) {
  ExpiryRange range = {.min = Duration::seconds(60), .max = Duration::seconds(3600), .spread_percent = 10};
  const auto grants = [&](int64_t wanted) {
    std::set<int64_t> all;
    for (uint64_t lot = 0; lot < 10'000; ++lot) {
      const Duration granted = range.grant(Duration::seconds(wanted), lot * 0x9e3779b97f4a7c15);
      EXPECT_EQ(granted, Duration::seconds(granted.to_seconds()));
      all.insert(granted.to_seconds());
    }
    return all;
  };
  EXPECT_EQ(*grants(3600).begin(), 3240);
  EXPECT_EQ(*grants(86'400).rbegin(), 3600);
  EXPECT_EQ(grants(86'400).size(), 361u);
  // Not below the minimum, and zero is zero. What is below the minimum and still taken stays, too.
  EXPECT_EQ(grants(62), (std::set<int64_t>{60, 61, 62}));
  EXPECT_EQ(grants(60), std::set<int64_t>{60});
  EXPECT_EQ(grants(0), std::set<int64_t>{0});
  range.min = Duration::seconds(7200);
  EXPECT_EQ(grants(3600), std::set<int64_t>{3600});
  range = {.spread_percent = 0};
  EXPECT_EQ(grants(3000), std::set<int64_t>{3000});
}

TEST(Limits, RetryAfterIsSpreadUpwards) {
  Limits limits;
  EXPECT_EQ(limits.retry_after(0), 30u);
  EXPECT_EQ(limits.retry_after(30), 60u);
  EXPECT_EQ(limits.retry_after(31), 30u);
  limits.retry_after_spread_seconds = 0;
  EXPECT_EQ(limits.retry_after(UINT64_MAX), 30u);
  limits.retry_after_spread_seconds = UINT32_MAX;
  EXPECT_EQ(limits.retry_after(7), 37u);
}

TEST(EngineConfig, DomainsAreFoundWhateverTheirCase) {
  EngineConfig config;
  config.domains = {Domain{.name = "example.com"}, Domain{.name = "example.org"}};
  EXPECT_EQ(config.find_domain("example.com"), &config.domains[0]);
  EXPECT_EQ(config.find_domain("EXAMPLE.Org"), &config.domains[1]);
  EXPECT_EQ(config.find_domain("example.co"), nullptr);
  EXPECT_EQ(config.find_domain("example.community"), nullptr);
  EXPECT_EQ(config.find_domain(""), nullptr);
}

TEST(EngineConfig, UsersAreFoundByTheirWholeCanonicalAor) {
  EngineConfig config;
  EXPECT_EQ(find_user(config.users, "alice@example.com"), nullptr);
  config.users = {User{.aor = "alice@example.com"}, User{.aor = "alice@example.org"},
                  User{.aor = "bob@example.com"}};
  for (const User& user : config.users) EXPECT_EQ(find_user(config.users, user.aor), &user);
  EXPECT_EQ(find_user(config.users, "aaron@example.com"), nullptr);
  EXPECT_EQ(find_user(config.users, "alice@example"), nullptr);
  EXPECT_EQ(find_user(config.users, "zoe@example.com"), nullptr);
}

// RFC 6665 §4.4.4: what is said of the packages is what the table has.
TEST(Packages, AreNamedAsTheyAre) {
  std::string names;
  std::string types;
  for (size_t i = 0; i < static_cast<size_t>(PackageId::kCount); ++i) {
    const EventPackage& package = package_of(static_cast<PackageId>(i));
    PackageId id{};
    EXPECT_EQ(find_package(package.name, id), &package);
    EXPECT_EQ(id, static_cast<PackageId>(i));
    EXPECT_EQ(package.media_type, std::string(package.type) + "/" + std::string(package.subtype));
    EXPECT_EQ(package.normalise == nullptr, package.bytes_max == nullptr);
    // Templates are not named: "presence.winfo".
    const bool is_template = package.name.find('.') != std::string_view::npos;
    if (!is_template) names += (names.empty() ? "" : ", ") + std::string(package.name);
    if (package.normalise != nullptr) types += (types.empty() ? "" : ", ") + std::string(package.media_type);
  }
  EXPECT_EQ(package_names(), names);
  EXPECT_EQ(published_media_types(), types);
  PackageId id{};
  EXPECT_EQ(find_package("Presence", id), nullptr);
  EXPECT_EQ(find_package("", id), nullptr);
}

}  // namespace
}  // namespace vedette::engine
