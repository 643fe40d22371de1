// The bindings of an AOR, changed as RFC 3261 §10.3 says: all that one REGISTER asks for, or nothing of it.
#include "engine/registrar/registrar.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/presence/device.h"
#include "engine/presence/remote_target.h"
#include "engine/registrar/registration_presence.h"
#include "parsers/param.h"
#include "parsers/uri.h"

namespace vedette::engine {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A gr parameter may have escapes (RFC 3261 §19.1.4: equal to what they stand for); an instance has none. UUID URNs are
// equal whatever their case (RFC 4122 §3).
bool names_instance(std::string_view gr, std::string_view instance) {
  size_t at = 0;
  for (size_t i = 0; i < gr.size(); ++i, ++at) {
    char c = gr[i];
    if (c == '%' && gr.size() - i > 2 && hex_value(gr[i + 1]) >= 0 && hex_value(gr[i + 2]) >= 0) {
      c = static_cast<char>(hex_value(gr[i + 1]) << 4 | hex_value(gr[i + 2]));
      i += 2;
    }
    if (at == instance.size() || to_lower(c) != to_lower(instance[at])) return false;
  }
  return at == instance.size();
}

}  // namespace

// The text of a change, made before anything is touched.
struct Registrar::Draft {
  Text text;                             // Null for a removal, and when the binding's own text stays.
  PublishedState presence;               // With `text`.
  uint16_t contact_length = 0;
  uint16_t instance_length = 0;
};

Registrar::Registrar(Core& core)
    : core_(core), bindings_(core.limits.bindings_max), normalised_(kRegistrationPresenceBytesMax) {}

Reason Registrar::plan(const Request& request, uint32_t head, RegisterPlan& out) const {
  const Reason reason = read_register_plan(core_.config.registration, core_.random.next(), request, out);
  if (reason != Reason::kNone) return reason;
  if (out.remove_all) {
    // Step 6: an older REGISTER of the same client removes nothing, so none is removed.
    for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) {
      if (is_out_of_order(request, bindings_[i])) return Reason::kBindingConflict;
    }
    return Reason::kNone;
  }
  for (size_t i = 0; i < out.count; ++i) {
    out.changes[i].existing = find_same_uri(head, out.changes[i].contact.uri);
  }
  // RFC 5626 §6: a device that comes back under another Contact has left the one it had before.
  for (size_t i = 0; i < out.count; ++i) {
    RegisterPlan::Change& change = out.changes[i];
    if (change.existing == kNoIndex && !change.instance.empty()) {
      change.existing = find_same_instance(head, change.instance, out);
    }
  }
  for (size_t i = 0; i < out.count; ++i) {
    const uint32_t existing = out.changes[i].existing;
    if (existing != kNoIndex && is_out_of_order(request, bindings_[existing])) return Reason::kBindingConflict;
  }
  return Reason::kNone;
}

uint32_t Registrar::find_same_uri(uint32_t head, const parsers::Uri& uri) const {
  for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) {
    parsers::Uri bound;
    const bool readable = parsers::parse_uri(bindings_[i].contact(), bound) == parsers::ParseError::kOk;
    if (readable && parsers::equal_uris(bound, uri)) return i;
  }
  return kNoIndex;
}

// A binding that another contact of the same request is about is that one's.
uint32_t Registrar::find_same_instance(uint32_t head, std::string_view instance, const RegisterPlan& claimed) const {
  for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) {
    if (!parsers::equal_ignoring_case(bindings_[i].instance(), instance)) continue;
    const auto begin = claimed.changes.begin();
    const bool taken = std::any_of(begin, begin + static_cast<ptrdiff_t>(claimed.count),
                                   [i](const RegisterPlan::Change& other) { return other.existing == i; });
    if (!taken) return i;
  }
  return kNoIndex;
}

// Step 7: the same Call-ID with a CSeq that is not higher: it was overtaken by a younger REGISTER of its client.
bool Registrar::is_out_of_order(const Request& request, const Binding& binding) const {
  return core_.hash(request.call_id) == binding.call_id_hash && request.cseq.number <= binding.cseq;
}

