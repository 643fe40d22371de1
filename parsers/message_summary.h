// Message summaries (RFC 3842 §5): a few lines of text that say whether and how many messages wait.
#pragma once

#include <span>
#include <string_view>

#include "parsers/parse_error.h"
#include "parsers/pidf.h"

namespace vedette::parsers {

// Checks the lines and writes them into `out` as one fragment: line ends are CRLF, no white space stands at the end of
// a line. kXmlTooLarge when `out` is too small. kBody for what is no summary: the first line is Messages-Waiting with
// yes or no; behind it may stand Message-Account, then counts by context class ("Voice-Message: 2/8 (0/2)"), and behind
// an empty line header fields of messages (RFC 3842 §5.2).
ParseError normalise_message_summary(std::string_view body, std::span<char> out, PidfDocument& document);

}  // namespace vedette::parsers
