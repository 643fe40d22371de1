// Elements are found in what XmlRewriter wrote, and in nothing that ends too early.
#include "parsers/written_element.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsers/pidf.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/pidf_corpus.h"

namespace vedette::parsers {
namespace {

std::vector<std::string_view> elements_of(std::string_view text) {
  std::vector<std::string_view> found;
  std::string_view element;
  while (take_written_element(text, element)) found.push_back(element);
  found.push_back(text);
  return found;
}
using Found = std::vector<std::string_view>;

TEST(WrittenElement, EndsWhereItsEndTagIs) {
  EXPECT_EQ(elements_of("<a/><b></b>"), (Found{"<a/>", "<b></b>", ""}));
  EXPECT_EQ(elements_of("<a><a><b/>text</a></a></x>"), (Found{"<a><a><b/>text</a></a>", "</x>"}));
  EXPECT_EQ(elements_of("<a b=\"/>\" c=\"'\"><d e=\">\"/></a>"), (Found{"<a b=\"/>\" c=\"'\"><d e=\">\"/></a>", ""}));
  EXPECT_EQ(elements_of("text<a/>"), (Found{"text<a/>"}));
  EXPECT_EQ(elements_of("</a>"), (Found{"</a>"}));
  EXPECT_EQ(elements_of(""), (Found{""}));
}

TEST(WrittenElement, HasAStartTag) {
  EXPECT_EQ(written_start_tag("<a b=\">\"><c/></a>"), "<a b=\">\">");
  EXPECT_EQ(written_start_tag("<a/>"), "<a/>");
  EXPECT_EQ(written_start_tag("</a>"), "");
  EXPECT_EQ(written_start_tag("a"), "");
  EXPECT_EQ(written_start_tag("<a b=\""), "");
}

// The fragments of what clients publish, one behind the other; no beginning of one is taken for an element.
TEST(WrittenElement, IsFoundInWhatIsWritten) {
  support::GuardedBytes guarded(1 << 16);
  for (const std::string_view body : support::kPidfCorpus) {
    std::string out(1 << 15, '\0');
    PidfDocument document;
    ASSERT_EQ(normalise_pidf(body, out, document), ParseError::kOk);
    const std::string_view written = std::string_view(out).substr(0, document.length);
    const Found found = elements_of(written);
    ASSERT_EQ(found.size(), document.count + 1);
    for (size_t i = 0; i < document.count; ++i) {
      const Fragment& fragment = document.fragments[i];
      EXPECT_EQ(found[i], written.substr(fragment.offset, fragment.length));
      for (size_t length = 0; length < fragment.length; ++length) {
        std::string_view rest = guarded.copy(found[i].substr(0, length));
        std::string_view element;
        EXPECT_FALSE(take_written_element(rest, element)) << rest;
        EXPECT_EQ(rest.size(), length);
      }
    }
  }
}

}  // namespace
}  // namespace vedette::parsers
