// Why something was refused, dropped or ended: one enum, one table that gives each its name (the counter's name,
// too), its SIP status (0: silence) and the reason phrase. A test walks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::engine {

enum class Reason : uint8_t {
  kNone,
  // Silence: nothing that could be answered.
  kNotSip, kKeepAlive, kUnanswerable, kStrayResponse, kStrayAck, kResponseMalformed,
  // RFC 3261 §21.4: malformed requests.
  kBadRequest, kBadVia, kBadFromTo, kBadCallId, kBadCSeq, kBadContentLength, kBadRequestUri, kBadContact,
  kBadEvent, kBadExpires, kBadRoute, kBadCredentials, kMissingHeader, kRepeatedHeader, kMissingEvent,
  kBadPidf, kBadBody, kBadFilter, kBadCondition, kVersion, kMessageTooLong, kBodyTooLong,
  // Methods, extensions, packages.
  kMethodUnknown, kMethodNotAllowed, kExtensionRequired, kEventUnknown, kNotAcceptable, kMediaTypeUnknown,
  kContentEncodingUnknown, kSchemeUnknown, kMissingContact, kFilterUnsupported,
  // Who.
  kUnauthorized, kStaleNonce, kWrongDigest, kUserUnknown, kReplayedNonce, kForbidden, kBlockedByRules,
  kNotYourAor, kNotLocalDomain, kPresentityUnknown, kPeerRefused,
  kIdentityMissing, kBadIdentityInfo, kUnsupportedCredential, kInvalidIdentity, kIdentityReplayed, kStaleDate,
  // State.
  kMerged, kIntervalTooBrief, kEntityTagUnknown, kDialogUnknown, kDialogTaken, kCSeqOutOfOrder,
  kBindingConflict, kContactIsAor,
  // Limits of a shard reached: 503 with Retry-After.
  kPresentitiesFull, kSubscriptionsFull, kPublicationsFull, kBindingsFull, kDocumentsFull, kFiltersFull, kLocalEndsFull,
  kViewsFull, kQuiescing, kIdentitiesFull,
  // Those of one presentity, user or connection: with Retry-After, 480, but within a dialog 500; the last one 413.
  kPresentitySubscriptionsFull, kAorBindingsFull, kPresentityViewsFull, kWatcherSubscriptionsFull,
  kConnectionSubscriptionsFull, kWatcherFiltersFull, kUserTooFast, kDocumentTooLong,
  // Too much: of one source, of all. Answered now and then, else silence.
  kSourceTooFast, kStrangersTooMany, kOverloaded,
  kSourceSilenced, kPrefixLimited, kResponsesTooFast, kStrangersSilenced, kOverloadSilenced,
  // Of rules and hard state that an operator loads, and is told.
  kRuleSetTooLong, kRuleSetsFull, kHardStatesFull,
  // Internal: counted, never answered.
  kOutboxFull, kResponseTooLong, kPeerBadMessage, kStaleHandle,
  kCount
};

struct ReasonEntry {
  Reason reason;
  std::string_view name;      // snake_case; the counter is "refused_" + name.
  uint16_t status;            // 0: not answered.
  std::string_view phrase;    // The reason phrase of the answer.
};

const ReasonEntry& entry_of(Reason reason);

}  // namespace vedette::engine
