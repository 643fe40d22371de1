// The oracle: a presence server, and one of dialog state, message summaries and registrations, as naive as one can be.
// Maps, no limits, no sharing, nothing of the engine in it. It is told which requests the server answered with success,
// in the order in which their owner took them, and says what every watcher must then be shown. Written from RFC 3261
// §10.3, RFC 3903 §6, RFC 4235, 3842, 3680 and composition's contract. presence_faults.cc and package_faults.cc hold
// what it finds wrong with documents.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/config.h"
#include "tests/sim/facts.h"
#include "tests/sim/package_view.h"
#include "tests/sim/rights.h"
#include "tests/sim/stage.h"
#include "tests/sim/view_model.h"

namespace vedette::sim {

class PresenceModel {
 public:
  PresenceModel(Stage& stage, const engine::EngineConfig& config) : stage_(stage), config_(config) {}

  // A PUBLISH or REGISTER was carried out (its 2xx is no retransmission).
  void on_published(const Facts& request, const engine::Endpoint& source, const Facts& response);
  void on_registered(const Facts& request, const engine::Endpoint& source, const Facts& response);
  // A REGISTER was answered once more: a retransmission, or, where its transaction was forgotten, a second deed.
  void on_registered_perhaps(const Facts& request, const engine::Endpoint& source, const Facts& response);
  // 412 to a PUBLISH.
  void on_tag_refused(const Facts& request);
  // An operator has set hard state (RFC 3903 §2), for a time or, without one, until he removes it; he removed what
  // there was, or there was none.
  void on_hard_state_set(const std::string& aor, const std::string& document, engine::Duration lifetime);
  void on_hard_state_removed(const std::string& aor, bool was_there);
  void on_restart();

  // Empty when the document, of any package but winfo, may be sent now to who has these rights; else what is wrong with
  // it.
  std::string find_fault(std::string_view aor, const PackageView& view, const Rights& rights = all_rights()) const;
  // Whether a document of so many bytes has room for another element (limits.datagram_bytes_max): then it has all.
  bool has_room(size_t bytes) const;
  // Since when what `aor` shows in this package has been what it is.
  engine::Instant changed_at(Package package, std::string_view aor) const;
  // Contacts (URI texts) that are bound, or were until a moment ago.
  std::vector<std::string> contacts_of(std::string_view aor) const;
  // One of them was registered from there, in a closed network perhaps by somebody else.
  bool is_registered_from(std::string_view aor, const engine::Endpoint& source) const;
  // A binding is live for this GRUU (RFC 5627) or, without a gr parameter, for this AOR.
  bool is_bound(std::string_view gruu) const;
  // The spheres that it may be in, by what its persons say (RFC 4480 §3.10, RFC 5025 §3.1.2); "" for none.
  std::vector<std::string> spheres_of(std::string_view aor) const;
  std::string describe(Package package, std::string_view aor) const;

 private:
  using Views = std::map<support::ModelPermissions, DocumentView>;
  struct Publication {
    PackageView document;
    std::vector<XmlNode> elements;  // Of presence, where there are rules.
    mutable Views views;            // What of it was asked for already.
    engine::Instant expires_at;
    engine::Endpoint source;        // Of its last PUBLISH with a body.
    std::string device;             // That, and what its sender called itself.
    uint64_t modified = 0;          // Grows with every PUBLISH that has a body.
    bool doubtful = false;          // It may have made room for another one.
    bool is_hard = false;           // An operator set it.
  };
  struct Binding {
    std::string uri;
    engine::Instant expires_at;
    std::string instance;           // +sip.instance without its angle brackets; empty when it has none.
    std::string device;             // Of its last REGISTER, as above.
    uint64_t content = 0;           // Of the tuple that it shows as.
    XmlNode tuple;                  // The same, where there are rules.
    bool is_odd = false;            // Damaged on its way: what it shows as is not foretold.
  };
  struct Presentity {
    std::map<std::string, Publication> publications;    // By entity tag; hard state has none.
    std::vector<Binding> bindings;                       // Of presence alone.
    engine::Instant changed_at;
  };

  struct Key {
    Package package;
    std::string aor;
    auto operator<=>(const Key&) const = default;
  };

  // Timers may fire a little late; never early.
  static constexpr engine::Duration kLateness = engine::Duration::milliseconds(1200);
  bool is_live(engine::Instant expires_at) const { return stage_.now() < expires_at; }
  bool may_live(engine::Instant expires_at) const { return stage_.now() < stage_.noticed_by(expires_at) + kLateness; }
  // What the server must grant for a request's Expires; the laws break when the answer says something else.
  uint32_t granted(const Facts& request, const Facts& response, const engine::ExpiryRange& range);
  Binding* find_binding(Presentity& presentity, std::string_view uri) const;
  void apply_contacts(const Facts& request, const std::string& device, Presentity& presentity);
  // The presentity with nothing when there is none.
  const Presentity& presentity_of(Package package, std::string_view aor) const;
  // What of a publication is shown. What of a binding is; false when nothing.
  const DocumentView& shown_of(const Publication& publication, const Rights& rights) const;
  bool content_shown_of(const Binding& binding, const Rights& rights, uint64_t& content) const;
  bool is_odd(const Presentity& presentity) const;
  std::string find_presence_fault(const Presentity& presentity, const DocumentView& view, const Rights& rights) const;
  std::string find_dialog_fault(const Presentity& presentity, const PackageView& view) const;
  std::string find_summary_fault(const Presentity& presentity, const PackageView& view) const;
  std::string find_contacts_fault(const Presentity& presentity, const PackageView& view) const;
  // What of a document is published, and what is by registration; they are taken off `view`.
  struct Doubts;
  std::string find_publication_fault(const Presentity& presentity, const Rights& rights, DocumentView& view,
                                     Doubts& doubts) const;
  std::string find_order_fault(const Presentity& presentity, const Rights& rights, const DocumentView& view) const;
  std::string find_note_fault(const Presentity& presentity, const Rights& rights, const DocumentView& view) const;
  std::string find_device_fault(const Presentity& presentity, const Rights& rights, const DocumentView& view) const;
  std::string find_hard_state_fault(const Presentity& presentity, const Rights& rights, DocumentView& view,
                                    Doubts& doubts) const;
  std::string find_registration_fault(const Presentity& presentity, const Rights& rights, const DocumentView& view,
                                      const Doubts& doubts) const;
  enum class Duty : uint8_t { kMust, kMay, kMustNot };
  Duty duty_of(const Presentity& presentity, const Binding& binding, const Doubts& doubts) const;
  // What is wrong with the answer's list of contacts; empty when nothing is.
  std::string find_contact_fault(const Facts& response, const Presentity& presentity) const;
  void forget_expired(Presentity& presentity);
  // publications_per_presentity_max: the one that was modified longest ago makes room for a new one.
  void make_room(Presentity& presentity);
  // A device that publishes anew, without an entity tag, takes its own place.
  void forget_device(Presentity& presentity, const Publication& anew);

  Stage& stage_;
  const engine::EngineConfig& config_;
  uint64_t modifications_ = 0;
  std::set<std::string> tags_given_;      // Every SIP-ETag of this life of the server.
  std::map<Key, Presentity> presentities_;
};

}  // namespace vedette::sim
