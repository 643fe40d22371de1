// See rule_document.h. Control thread only.
#include "engine/control/rule_document.h"

#include "parsers/parse_error.h"
#include "parsers/pres_rules.h"

namespace vedette::control {

engine::LentRules CompiledDocument::lent() const {
  return {bytes->data(), rule_set_length, static_cast<uint32_t>(bytes->size() - rule_set_length), rules,
          document_bytes};
}

std::string compile_document(std::string_view document, CompiledDocument& out) {
  std::string bytes(parsers::kRuleSetBytesMax + parsers::kRulesMax * (parsers::kRuleIdBytesMax + 1), '\0');
  const parsers::RulesReport report = parsers::compile_rules(document, {bytes.data(), parsers::kRuleSetBytesMax});
  if (report.error != parsers::RulesError::kOk) {
    std::string place = report.line == 0 ? "" : "line " + std::to_string(report.line) + ", ";
    if (!report.element.empty()) place += "<" + std::string(report.element) + ">: ";
    const std::string why =
        report.error == parsers::RulesError::kXml ? " (" + std::string(to_string(report.xml)) + ")" : "";
    return "the rules were not taken, and nothing has changed: " + place + std::string(to_string(report.error)) + why;
  }
  parsers::Writer names(bytes.data() + report.length, bytes.size() - report.length);
  parsers::list_rule_ids(document, names);
  bytes.resize(report.length + names.length());
  out.bytes = std::make_shared<const std::string>(std::move(bytes));
  out.rule_set_length = static_cast<uint32_t>(report.length);
  out.rules = static_cast<uint32_t>(report.rules);
  out.document_bytes = static_cast<uint32_t>(document.size());
  out.rules_that_never_match = report.rules_that_never_match;
  return "";
}

}  // namespace vedette::control
