// A bounded writer into a lent buffer. Once something does not fit, nothing more is written and
// overflowed() stays true: callers write a whole message and ask once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vedette::parsers {

class Writer {
 public:
  Writer(char* buffer, size_t capacity) : begin_(buffer), next_(buffer), end_(buffer + capacity) {}

  Writer& put(std::string_view text) {
    if (text.size() > static_cast<size_t>(end_ - next_)) return overflow();
    if (!text.empty()) std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
    return *this;
  }
  Writer& put(char c) {
    if (next_ == end_) return overflow();
    *next_++ = c;
    return *this;
  }
  Writer& put_uint(uint64_t value);
  // Lower-case hexadecimal, exactly `digits` wide (at most 16).
  Writer& put_hex(uint64_t value, unsigned digits);
  // "Name: value" and a line end.
  Writer& put_header(std::string_view name, std::string_view value) {
    return put(name).put(": ").put(value).put("\r\n");
  }
  Writer& put_header_uint(std::string_view name, uint64_t value) {
    return put(name).put(": ").put_uint(value).put("\r\n");
  }

  // Room for `length` bytes, which the caller writes; null when they do not fit.
  char* try_take(size_t length) {
    if (length > room()) {
      overflow();
      return nullptr;
    }
    next_ += length;
    return next_ - length;
  }

  // Many pieces that are at most `length` bytes together, with one look at the room for all of them: `write` gets a
  // Run. Nothing is written, and the writer has overflowed, when they do not fit.
  class Run;
  template <typename Write>
  Writer& put_run(size_t length, Write&& write);

  bool overflowed() const { return overflowed_; }
  size_t length() const { return static_cast<size_t>(next_ - begin_); }
  size_t room() const { return static_cast<size_t>(end_ - next_); }
  std::string_view text() const { return {begin_, length()}; }
  char* position() { return next_; }

 private:
  Writer& overflow() {
    overflowed_ = true;
    end_ = next_;
    return *this;
  }

  char* begin_;
  char* next_;
  char* end_;
  bool overflowed_ = false;
};

class Writer::Run {
 public:
  explicit Run(char* next) : next_(next) {}

  Run& put(std::string_view text) {
    if (!text.empty()) std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
    return *this;
  }
  // Room for `length` bytes, which the caller writes.
  char* take(size_t length) {
    next_ += length;
    return next_ - length;
  }
  char* position() const { return next_; }

 private:
  char* next_;
};

template <typename Write>
Writer& Writer::put_run(size_t length, Write&& write) {
  if (length > room()) return overflow();
  Run run(next_);
  write(run);
  next_ = run.position();
  return *this;
}

}  // namespace vedette::parsers
