// One device's publication in one package (RFC 3903 §4): publishes, modifies, refreshes and removes along its chain of
// entity tags, and misbehaves: it forgets its tag, uses old ones, sends what is no document, is too long or too brief.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/package_view.h"
#include "tests/sim/user_agent.h"

namespace vedette::sim {

// What is published where there are rules that ask for it.
inline const std::vector<std::string> kClasses = {"work", "home"};
inline constexpr std::array<std::string_view, 2> kSpheres = {"work", "home"};
std::string device_id_of(std::string_view user, unsigned device);
void put_details(DocumentPlan& plan, std::string device_id, Random& random);

class PublicationClient {
 public:
  PublicationClient(UserAgent& agent, Package package, unsigned device, Random random);

  void whim();
  // Publishes for so many seconds, and does not refresh.
  void publish_for(uint32_t seconds);
  // Publishes and keeps it alive.
  void settle();
  void wind_down();
  // Loses its memory, as after a crash: what it had published stays until it expires.
  void forget();

  bool is_published() const { return !entity_tag_.empty(); }
  unsigned last_status() const { return last_status_; }

 private:
  struct Wish {
    uint32_t expires = 60;
    bool with_body = true;
    std::string tag;                        // SIP-If-Match; empty: an initial PUBLISH.
    std::string body;                       // Instead of a document.
    std::string more;                       // Further header lines.
    bool says_expires = true;
    std::string aor = {};                   // Somebody else's, to publish for him.
  };
  void publish_state();
  void publish(Wish wish);
  void on_answer(const Answer& answer, uint64_t life);
  void misbehave();
  std::string next_document(bool initial);
  std::string next_presence();
  void keep_alive(uint32_t expires);

  UserAgent& agent_;
  Package package_;
  unsigned device_;
  Random random_;
  std::string entity_tag_, old_tag_;
  std::string call_id_;
  Stamp stamp_;
  unsigned chains_ = 0;
  bool stays_ = false;
  bool busy_ = false;
  bool removing_ = false;
  bool lets_expire_ = false;      // Since publish_for().
  unsigned last_status_ = 0;
  uint64_t life_ = 0;
  uint64_t refresh_number_ = 0;
};

}  // namespace vedette::sim
