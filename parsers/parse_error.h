// The one error enum of all parsers. A parser returns one of these and gives its value by reference; it
// never throws, allocates or logs. to_string() gives the text that operators and tests see.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::parsers {

enum class ParseError : uint8_t {
  kOk,
  kIncomplete,        // Stream only: more bytes are needed.
  kEmpty,             // Nothing but line ends (a keep-alive, RFC 5626 §3.5.1).
  kStartLine,         // Neither a Request-Line nor a Status-Line (RFC 3261 §7.1, §7.2).
  kVersion,           // A start line of another SIP version: answered 505.
  kStatusCode,        // Not three digits between 100 and 699.
  kHeaderSyntax,      // A line without a colon, an illegal header name, a fold with nothing before it.
  kHeaderEnd,         // The empty line after the headers is missing.
  kHeadersTooMany,    // More than kHeadersMax.
  kMessageTooLong,    // More than kMessageBytesMax.
  kContentLength,     // Not a number, negative, repeated with another value, or larger than the datagram.
  kSingleHeader,      // A header that may stand once stands twice (RFC 3261 §7.3.1).
  kNumber,            // Not a number, or larger than its type.
  kToken,             // A character that is no token character (RFC 3261 §25.1).
  kQuotedString,      // A quoted string without its end.
  kParam,             // A parameter that does not follow generic-param.
  kParamsTooMany,
  kUri,               // Not a URI of its scheme's grammar.
  kUriScheme,         // A well-formed URI of a scheme that this parser does not take apart.
  kHost,
  kPort,
  kAddress,           // Not a name-addr or addr-spec (RFC 3261 §20.10, §20.20, §20.39).
  kVia,
  kCSeq,
  kCallId,
  kEvent,
  kMediaType,
  kCredentials,       // Authorization or WWW-Authenticate that is not a scheme and its parameters.
  kEntityTag,
  kXml,               // Not well-formed, or uses what presence bodies may not (DTD, processing instructions).
  kXmlTooDeep,
  kXmlTooLarge,       // The output buffer or a count limit is full.
  kPidf,              // Well-formed XML that is no PIDF (RFC 3863 §4).
  kDate,              // No SIP-date (RFC 3261 §25.1).
  kIdentity,          // No signed PASSporT and what describes it (RFC 8224 §4).
  kIdentityInfo,      // The same without a URI of the certificate in angle brackets.
  kBody,              // A body of another package that is not what its type says (RFC 4235, RFC 3842).
  kCount
};

std::string_view to_string(ParseError error);

}  // namespace vedette::parsers
