// The bytes that compile_rules() writes and evaluate_rules() reads: a header, the rules, and what they grant by name.
// Records follow each other without gaps, each with the length of what belongs to it; numbers are in native order and
// not aligned. Nothing in it depends on where it lies.
//
//   RuleSetHeader  { RuleHeader  condition... }...  grant...
//
// A condition is a RulesRecord, an identity's has the records of its <one>, <many> and <except> within. A grant is a
// RulesRecord and its text. Used by the pres_rules files only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "parsers/pres_rules.h"

namespace vedette::parsers {

inline constexpr uint8_t kRulesVersion = 1;  // Another one for each change of what is below.

enum RulesUse : uint8_t { kUsesSphere = 1, kUsesValidity = 2 };

struct RuleSetHeader {
  uint8_t version = kRulesVersion;
  uint8_t uses = 0;           // Of RulesUse.
  uint16_t rules_length = 0;  // Of all rules; the grants are behind.
  uint16_t length = 0;        // Of all, with this header.
};

struct RuleHeader {
  uint16_t length = 0;    // Of the conditions.
  uint16_t booleans = 0;  // Of PermissionBit.
  SubHandling sub_handling = SubHandling::kBlock;
  UserInput user_input = UserInput::kFalse;
  uint16_t unused = 0;
  uint64_t grants = 0;
};

enum class RulesTag : uint8_t {
  // Conditions.
  kIdentity,
  kSphere,    // Tokens in lower case with a space between them.
  kValidity,  // RulesPeriods.
  // Within an identity. An exception belongs to the last of the <many> before it.
  kOne,   // An address of record and its scheme.
  kMany,  // A domain, or nothing: any.
  kExceptOne,
  kExceptDomain,
  // Grants.
  kDeviceId,
  kDeviceOccurrence,
  kDeviceClass,
  kPersonOccurrence,
  kPersonClass,
  kServiceUri,
  kServiceScheme,  // In lower case.
  kServiceOccurrence,
  kServiceClass,
  kUnknownAttribute,  // Its namespace, a NUL, its name.
};

struct RulesRecord {
  RulesTag tag = RulesTag::kIdentity;
  UriScheme scheme = UriScheme::kOther;
  uint16_t length = 0;  // Of what is behind it.
};

struct RulesPeriod {
  int64_t from = 0;   // The first second within,
  int64_t until = 0;  // and the first behind.
};

static_assert(sizeof(RuleSetHeader) == 6 && sizeof(RuleHeader) == 16 && sizeof(RulesRecord) == 4 &&
              sizeof(RulesPeriod) == 16);

// Appends to a lent buffer; what does not fit is refused and marks it as full.
class RulesWriter {
 public:
  explicit RulesWriter(std::span<char> out) : out_(out.first(std::min(out.size(), kRuleSetBytesMax))) {}

  size_t length() const { return length_; }
  bool is_full() const { return is_full_; }
  void shrink(size_t length) { length_ = length; }

  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>);
    put_bytes(std::string_view(reinterpret_cast<const char*>(&value), sizeof(value)));
  }
  void put_bytes(std::string_view bytes) {
    if (bytes.size() > out_.size() - length_) {
      is_full_ = true;
      return;
    }
    if (!bytes.empty()) std::memcpy(out_.data() + length_, bytes.data(), bytes.size());
    length_ += bytes.size();
  }
  void put_record(RulesTag tag, UriScheme scheme, std::string_view bytes) {
    put(RulesRecord{.tag = tag, .scheme = scheme, .length = static_cast<uint16_t>(bytes.size())});
    put_bytes(bytes);
  }
  // Over what stands at `offset`, if it was written.
  template <typename T>
  void overwrite(size_t offset, const T& value) {
    if (!is_full_) std::memcpy(out_.data() + offset, &value, sizeof(value));
  }

 private:
  std::span<char> out_;
  size_t length_ = 0;
  bool is_full_ = false;
};

// Takes values off the front of bytes that may be anything: what is not there is not taken.
class RulesReader {
 public:
  explicit RulesReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  template <typename T>
  bool take(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (rest_.size() < sizeof(value)) return end();
    std::memcpy(&value, rest_.data(), sizeof(value));
    rest_.remove_prefix(sizeof(value));
    return true;
  }
  bool take_bytes(size_t length, std::string_view& bytes) {
    if (rest_.size() < length) return end();
    bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }
  bool take_record(RulesRecord& record, std::string_view& bytes) {
    return take(record) && take_bytes(record.length, bytes);
  }

 private:
  bool end() {
    rest_ = {};
    return false;
  }

  std::string_view rest_;
};

}  // namespace vedette::parsers
