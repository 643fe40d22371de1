// Every typed parser of parsers/ over one message, as a strict receiver would apply them; and the message
// written anew. For tests and fuzzers: the engine reads only what it needs.
#pragma once

#include "parsers/message.h"
#include "parsers/writer.h"

namespace vedette::support {

struct TypedVerdict {
  parsers::ParseError error =
      parsers::ParseError::kOk;  // The first one. kEmpty: a mandatory field is missing.
  parsers::HeaderId where = parsers::HeaderId::kOther;  // The field that has it; kOther for the start line.
  bool views_inside = true;  // Everything that was given back lies within the message.
};

// Request-URI and all header fields of a message whose structure was accepted, or of what was understood of
// one.
TypedVerdict check_typed_headers(const parsers::Message& message);

// What is left to ask when of a message whose views were `known` to lie within it one byte was exchanged in its place:
// the request-URI, and fields that have that byte or stand elsewhere now. All others are the same bytes as before.
TypedVerdict check_changed_headers(const parsers::Message& message, const parsers::Message& known, const char* changed);

// parse_message() and, when that finds nothing, check_typed_headers().
TypedVerdict check_message(std::string_view datagram, parsers::Message& out);

void write_message(const parsers::Message& message, parsers::Writer& writer);
// The same start line, fields, values and body, wherever their bytes stand.
bool equal_messages(const parsers::Message& a, const parsers::Message& b);

}  // namespace vedette::support
