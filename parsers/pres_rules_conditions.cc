// The conditions of a rule: identity, sphere and validity (RFC 4745 §7), for watchers as RFC 5025 §3.1.1 knows them.
// They are written so that evaluating compares bytes.
#include <algorithm>

#include "parsers/chars.h"
#include "parsers/date_time.h"
#include "parsers/host.h"
#include "parsers/pres_rules_compiler.h"

namespace vedette::parsers {

void RulesCompiler::read_conditions() {
  const size_t begin = out_.length();
  for (size_t count = 0; elements_.next_child(); ++count) {
    if (count == kRuleConditionsMax) return refuse(RulesError::kConditionsTooMany);
    if (is_policy("identity")) {
      read_identity();
    } else if (is_policy("sphere")) {
      read_sphere();
    } else if (is_policy("validity")) {
      read_validity();
    } else if (read_foreign()) {
      // RFC 4745 §7: "If a child element of the <conditions> element is in a namespace that is not known or not
      // supported, then this child element evaluates to FALSE." And all of them have to be TRUE (§10.1).
      never_matches_ = true;
    }
  }
  rule_.length = static_cast<uint16_t>(out_.length() - begin);
}

void RulesCompiler::read_identity() {
  allow_attributes({});
  const size_t begin = out_.length();
  out_.put(RulesRecord{});
  size_t count = 0;
  for (; elements_.next_child(); ++count) {
    if (is_policy("one")) {
      read_one();
    } else if (is_policy("many")) {
      read_many();
    } else {
      // RFC 4745 §7.1.1: "If a child element of the <identity> element is in a namespace that is not known or not
      // supported, then this child element evaluates to FALSE."
      read_foreign();
    }
  }
  // RFC 4745 §13: at least one. RFC 5025 §3.1.1.2 speaks of "an empty <identity> element" for the unauthenticated; a
  // rule for them has none at all (RFC 4745 §7.1.1).
  if (count == 0) return refuse(RulesError::kIdentityEmpty);
  close_record(RulesTag::kIdentity, begin);
}

// RFC 4745 §7.2: "The single-user entity MUST NOT contain a 'domain' attribute."
void RulesCompiler::read_one() {
  count_identity();
  allow_attributes({"id"});
  const size_t begin = out_.length();
  put_uri(RulesTag::kOne, need_value("id", value_));
  // What an extension says within can only make the match narrower: without knowing how, there is none.
  while (elements_.next_child()) {
    if (read_foreign()) out_.shrink(begin);
  }
}

void RulesCompiler::read_many() {
  count_identity();
  allow_attributes({"domain"});
  const size_t begin = out_.length();
  std::string_view domain;
  if (find_value("domain", value_, domain)) {
    put_domain(RulesTag::kMany, domain);
  } else {
    put_record(RulesTag::kMany, UriScheme::kOther, {});
  }
  bool is_known = true;
  while (elements_.next_child()) {
    if (is_policy("except")) {
      read_except();
    } else if (read_foreign()) {
      is_known = false;  // An exception that we do not know may be anybody.
    }
  }
  if (!is_known) out_.shrink(begin);
}

void RulesCompiler::read_except() {
  count_identity();
  allow_attributes({"id", "domain"});
  Value other;
  std::string_view id;
  std::string_view domain;
  const bool has_id = find_value("id", value_, id);
  const bool has_domain = find_value("domain", other, domain);
  if (has_id == has_domain) return refuse(RulesError::kExcept);
  if (has_id) put_uri(RulesTag::kExceptOne, id);
  if (has_domain) put_domain(RulesTag::kExceptDomain, domain);
  read_end();
}

// RFC 4745 §7.3: "The individual tokens MUST be separated by a blank character." "a case-insensitive string
// comparison MUST be used for each individual token": of ASCII, here.
void RulesCompiler::read_sphere() {
  allow_attributes({"value"});
  const std::string_view tokens = need_value("value", value_);
  if (tokens.empty()) return refuse(RulesError::kValue);
  std::ranges::transform(value_.begin(), value_.begin() + static_cast<ptrdiff_t>(tokens.size()), value_.begin(),
                         to_lower);
  put_record(RulesTag::kSphere, UriScheme::kOther, tokens);
  rule_uses_ |= kUsesSphere;
  read_end();
}

// RFC 4745 §7.4: "The <validity> element MUST have the <from> and <until> subelements in pairs."
void RulesCompiler::read_validity() {
  allow_attributes({});
  const size_t begin = out_.length();
  out_.put(RulesRecord{});
  size_t count = 0;
  for (; elements_.next_child(); ++count) {
    if (periods_++ == kRulePeriodsMax) return refuse(RulesError::kPeriodsTooMany);
    RulesPeriod period;
    if (!is_policy("from")) return refuse(RulesError::kPeriod);
    period.from = read_time(true);
    if (!elements_.next_child() || !is_policy("until")) return refuse(RulesError::kPeriod);
    period.until = read_time(false);
    out_.put(period);
  }
  if (count == 0) return refuse(RulesError::kPeriod);
  close_record(RulesTag::kValidity, begin);
  rule_uses_ |= kUsesValidity;
}

// RFC 4745 §7.4 with erratum 1455: the zone is mandatory, else it would be whose?
// Between two seconds a rule begins to hold with the later one, and ends with the earlier: time is told in whole
// ones.
int64_t RulesCompiler::read_time(bool round_up) {
  allow_attributes({});
  DateTime time;
  if (!parse_date_time(elements_.read_text(value_), time)) refuse(RulesError::kTime);
  return time.seconds + (round_up && time.has_fraction ? 1 : 0);
}

// RFC 5025 §3.1.1.2: a watcher is compared as an address of record. Of schemes that no watcher has, such as the
// mailto of RFC 4745's own example, it is enough that they are URIs.
void RulesCompiler::put_uri(RulesTag tag, std::string_view id) {
  Uri uri;
  if (parse_uri(id, uri) != ParseError::kOk) return refuse(RulesError::kUri);
  if (uri.scheme == UriScheme::kOther) return put_record(tag, uri.scheme, id);
  std::array<char, kRuleValueBytesMax + 64> aor;
  size_t length = 0;
  const ParseError error = write_canonical_aor(uri, aor.data(), aor.size(), length);
  if (error != ParseError::kOk) return refuse(RulesError::kUri);
  put_record(tag, uri.scheme, {aor.data(), length});
}

// RFC 4745 §7.1.3: "1. Translate percent-encoding for either string. 2. Convert both domain strings using the ToASCII
// operation described in RFC 3490." Here only a name that is ASCII is taken, for which that changes nothing. It is
// written as canonical addresses of record have it, because it is compared with theirs.
void RulesCompiler::put_domain(RulesTag tag, std::string_view domain) {
  std::array<char, kRuleValueBytesMax + 8> text;
  constexpr std::string_view kUser = "sip:a@";
  size_t length = kUser.copy(text.data(), kUser.size());
  for (size_t i = 0; i < domain.size(); ++i) {
    char c = domain[i];
    if (c == '%') {
      if (domain.size() - i < 3 || !is(kHexChar, domain[i + 1]) || !is(kHexChar, domain[i + 2])) {
        return refuse(RulesError::kDomain);
      }
      c = static_cast<char>(hex_value(domain[i + 1]) << 4 | hex_value(domain[i + 2]));
      i += 2;
    }
    text[length++] = c;
  }
  const std::string_view address(text.data(), length);
  std::array<char, kRuleValueBytesMax + 64> aor;
  size_t aor_length = 0;
  Uri uri;
  if (!is_host(address.substr(kUser.size())) || parse_uri(address, uri) != ParseError::kOk ||
      write_canonical_aor(uri, aor.data(), aor.size(), aor_length) != ParseError::kOk) {
    return refuse(RulesError::kDomain);
  }
  put_record(tag, UriScheme::kOther, std::string_view(aor.data(), aor_length).substr(std::string_view("a@").size()));
}

void RulesCompiler::count_identity() {
  if (identities_++ == kRuleIdentitiesMax) refuse(RulesError::kIdentitiesTooMany);
}

}  // namespace vedette::parsers
