// What stands in an element of a normalised fragment, which is plain: without comments, processing instructions and
// CDATA. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vedette::engine {

// The bytes of the start tag of the element that `text` begins with.
size_t start_tag_length(std::string_view text);
// What stands between start tag and end tag, escapes still inside; empty for <a/>.
std::string_view content_of(std::string_view element);
// The element's name as it stands there, with its prefix.
std::string_view qname_of(std::string_view element);
// Resolves references, into `room` where there are any; cut to what there is room for.
std::string_view unescape(std::string_view text, std::span<char> room);

}  // namespace vedette::engine
