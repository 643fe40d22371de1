// Values of header fields: each typed parser meets each piece, repeated from the start and behind a good value; and
// pairs of URIs that agree as long as they can.
#include <array>

#include "parsers/uri.h"
#include "tests/linearity/shapes.h"
#include "tests/support/value_laws.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

constexpr std::array<std::string_view, 58> kPieces = {
    "a",    " ",        "\t",         "\r\n ",   "\r\n", "\n ",   ",",       ";",        ";a",
    ";a=b", ";a=\"",    ";a=\"b\"",   "\"",      "\"\"", "\\",    "\\\"",    "(",        ")",
    "(\\)", "()",       "<",          ">",       "<>",   "<sip:", "<sip:a>", "<sip:a>,", "sip:a,",
    "sip:", "sip:a;b,", "A <sip:a>,", "@",       "a@",   ":",     "::",      "a:",       ":1",
    "[",    "[::1]",    "]",          "%41",     "%",    "=",     "a=",      ".",        "a.",
    "..",   "/",        "a/b,",       "0",       "*",    "*,",    "?a=b",    "&a=b",     "\x80",
    "a ",   "a,",       "a=b,",       "a=\"b\","};

std::string escaped(std::string_view piece) {
  std::string out;
  for (const char c : piece) {
    if (c == '\r') out += "\\r";
    if (c == '\n') out += "\\n";
    if (c == '\t') out += "\\t";
    if (c == '\x80') out += "\\x80";
    if (c >= ' ' && c < '\x7f') out += c;
  }
  return out;
}

void add_values_of(const support::ValueParser& parser, std::vector<Shape>& shapes) {
  struct Begin {
    const char* name;
    std::string text;
  };
  std::vector<Begin> begins = {{"", ""},
                               {" behind a value", std::string(parser.sample)}};
  const bool has_params =
      parser.sample.find(';') != std::string_view::npos && parser.letter != 'u' && parser.letter != 'r';
  if (has_params) begins.push_back({" in quotes", std::string(parser.sample) + ";q=\""});
  if (parser.name.starts_with("address")) begins.push_back({" in brackets", "<sip:a@b;c="});
  if (parser.name == "credentials") begins.push_back({" as parameters", "Digest realm=\"a\", "});
  if (parser.name == "Via") begins.push_back({" behind a host", "SIP/2.0/UDP a"});
  if (parser.name == "Via") begins.push_back({" as a host", "SIP/2.0/UDP "});
  for (const Begin& begin : begins) {
    for (const std::string_view piece : kPieces) {
      shapes.push_back({std::string(parser.name) + begin.name + ": " + escaped(piece),
                        [begin, piece](size_t bytes) { return repeated(begin.text, piece, "", bytes); }, parser.parse});
    }
  }
}

// As many parameters as there may be, of names that differ in their last letter only.
std::string with_like_names(std::string_view begin, char before, char between, size_t bytes) {
  std::string uri(begin);
  for (size_t i = 0; i < kUriParamsMax; ++i) {
    uri += i == 0 ? before : between;
    uri += std::string(bytes / kUriParamsMax - std::min<size_t>(bytes / kUriParamsMax, 4), 'a');
    uri += static_cast<char>('A' + i);
    uri += "=b";
  }
  return uri;
}

void compare_with_itself(std::string_view text) {
  Uri uri;
  if (parse_uri(text, uri) == ParseError::kOk) equal_uris(uri, uri);
}

void write_aor(std::string_view text) {
  static std::array<char, 1 << 18> out;
  Uri uri;
  size_t length = 0;
  if (parse_uri(text, uri) == ParseError::kOk) write_canonical_aor(uri, out.data(), out.size(), length);
}

void add_uris(std::vector<Shape>& shapes) {
  const auto add = [&shapes](const std::string& name, auto make) {
    shapes.push_back({"equal URIs: " + name, make, compare_with_itself});
    shapes.push_back({"canonical AOR: " + name, make, write_aor});
  };
  add("like names of parameters", [](size_t bytes) { return with_like_names("sip:a@b", ';', ';', bytes); });
  add("like names of headers", [](size_t bytes) { return with_like_names("sip:a@b", '?', '&', bytes); });
  add("like names of tel parameters", [](size_t bytes) { return with_like_names("tel:+1", ';', ';', bytes); });
  add("escapes in the user", [](size_t bytes) { return repeated("sip:", "%4a", "@b", bytes); });
  add("escapes that stay", [](size_t bytes) { return repeated("sip:", "%00", "@b", bytes); });
  add("a long user", [](size_t bytes) { return repeated("sips:", "a;", "@b", bytes); });
  add("a long password", [](size_t bytes) { return repeated("sip:a:", "p", "@b", bytes); });
  add("a long parameter", [](size_t bytes) { return repeated("sip:a@b;c=", "%61", "", bytes); });
  add("a long number", [](size_t bytes) { return repeated("tel:+1", "-", "2", bytes); });
  add("a long context", [](size_t bytes) { return repeated("tel:1;phone-context=+1", "-2", "", bytes); });
}

}  // namespace

void add_value_shapes(std::vector<Shape>& shapes) {
  for (const support::ValueParser& parser : support::value_parsers()) add_values_of(parser, shapes);
  add_uris(shapes);
}

}  // namespace vedette::linearity
