#include "engine/presence/suppression.h"

#include "engine/presence/entity_tag.h"
#include "engine/presence/packages/package.h"
#include "parsers/token_list.h"

namespace vedette::engine {

using Kind = SuppressCondition::Kind;

bool read_suppress_condition(const parsers::Message& message, SuppressCondition& out) {
  const parsers::HeaderField* field = message.find(parsers::HeaderId::kSuppressIfMatch);
  if (field == nullptr) return true;
  // RFC 5839 §7.3: ( entity-tag / "*" ), where an entity-tag is a token, which "*" is, too.
  std::string_view tag;
  if (parsers::parse_entity_tag(message.value(*field), tag) != parsers::ParseError::kOk) return false;
  if (tag == "*") {
    out.kind = Kind::kAnything;
  } else if (read_entity_tag(tag, out.entity_tag)) {
    out.kind = Kind::kEntityTag;
  }
  return true;
}

const DocumentRef* Suppression::document_of(uint32_t index) {
  const DocumentRef* const whole = views_.document_of(index);
  const Subscription& subscription = core_.subscriptions[index];
  const bool has_filter = subscription.filter != kNoFilter && !subscription.filter_is_off;
  if (!has_filter || whole == nullptr || whole->is_null()) return whole;
  return &filters_.apply(core_.presentities[subscription.presentity].package, *whole, subscription.filter);
}

bool Suppression::try_begin(uint32_t index, const SuppressCondition& condition) {
  Subscription& subscription = core_.subscriptions[index];
  end(subscription);
  if (condition.kind == Kind::kNone || is_ending(subscription.state)) return false;
  if (condition.kind == Kind::kAnything) {
    // RFC 5839 §6.2: "A Suppress-If-Match header field that includes an entity-tag with the value of "*" MUST always
    // evaluate to true."
    subscription.is_quenched = true;
    return true;
  }
  // Each document that says who watches is of the moment that it was made in, and nobody is shown it twice.
  if (core_.presentities[subscription.presentity].package == PackageId::kWatcherInfo) return false;
  const DocumentRef* const shown = document_of(index);
  // The store is full, so nobody knows.
  if (shown != nullptr && shown->is_null()) return false;
  const DocumentRef document = shown == nullptr ? DocumentRef() : *shown;
  if (tag_of(subscription, document) != condition.entity_tag) return false;
  if (is_in_flight(subscription.state)) {
    subscription.suppresses = tag_of(subscription, subscription.document) == condition.entity_tag;
  } else {
    subscription.suppresses = true;
    if (!document.is_null()) subscription.document = document.share();
  }
  return true;
}

// RFC 5839 §6.3: "As long as the condition remains true": it was, until the entity became another one.
bool Suppression::holds(Subscription& subscription, const DocumentRef* document) {
  if (subscription.is_quenched) return true;
  if (!subscription.suppresses) return false;
  const DocumentRef shown = document == nullptr ? DocumentRef() : *document;
  const bool is_known = document == nullptr || !document->is_null();
  if (is_known && tag_of(subscription, shown) == tag_of(subscription, subscription.document)) return true;
  end(subscription);
  return false;
}

void Suppression::keep(Subscription& subscription, const DocumentRef* document) {
  if (subscription.is_quenched || document == nullptr) return;
  const DocumentRef kept = document->share();
  subscription.document.release(core_.texts);
  subscription.document = kept;
}

void Suppression::take(Subscription& subscription, const DocumentRef* document, bool is_suppressed) {
  const bool is_answer = subscription.full_due;
  subscription.full_due = false;
  subscription.sent_as_full = false;
  subscription.sent_without_body = is_suppressed || document == nullptr;
  DocumentRef before = subscription.document;
  subscription.document = {};
  if (document == nullptr || document->is_null()) {
    subscription.acknowledged = 0;
  } else if (is_suppressed) {
    // RFC 5839 §6.2: "the notifier MUST suppress the body of the NOTIFY request".
    core_.counters.add(Counter::kNotifyBodiesSuppressed);
    subscription.document = document->share();
  } else {
    subscription.document = choose(subscription, *document, is_answer).share();
  }
  // Of presence only partial documents have versions.
  const bool is_counted = !subscription.sent_without_body && !subscription.document.is_null() &&
                          (subscription.takes_patches || subscription.document.version_offset() != 0);
  if (!is_counted && subscription.uncounted < UINT8_MAX) ++subscription.uncounted;
  before.release(core_.texts);
}

const DocumentRef& Suppression::choose(Subscription& subscription, const DocumentRef& document, bool is_answer) {
  const EventPackage& package = package_of(core_.presentities[subscription.presentity].package);
  if (!subscription.takes_patches || package.partial_media_type.empty()) return document;
  // RFC 6665 §4.2.1.2, RFC 5263 §4.4: a SUBSCRIBE is answered by everything.
  const uint32_t acknowledged = is_answer ? 0 : subscription.acknowledged;
  const DocumentRef& chosen = views_.partial().choose(document, acknowledged);
  subscription.sent_as_full = &chosen == &document;
  if (!subscription.sent_as_full) core_.counters.add(Counter::kNotifiesPartial);
  return chosen;
}

void Suppression::end(Subscription& subscription) {
  if (subscription.suppresses && !is_in_flight(subscription.state)) subscription.document.release(core_.texts);
  subscription.suppresses = subscription.is_quenched = false;
}

uint64_t Suppression::tag_of(const Subscription& subscription, const DocumentRef& document) const {
  if (document.is_null()) return tag_of_nothing_;
  return subscription.takes_patches ? partial_entity_tag(document.entity_tag()) : document.entity_tag();
}

}  // namespace vedette::engine
