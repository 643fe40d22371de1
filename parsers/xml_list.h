// A list of at most N small things within its owner, for the XML files: unlike an array it costs nothing until it is
// used, and normalise_pidf would spend a tenth of its time on making empty what it does not use.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace vedette::parsers {

template <typename T, size_t N>
class XmlList {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  // The bytes stay as they are.
  XmlList() {}  // NOLINT(modernize-use-equals-default)

  size_t size() const { return size_; }
  bool is_full() const { return size_ == N; }
  std::span<const T> items() const { return {at(0), size_}; }
  T& operator[](size_t i) { return *at(i); }
  const T& operator[](size_t i) const { return *at(i); }
  T& back() { return *at(size_ - 1); }

  // There is room.
  T& push(const T& item) { return *std::construct_at(at(size_++), item); }
  // The same, and what it is has to be said still: its bytes are what they were.
  T& push_unset() { return *at(size_++); }
  void shrink(size_t size) { size_ = size; }

 private:
  T* at(size_t i) { return reinterpret_cast<T*>(bytes_.data()) + i; }
  const T* at(size_t i) const { return reinterpret_cast<const T*>(bytes_.data()) + i; }

  size_t size_ = 0;
  alignas(T) std::array<std::byte, N * sizeof(T)> bytes_;
};

}  // namespace vedette::parsers
