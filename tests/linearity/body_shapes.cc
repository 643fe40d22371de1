// Bodies of dialog state and message summaries: what grows in them besides the XML that document_shapes has.
#include <array>

#include "parsers/dialog_info.h"
#include "parsers/message_summary.h"
#include "tests/linearity/shapes.h"

namespace vedette::linearity {

using namespace vedette::parsers;

namespace {

constexpr std::string_view kOpen =
    "<dialog-info xmlns='urn:ietf:params:xml:ns:dialog-info' version='0' state='full' entity='sip:a@b'>";
constexpr std::string_view kClose = "</dialog-info>";

template <ParseError (*kNormalise)(std::string_view, std::span<char>, PidfDocument&)>
void read_body(std::string_view body) {
  static std::array<char, 1 << 20> out;
  static PidfDocument document;
  kNormalise(body, out, document);
}

struct Pattern {
  const char* name;
  std::string_view begin, piece, end;
};

constexpr std::array kDialogs = {
    Pattern{"white space between dialogs", "", " \n", ""},
    Pattern{"comments between dialogs", "", "<!---->", ""},
    Pattern{"dialogs", "", "<dialog id='a'><state>early</state></dialog>", ""},
    Pattern{"dialogs without a state", "<dialog id='a'>", "<state/>", "</dialog>"},
    Pattern{"extensions", "", "<a xmlns='urn:a'/>", ""},
    Pattern{"a long state", "<dialog id='a'><state>", "early", "</state></dialog>"},
    Pattern{"a state of white space", "<dialog id='a'><state>early", " ", "</state></dialog>"},
    Pattern{"a state of references", "<dialog id='a'><state>early", "&#32;", "</state></dialog>"},
    Pattern{"a state of CDATA sections", "<dialog id='a'><state>early", "<![CDATA[ ]]>", "</state></dialog>"},
    Pattern{"a long id", "<dialog id='", "x", "'><state>early</state></dialog>"},
    Pattern{"attributes of a state", "<dialog id='a'><state", " a='b'", ">early</state></dialog>"},
    Pattern{"elements of a dialog", "<dialog id='a'><state>early</state>", "<local><target uri='a'/></local>",
            "</dialog>"},
    Pattern{"elements of another namespace", "<dialog id='a'><state>early</state>", "<b xmlns='urn:b'/>", "</dialog>"},
    Pattern{"text of a dialog", "<dialog id='a'><state>early</state>", "x", "</dialog>"}};

constexpr std::array kSummaries = {
    Pattern{"counts", "Messages-Waiting: yes\r\n", "Voice-Message: 2/8 (0/2)\r\n", ""},
    Pattern{"long counts", "Messages-Waiting: yes\r\nVoice-Message: ", "9", "/1\r\n"},
    Pattern{"white space within counts", "Messages-Waiting: yes\r\nVoice-Message: 1", " ", "/1\r\n"},
    Pattern{"white space before a line end", "Messages-Waiting: yes", " ", "\r\n"},
    Pattern{"CRs before a line end", "Messages-Waiting: yes", "\r", "\n"},
    Pattern{"white space that no line end follows", "Messages-Waiting: yes\r\nVoice-Message: 1/1", " \t", ""},
    Pattern{"a long name of a line", "", "M", ": yes\r\n"},
    Pattern{"a long account", "Messages-Waiting: yes\r\nMessage-Account: sip:a@b", ";c=d", "\r\n"},
    Pattern{"a long user", "Messages-Waiting: yes\r\nMessage-Account: sip:", "a", "@b\r\n"},
    Pattern{"messages", "Messages-Waiting: yes\r\n", "\r\nTo: <a@b>\r\n", ""},
    Pattern{"empty lines", "Messages-Waiting: yes\r\n", "\r\n", ""},
    Pattern{"line feeds alone", "Messages-Waiting: yes\n", "\n", ""},
    Pattern{"a long field of a message", "Messages-Waiting: yes\r\n\r\nSubject: ", "x", "\r\n"}};

}  // namespace

void add_body_shapes(std::vector<Shape>& shapes) {
  for (const Pattern& pattern : kDialogs) {
    shapes.push_back({"dialog state: " + std::string(pattern.name),
                      [pattern](size_t bytes) {
                        return repeated(std::string(kOpen) + std::string(pattern.begin), pattern.piece,
                                        std::string(pattern.end) + std::string(kClose), bytes);
                      },
                      read_body<normalise_dialog_info>});
  }
  for (const Pattern& pattern : kSummaries) {
    shapes.push_back({"message summary: " + std::string(pattern.name),
                      [pattern](size_t bytes) { return repeated(pattern.begin, pattern.piece, pattern.end, bytes); },
                      read_body<normalise_message_summary>});
  }
}

}  // namespace vedette::linearity
