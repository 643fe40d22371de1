#include "engine/presence/publish.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/presence/device.h"
#include "engine/presence/entity_tag.h"
#include "engine/presence/packages/package.h"
#include "engine/presence/publication_machine.h"
#include "parsers/event.h"
#include "parsers/media_type.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/pidf.h"
#include "parsers/token_list.h"

namespace vedette::engine {

using parsers::HeaderId;
using parsers::ParseError;

namespace {

// A document's tuples by their ids, one after the other.
class TupleIds {
 public:
  TupleIds(std::span<const parsers::Fragment> fragments, std::string_view bytes)
      : fragments_(fragments), bytes_(bytes) {}

  // False at the end.
  bool next(std::string_view& id) {
    while (at_ < fragments_.size()) {
      const parsers::Fragment& fragment = fragments_[at_++];
      if (fragment.kind != parsers::FragmentKind::kTuple) continue;
      id = bytes_.substr(fragment.offset + fragment.id_offset, fragment.id_length);
      return true;
    }
    return false;
  }

 private:
  std::span<const parsers::Fragment> fragments_;
  std::string_view bytes_;
  size_t at_ = 0;
};

// False when there are none at all.
bool have_same_tuples(TupleIds a, TupleIds b) {
  std::string_view id_a;
  std::string_view id_b;
  bool any = false;
  while (a.next(id_a)) {
    if (!b.next(id_b) || id_a != id_b) return false;
    any = true;
  }
  return any && !b.next(id_b);
}

// RFC 3863 §4.1: "If the charset parameter of the MIME content type declaration is present and it is different from the
// encoding declaration, the charset parameter takes precedence": so the XML declaration is not read then. False when it
// is another one than UTF-8, of which US-ASCII is a part.
bool take_charset(std::string_view params, std::string_view& body) {
  parsers::Param charset;
  if (!parsers::find_param(params, "charset", charset)) return true;
  if (!parsers::equal_ignoring_case(charset.value, "utf-8") &&
      !parsers::equal_ignoring_case(charset.value, "us-ascii")) {
    return false;
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf", kEnd = "?>";
  const std::string_view text = body.substr(body.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  const size_t end = text.starts_with("<?xml ") ? text.find(kEnd) : std::string_view::npos;
  if (end != std::string_view::npos) body = text.substr(end + kEnd.size());
  return true;
}

}  // namespace

struct PublishHandler::Wish {
  PackageId package{};
  bool has_entity_tag = false;
  std::string_view entity_tag;        // SIP-If-Match.
  Duration expires;
  bool too_brief = false;
  bool has_body = false;

  PublicationEvent event() const {
    if (expires == Duration()) return has_body ? PublicationEvent::kBodyAtZero : PublicationEvent::kNoBodyAtZero;
    return has_body ? PublicationEvent::kBody : PublicationEvent::kNoBody;
  }
};

PublishHandler::PublishHandler(Core& core, Notifier& notifier, Publications& publications)
    : core_(core),
      notifier_(notifier),
      publications_(publications),
      normalised_(core.limits.datagram_bytes_max) {}

void PublishHandler::on_request(Exchange& exchange, std::string_view presentity, uint32_t allowed) {
  // RFC 3903 §6, in the order of its steps.
  Wish wish;
  const Reason reason = read_wish(exchange.request(), allowed, wish);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  const uint32_t publication = wish.has_entity_tag ? find(presentity, wish) : kNoIndex;
  const NamedPublication named = !wish.has_entity_tag      ? NamedPublication::kNone
                                 : publication == kNoIndex ? NamedPublication::kUnknown
                                                           : NamedPublication::kLive;
  const PublicationAction action = action_of(named, wish.event());
  // Step 3: an entity tag that names no publication of this presentity: 412.
  if (action == PublicationAction::kRefuseUnknown) return exchange.refuse(Reason::kEntityTagUnknown);
  // Step 4: an interval below the minimum, and not 0: 423.
  if (wish.too_brief) return exchange.refuse_too_brief(core_.config.publication.min);
  switch (action) {
    case PublicationAction::kCreate:
    case PublicationAction::kAcknowledge: return create(exchange, presentity, wish);
    case PublicationAction::kModify: return modify(exchange, publication, wish);
    case PublicationAction::kRefresh:
      core_.counters.add(Counter::kPublicationsRefreshed);
      return extend(exchange, publication, wish);
    case PublicationAction::kRemove:
      // §4.5. The entity tag of the answer is of no use any more.
      core_.counters.add(Counter::kPublicationsRemoved);
      finish(exchange, core_.random.next(), wish.expires);
      return remove(exchange.now(), publication);
    case PublicationAction::kRefuseEmpty: return exchange.refuse(Reason::kBadRequest);
    case PublicationAction::kRefuseUnknown:
    case PublicationAction::kImpossible: break;
  }
  VEDETTE_CHECK(false);
}

Reason PublishHandler::read_wish(const Request& request, uint32_t allowed, Wish& out) const {
  const parsers::Message& message = *request.message;
  // Step 2: an Event that is missing or not supported: 489.
  const parsers::HeaderField* field = message.find(HeaderId::kEvent);
  if (field == nullptr) return Reason::kMissingEvent;
  parsers::Event event;
  if (parsers::parse_event(message.value(*field), event) != ParseError::kOk) return Reason::kBadEvent;
  const EventPackage* package = find_package(event.package, out.package);
  if (package == nullptr || package->normalise == nullptr) return Reason::kEventUnknown;
  if ((allowed & bit_of(out.package)) == 0) return Reason::kNotYourAor;
  if ((field = message.find(HeaderId::kSipIfMatch)) != nullptr) {
    out.has_entity_tag = true;
    if (parsers::parse_entity_tag(message.value(*field), out.entity_tag) != ParseError::kOk) {
      return Reason::kBadRequest;
    }
  }
  RequestedExpiry expiry;
  const Reason reason = read_expires(message, expiry);
  if (reason != Reason::kNone) return reason;
  const ExpiryRange& range = core_.config.publication;
  const Duration wanted = expiry.present ? Duration::seconds(expiry.seconds) : range.when_absent;
  out.too_brief = wanted > Duration() && wanted < range.min;
  out.expires = range.grant(wanted, core_.random.next());
  out.has_body = !message.body().empty();
  return Reason::kNone;
}

Reason PublishHandler::read_body(const parsers::Message& message, const EventPackage& package,
                                 parsers::PidfDocument& document) {
  parsers::MediaType type;
  const std::string_view value = message.value(HeaderId::kContentType);
  // Step 5: a body of a type that is not understood: 415.
  if (parsers::parse_media_type(value, type) != ParseError::kOk ||
      !parsers::equal_ignoring_case(type.type, package.type) ||
      !parsers::equal_ignoring_case(type.subtype, package.subtype)) {
    return Reason::kMediaTypeUnknown;
  }
  const std::string_view encoding = message.value(HeaderId::kContentEncoding);
  if (!encoding.empty() && !parsers::equal_ignoring_case(encoding, "identity")) {
    return Reason::kContentEncodingUnknown;
  }
  if (message.body().size() > core_.limits.publication_body_bytes_max) return Reason::kBodyTooLong;
  std::string_view body = message.body();
  if (!take_charset(type.params, body)) return Reason::kMediaTypeUnknown;
  const ParseError error = package.normalise(body, normalised_, document);
  if (error == ParseError::kXmlTooLarge) return Reason::kBodyTooLong;
  core_.counters.add(Counter::kPublicationPartsLeftOut, document.left_out);
  return error == ParseError::kOk ? Reason::kNone : package.bad_body;
}

void PublishHandler::create(Exchange& exchange, std::string_view aor, const Wish& wish) {
  if (core_.quiescing) return exchange.refuse(Reason::kQuiescing);
  parsers::PidfDocument document;
  Reason reason = read_body(*exchange.request().message, package_of(wish.package), document);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  // An interval of 0 publishes nothing that would last.
  if (wish.expires == Duration()) return finish(exchange, core_.random.next(), wish.expires);
  uint32_t presentity = kNoIndex;
  reason = core_.obtain_presentity(aor, wish.package, presentity);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  const uint64_t device = device_of(core_, exchange.request());
  const uint32_t replaced = find_replaced(presentity, device, document);
  PublishedState state;
  reason = try_store(presentity, replaced, document, state);
  uint32_t index = kNoIndex;
  if (reason == Reason::kNone && replaced != kNoIndex) {
    core_.counters.add(Counter::kPublicationsReplaced);
    publications_.release(replaced);
  }
  if (reason == Reason::kNone && (index = publications_.try_make(presentity, state)) == kNoIndex) {
    core_.texts.release(state.text);
    reason = Reason::kPublicationsFull;
  }
  if (reason != Reason::kNone) {
    core_.release_if_idle(presentity);
    return exchange.refuse(reason);
  }
  Publication& publication = core_.publications[index];
  publication.entity_tag = core_.random.next();
  publication.device = device;
  publications_.expire_at(index, exchange.now() + wish.expires);
  core_.counters.add(Counter::kPublicationsCreated);
  finish(exchange, publication.entity_tag, wish.expires);
  notifier_.on_presentity_changed(exchange.now(), presentity);
}

// The publication that a new one takes the place of, or kNoIndex.
uint32_t PublishHandler::find_replaced(uint32_t presentity, uint64_t device,
                                       const parsers::PidfDocument& document) const {
  const TupleIds ids(std::span(document.fragments).first(document.count), {normalised_.data(), document.length});
  uint32_t oldest = kNoIndex;
  for (uint32_t p = core_.presentities[presentity].publications; p != kNoIndex; p = core_.publications[p].next) {
    const Publication& publication = core_.publications[p];
    if (publication.is_hard) break;
    // RFC 3903 §4 has publishers wait for their entity tag. baresip 1.0 does not when it starts: it publishes
    // twice, and knows the second tag alone; the first publication would outlive its user's log-off. The same
    // tuples from the same place are the same device.
    if (publication.device == device &&
        have_same_tuples(ids, {publication.state.fragments(), publication.state.bytes()})) {
      return p;
    }
    oldest = p;
  }
  // A publisher that forgets its entity tags would lock its user out: the oldest makes room. Its device, should it
  // still be there, is told 412 at its next PUBLISH and publishes anew.
  const bool full =
      core_.presentities[presentity].publication_count >= core_.limits.publications_per_presentity_max;
  return full ? oldest : kNoIndex;
}

void PublishHandler::modify(Exchange& exchange, uint32_t index, const Wish& wish) {
  Publication& publication = core_.publications[index];
  const uint32_t presentity = publication.presentity;
  parsers::PidfDocument document;
  const EventPackage& package = package_of(wish.package);
  Reason reason = read_body(*exchange.request().message, package, document);
  // RFC 4235 §4.3: what has changed is put into what was said before.
  const bool is_partial = document.is_partial && package.merge != nullptr;
  if (reason == Reason::kNone && is_partial && !package.merge(publication.state, normalised_, document)) {
    reason = Reason::kBodyTooLong;
  }
  PublishedState state;
  if (reason == Reason::kNone) reason = try_store(presentity, index, document, state);
  if (reason != Reason::kNone) return exchange.refuse(reason);
  // Publishing the same again as the newest device changes nothing that a watcher could see.
  const uint64_t device = device_of(core_, exchange.request());
  const bool changed = core_.presentities[presentity].publications != index ||
                       state.bytes() != publication.state.bytes() || publication.device != device;
  publications_.replace_state(index, state);
  publication.device = device;
  publications_.make_newest(index);
  core_.counters.add(Counter::kPublicationsModified);
  extend(exchange, index, wish);
  if (changed) notifier_.on_presentity_changed(exchange.now(), presentity);
}

void PublishHandler::extend(Exchange& exchange, uint32_t index, const Wish& wish) {
  Publication& publication = core_.publications[index];
  // Step 6: a new entity tag with every success.
  publication.entity_tag = core_.random.next();
  publications_.expire_at(index, exchange.now() + wish.expires);
  finish(exchange, publication.entity_tag, wish.expires);
}

void PublishHandler::finish(Exchange& exchange, uint64_t entity_tag, Duration expires) {
  const Answer given = {0, entity_tag, static_cast<uint32_t>(expires.to_seconds())};
  exchange.remember(given);
  answer(exchange, given);
}

void PublishHandler::answer(Exchange& exchange, const Answer& given) {
  core_.counters.add(Counter::kPublishesAccepted);
  exchange.accept({}, [&](parsers::Writer& writer) {
    writer.put_header_uint("Expires", given.expires);
    writer.put("SIP-ETag: ").put_hex(given.entity_tag, kEntityTagDigits).put("\r\n");
  });
}

void PublishHandler::on_timer(Instant now, uint32_t index) {
  const Publication& publication = core_.publications[index];
  if (publication.expires_at > now) {
    core_.timers.arm(core_.publication_timer(index), publication.expires_at);
    return;
  }
  core_.counters.add(publication.is_hard ? Counter::kHardStatesExpired : Counter::kPublicationsExpired);
  remove(now, index);
}

Reason PublishHandler::try_store(uint32_t presentity, uint32_t replaced, const parsers::PidfDocument& document,
                                 PublishedState& state) {
  const PublishedFragments joining = {.bytes = {normalised_.data(), document.length},
                                      .fragments = std::span(document.fragments).first(document.count)};
  const Reason reason = publications_.check_fit(presentity, replaced, joining);
  if (reason != Reason::kNone) return reason;
  const bool is_stored = state.try_store(core_.texts, document, {normalised_.data(), document.length});
  return is_stored ? Reason::kNone : Reason::kDocumentsFull;
}

uint32_t PublishHandler::find(std::string_view aor, const Wish& wish) const {
  uint64_t entity_tag = 0;
  const uint32_t presentity = core_.find_presentity(aor, wish.package);
  if (presentity == kNoIndex || !read_entity_tag(wish.entity_tag, entity_tag)) return kNoIndex;
  uint32_t p = core_.presentities[presentity].publications;
  while (p != kNoIndex && core_.publications[p].entity_tag != entity_tag) p = core_.publications[p].next;
  return p == kNoIndex || core_.publications[p].is_hard ? kNoIndex : p;
}

void PublishHandler::remove(Instant now, uint32_t index) {
  const uint32_t presentity = core_.publications[index].presentity;
  publications_.release(index);
  notifier_.on_presentity_changed(now, presentity);
  core_.release_if_idle(presentity);
}

}  // namespace vedette::engine
