// What is done many bytes at a time: indexing the lines of a head, and reading header field values of plain shapes. A
// kernel is one way to do all of it; they give equal results. The best one that this processor has is chosen once, when
// the program starts. What is not plain is left alone, for the parser that reads every shape. No state; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace vedette::parsers {

struct Address;
struct AuthParams;
struct HeaderIndex;
struct Uri;
struct Via;

struct Kernel {
  std::string_view name;
  // Adds plain lines to `index`, from `begin` on, where a line begins; gives where the first line begins that
  // is not plain, for LineReader to read. Plain is a line that ends with CRLF, is not folded, has a token of
  // less than 32 bytes as its name, a colon and one SP at once behind it, and a value without white space
  // around it. The line behind it may be of any kind. With `begin` 0 the start line is passed over unread if
  // it ends with CRLF within the first few hundred bytes; else nothing is done and 0 given.
  size_t (*index_plain_lines)(std::string_view text, size_t begin, HeaderIndex& index);

  // These give what the functions of nearly the same name give (via.h, address.h, uri.h, auth_params.h) for a
  // value that is plain. False for every other one, plain or malformed: then `rest` is as it was and `out`
  // undefined.
  bool (*next_plain_via)(std::string_view& rest, Via& out);
  bool (*next_plain_address)(std::string_view& rest, Address& out);
  bool (*parse_plain_uri)(std::string_view text, Uri& out);
  // All but the nonce count, which is still to be read from `nc`.
  bool (*parse_plain_credentials)(std::string_view value, AuthParams& out);
};

extern const Kernel* const kBestKernel;
inline const Kernel& best_kernel() { return *kBestKernel; }
// All that this processor can run. The first is the reference: a byte at a time, and no value is plain to it.
std::span<const Kernel> kernels();

}  // namespace vedette::parsers
