// The one table of what becomes of each torture message (tests/rfc/expected.tsv): the project's own, one for each rule,
// and those of RFC 4475 and RFC 5118, whose bytes are in ../shared/data and need not be there. Parsers, shard, streams
// and the running server (tests/e2e/scenarios_torture.py) are held to it.
#pragma once

#include <string>
#include <vector>

namespace vedette::support {

struct Expectation {
  std::string message;   // FOLDER/NAME; the folder is rfc4475, rfc5118 or own.
  std::string parser;    // The first error of all typed parsers, as to_string() has it; "ok".
  std::string answer;    // The status of a server that asks who it is; "-" for silence.
  std::string open;      // The status of a server that believes everybody; "-" for silence.
  std::string port;      // Where an answer goes over UDP: "source" (rport), or the port of sent-by.
  std::string stream;    // On a stream: the status for each message, and then "wait" or "close", if either.
  std::string says;      // What the open server's answer says, among other things; "|" between them, "-" for nothing.
  std::string rule;      // The section, and what it is about.
  std::string bytes;     // Empty: not present.

  bool is_own() const { return message.starts_with("own/"); }
  // Over which family of addresses it comes.
  bool is_ipv6() const { return rule.starts_with("RFC 5118"); }
  // "RFC 4475 3.1.1.1"; empty when the rule has none.
  std::string section() const;
};

std::vector<Expectation> read_expectations();
// Those of them whose messages are present; there are the project's own at least.
std::vector<Expectation> present_expectations();

std::vector<std::string> split(const std::string& text, char separator);

}  // namespace vedette::support
