#include "parsers/xml_window.h"

#include <cstring>

#include "parsers/simd.h"

namespace vedette::parsers {
namespace {

template <typename Set>
constexpr Set make_set(std::string_view characters) {
  Set set;
  for (const char c : characters) set.add(static_cast<unsigned char>(c));
  return set;
}

constexpr ByteSet kNameSet =
    make_set<ByteSet>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
// NUL stands for the document's end; there is none before it.
constexpr SparseSet kSpecialSet = make_set<SparseSet>({"<&>\"'\t\r\n\0", 9});
constexpr SparseSet kWhiteSet = make_set<SparseSet>(" \t\r\n");

}  // namespace

void XmlWindow::move_to(const char* from) {
  window_ = from - (from - begin_) % static_cast<ptrdiff_t>(kBytes);
  sort();
}

void XmlWindow::sort() {
  const char* bytes = window_;
  alignas(kVectorBytes) std::array<char, kBytes> last;
  const auto left = static_cast<size_t>(end_ - window_);
  if (left < kBytes) {
    last.fill('\0');
    if (left > 0) std::memcpy(last.data(), window_, left);
    bytes = last.data();
  }
  std::array<uint64_t, 3> masks{};
  for (size_t i = 0; i < kBytes; i += kVectorBytes) {
    const Bytes16 piece = load16(bytes + i);
    masks[0] |= uint64_t{mask_outside(piece, kNameSet)} << i;
    masks[1] |= uint64_t{mask_inside(piece, kSpecialSet)} << i;
    masks[2] |= uint64_t{mask_inside(piece, kWhiteSet)} << i;
  }
  masks[2] = ~masks[2];
  masks_ = masks;
}

}  // namespace vedette::parsers
