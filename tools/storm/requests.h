// The requests that the generator sends and its answers to NOTIFYs, written as clients write them. What goes into one
// is numbers: the same numbers give the same bytes, so a retransmission is written again and nothing is kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/flow.h"
#include "engine/hashes.h"
#include "parsers/writer.h"
#include "tools/storm/population.h"
#include "tools/storm/sip_view.h"

namespace vedette::storm {

enum class Ask : uint8_t {
  kSubscribe,  // Makes a dialog.
  kRefresh,    // In it.
  kPoll,       // Expires: 0, in a dialog of its own.
  kHammer,     // As kSubscribe, but nobody keeps the dialog.
  kPublish,    // A new state.
  kRepublish,  // The same one again: no body.
  kRegister,
  kCount
};
std::string_view to_string(Ask ask);

// Apart from each other by their salts, so that a token says whose it is.
inline constexpr uint32_t kBranchSalt = 1, kDialogSalt = 2, kTagSalt = 3, kPollSalt = 4, kOtherSalt = 5;

struct Digest {
  std::string_view realm;        // Empty: the request goes without credentials.
  std::string_view nonce;
  uint32_t nonce_count = 1;
  std::string_view ha1;          // Of realm, user and password, as ha1() gives it.
};

using HexDigest = std::array<char, 64>;

struct RequestParts {
  Ask ask = Ask::kSubscribe;
  uint32_t transaction = 0;
  // A subscription's number; for kPublish, kRepublish and kRegister a user's; else a number without another meaning.
  uint32_t subject = 0;
  uint32_t user = 0;             // Who sends it, by which device.
  uint8_t device = 0;
  uint32_t presentity = 0;       // Whom it is about.
  uint32_t cseq = 1;
  uint32_t expires = 3600;
  engine::Endpoint from;         // Where its sender is.
  std::string_view remote_target;  // kRefresh.
  std::string_view remote_tag;
  std::string_view entity_tag;   // kPublish, kRepublish; empty: none yet.
  uint32_t version = 0;          // kPublish: what its document says it is.
  uint32_t body_bytes = 640;
  Digest digest;
};

class RequestWriter {
 public:
  RequestWriter(std::string domain, const engine::Hashes& hashes) : domain_(std::move(domain)), hashes_(hashes) {}

  void write(const RequestParts& parts, parsers::Writer& writer) const;
  // RFC 7616 §3.4.2: the same for all of a user's requests.
  HexDigest ha1(uint32_t user, std::string_view realm) const;
  // Every user's password is this.
  static constexpr std::string_view kPassword = "storm";

 private:
  void write_first_lines(const RequestParts& parts, parsers::Writer& writer) const;
  void write_dialog(const RequestParts& parts, parsers::Writer& writer) const;
  void write_about(const RequestParts& parts, parsers::Writer& writer) const;
  void write_credentials(const RequestParts& parts, parsers::Writer& writer) const;
  void write_uri(const RequestParts& parts, parsers::Writer& writer) const;
  void write_aor(parsers::Writer& writer, uint32_t user) const;

  std::string domain_;
  engine::Hashes hashes_;
};

// 200 OK to a NOTIFY, 380 bytes or so.
void write_answer(const SipView& notify, parsers::Writer& writer);

// A presence document of about `bytes` (at least 560) that says its version in a fixed number of characters.
void write_document(uint32_t version, uint32_t bytes, std::string_view aor, parsers::Writer& writer);

// Finds the version that write_document wrote in a document that a server made of it: at once, as long as it stands
// where it stood in the message before.
class VersionReader {
 public:
  // False: none there.
  bool read(std::string_view body, uint32_t& version);
  // Where it will look in a message that ends here.
  const char* place_in(std::string_view message) const {
    return message.data() + message.size() - std::min(from_end_, message.size());
  }

 private:
  size_t from_end_ = 0;
};

}  // namespace vedette::storm
