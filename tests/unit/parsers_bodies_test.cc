// Bodies of dialog-info (RFC 4235) and simple-message-summary (RFC 3842): what is taken, how it is written again, and
// what is refused.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "parsers/dialog_info.h"
#include "parsers/message_summary.h"

namespace vedette::parsers {
namespace {

struct Normalised {
  ParseError error{};
  PidfDocument document;
  std::string text;
  std::string entity;
};

template <typename Normalise>
Normalised normalise(Normalise with, std::string_view body, size_t room = 4096) {
  Normalised result;
  std::vector<char> out(room);
  result.error = with(body, out, result.document);
  result.text.assign(out.data(), result.document.length);
  result.entity = result.document.entity;
  return result;
}

std::string dialog_info(std::string_view inside) {
  return "<?xml version=\"1.0\"?>\n<d:dialog-info xmlns:d=\"urn:ietf:params:xml:ns:dialog-info\" version=\"3\" "
         "state=\"partial\" entity=\"sip:a@b\">" +
         std::string(inside) + "</d:dialog-info>";
}

TEST(DialogInfo, ADialogIsWrittenInTheDefaultNamespace) {
  const Normalised result =
      normalise(normalise_dialog_info, dialog_info("<d:dialog id='x&amp;1' direction='initiator'>\n <d:state "
                                                   "code='200'> confirmed </d:state>\n <d:remote><d:identity>"
                                                   "sip:c@d</d:identity></d:remote></d:dialog><!-- none -->"));
  ASSERT_EQ(result.error, ParseError::kOk);
  EXPECT_EQ(result.entity, "sip:a@b");
  ASSERT_EQ(result.document.count, 1u);
  const Fragment& dialog = result.document.fragments[0];
  EXPECT_EQ(dialog.kind, FragmentKind::kDialog);
  EXPECT_EQ(result.text.substr(dialog.offset, dialog.length),
            "<dialog id=\"x&amp;1\" direction=\"initiator\"><state code=\"200\">confirmed</state><remote><identity>"
            "sip:c@d</identity></remote></dialog>");
  EXPECT_EQ(result.text.substr(dialog.offset + dialog.id_offset, dialog.id_length), "x&amp;1");
}

TEST(DialogInfo, SeveralDialogsAndExtensionsKeepTheirOrder) {
  const Normalised result = normalise(
      normalise_dialog_info, dialog_info("<d:dialog id='1'><d:state>trying</d:state></d:dialog><x:y xmlns:x='urn:x'/>"
                                         "<d:dialog id='2'><d:state>terminated</d:state></d:dialog>"));
  ASSERT_EQ(result.error, ParseError::kOk);
  ASSERT_EQ(result.document.count, 3u);
  EXPECT_EQ(result.document.fragments[1].kind, FragmentKind::kExtension);
  EXPECT_EQ(result.document.fragments[2].kind, FragmentKind::kDialog);
}

TEST(DialogInfo, WhatIsNoneIsRefused) {
  for (const std::string& body :
       {std::string("<dialog-info version='0' state='full' entity='sip:a@b'/>"), std::string("<a/>"),
        dialog_info("text"),
        dialog_info("<d:dialog><d:state>early</d:state></d:dialog>"),
        dialog_info("<d:dialog id=''><d:state>early</d:state></d:dialog>"), dialog_info("<d:dialog id='1'/>"),
        dialog_info("<d:dialog id='1'><d:state>Early</d:state></d:dialog>"),
        dialog_info("<d:dialog id='1'><d:state/></d:dialog>"),
        dialog_info("<d:dialog id='1'><state>early</state></d:dialog>"),
        dialog_info("<d:dialog id='1'><d:state>early</d:state><d:state>early</d:state></d:dialog>"),
        dialog_info("<d:dialog id='1'><d:state>early<d:x/></d:state></d:dialog>"),
        dialog_info("<d:dialog id='" + std::string(kFragmentIdBytesMax + 1, 'x') +
                    "'><d:state>early</d:state></d:dialog>"),
        std::string("<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='0' state='full'/>")}) {
    EXPECT_EQ(normalise(normalise_dialog_info, body).error, ParseError::kBody) << body;
  }
  std::string many;
  for (size_t i = 0; i <= kFragmentsMax; ++i) {
    many += "<d:dialog id='" + std::to_string(i) + "'><d:state>early</d:state></d:dialog>";
  }
  EXPECT_EQ(normalise(normalise_dialog_info, dialog_info(many), 65'536).error, ParseError::kXmlTooLarge);
  const std::string one = dialog_info("<d:dialog id='1'><d:state>early</d:state></d:dialog>");
  EXPECT_EQ(normalise(normalise_dialog_info, one, 20).error, ParseError::kXmlTooLarge);
  EXPECT_EQ(normalise(normalise_dialog_info, dialog_info("<d:dialog id='1'>")).error, ParseError::kXml);
}

// RFC 4235 §4.3.
TEST(DialogInfo, WhatHasChangedIsPutIntoWhatWasSaidBefore) {
  const auto dialog = [](const std::string& id, const std::string& state) {
    return "<d:dialog id='" + id + "'><d:state>" + state + "</d:state></d:dialog>";
  };
  const auto merged = [&](const std::string& before, const std::string& after, size_t room = 4096) -> std::string {
    const Normalised held = normalise(normalise_dialog_info, dialog_info(before));
    std::vector<char> out(room);
    PidfDocument document;
    EXPECT_EQ(normalise_dialog_info(dialog_info(after), out, document), ParseError::kOk);
    EXPECT_TRUE(document.is_partial);
    if (!merge_dialog_info({held.text, std::span(held.document.fragments).first(held.document.count)}, out, document)) {
      return "too large";
    }
    std::string shown;
    for (size_t i = 0; i < document.count; ++i) {
      const Fragment& fragment = document.fragments[i];
      const std::string_view text(out.data() + fragment.offset, fragment.length);
      if (fragment.kind != FragmentKind::kDialog) {
        shown += "x ";
        continue;
      }
      shown.append(text.substr(fragment.id_offset, fragment.id_length)).append("=");
      shown += fragment.basic == BasicStatus::kClosed ? "over " : "on ";
    }
    return shown;
  };
  EXPECT_EQ(merged("", dialog("1", "early")), "1=on ");
  EXPECT_EQ(merged(dialog("1", "early"), ""), "1=on ");
  EXPECT_EQ(merged(dialog("1", "early") + dialog("2", "trying"), dialog("2", "terminated")), "2=over 1=on ");
  EXPECT_EQ(merged(dialog("1", "terminated") + dialog("2", "trying"), dialog("3", "trying")), "3=on 2=on ");
  EXPECT_EQ(merged(dialog("1", "terminated"), dialog("1", "trying")), "1=on ");
  EXPECT_EQ(merged(dialog("1", "early") + "<x:y xmlns:x='urn:x'/>", dialog("2", "early")), "2=on 1=on x ");
  EXPECT_EQ(merged("<x:y xmlns:x='urn:x'/>", "<x:z xmlns:x='urn:x'/>"), "x ");
  EXPECT_EQ(merged(dialog("1", "early"), dialog("2", "early"), 80), "too large");
  std::string many;
  for (size_t i = 0; i < kFragmentsMax; ++i) many += dialog(std::to_string(i), "early");
  EXPECT_EQ(merged(many, dialog("more", "early"), 65'536), "too large");
}

TEST(MessageSummary, LinesAreWrittenAsTheyAreWithoutThoseOfMessages) {
  // RFC 3842 §5.2, its example, with line feeds alone and white space at the end.
  const Normalised result = normalise(normalise_message_summary,
                                      "Messages-Waiting: yes \nMessage-Account: sip:alice@vmail.example.com\n"
                                      "Voice-Message: 4/8 (1/2)\r\nFax-Message:0/1\n\nTo: <alice@atlanta.example.com>\n"
                                      "Subject: carpool tomorrow?\n\nTo: <x@y>\n");
  ASSERT_EQ(result.error, ParseError::kOk);
  EXPECT_EQ(result.document.count, 1u);
  EXPECT_EQ(result.text,
            "Messages-Waiting: yes\r\nMessage-Account: sip:alice@vmail.example.com\r\nVoice-Message: 4/8 (1/2)\r\n"
            "Fax-Message:0/1\r\n");
  EXPECT_EQ(normalise(normalise_message_summary, "messages-waiting:NO").text, "messages-waiting:NO\r\n");
}

TEST(MessageSummary, WhatIsNoneIsRefused) {
  for (const std::string_view body :
       {"", "\r\n", "Messages-Waiting", "Messages-Waiting: maybe", "Voice-Message: 1/2",
        "Messages-Waiting: yes\nVoice-Message: 1", "Messages-Waiting: yes\nVoice-Message: 1/2 (3)",
        "Messages-Waiting: yes\nVoice-Message: 1/2 (3/4", "Messages-Waiting: yes\nVoice-Message: 1/2 (3/4) x",
        "Messages-Waiting: yes\nVoice-Message: 1/2\nMessage-Account: sip:a@b",
        "Messages-Waiting: yes\nMessage-Account: nobody", "Messages-Waiting: yes\n\nSubject: a\tb\x01",
        "Messages-Waiting: yes\n\nnot a field"}) {
    EXPECT_EQ(normalise(normalise_message_summary, body).error, ParseError::kBody) << body;
  }
  EXPECT_EQ(normalise(normalise_message_summary, "Messages-Waiting: yes", 10).error, ParseError::kXmlTooLarge);
}

}  // namespace
}  // namespace vedette::parsers
