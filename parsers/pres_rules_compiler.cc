// A document of presence rules, rule by rule, and what the readers of conditions and permissions need: attributes,
// elements that nobody knows, records. What is wrong ends the reading; the report says what and where.
#include "parsers/pres_rules_compiler.h"

#include <algorithm>

namespace vedette::parsers {
namespace {

RulesError to_rules_error(XmlTrouble trouble) {
  switch (trouble) {
    case XmlTrouble::kXml: return RulesError::kXml;
    case XmlTrouble::kText: return RulesError::kText;
    case XmlTrouble::kElement: return RulesError::kElement;
    case XmlTrouble::kTooLong: return RulesError::kValueTooLong;
    case XmlTrouble::kNone:
    case XmlTrouble::kRefused: break;
  }
  return RulesError::kOk;
}

}  // namespace

RulesReport RulesCompiler::compile() {
  out_.put(RuleSetHeader{});
  read_document();
  const auto rules_length = static_cast<uint16_t>(out_.length() - sizeof(RuleSetHeader));
  out_.put_bytes({grant_bytes_.data(), grants_.length()});
  if (out_.is_full()) refuse(RulesError::kRuleSetTooLarge);
  if (elements_.ok()) {
    out_.overwrite(
        0,
        RuleSetHeader{.uses = uses_, .rules_length = rules_length, .length = static_cast<uint16_t>(out_.length())});
    return {.length = out_.length(), .rules = rules_, .rules_that_never_match = rules_that_never_match_};
  }
  RulesReport report{.error = error_, .xml = elements_.scanner_error()};
  if (report.error == RulesError::kOk) report.error = to_rules_error(elements_.trouble());
  report.line = static_cast<uint32_t>(elements_.line());
  report.element = elements_.name().local;
  return report;
}

void RulesCompiler::read_document() {
  if (!elements_.next_child()) return;
  if (!is_policy("ruleset")) return refuse(RulesError::kRoot);
  allow_attributes({});
  while (elements_.next_child()) {
    if (!is_policy("rule")) return refuse(RulesError::kElement);
    read_rule();
  }
  elements_.next_child();  // What is behind the root is XML, too.
}

// RFC 4745 §13: <conditions>, <actions> and <transformations>, each of them or not.
void RulesCompiler::read_rule() {
  read_rule_id();
  const size_t begin = out_.length();
  out_.put(rule_ = {});
  once_ = rule_uses_ = 0;
  never_matches_ = false;
  for (int before = 0; elements_.next_child();) {
    const int part = is_policy("conditions") ? 1 : is_policy("actions") ? 2 : is_policy("transformations") ? 3 : 0;
    if (part <= before) return refuse(RulesError::kElement);
    before = part;
    allow_attributes({});
    if (part == 1) read_conditions();
    if (part == 2) read_actions();
    if (part == 3) read_transformations();
  }
  if (never_matches_) {
    out_.shrink(begin);
    ++rules_that_never_match_;
    return;
  }
  out_.overwrite(begin, rule_);
  uses_ |= rule_uses_;
  ++rules_;
}

// RFC 4745 §6.1: "A RM MUST NOT use the same identifier for two rules that are available to the PS at the same time
// for a given PT." It is an xs:ID; those that begin with a digit are about, and do no harm.
void RulesCompiler::read_rule_id() {
  allow_attributes({"id"});
  std::string_view id;
  for (const XmlAttribute& attribute : elements_.attributes()) {
    if (attribute.name.space.known == kXmlNoNamespace && attribute.name.local == "id") id = attribute.raw;
  }
  if (id.data() == nullptr) return refuse(RulesError::kAttributeMissing);
  if (id.size() > kRuleIdBytesMax || !is_xml_nmtoken(id)) return refuse(RulesError::kRuleId);
  if (ids_.is_full()) return refuse(RulesError::kRulesTooMany);
  if (std::ranges::find(ids_.items(), id) != ids_.items().end()) return refuse(RulesError::kRuleIdRepeated);
  ids_.push(id);
}

void RulesCompiler::read_end() {
  if (elements_.next_child()) refuse(RulesError::kElement);
}

// An element of a namespace that we do not know is passed over. One that we do know has no such element here: it may
// be meant to be another, and leaving it away could open what it was to close.
bool RulesCompiler::read_foreign() {
  if (elements_.name().space.known != kXmlUnknown) {
    refuse(RulesError::kElement);
    return false;
  }
  elements_.skip();
  return true;
}

// Only those without a namespace are ours: a schema location or a language says nothing of rules. A misspelt domain
// would be as good as none.
void RulesCompiler::allow_attributes(std::initializer_list<std::string_view> names) {
  for (const XmlAttribute& attribute : elements_.attributes()) {
    if (attribute.name.space.known != kXmlNoNamespace) continue;
    if (std::ranges::find(names, attribute.name.local) == names.end()) return refuse(RulesError::kAttribute);
  }
}

bool RulesCompiler::find_value(std::string_view name, std::span<char> room, std::string_view& value) {
  for (const XmlAttribute& attribute : elements_.attributes()) {
    if (attribute.name.space.known != kXmlNoNamespace || attribute.name.local != name) continue;
    value = elements_.read_value(attribute, room);
    return true;
  }
  return false;
}

std::string_view RulesCompiler::need_value(std::string_view name, std::span<char> room) {
  std::string_view value;
  if (!find_value(name, room, value)) refuse(RulesError::kAttributeMissing);
  return value;
}

void RulesCompiler::put_record(RulesTag tag, UriScheme scheme, std::string_view bytes) {
  out_.put_record(tag, scheme, bytes);
  if (out_.is_full()) refuse(RulesError::kRuleSetTooLarge);
}

void RulesCompiler::close_record(RulesTag tag, size_t begin) {
  const size_t length = out_.length() - begin - sizeof(RulesRecord);
  if (out_.is_full()) return refuse(RulesError::kRuleSetTooLarge);
  out_.overwrite(begin, RulesRecord{.tag = tag, .length = static_cast<uint16_t>(length)});
}

void RulesCompiler::refuse(RulesError error) {
  if (!elements_.ok()) return;
  error_ = error;
  elements_.refuse();
}

RulesReport compile_rules(std::string_view document, std::span<char> out) {
  if (document.size() > kRulesDocumentBytesMax) return {.error = RulesError::kDocumentTooLong};
  return RulesCompiler(document, out).compile();
}

void list_rule_ids(std::string_view document, Writer& out) {
  XmlElements elements(document, kRulesNamespaces);
  if (!elements.next_child()) return;
  for (bool is_first = true; elements.next_child(); elements.skip()) {
    for (const XmlAttribute& attribute : elements.attributes()) {
      if (attribute.name.space.known != kXmlNoNamespace || attribute.name.local != "id") continue;
      if (!is_first) out.put(' ');
      out.put(attribute.raw);
      is_first = false;
    }
  }
}

std::string_view to_string(RulesError error) {
  static constexpr std::array<std::string_view, static_cast<size_t>(RulesError::kCount)> kTexts = {
      "ok",
      "the document is too long",
      "not well-formed XML, or beyond its limits",
      "the root is not a ruleset of urn:ietf:params:xml:ns:common-policy",
      "an element that does not belong here, or not again",
      "text where there may be elements alone",
      "an attribute that this element does not have",
      "an attribute is missing",
      "not one of the values that there are",
      "a value is too long",
      "the rule's id is not a name",
      "the rule's id is that of another rule",
      "an identity without one or many",
      "not a URI, or not an address of record",
      "not a domain name in ASCII",
      "neither an id nor a domain, or both",
      "not a date and time with its zone",
      "from and until are not in pairs",
      "too many rules",
      "too many conditions in a rule",
      "too many identities",
      "too many periods of validity",
      "too many devices, persons, services or attributes by name",
      "the rule set is too large"};
  return kTexts[static_cast<size_t>(error)];
}

}  // namespace vedette::parsers
