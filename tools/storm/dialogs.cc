#include "tools/storm/dialogs.h"

#include <algorithm>
#include <cstring>

namespace vedette::storm {

Dialogs::Dialogs(uint32_t numbers, uint8_t tag_bytes)
    : tag_bytes_(tag_bytes), tags_(size_t{numbers} * tag_bytes), records_(numbers) {}

bool Dialogs::set_remote_tag(uint32_t number, std::string_view tag) {
  if (tag.size() > tag_bytes_) return false;
  char* const place = tags_.data() + size_t{number} * tag_bytes_;
  std::memset(place, 0, tag_bytes_);
  std::copy(tag.begin(), tag.end(), place);
  return true;
}

std::string_view Dialogs::remote_tag(uint32_t number) const {
  const char* const place = tags_.data() + size_t{number} * tag_bytes_;
  return {place, strnlen(place, tag_bytes_)};
}

uint64_t Dialogs::bytes() const {
  return tags_.size() + records_.size() * sizeof(Record);
}

}  // namespace vedette::storm
