// Event notification filters (RFC 4661): what of a presence document a watcher wants to see, told in the body
// of its SUBSCRIBE (RFC 4660). A filter is compiled once into bytes that hold no pointers, so that they may
// be kept as text and compared: equal bytes, equal wishes. Applied, it copies a document and leaves out what
// is not wanted.
//
// Understood is <what>: <include> and <exclude> of namespaces, and of paths made of names and "*" behind "/"
// or "//", with conditions on the text of elements and on attributes (event_filter_path.h); and <trigger> of
// such paths without conditions (event_filter_trigger.h). A prefix is one of the <ns-bindings>; a name without
// one is PIDF's. Everything else that RFC 4661 has - a path to an attribute, several filters for one
// resource - is kUnsupported, never ignored: nobody is told less
// than was asked for by a filter that was half understood. What extensions add is passed over. One for the
// resource goes before one for its domain.
//
// Pure: nothing allocates, and both are linear, but for the number of selectors and comparisons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "parsers/writer.h"

namespace vedette::parsers {

inline constexpr size_t kFilterBytesMax = 1'024;  // Of the compiled form.
inline constexpr size_t kFilterSelectorsMax = 16; // Of a <what>; and changes of all triggers.
inline constexpr size_t kFilterStepsMax = 8;      // Of one path.
inline constexpr size_t kFilterNamespacesMax = 8;

enum class FilterError : uint8_t {
  kOk,
  kMalformed,    // No filter document.
  kUnsupported,  // One that asks for what is not understood.
  kTooLarge
};

// What is subscribed to.
struct FilterContext {
  std::string_view package;
  std::string_view aor;           // Canonical, without scheme.
  std::string_view held_id = {};  // Of the filter that there is; empty when there is none.
};

// What a filter document does to the filter that there is (RFC 4661 §3.4).
struct FilterReport {
  FilterError error = FilterError::kOk;
  bool removes_held = false;   // What there is, is over.
  bool concerns_this = false;  // It has a filter for this resource that is not removed,
  bool names_held = false;     // under the id of the one that there is,
  size_t length = 0;           // in so many bytes; 0: without a content, which enables or disables one that is there;
  bool is_enabled = true;      // which it is from now on.
  bool has_content = false;    // It has a <what> or a <trigger>, perhaps an empty one,
  bool has_conditions = false; // and conditions in it: what decides on an element may itself be left out.
};

// `out`: room for kFilterBytesMax.
FilterReport compile_event_filter(std::string_view body, const FilterContext& context, std::span<char> out);

// Appends what the compiled `filter` wants of a composed document. Of the document, a tuple, its status, a person and
// a device each child is left out by itself; what is in such a child includes or excludes all of it, since the schemas
// have it whole. Where something of a tuple is wanted, so is its <status>, perhaps empty; of a device, its <deviceID>.
// False when the document is none or does not fit.
bool apply_event_filter(std::string_view filter, std::string_view document, Writer& out);

// What its subscriber calls it.
std::string_view event_filter_id(std::string_view filter);

}  // namespace vedette::parsers
