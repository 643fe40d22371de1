// Partial presence: pairs of documents, one behind the other, whose elements come in another order, changed, are alike,
// or have much in them. Elements are long enough for 64 kB of them to be fewer than a patch is made of.
#include <array>

#include "engine/presence/pidf_diff.h"
#include "parsers/pidf.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {
namespace {

constexpr char kBetween = '\0';

std::array<char, 1 << 18> out;

void write_diff(std::string_view documents) {
  const size_t between = documents.find(kBetween);
  parsers::Writer writer(out.data(), out.size());
  uint32_t version_offset = 0;
  engine::write_pidf_diff(documents.substr(0, between), documents.substr(between + 1), writer, version_offset);
}

// "#" in a piece: another number in each.
struct Pattern {
  const char* name;
  std::string_view before, after;
  bool is_reversed = false;  // The second document has them from the last to the first.
  std::string_view begin = {}, end = {};
};

#define TEXT "a text that goes on and on for a while so that elements are as long as those of real phones' documents"
constexpr std::array kPatterns = {
    Pattern{"nothing changed", "<tuple id=\"#\"><note>" TEXT TEXT "</note></tuple>",
            "<tuple id=\"#\"><note>" TEXT TEXT "</note></tuple>"},
    Pattern{"other order", "<tuple id=\"#\"><note>" TEXT TEXT "</note></tuple>",
            "<tuple id=\"#\"><note>" TEXT TEXT "</note></tuple>", true},
    Pattern{"all changed", "<tuple id=\"#\"><a/><note>" TEXT TEXT "</note></tuple>",
            "<tuple id=\"#\"><b/><note>" TEXT TEXT "</note></tuple>"},
    Pattern{"all others", "<tuple id=\"a#\"><note>" TEXT TEXT "</note></tuple>",
            "<tuple id=\"b#\"><note>" TEXT TEXT "</note></tuple>"},
    Pattern{"notes that are alike", "<note>" TEXT TEXT "</note>", "<note>" TEXT TEXT "</note>"},
    Pattern{"parts", "<note>" TEXT TEXT "</note>", "<note>" TEXT "</note><x>" TEXT "</x>", false, "<tuple id=\"a\">",
            "</tuple>"},
    Pattern{"many tags", "<a><b/></a>", "<a><c/></a>", false, "<tuple id=\"a\"><x>", "</x></tuple>"},
    Pattern{"values", ">", ">", true, "<tuple id=\"a\"><x y=\"", "\"/></tuple>"},
    Pattern{"quotes", " a=\"\"", " a=\"\"", true, "<tuple id=\"a\"><x", "/></tuple>"},
};
#undef TEXT

std::string document(const Pattern& pattern, std::string_view piece, bool is_reversed, size_t bytes) {
  std::string text(parsers::kPresenceOpen);
  text.append(parsers::kPresenceOpenEnd).append(pattern.begin);
  const size_t at = piece.find('#');
  const size_t count = bytes / pattern.before.size() + 1;
  for (size_t i = 0; i < count; ++i) {
    text += piece.substr(0, at);
    if (at == std::string_view::npos) continue;
    text.append(std::to_string(1000 + (is_reversed ? count - i : i))).append(piece.substr(at + 1));
  }
  return text.append(pattern.end).append(parsers::kPresenceClose);
}

}  // namespace

void add_diff_shapes(std::vector<Shape>& shapes) {
  for (const Pattern& pattern : kPatterns) {
    const auto make = [pattern](size_t bytes) {
      std::string both = document(pattern, pattern.before, false, bytes / 2);
      both += kBetween;
      return both + document(pattern, pattern.after, pattern.is_reversed, bytes / 2);
    };
    shapes.push_back({std::string("patch: ") + pattern.name, make, write_diff});
  }
}

}  // namespace vedette::linearity
