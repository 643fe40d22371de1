// Where the elements of a text end that XmlRewriter wrote: values in double quotes, no comments, no CDATA, "<" nowhere
// but where a tag begins. So tags are counted, not read. A text of another form gives nothing, or other elements than
// it has; never anything outside of it.
#pragma once

#include <string_view>

namespace vedette::parsers {

// Takes the element off that `rest` begins with. False, and nothing taken, when it begins with none or with one that
// does not end.
bool take_written_element(std::string_view& rest, std::string_view& element);
// The start tag that an element begins with, from "<" to ">"; empty when there is none.
std::string_view written_start_tag(std::string_view element);

}  // namespace vedette::parsers