Reason Registrar::apply(Instant now, const Request& request, const RegisterPlan& plan, uint32_t& head,
                        uint32_t& ended) {
  constexpr auto kRemoved = BindingEvent::kUnregistered;
  if (plan.remove_all) {
    const auto all = [](const Binding&, uint32_t) { return true; };
    core_.counters.add(Counter::kBindingsRemoved, remove_if(head, kRemoved, ended, all));
    return Reason::kNone;
  }
  std::array<Draft, kRegisterContactsMax> drafts;
  Reason reason = check_room(now, plan, head);
  if (reason == Reason::kNone) reason = draft_texts(CanonicalAor(request.to.uri).view(), plan, drafts.data());
  if (reason != Reason::kNone) return reason;

  // Nothing below can fail. What is refreshed first is no longer expired; what goes makes room for what comes.
  for (size_t i = 0; i < plan.count; ++i) {
    const RegisterPlan::Change& change = plan.changes[i];
    if (change.existing == kNoIndex || change.expires == Duration()) continue;
    store(now, request, change, drafts[i], bindings_[change.existing]);
    core_.follow_connection(core_.binding_user(change.existing), bindings_[change.existing].flow);
    bindings_[change.existing].event = BindingEvent::kRefreshed;
    core_.counters.add(Counter::kBindingsRefreshed);
  }
  const auto is_removed = [&](const Binding&, uint32_t index) {
    const auto begin = plan.changes.begin();
    return std::any_of(begin, begin + static_cast<ptrdiff_t>(plan.count), [index](const auto& change) {
      return change.existing == index && change.expires == Duration();
    });
  };
  core_.counters.add(Counter::kBindingsRemoved, remove_if(head, kRemoved, ended, is_removed));
  remove_expired(now, head, ended);
  for (size_t i = 0; i < plan.count; ++i) {
    const RegisterPlan::Change& change = plan.changes[i];
    if (change.existing != kNoIndex || change.expires == Duration()) continue;
    uint32_t index = bindings_.try_acquire();
    if (index == kNoIndex) {
      release(ended);
      index = bindings_.try_acquire();
    }
    VEDETTE_CHECK(index != kNoIndex);
    store(now, request, change, drafts[i], bindings_[index]);
    bindings_[index].presentity = plan.presentity;
    core_.follow_connection(core_.binding_user(index), bindings_[index].flow);
    bindings_[index].next = head;
    head = index;
    core_.counters.add(Counter::kBindingsCreated);
  }
  return Reason::kNone;
}

Reason Registrar::check_room(Instant now, const RegisterPlan& plan, uint32_t head) const {
  uint32_t added = 0;
  uint32_t leaving = 0;
  for (size_t i = 0; i < plan.count; ++i) {
    const bool removes = plan.changes[i].expires == Duration();
    if (plan.changes[i].existing == kNoIndex && !removes) ++added;
    if (plan.changes[i].existing != kNoIndex && removes) ++leaving;
  }
  if (added == 0) return Reason::kNone;
  uint32_t present = 0;
  for (uint32_t i = head; i != kNoIndex; i = bindings_[i].next) {
    ++present;
    const auto begin = plan.changes.begin();
    const bool named = std::any_of(begin, begin + static_cast<ptrdiff_t>(plan.count),
                                   [i](const auto& change) { return change.existing == i; });
    if (!named && bindings_[i].expires_at <= now) ++leaving;
  }
  if (present - leaving + added > core_.limits.bindings_per_aor_max) return Reason::kAorBindingsFull;
  return bindings_.size() - leaving + added > bindings_.capacity() ? Reason::kBindingsFull : Reason::kNone;
}

Reason Registrar::draft_texts(std::string_view aor, const RegisterPlan& plan, Draft* drafts) {
  for (size_t i = 0; i < plan.count; ++i) {
    if (plan.changes[i].expires == Duration()) continue;
    const Reason reason = draft_text(aor, plan.changes[i], drafts[i]);
    if (reason == Reason::kNone) continue;
    for (size_t made = 0; made <= i; ++made) {
      core_.texts.release(drafts[made].text);
      core_.texts.release(drafts[made].presence.text);
    }
    return reason;
  }
  return Reason::kNone;
}

Reason Registrar::draft_text(std::string_view aor, const RegisterPlan::Change& change, Draft& out) {
  parsers::Writer writer(core_.scratch.data(), std::min<size_t>(core_.scratch.size(), core_.limits.contact_bytes_max));
  writer.put(change.contact.uri.text).put(change.instance);
  write_kept_params(change, writer);
  if (writer.overflowed()) return Reason::kMessageTooLong;
  out.contact_length = static_cast<uint16_t>(change.contact.uri.text.size());
  out.instance_length = static_cast<uint16_t>(change.instance.size());
  // Most refreshes say the same again.
  const Binding* const existing = change.existing == kNoIndex ? nullptr : &bindings_[change.existing];
  if (existing != nullptr && existing->text.view() == writer.text() && existing->q == change.q) return Reason::kNone;
  out.text = core_.texts.try_store(writer.text(), TextStore::Claim::kNew);
  return out.text ? draft_presence(aor, change, out.presence) : Reason::kDocumentsFull;
}

Reason Registrar::draft_presence(std::string_view aor, const RegisterPlan::Change& change, PublishedState& out) {
  const std::string_view device = change.instance.empty() ? change.contact.uri.text : change.instance;
  std::array<char, kRegistrationPresenceBytesMax> written;
  parsers::Writer writer(written.data(), written.size());
  write_registration_presence({aor, change.instance, change.contact.params, change.q, core_.hash(device)}, writer);
  parsers::PidfDocument document;
  // A Contact of limits.contact_bytes_max hardly makes that much: then it is the Contact that is too long.
  if (writer.overflowed() ||
      parsers::normalise_pidf(writer.text(), normalised_, document) != parsers::ParseError::kOk) {
    return Reason::kMessageTooLong;
  }
  return out.try_store(core_.texts, document, {normalised_.data(), document.length}) ? Reason::kNone
                                                                                     : Reason::kDocumentsFull;
}

