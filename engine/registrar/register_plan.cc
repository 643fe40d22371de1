// Reading the Contacts of a REGISTER: wildcard, expires, q, +sip.instance. Nothing here changes any state.
#include "engine/registrar/register_plan.h"

#include <algorithm>

#include "parsers/number.h"
#include "parsers/param.h"

namespace vedette::engine {
namespace {

using parsers::HeaderId;
using parsers::ParseError;

constexpr std::string_view kInstance = "+sip.instance";

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 3261 §10.2: values above 2^32 - 1 count as that, malformed ones as 3600.
Duration read_expires_param(std::string_view text) {
  uint64_t seconds = 0;
  if (parsers::parse_uint(text, UINT32_MAX, seconds) == ParseError::kOk) {
    return Duration::seconds(static_cast<int64_t>(seconds));
  }
  return all_digits(text) ? Duration::seconds(UINT32_MAX) : Duration::seconds(3600);
}

// qvalue (RFC 3261 §25.1): "0" or "1" with up to three digits after the point; 1 when it is anything else.
uint16_t read_q(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] != '0') return 1000;
  if (text.size() == 1) return 0;
  if (text[1] != '.') return 1000;
  unsigned thousandths = 0;
  unsigned unit = 100;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 1000;
    thousandths += static_cast<unsigned>(c - '0') * unit;
    unit /= 10;
  }
  return static_cast<uint16_t>(thousandths);
}

// What may stand in a GRUU's gr parameter as it is (RFC 3261 §25.1, paramchar). Real instances are UUID URNs.
bool is_instance_char(char c) {
  const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("-_.!~*'()[]/:&+$").find(c) != std::string_view::npos;
}

// RFC 5626 §4.1: +sip.instance="<urn:...>". Empty when it is anything else; then it is a parameter like others.
std::string_view read_instance(const parsers::Param& param) {
  std::string_view value = param.value;
  if (!param.quoted || value.size() < 3 || value.front() != '<' || value.back() != '>') return {};
  value = value.substr(1, value.size() - 2);
  return std::all_of(value.begin(), value.end(), is_instance_char) ? value : std::string_view{};
}

struct Intervals {
  const ExpiryRange& range;
  Duration when_unsaid;                  // From Expires, or the default.
  uint64_t lot;                          // Random; one for all contacts of a request.
};

// RFC 3261 §10.3 step 7: a brief interval is refused only below our minimum, and never one of an hour or more.
bool is_too_brief(Duration wanted, const ExpiryRange& range) {
  return wanted > Duration() && wanted < range.min && wanted < Duration::seconds(3600);
}

Reason read_change(const Intervals& intervals, RegisterPlan::Change& change) {
  Duration wanted = intervals.when_unsaid;
  std::string_view rest = change.contact.params;
  parsers::Param param;
  while (parsers::next_param(rest, param) == ParseError::kOk) {
    if (parsers::equal_ignoring_case(param.name, "expires")) wanted = read_expires_param(param.value);
    if (parsers::equal_ignoring_case(param.name, "q")) change.q = read_q(param.value);
    if (parsers::equal_ignoring_case(param.name, kInstance)) change.instance = read_instance(param);
  }
  if (is_too_brief(wanted, intervals.range)) return Reason::kIntervalTooBrief;
  change.expires = intervals.range.grant(wanted, intervals.lot);
  return Reason::kNone;
}

// RFC 5627 §5.1: what has an instance gets a GRUU, so that it may be neither the AOR nor a GRUU of it, nor something
// other than a SIP URI. (A GRUU of ours is the AOR with a parameter.)
bool may_have_gruu(const parsers::Uri& contact, const Request& request) {
  const bool is_sip = contact.scheme == parsers::UriScheme::kSip || contact.scheme == parsers::UriScheme::kSips;
  return is_sip && CanonicalAor(contact).view() != CanonicalAor(request.to.uri).view();
}

// RFC 3261 §10.3 step 7 takes the contacts in turn: the second of two equal ones would meet the binding that
// the first has just made, with the same Call-ID and no higher CSeq, and the update must be aborted.
bool repeats_earlier_one(const RegisterPlan& plan, const parsers::Uri& uri) {
  const auto begin = plan.changes.begin();
  return std::any_of(begin, begin + static_cast<ptrdiff_t>(plan.count), [&](const RegisterPlan::Change& earlier) {
    return parsers::equal_uris(earlier.contact.uri, uri);
  });
}

}  // namespace

Reason read_register_plan(const ExpiryRange& range, uint64_t lot, const Request& request, RegisterPlan& out) {
  const parsers::Message& message = *request.message;
  RequestedExpiry expiry;
  const Reason reason = read_expires(message, expiry);
  if (reason != Reason::kNone) return reason;
  const Intervals intervals = {range, expiry.present ? Duration::seconds(expiry.seconds) : range.when_absent, lot};
  out.min_expires = range.min;

  parsers::Address contact;
  for (const parsers::HeaderField* f = message.find(HeaderId::kContact); f != nullptr; f = message.find_next(*f)) {
    std::string_view rest = message.value(*f);
    ParseError error;
    while ((error = parsers::next_address(rest, contact)) == ParseError::kOk) {
      // Step 6: "*" stands alone, with an expiration time of zero.
      if (out.remove_all || (contact.wildcard && out.count > 0)) return Reason::kBadContact;
      if (contact.wildcard) {
        out.remove_all = true;
        continue;
      }
      if (repeats_earlier_one(out, contact.uri)) return Reason::kBindingConflict;
      if (out.count == out.changes.size()) return Reason::kAorBindingsFull;
      RegisterPlan::Change& change = out.changes[out.count++];
      change.contact = contact;
      const Reason refusal = read_change(intervals, change);
      if (refusal != Reason::kNone) return refusal;
      if (!change.instance.empty() && !may_have_gruu(contact.uri, request)) return Reason::kContactIsAor;
    }
    if (error != ParseError::kEmpty) return Reason::kBadContact;
  }
  if (out.remove_all && (!expiry.present || expiry.seconds != 0)) return Reason::kBadExpires;
  return Reason::kNone;
}

void write_kept_params(const RegisterPlan::Change& change, parsers::Writer& writer) {
  std::string_view rest = change.contact.params;
  parsers::Param param;
  while (parsers::next_param(rest, param) == ParseError::kOk) {
    const auto is = [&](std::string_view name) { return parsers::equal_ignoring_case(param.name, name); };
    // RFC 5627 §5.1: the GRUUs in a REGISTER are not the client's to choose.
    if (is("expires") || is("q") || is("pub-gruu") || is("temp-gruu")) continue;
    if (is(kInstance) && !change.instance.empty()) continue;
    writer.put(';').put(param.name);
    if (!param.has_value) continue;
    writer.put('=');
    if (param.quoted) writer.put('"');
    // A folded line in a quoted string comes back on one line.
    for (const char c : param.value) writer.put(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
    if (param.quoted) writer.put('"');
  }
}

}  // namespace vedette::engine
