#include "engine/presence/sphere.h"

#include "engine/presence/element_text.h"
#include "parsers/param.h"
#include "parsers/xml_chars.h"

namespace vedette::engine {
namespace {

// <sphere><home/></sphere>, or a text of the user's own.
std::string_view word_of(std::string_view sphere) {
  const std::string_view content = parsers::trim_xml_white(content_of(sphere));
  if (!content.starts_with('<')) return content;
  const std::string_view name = qname_of(content);
  return name.substr(name.find(':') + 1);
}

}  // namespace

std::string_view sphere_of(const Core& core, const Presentity& presentity) {
  std::string_view sphere;
  for (uint32_t p = presentity.publications; p != kNoIndex; p = core.publications[p].next) {
    const PublishedState& state = core.publications[p].state;
    // Hard state is for when nobody says anything.
    if (core.publications[p].is_hard && !sphere.empty()) break;
    for (const parsers::Fragment& fragment : state.fragments()) {
      if (fragment.kind != parsers::FragmentKind::kPerson) continue;
      for (const parsers::FragmentPart& part : state.parts().subspan(fragment.parts_begin, fragment.parts_count)) {
        if (part.kind != parsers::PartKind::kSphere) continue;
        const std::string_view word = word_of(state.bytes().substr(fragment.offset + part.offset, part.length));
        if (word.empty() || (!sphere.empty() && !parsers::equal_ignoring_case(sphere, word))) return {};
        sphere = word;
      }
    }
  }
  return sphere;
}

}  // namespace vedette::engine
