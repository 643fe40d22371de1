// A second reader of messages, written from RFC 3261 §7 and §18.3 for one purpose: that it can be seen to be right.
// It copies, goes byte by byte and shares nothing with parsers/ but its enums and the names of header fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/header_id.h"
#include "parsers/parse_error.h"

namespace vedette::support {

struct NaiveField {
  parsers::HeaderId id = parsers::HeaderId::kOther;
  std::string name, value;
};

struct NaiveMessage {
  parsers::ParseError error = parsers::ParseError::kOk;  // The first one.
  bool is_request = true;
  std::string method, request_uri, reason_phrase;
  unsigned status = 0;
  std::vector<NaiveField> fields;
  std::string body;
  bool has_body = false;     // Its begin and end were found.
};

NaiveMessage read_naively(std::string_view datagram);

}  // namespace vedette::support
