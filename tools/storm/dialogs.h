// What the generator keeps of each subscription: some bytes, since there may be a hundred million. What a NOTIFY
// changes is in one place, apart from what only requests need.
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
  bool has(uint32_t number, Mark mark) const { return (records_[number].marks & mark) != 0; }
  void set(uint32_t number, Mark mark) {
    records_[number].marks = static_cast<uint8_t>(records_[number].marks | mark);
  }
  bool is_live(uint32_t number) const { return has(number, kAccepted) && !has(number, kEnded); }

  // False: it is too long.
  bool set_remote_tag(uint32_t number, std::string_view tag);
  std::string_view remote_tag(uint32_t number) const;

  uint32_t next_cseq(uint32_t number) { return ++records_[number].own_cseq; }
  // 0 before the first NOTIFY.
  uint32_t remote_cseq(uint32_t number) const { return records_[number].remote_cseq; }
  void set_remote_cseq(uint32_t number, uint32_t cseq) { records_[number].remote_cseq = cseq; }
  // The last bits of the version that was seen last.
  uint8_t seen(uint32_t number) const { return records_[number].seen; }
  void set_seen(uint32_t number, uint32_t version) { records_[number].seen = static_cast<uint8_t>(version); }
  // Soon it is asked about this one.
  void prefetch(uint32_t number) const { __builtin_prefetch(&records_[number], 1); }

  uint32_t numbers() const { return static_cast<uint32_t>(records_.size()); }
  uint64_t bytes() const;

 private:
  struct Record {
    uint32_t remote_cseq = 0;
    uint16_t own_cseq = 0;
    uint8_t marks = 0;
    uint8_t seen = 0;
  };

  uint8_t tag_bytes_;
  std::vector<char> tags_;       // Ended by the first zero byte.
  std::vector<Record> records_;
};

}  // namespace vedette::storm
