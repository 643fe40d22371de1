// What is done many bytes at a time: indexing the lines of a head, and reading header field values of plain shapes. A
// kernel is one way to do all of it; they give equal results. The best one that this processor has is chosen once, when
// the program starts. What is not plain is left alone, for the parser that reads every shape. No state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::parsers {

struct Address;
struct AuthParams;
struct Event;
struct HeaderIndex;
struct MediaType;
struct Param;
struct StartLine;
struct Uri;
struct Via;

// How far the ends of lines are looked for before the first line is read: near where lines have turned out not to be
// plain, so that little is looked at again when the next one is not, either.
enum class LookAhead : unsigned char { kNear, kFar };

struct Kernel {
  std::string_view name;
  // Reads the start line as parse_start_line() does, if it is plain, and the lines behind it as index_plain_lines()
  // does, and gives what that gives; 0, nothing indexed and `start` undefined if it is not. Plain is one with CRLF,
  // SIP/2.0, one SP between its parts and no control characters.
  size_t (*index_plain_head)(std::string_view text, StartLine& start, HeaderIndex& index);
  // Adds plain lines to `index`, from `begin` on, where a line begins that is not the first one; gives where the first
  // line begins that is not plain, for LineReader to read. Plain is a line that ends with CRLF, as the one before it
  // does, is not folded, has a token of at most 31 bytes as its name, a colon and one SP at once behind it, and a value
  // without white space around it.
  size_t (*index_plain_lines)(std::string_view text, size_t begin, LookAhead ahead, HeaderIndex& index);

  // These give what the functions of nearly the same name give (via.h, address.h, uri.h, auth_params.h, event.h,
  // media_type.h, param.h, cseq.h) for a value that is plain. False for every other one, plain or malformed: then
  // `rest` is as it was and `out` undefined.
  bool (*next_plain_via)(std::string_view& rest, Via& out);
  bool (*next_plain_address)(std::string_view& rest, Address& out);
  bool (*parse_plain_uri)(std::string_view text, Uri& out);
  // All but the nonce count, which is still to be read from `nc`.
  bool (*parse_plain_credentials)(std::string_view value, AuthParams& out);
  bool (*parse_plain_event)(std::string_view value, Event& out);
  bool (*next_plain_media_type)(std::string_view& rest, MediaType& out);
  bool (*next_plain_param)(std::string_view& rest, Param& out);
  bool (*is_plain_call_id)(std::string_view value);
  // Bit i: byte i of `text`, which is not empty, is no token character; bits behind its end are set. 0 when nothing is
  // known of it.
  uint64_t (*token_stops)(std::string_view text);
};

extern const Kernel* const kBestKernel;
inline const Kernel& best_kernel() { return *kBestKernel; }
// All that this processor can run. The first is the reference: a byte at a time, and no value is plain to it.
std::span<const Kernel> kernels();

}  // namespace vedette::parsers