void Registrar::store(Instant now, const Request& request, const RegisterPlan::Change& change, const Draft& draft,
                      Binding& binding) {
  if (draft.text) {
    core_.texts.release(binding.text);
    core_.texts.release(binding.presence.text);
    binding.text = draft.text;
    binding.presence = draft.presence;
  }
  binding.contact_length = draft.contact_length;
  binding.instance_length = draft.instance_length;
  binding.q = change.q;
  binding.cseq = request.cseq.number;
  binding.call_id_hash = core_.hash(request.call_id);
  binding.expires_at = now + change.expires;
  binding.updated_at = now;
  binding.flow = binding_flow(core_.config, request, change.contact.uri);
  binding.device = device_of(core_, request);
}

template <typename Condition>
uint32_t Registrar::remove_if(uint32_t& head, BindingEvent event, uint32_t& ended, Condition&& condition) {
  uint32_t removed = 0;
  uint32_t* link = &head;
  while (*link != kNoIndex) {
    const uint32_t index = *link;
    Binding& binding = bindings_[index];
    if (!condition(binding, index)) {
      link = &binding.next;
      continue;
    }
    *link = binding.next;
    core_.connection_users.leave(core_.binding_user(index));
    binding.event = event;
    binding.next = ended;
    ended = index;
    ++removed;
  }
  return removed;
}

void Registrar::remove_expired(Instant now, uint32_t& head, uint32_t& ended) {
  const auto is_expired = [now](const Binding& binding, uint32_t) { return binding.expires_at <= now; };
  core_.counters.add(Counter::kBindingsExpired, remove_if(head, BindingEvent::kExpired, ended, is_expired));
}

void Registrar::release(uint32_t& ended) {
  while (ended != kNoIndex) {
    const uint32_t index = ended;
    Binding& binding = bindings_[index];
    ended = binding.next;
    core_.texts.release(binding.text);
    core_.texts.release(binding.presence.text);
    bindings_.release(index);
  }
}

uint32_t Registrar::on_connection_lost(Instant now, uint32_t index) {
  Binding& binding = bindings_[index];
  core_.connection_users.leave(core_.binding_user(index));
  binding.expires_at = now;
  return binding.presentity;
}

Instant Registrar::next_expiry(uint32_t head) const {
  Instant next = Instant::never();
  for_each(head, [&](const Binding& binding, uint32_t) { next = std::min(next, binding.expires_at); });
  return next;
}

const Binding* Registrar::find(uint32_t head, std::string_view gr) const {
  const Binding* newest = nullptr;
  for_each(head, [&](const Binding& binding, uint32_t) {
    if (!gr.empty() && !names_instance(gr, binding.instance())) return;
    if (newest == nullptr || binding.updated_at > newest->updated_at) newest = &binding;
  });
  return newest;
}

uint64_t Registrar::presence_hash(uint32_t head) const {
  uint64_t hash = 0;
  for_each(head, [&](const Binding& binding, uint32_t) {
    hash = hash * 3 + (core_.hash(binding.presence.bytes()) ^ binding.device);
  });
  return hash;
}

void Registrar::write_contacts(Instant now, const ContactsQuestion& question, parsers::Writer& writer) const {
  for_each(question.head, [&](const Binding& binding, uint32_t) {
    // Step 8: all current bindings, each with the interval that is left to it.
    const uint32_t left = seconds_left(now, binding.expires_at);
    if (left == 0) return;
    writer.put("Contact: <").put(binding.contact()).put('>');
    if (binding.q != 1000) {
      writer.put(";q=");
      write_q(binding.q, writer);
    }
    writer.put(";expires=").put_uint(left);
    if (!binding.instance().empty()) {
      // RFC 5627 §5.1: the AOR with the instance as its gr parameter.
      if (question.with_gruu) {
        writer.put(";pub-gruu=\"sip:").put(question.aor).put(";gr=").put(binding.instance()).put('"');
      }
      writer.put(";+sip.instance=\"<").put(binding.instance()).put(">\"");
    }
    writer.put(binding.params()).put("\r\n");
  });
}

void write_q(uint16_t thousandths, parsers::Writer& writer) {
  writer.put_uint(thousandths / 1000).put('.');
  for (unsigned unit = 100; unit > 0; unit /= 10) writer.put_uint(thousandths / unit % 10);
}

void Registrar::check_invariants() const {
  uint32_t listed = 0;
  for (uint32_t p = 0; p < core_.presentities.high_water(); ++p) {
    if (!core_.presentities.is_live(p)) continue;
    const uint32_t n = count(core_.presentities[p].bindings);
    VEDETTE_CHECK(n <= core_.limits.bindings_per_aor_max);
    listed += n;
  }
  VEDETTE_CHECK(listed == bindings_.size());
  for (uint32_t i = 0; i < bindings_.high_water(); ++i) {
    const uint32_t connection = core_.connection_users.connection_of(core_.binding_user(i));
    VEDETTE_CHECK(connection == 0 || (bindings_.is_live(i) && connection == bindings_[i].flow.connection));
  }
}

}  // namespace vedette::engine
