// What the generator keeps of each subscription: some bytes in columns, since there may be a hundred million.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace vedette::storm {

class Dialogs {
 public:
  // Remote tags longer than `tag_bytes` cannot be kept.
  Dialogs(uint32_t numbers, uint8_t tag_bytes);

  enum Mark : uint8_t { kAccepted = 1, kNotified = 2, kEnded = 4 };
  bool has(uint32_t number, Mark mark) const { return (marks_[number] & mark) != 0; }
  void set(uint32_t number, Mark mark) { marks_[number] = static_cast<uint8_t>(marks_[number] | mark); }
  bool is_live(uint32_t number) const { return has(number, kAccepted) && !has(number, kEnded); }

  // False: it is too long.
  bool set_remote_tag(uint32_t number, std::string_view tag);
  std::string_view remote_tag(uint32_t number) const;

  uint32_t next_cseq(uint32_t number) { return ++own_cseq_[number]; }
  // 0 before the first NOTIFY.
  uint32_t remote_cseq(uint32_t number) const { return remote_cseq_[number]; }
  void set_remote_cseq(uint32_t number, uint32_t cseq) { remote_cseq_[number] = cseq; }
  // The last bits of the version that was seen last.
  uint8_t seen(uint32_t number) const { return seen_[number]; }
  void set_seen(uint32_t number, uint32_t version) { seen_[number] = static_cast<uint8_t>(version); }

  uint32_t numbers() const { return static_cast<uint32_t>(marks_.size()); }
  uint64_t bytes() const;

 private:
  uint8_t tag_bytes_;
  std::vector<char> tags_;       // Ended by the first zero byte.
  std::vector<uint32_t> remote_cseq_;
  std::vector<uint16_t> own_cseq_;
  std::vector<uint8_t> marks_;
  std::vector<uint8_t> seen_;
};

}  // namespace vedette::storm
