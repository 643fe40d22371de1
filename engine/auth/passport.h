// What a PASSporT (RFC 8225) says of a request, made of the request itself (RFC 8224 §4.1, §8): who sent it to whom,
// and when. JSON is written here in the one way that is signed: keys in lexicographic order, no white space (RFC 8225
// §9). Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/transaction/request.h"
#include "parsers/uri.h"
#include "parsers/writer.h"

namespace vedette::engine {

// "orig" or "dest": a telephone number (RFC 8224 §8.3) or a URI (§8.5), in canonical form.
class PassportParty {
 public:
  PassportParty() = default;
  explicit PassportParty(const parsers::Uri& uri);   // Empty when it has no canonical form.

  bool is_number() const { return is_number_; }
  bool empty() const { return length_ == 0; }
  std::string_view view() const { return {bytes_, length_}; }
  bool operator==(const PassportParty& other) const;

 private:
  bool is_number_ = false;
  size_t length_ = 0;
  char bytes_[kCanonicalAorBytesMax + 8];
};

struct Passport {
  std::string_view x5u;              // Where the signer's certificate is.
  PassportParty orig, dest;
  int64_t iat = 0;                   // Seconds since the epoch.
};

void write_passport_header(const Passport& passport, parsers::Writer& writer);
void write_passport_payload(const Passport& passport, parsers::Writer& writer);
// What its signature is over: both in base64url, with a dot between them. Overflows when it is longer than
// kSigningInputBytesMax, however much room there is.
inline constexpr size_t kSigningInputBytesMax = 4'096;
void write_signing_input(const Passport& passport, parsers::Writer& writer);

}  // namespace vedette::engine
