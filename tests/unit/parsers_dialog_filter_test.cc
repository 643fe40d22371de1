// What of dialog state a watcher is shown (RFC 4235): which dialogs his Event selects, and how much of them.
#include "parsers/dialog_filter.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "parsers/dialog_info.h"

namespace vedette::parsers {
namespace {

constexpr std::string_view kCall =
    "<dialog id=\"1\" call-id=\"a&amp;b@pc\" local-tag=\"l\" remote-tag=\"r\" direction=\"recipient\"><state "
    "event=\"replaced\">early</state><duration>7</duration><local><identity>sip:a@b</identity><session-description "
    "type=\"application/sdp\">v=0</session-description></local><remote><identity display-name=\"C\">sip:c@d</identity>"
    "</remote></dialog>";
constexpr std::string_view kOver = "<dialog id=\"2\" call-id=\"x\" local-tag=\"l\"><state>terminated</state></dialog>";
constexpr std::string_view kExtension = "<x:y xmlns:x=\"urn:x\"><x:dialog/></x:y>";

std::string document_of(std::string_view inside) {
  std::string text(kDialogInfoOpen);
  return text.append("0").append(kDialogInfoState).append("sip:a@b").append(kDialogInfoOpenEnd).append(inside).append(
      kDialogInfoClose);
}

std::string filter_of(DialogDetail detail, const DialogSelection& selection = {}) {
  std::array<char, kDialogFilterBytesMax> out;
  return {out.data(), write_dialog_filter(detail, selection, out)};
}

// What is left between the root's tags, which stay as they are.
std::string left(const std::string& filter, std::string_view inside) {
  const std::string document = document_of(inside);
  std::string out(document.size() + 100, '\0');
  Writer writer(out.data(), out.size());
  EXPECT_TRUE(apply_dialog_filter(filter, document, writer));
  const std::string text(writer.text());
  const std::string before = document_of({}), open = before.substr(0, before.size() - kDialogInfoClose.size());
  EXPECT_TRUE(text.starts_with(open) && text.ends_with(kDialogInfoClose)) << text;
  return text.substr(open.size(), text.size() - open.size() - kDialogInfoClose.size());
}

std::string all_but(std::string text, std::string_view part) { return text.erase(text.find(part), part.size()); }

TEST(DialogFilter, ShowsAsMuchAsItsDetailSays) {
  const std::string whole = std::string(kCall).append(kOver).append(kExtension);
  EXPECT_EQ(left(filter_of(DialogDetail::kSessions), whole), whole);
  EXPECT_EQ(left(filter_of(DialogDetail::kAll), whole),
            all_but(whole, "<session-description type=\"application/sdp\">v=0</session-description>"));
  EXPECT_EQ(left(filter_of(DialogDetail::kState), whole),
            "<dialog id=\"1\" direction=\"recipient\"><state>early</state></dialog><dialog id=\"2\"><state>terminated"
            "</state></dialog>");
  EXPECT_EQ(left(filter_of(DialogDetail::kBusy), whole), "<dialog id=\"1\"><state>confirmed</state></dialog>");
  EXPECT_EQ(left(filter_of(DialogDetail::kBusy), std::string(kOver).append(kExtension)), "");
  for (const DialogDetail detail : {DialogDetail::kBusy, DialogDetail::kState, DialogDetail::kAll}) {
    EXPECT_EQ(filter_of(detail).size(), 1u);
    EXPECT_EQ(left(filter_of(detail), ""), "");
  }
}

// RFC 4235 §3.2.
TEST(DialogFilter, ShowsTheDialogsThatAreSelected) {
  const auto selected = [](std::string_view call_id, std::string_view to_tag, std::string_view from_tag) {
    const DialogSelection selection = {.call_id = call_id, .to_tag = to_tag, .from_tag = from_tag};
    return left(filter_of(DialogDetail::kSessions, selection), std::string(kCall).append(kOver));
  };
  EXPECT_EQ(selected("a&b@pc", "l", "r"), kCall);
  EXPECT_EQ(selected("a&b@pc", "l", ""), kCall);
  EXPECT_EQ(selected("x", "l", ""), kOver);
  EXPECT_EQ(selected("x", "l", "r"), "");
  for (const std::string_view other : {"a&b@p", "a&b@pcs", "A&b@pc", "a&amp;b@pc"}) {
    EXPECT_EQ(selected(other, "l", ""), "");
  }
  EXPECT_EQ(selected("a&b@pc", "L", "r"), "");
  EXPECT_EQ(selected("a&b@pc", "l", "l"), "");
}

TEST(DialogFilter, ShowsNoMoreOfWhatItCannotRead) {
  std::string many;
  while (many.size() < 40'000) many += "<x:y xmlns:x=\"urn:x\"/>";
  for (const DialogDetail detail : {DialogDetail::kBusy, DialogDetail::kState, DialogDetail::kAll}) {
    EXPECT_EQ(left(filter_of(detail), std::string(kCall) + many), "<dialog id=\"1\"><state>confirmed</state></dialog>");
  }
  std::array<char, 100> small;
  Writer writer(small.data(), small.size());
  EXPECT_FALSE(apply_dialog_filter(filter_of(DialogDetail::kState), document_of(kCall), writer));
  EXPECT_EQ(write_dialog_filter(DialogDetail::kAll, {.call_id = "long", .to_tag = "l"}, std::span(small).first(6)), 0u);
}

TEST(DialogSelection, IsReadFromTheParametersOfEvent) {
  std::array<char, 100> room;
  DialogSelection selection;
  const std::string_view all = ";id=7;Call-ID=\"a\\\"b\\\\@c\";to-tag=t;from-tag=f;include-session-description";
  ASSERT_EQ(parse_dialog_selection(all, room, selection), ParseError::kOk);
  EXPECT_EQ(selection.call_id, "a\"b\\@c");
  EXPECT_EQ(selection.to_tag, "t");
  EXPECT_EQ(selection.from_tag, "f");
  EXPECT_TRUE(selection.wants_session_descriptions);
  ASSERT_EQ(parse_dialog_selection(";call-id=token;to-tag=t", room, selection), ParseError::kOk);
  EXPECT_EQ(selection.call_id, "token");
  EXPECT_FALSE(selection.wants_session_descriptions);
  for (const std::string_view others : {"", ";id=7", " ;max-rate=1"}) {
    ASSERT_EQ(parse_dialog_selection(others, room, selection), ParseError::kOk) << others;
    EXPECT_TRUE(selection.is_of_all());
  }
  for (const std::string_view none :
       {";call-id=a", ";to-tag=a", ";from-tag=a", ";to-tag=a;from-tag=b", ";call-id=a;from-tag=b", ";call-id;to-tag=a",
        ";call-id=\"\";to-tag=a", ";call-id=a;to-tag=\"b\"", ";call-id=a;to-tag=b;to-tag=b",
        ";call-id=a;call-id=a;to-tag=b", ";call-id=a;to-tag=", ";call-id=a;to-tag=b;;"}) {
    EXPECT_EQ(parse_dialog_selection(none, room, selection), ParseError::kEvent) << none;
  }
  constexpr std::string_view kNul(";call-id=\"a\0b\";to-tag=t", 23);
  EXPECT_EQ(parse_dialog_selection(kNul, room, selection), ParseError::kEvent);
}

}  // namespace
}  // namespace vedette::parsers
