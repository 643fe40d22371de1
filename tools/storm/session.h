// All that goes on between the generator and a server: requests are started here, responses and NOTIFYs are taken,
// answered and counted. When something is started is storm's part. One thread; time is handed in.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/hashes.h"
#include "tools/storm/counts.h"
#include "tools/storm/dialogs.h"
#include "tools/storm/head_shape.h"
#include "tools/storm/plan.h"
#include "tools/storm/population.h"
#include "tools/storm/requests.h"
#include "tools/storm/sip_view.h"
#include "tools/storm/transactions.h"
#include "tools/storm/wire.h"

namespace vedette::storm {

class Session {
 public:
  Session(const Plan& plan, Wire& wire, const engine::Hashes& hashes);

  // Sends a request that was meant for `intended`. False: there is no room now, and nothing has happened.
  bool try_start(Ask ask, uint32_t subject, uint8_t device, Nanoseconds intended, Nanoseconds now);
  // Takes what came and does what is due; how many datagrams that were.
  size_t turn(Nanoseconds now);

  const Population& population() const { return population_; }
  const Dialogs& dialogs() const { return dialogs_; }
  const Counts& counts() const { return counts_; }
  // Taken and sent, since the beginning: who has work is told by it.
  uint64_t datagrams() const { return datagrams_; }
  void forget_counts();          // What is under way goes on and counts in what follows.
  uint32_t waiting() const { return transactions_.open(); }
  // Presentities whose latest change some watcher has not been told.
  uint32_t fan_outs_open() const { return fan_outs_open_; }
  // A PUBLISH of it is under way, or its watchers are being told. (RFC 3903 §4.1: one PUBLISH at a time.)
  bool is_publishing(uint32_t presentity) const {
    return presentities_[presentity].intended != 0 || !presentities_[presentity].responded;
  }
  bool is_published(uint32_t presentity) const { return presentities_[presentity].tag_length != 0; }
  // Dialogs that were accepted and not ended, and how many were accepted and not told anything yet.
  uint32_t live() const { return live_; }
  uint32_t untold() const { return untold_; }
  // While withholding, answers to NOTIFYs that tell the crowd something new are kept; they go when that ends.
  void withhold(bool on) { withholding_ = on; }
  bool has_withheld() const { return !withheld_.empty(); }
  uint64_t bytes() const;        // Of state that grows with the population.

 private:
  static constexpr size_t kReadAtOnce = 8;
  struct PresentityState {
    std::array<char, 44> entity_tag{};
    uint8_t tag_length = 0;
    uint32_t version = 0;
    uint32_t watchers = 0;       // Who are alive and were accepted.
    uint32_t awaited = 0;        // Of them, who were not told the version yet.
    Nanoseconds intended = 0;    // Of the change that is on its way to them; 0: none is.
    bool responded = true;       // Its last PUBLISH was, also one that only refreshed.
  };
  // What a user answers challenges with.
  struct Nonce {
    HexDigest ha1{};             // Of realm_, from the first challenge on.
    std::array<char, 64> text{};
    uint8_t length = 0;          // 0: there was none yet.
    uint32_t count = 0;
  };
  struct Withheld {
    size_t at = 0;               // In withheld_bytes_.
    size_t length = 0;
    engine::Endpoint from;
    unsigned lane = 0;
  };

  void write(const OpenTransaction& transaction, char* bytes, size_t& length, engine::Endpoint& from, unsigned& lane);
  bool try_send(OpenTransaction& transaction);
  // Who asks and about whom.
  void fill_parties(RequestParts& parts) const;
  void resend_due(Nanoseconds now);
  // One datagram of a burst: all are read before any is acted upon, so that what they are about has come nearer.
  struct Reading {
    SipView view;
    Token call_id;               // No token: all zeros, which are none.
    bool is_readable = false;
  };
  void read(const Incoming& incoming, Reading& reading);
  void on_messages(std::span<const Incoming> burst, Nanoseconds now);
  void on_message(const Reading& reading, const Incoming& incoming, Nanoseconds now);
  void on_response(const SipView& view, Nanoseconds now);
  void on_final(OpenTransaction& transaction, const SipView& view, Nanoseconds now);
  void on_accepted(const OpenTransaction& transaction, const SipView& view);
  void on_first_notify(uint32_t number);
  bool try_answer_challenge(OpenTransaction& transaction, const SipView& view);
  void on_notify(const Reading& reading, const Incoming& incoming, Nanoseconds now);
  // Whether the dialog had not been told this state before.
  bool take_state(uint32_t number, const SipView& view, Nanoseconds now);
  void on_publish_over(const OpenTransaction& transaction, bool accepted, Nanoseconds now);
  void end_fan_out(PresentityState& presentity, Nanoseconds now);
  void answer(const SipView& view, const Incoming& incoming, bool may_wait);
  void keep_answer(const SipView& view, const Incoming& incoming);
  void release();

  const Plan& plan_;
  Wire& wire_;
  Population population_;
  RequestWriter requests_;
  Dialogs dialogs_;
  Transactions transactions_;
  HeadShape heads_;
  VersionReader versions_;
  std::array<Reading, kReadAtOnce> readings_;
  Counts counts_;
  std::vector<PresentityState> presentities_;
  std::vector<Nonce> nonces_;    // By user; empty without digest.
  std::string realm_;
  std::string remote_target_;    // The server's Contact, the same for all.
  std::vector<Withheld> withheld_;
  std::vector<char> withheld_bytes_;   // Grows to the longest crowd's; what is behind the last answer is not used.
  size_t released_ = 0;
  uint64_t datagrams_ = 0;
  uint32_t fan_outs_open_ = 0;
  uint32_t live_ = 0;
  uint32_t untold_ = 0;
  bool withholding_ = false;
};

}  // namespace vedette::storm
