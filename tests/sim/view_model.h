// What of a presence document a watcher may be shown, from RFC 5025 §3.3 and RFC 4479: documents as trees, rules as the
// plain data of tests/support. Element by element and name by name; it shares nothing with the engine's views.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/document_view.h"
#include "tests/sim/naive_xml.h"
#include "tests/support/pres_rules_model.h"

namespace vedette::sim {

// The elements of a document in the canonical form that parsers/pidf gives them. Empty, too, when it is none, or has
// something in it that naive_xml does not read.
std::vector<XmlNode> elements_of(std::string_view body);
// A document of these elements, as document_view.h has it.
DocumentView view_of(const std::vector<XmlNode>& elements);

// Takes out of an element what is not granted; false when it is not to be shown at all.
bool cut_to(const support::ModelPermissions& granted, XmlNode& element);
// Something in a document that was not granted; empty when everything was.
std::string find_forbidden(const support::ModelPermissions& granted, std::string_view body);

// RFC 4480 §3.10: the words of all spheres that persons of these elements are in; an empty one where it has none.
std::vector<std::string> spheres_of(const std::vector<XmlNode>& elements);

}  // namespace vedette::sim
