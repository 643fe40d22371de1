// The table behind the Reason enum: name, SIP status, reason phrase. Constant; any thread may read it.
#include "engine/reason.h"

#include <array>

namespace vedette::engine {
namespace {

constexpr size_t kReasons = static_cast<size_t>(Reason::kCount);

constexpr std::array<ReasonEntry, kReasons> kTable = {{
    {Reason::kNone, "none", 0, ""},

    {Reason::kNotSip, "not_sip", 0, ""},
    {Reason::kKeepAlive, "keep_alive", 0, ""},
    {Reason::kUnanswerable, "unanswerable", 0, ""},
    {Reason::kStrayResponse, "stray_response", 0, ""},
    {Reason::kStrayAck, "stray_ack", 0, ""},
    {Reason::kResponseMalformed, "response_malformed", 0, ""},

    // RFC 3261 §21.4.1: the reason phrase should name the problem in more detail.
    {Reason::kBadRequest, "bad_request", 400, "Bad Request"},
    {Reason::kBadVia, "bad_via", 400, "Bad Via"},
    {Reason::kBadFromTo, "bad_from_to", 400, "Bad From or To"},
    {Reason::kBadCallId, "bad_call_id", 400, "Bad Call-ID"},
    {Reason::kBadCSeq, "bad_cseq", 400, "Bad CSeq"},
    {Reason::kBadContentLength, "bad_content_length", 400, "Bad Content-Length"},
    {Reason::kBadRequestUri, "bad_request_uri", 400, "Bad Request-URI"},
    {Reason::kBadContact, "bad_contact", 400, "Bad Contact"},
    {Reason::kBadEvent, "bad_event", 400, "Bad Event"},
    {Reason::kBadExpires, "bad_expires", 400, "Bad Expires"},
    {Reason::kBadRoute, "bad_route", 400, "Bad Record-Route"},
    {Reason::kBadCredentials, "bad_credentials", 400, "Bad Credentials"},
    {Reason::kMissingHeader, "missing_header", 400, "Missing Header"},
    {Reason::kRepeatedHeader, "repeated_header", 400, "Repeated Header"},
    {Reason::kMissingEvent, "missing_event", 489, "Bad Event"},
    {Reason::kBadPidf, "bad_pidf", 400, "Bad Presence Document"},
    {Reason::kBadBody, "bad_body", 400, "Bad Body"},
    // RFC 4660 §5.4: "where the XML document of the filter is not aligned with the XML schema of the filter format".
    {Reason::kBadFilter, "bad_filter", 488, "Bad Filter"},
    {Reason::kBadCondition, "bad_condition", 400, "Bad Suppress-If-Match"},
    {Reason::kVersion, "version", 505, "Version Not Supported"},
    {Reason::kMessageTooLong, "message_too_long", 513, "Message Too Large"},
    {Reason::kBodyTooLong, "body_too_long", 413, "Request Entity Too Large"},

    {Reason::kMethodUnknown, "method_unknown", 501, "Not Implemented"},
    {Reason::kMethodNotAllowed, "method_not_allowed", 405, "Method Not Allowed"},
    {Reason::kExtensionRequired, "extension_required", 420, "Bad Extension"},
    {Reason::kEventUnknown, "event_unknown", 489, "Bad Event"},
    {Reason::kNotAcceptable, "not_acceptable", 406, "Not Acceptable"},
    {Reason::kMediaTypeUnknown, "media_type_unknown", 415, "Unsupported Media Type"},
    {Reason::kContentEncodingUnknown, "content_encoding_unknown", 415, "Unsupported Content Encoding"},
    {Reason::kSchemeUnknown, "scheme_unknown", 416, "Unsupported URI Scheme"},
    {Reason::kMissingContact, "missing_contact", 400, "Missing Contact"},
    // RFC 4660 §3.3.4: "some aspects of it were either not understood or not accepted".
    {Reason::kFilterUnsupported, "filter_unsupported", 488, "Filter Not Acceptable Here"},

    // One answer for all who did not prove themselves: which of them it was is for the operator alone.
    {Reason::kUnauthorized, "unauthorized", 401, "Unauthorized"},
    {Reason::kStaleNonce, "stale_nonce", 401, "Unauthorized"},
    {Reason::kWrongDigest, "wrong_digest", 401, "Unauthorized"},
    {Reason::kUserUnknown, "user_unknown", 401, "Unauthorized"},
    {Reason::kReplayedNonce, "replayed_nonce", 401, "Unauthorized"},
    {Reason::kForbidden, "forbidden", 403, "Forbidden"},
    {Reason::kBlockedByRules, "blocked_by_rules", 403, "Forbidden"},
    {Reason::kNotYourAor, "not_your_aor", 403, "Forbidden"},
    {Reason::kNotLocalDomain, "not_local_domain", 404, "Not Found"},
    {Reason::kPresentityUnknown, "presentity_unknown", 404, "Not Found"},
    {Reason::kPeerRefused, "peer_refused", 403, "Forbidden"},
    // RFC 8224 §6.2.2.
    {Reason::kIdentityMissing, "identity_missing", 428, "Use Identity Header"},
    {Reason::kBadIdentityInfo, "bad_identity_info", 436, "Bad Identity Info"},
    {Reason::kUnsupportedCredential, "unsupported_credential", 437, "Unsupported Credential"},
    {Reason::kInvalidIdentity, "invalid_identity", 438, "Invalid Identity Header"},
    {Reason::kIdentityReplayed, "identity_replayed", 438, "Invalid Identity Header"},
    {Reason::kStaleDate, "stale_date", 403, "Stale Date"},

    {Reason::kMerged, "merged", 482, "Merged Request"},
    {Reason::kIntervalTooBrief, "interval_too_brief", 423, "Interval Too Brief"},
    {Reason::kEntityTagUnknown, "entity_tag_unknown", 412, "Conditional Request Failed"},
    {Reason::kDialogUnknown, "dialog_unknown", 481, "Subscription Does Not Exist"},
    {Reason::kDialogTaken, "dialog_taken", 403, "One Subscription in a Dialog"},
    // RFC 3261 §12.2.2: a lower CSeq within a dialog is answered 500; §10.3 step 7: an aborted REGISTER too.
    {Reason::kCSeqOutOfOrder, "cseq_out_of_order", 500, "CSeq Out of Order"},
    {Reason::kBindingConflict, "binding_conflict", 500, "CSeq Out of Order"},
    {Reason::kContactIsAor, "contact_is_aor", 403, "Contact Is No Device"},

    {Reason::kPresentitiesFull, "presentities_full", 503, "Service Unavailable"},
    {Reason::kSubscriptionsFull, "subscriptions_full", 503, "Service Unavailable"},
    {Reason::kPublicationsFull, "publications_full", 503, "Service Unavailable"},
    {Reason::kBindingsFull, "bindings_full", 503, "Service Unavailable"},
    {Reason::kDocumentsFull, "documents_full", 503, "Service Unavailable"},
    {Reason::kFiltersFull, "filters_full", 503, "Service Unavailable"},
    {Reason::kLocalEndsFull, "local_ends_full", 503, "Service Unavailable"},
    {Reason::kViewsFull, "views_full", 503, "Service Unavailable"},
    {Reason::kQuiescing, "quiescing", 503, "Service Unavailable"},
    {Reason::kIdentitiesFull, "identities_full", 503, "Service Unavailable"},

    // What one has too many of. Not 503: a proxy that gets it "SHOULD NOT forward any other requests to that server"
    // for as long (RFC 3261 §21.5.4), those of others either. Not 403, which "SHOULD NOT be repeated" (§21.4.4), for
    // there is room when one of them ends. See Exchange::status_of() for what is said within a dialog.
    {Reason::kPresentitySubscriptionsFull, "presentity_subscriptions_full", 480, "Too Many Watchers"},
    {Reason::kAorBindingsFull, "aor_bindings_full", 480, "Too Many Contacts"},
    {Reason::kPresentityViewsFull, "presentity_views_full", 480, "Too Many Views"},
    {Reason::kWatcherSubscriptionsFull, "watcher_subscriptions_full", 480, "Too Many Subscriptions"},
    {Reason::kConnectionSubscriptionsFull, "connection_subscriptions_full", 480, "Too Many Subscriptions"},
    {Reason::kWatcherFiltersFull, "watcher_filters_full", 480, "Too Many Filters"},
    {Reason::kUserTooFast, "user_too_fast", 480, "Too Many Requests"},
    // RFC 3261 §21.4.11: "larger than the server is willing or able to process", and "temporary": there is room when
    // others have less to say of the same user.
    {Reason::kDocumentTooLong, "document_too_long", 413, "Presence Document Too Long"},

    {Reason::kSourceTooFast, "source_too_fast", 503, "Too Many Requests"},
    {Reason::kStrangersTooMany, "strangers_too_many", 503, "Server Overloaded"},
    {Reason::kOverloaded, "overloaded", 503, "Server Overloaded"},
    {Reason::kSourceSilenced, "source_silenced", 0, ""},
    {Reason::kPrefixLimited, "prefix_limited", 0, ""},
    {Reason::kResponsesTooFast, "responses_too_fast", 0, ""},
    {Reason::kStrangersSilenced, "strangers_silenced", 0, ""},
    {Reason::kOverloadSilenced, "overload_silenced", 0, ""},

    {Reason::kRuleSetTooLong, "rule_set_too_long", 0, ""},
    {Reason::kRuleSetsFull, "rule_sets_full", 0, ""},
    {Reason::kHardStatesFull, "hard_states_full", 0, ""},

    {Reason::kOutboxFull, "outbox_full", 0, ""},
    {Reason::kResponseTooLong, "response_too_long", 0, ""},
    {Reason::kPeerBadMessage, "peer_bad_message", 0, ""},
    {Reason::kStaleHandle, "stale_handle", 0, ""},
}};

constexpr bool in_order_of_the_enum() {
  for (size_t i = 0; i < kReasons; ++i) {
    if (static_cast<size_t>(kTable[i].reason) != i || kTable[i].name.empty()) return false;
    if ((kTable[i].status == 0) != kTable[i].phrase.empty()) return false;
  }
  return true;
}
static_assert(in_order_of_the_enum());

}  // namespace

const ReasonEntry& entry_of(Reason reason) { return kTable[static_cast<size_t>(reason)]; }

}  // namespace vedette::engine
