// Reads a NOTIFY by the one before it: a server's NOTIFYs differ in values, seldom in names and lengths. Names and line
// ends are compared with those of a head that was read in full, sixteen bytes at a time; where they stand in the same
// places the lines do, too. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tools/storm/sip_view.h"

namespace vedette::storm {

class HeadShape {
 public:
  // The same that read_sip() gives.
  bool read(std::string_view message, SipView& out);
  // Whether the last NOTIFY was read by the one before it.
  bool has_fitted() const { return has_fitted_; }

 private:
  static constexpr size_t kHeadBytesMax = 1'024, kAlignment = 64;
  // Where something stands, from the beginning of the second line on: a line, or all that is behind a name's colon.
  struct Place {
    uint16_t at = 0;
    uint16_t length = 0;
    bool is_there = false;

    std::string_view in(const char* head) const {
      return is_there ? std::string_view(head + at, length) : std::string_view();
    }
  };

  bool fits(std::string_view head) const;
  bool try_read(std::string_view message, SipView& out) const;
  void learn(std::string_view message, const SipView& view);

  // Of the lines behind the first, with the empty one. A byte that is fixed is as expected. One that is not is no line
  // feed: what is expected there is one.
  alignas(kAlignment) std::array<char, kHeadBytesMax> expected_{};
  alignas(kAlignment) std::array<char, kHeadBytesMax> is_fixed_{};   // All ones: it is.
  size_t length_ = 0;            // 0: nothing is known yet.
  unsigned misses_ = 0;          // NOTIFYs, one after the other, that it did not fit.
  bool has_fitted_ = false;
  Place via_, from_, to_, cseq_line_, contact_;
  Place call_id_, entity_tag_, subscription_state_;
};

}  // namespace vedette::storm
