// Values of XML Schema's simple types, as presence documents use them. Pure; `text` has no white space around it.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

// xs:dateTime (XML Schema Part 2 §3.2.7): "2026-11-22T18:08:59Z", a day that is in the calendar.
bool is_xml_date_time(std::string_view text);
// xs:integer (§3.3.13).
bool is_xml_integer(std::string_view text);
// xs:decimal (§3.2.3), in millionths; false for one that has more than twelve digits before the point. What is less
// than a millionth is not looked at.
bool parse_decimal(std::string_view text, int64_t& millionths);
// xs:positiveInteger (§3.3.25).
bool is_xml_positive_integer(std::string_view text);
// xs:boolean (§3.2.2).
bool is_xml_boolean(std::string_view text);
// xs:language (§3.3.3), or nothing: what xml:lang may say.
bool is_xml_language(std::string_view text);
// A URI reference (RFC 3986 §4.1), and IPv6 addresses also where they stand in a SIP URI; not empty. Narrower than
// xs:anyURI, which would escape nearly everything.
bool is_xml_uri(std::string_view text);

}  // namespace vedette::parsers
