// A presentity's document as a view shows it (RFC 5025 §3.3): the whole one without the elements, and the parts of
// elements, that its watchers were not granted. Pure; what stands where has been listed by composition, so XML is read
// only where attributes were granted by their names. Runs on the shard's worker, once per version and view.
//
// What is left is valid by the schemas when the whole was: a device keeps its deviceID, without which it would be none;
// of <status>, <contact> and <timestamp> nobody is deprived (they make a component what it is). A view that shows no
// service has no tuple: it says nothing of services, not even that there are none.
#pragma once

#include <span>
#include <string_view>

#include "engine/presence/composition.h"
#include "parsers/pres_rules.h"
#include "parsers/writer.h"

namespace vedette::engine {

struct WholeDocument {
  std::string_view text;
  std::span<const ComposedElement> elements;  // All of them.
};

struct ViewRights {
  std::string_view rule_set;         // What compile_rules() wrote,
  parsers::Permissions permissions;  // and evaluate_rules() gave for it.
};

// Appends the view's document, which is never longer than the whole one.
void write_view(const WholeDocument& whole, const ViewRights& rights, parsers::Writer& out);

// Everything there is: what the owner of the presence sees.
parsers::Permissions all_permissions();
// A view with this key shows the whole document.
bool is_whole(const parsers::PermissionsKey& key);

}  // namespace vedette::engine
