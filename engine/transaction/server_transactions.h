// Non-INVITE server transactions over UDP (RFC 3261 §17.2.2), completed ones only: a request is answered in the
// same turn, so all there is to remember is how to write the answer to a retransmission again. Bounded: when
// the table is full the oldest answer is forgotten first.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/index_table.h"
#include "engine/base/time.h"
#include "engine/transaction/request.h"

namespace vedette::engine {

class KeyedHash;

// The few bytes from which a 2xx is made again; the rest comes from the retransmitted request.
struct Answer {
  uint64_t tag = 0;             // SUBSCRIBE: the random part of the dialog's local tag.
  uint64_t entity_tag = 0;      // PUBLISH.
  uint32_t expires = 0;         // SUBSCRIBE, PUBLISH: seconds granted.
  bool no_notification = false; // SUBSCRIBE: 204 (RFC 5839).
};

class ServerTransactions {
 public:
  // `lifetime`: Timer J, 64 * T1.
  ServerTransactions(uint32_t capacity, Duration lifetime);

  struct Keys {
    // RFC 3261 §17.2.3: branch, sent-by and method, with Call-ID, CSeq, From tag and To; for a request without the
    // cookie in its branch, Via and Request-URI in their place. With the address that it is for as well, as below.
    uint64_t transaction = 0;
    // RFC 3261 §8.2.2.2: what two copies of one request have in common, whatever ways they came: From tag, Call-ID,
    // CSeq; and To, and the address that it is for, because each of those is a user agent server of its own here. 0
    // for what cannot be merged: a request within a dialog, or a REGISTER, which has its own rule (§10.3 step 7).
    uint64_t merge = 0;
  };
  static Keys keys_of(const Request& request, const KeyedHash& hash);

  // The answer that the request with this transaction key got, or null.
  const Answer* find(uint64_t key, Instant now) const;
  // Whether a request with this merge key has been accepted, and its transaction lives.
  bool is_merged(uint64_t merge_key, Instant now) const;
  // True when an answer that was still of use had to be forgotten for it.
  bool remember(const Keys& keys, const Answer& answer, Instant now);

  static uint64_t bytes(uint32_t capacity) { return capacity * sizeof(Entry) + 2 * IndexTable::bytes(capacity); }

 private:
  struct Entry {
    Keys keys;
    Instant ends_at;
    Answer answer;
    bool used = false;
  };
  Duration lifetime_;
  std::vector<Entry> entries_;   // A ring: all live equally long, so the oldest is always the next to go.
  uint32_t next_ = 0;
  IndexTable index_, merge_index_;
};

}  // namespace vedette::engine
