// Rule documents as call flows write them, one line a rule, made into XML (RFC 4745, RFC 5025).
#pragma once

#include <string>
#include <vector>

#include "tests/support/flow_script.h"

namespace vedette::support {

// A document of these rules, each as in a flow's line.
std::string rules_document(const std::vector<std::string>& rules);
// The document that a `rules` step loads; empty when it removes the rules that there are. Throws FlowFault.
std::string rules_document_of(const FlowStep& step);

}  // namespace vedette::support
