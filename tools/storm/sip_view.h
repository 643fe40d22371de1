// What the generator reads of a message that a server sent: the lines that matter, found in one walk over the head, 64
// bytes at a time. It believes the server, as load generators do: what is not there stays empty. Copies nothing. What
// only responses are asked for is read when it is.
#pragma once

#include <cstdint>
#include <string_view>

namespace vedette::storm {

struct SipView {
  uint16_t status = 0;           // 0: a request.
  uint32_t cseq = 0;
  std::string_view method;       // Of a request, or of a response's CSeq.
  std::string_view via;          // All Via lines, each with its line end; between them nothing else stands.
  std::string_view from;         // Whole lines without their ends.
  std::string_view to;
  std::string_view cseq_line;
  std::string_view contact;
  std::string_view call_id;      // Values.
  std::string_view entity_tag;
  std::string_view challenge;    // WWW-Authenticate with SHA-256, or the first one there is.
  std::string_view subscription_state;
  std::string_view body;

  std::string_view branch() const;       // Of the topmost Via.
  std::string_view from_tag() const;
  std::string_view to_tag() const;
  std::string_view contact_uri() const;
};

// False: neither a SIP request nor a response, or without an end of its head; `out` is then undefined.
bool read_sip(std::string_view message, SipView& out);

// The number of a CSeq line.
uint32_t cseq_of(std::string_view line);

// The value of `name="..."` or `name=token` in a challenge or the like; empty when absent.
std::string_view parameter(std::string_view fields, std::string_view name);

}  // namespace vedette::storm
