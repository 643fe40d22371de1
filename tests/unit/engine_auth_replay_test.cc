// Windows of nonce counts: each count once, in any order; what is forgotten is never taken for new.
#include <gtest/gtest.h>

#include "engine/auth/replay.h"

namespace vedette::engine {
namespace {

using enum ReplayVerdict;

const Instant kNow = Instant::from_unix_seconds(1'700'000'000);
constexpr Duration kLifetime = Duration::seconds(300);

// Nonce number n of the test, minted n milliseconds after kNow.
Nonce nonce(uint8_t n) {
  Nonce out;
  out.issued = kNow + Duration::milliseconds(n);
  out.mac.fill(n);
  return out;
}

TEST(ReplayWindows, EachCountIsGoodOnce) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kRepeated);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 2}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kRepeated);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 2}), kRepeated);
}

TEST(ReplayWindows, CountsMayOvertakeEachOther) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 5}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 3}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 4}), kFirstUse);
  for (const uint32_t count : {3u, 4u, 5u}) EXPECT_EQ(windows.use(kNow, {nonce(1), 0, count}), kRepeated);
}

TEST(ReplayWindows, ACountTooFarBelowTheHighestIsTakenForARepeat) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 100}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 37}), kFirstUse);  // The 64th count from the top.
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 36}), kRepeated);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 101}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 37}), kRepeated) << "left the window";
}

TEST(ReplayWindows, ALeapKeepsNothingOfTheOldWindow) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 3}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 67}), kFirstUse);  // A step of 64: as wide as the window.
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 65}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, UINT32_MAX}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, UINT32_MAX - 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, UINT32_MAX}), kRepeated);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 0}), kRepeated);
}

TEST(ReplayWindows, AStepOfSixtyThreeKeepsTheOldestBit) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 64}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kRepeated);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 2}), kFirstUse);
}

TEST(ReplayWindows, NoncesAndUsersHaveWindowsOfTheirOwn) {
  ReplayWindows windows(4, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(2), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 1, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kRepeated);
}

TEST(ReplayWindows, WhatWasForgottenIsNotTakenForNew) {
  ReplayWindows windows(2, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(3), 0, 1}), kFirstUse);
  EXPECT_EQ(windows.use(kNow, {nonce(5), 0, 1}), kFirstUse);  // Pushes nonce 1 out.
  EXPECT_EQ(windows.forgotten(), 1u);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kForgotten);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 2}), kForgotten);
  EXPECT_EQ(windows.use(kNow, {nonce(3), 0, 1}), kRepeated) << "still remembered";
  EXPECT_EQ(windows.use(kNow, {nonce(4), 0, 1}), kFirstUse) << "younger than what was forgotten";
}

TEST(ReplayWindows, PushingOutAnExpiredNonceIsNoLoss) {
  ReplayWindows windows(1, kLifetime);
  EXPECT_EQ(windows.use(kNow, {nonce(1), 0, 1}), kFirstUse);
  Nonce later = nonce(2);
  later.issued = kNow + Duration::seconds(400);
  EXPECT_EQ(windows.use(later.issued, {later, 0, 1}), kFirstUse);
  EXPECT_EQ(windows.forgotten(), 0u);
}

TEST(ReplayWindows, TurnsOverManyTimesInFixedMemory) {
  ReplayWindows windows(8, kLifetime);
  for (uint32_t i = 1; i <= 200; ++i) {
    EXPECT_EQ(windows.use(kNow, {nonce(static_cast<uint8_t>(i)), 0, 1}), kFirstUse);
    EXPECT_EQ(windows.use(kNow, {nonce(static_cast<uint8_t>(i)), 0, 1}), kRepeated);
    if (i >= 8) {
      EXPECT_EQ(windows.use(kNow, {nonce(static_cast<uint8_t>(i - 7)), 0, 1}), kRepeated);
    }
    if (i >= 9) {
      EXPECT_EQ(windows.use(kNow, {nonce(static_cast<uint8_t>(i - 8)), 0, 1}), kForgotten);
    }
  }
  EXPECT_EQ(windows.forgotten(), 192u);
}

// A clock that starts at the epoch, as a simulation's may.
TEST(ReplayWindows, NothingIsForgottenAtTheBeginningOfTime) {
  ReplayWindows windows(1, kLifetime);
  Nonce first;
  EXPECT_EQ(windows.use(Instant(), {first, 0, 1}), kFirstUse);
}

}  // namespace
}  // namespace vedette::engine
