#include "tests/support/message_laws.h"

#include <vector>

#include "parsers/cseq.h"
#include "parsers/framer.h"
#include "parsers/message.h"
#include "parsers/plain_response.h"
#include "parsers/via.h"
#include "parsers/writer.h"
#include "tests/support/naive_message.h"
#include "tests/support/typed_headers.h"

namespace vedette::support {

using namespace vedette::parsers;

namespace {

constexpr std::string_view kRich =
    "SUBSCRIBE sip:a@b SIP/2.0\r\nVia: x\r\nv: y\r\nFrom: z\r\nTo: z\r\nContact: a\r\nm: b\r\nl: 2\r\nX: y\r\n\r\nab";

bool lies_within(std::string_view view, std::string_view whole) {
  return view.data() == nullptr ||
         (view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size());
}

std::string with_line_feeds(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t end = text.find("\r\n"); end != std::string_view::npos; end = text.find("\r\n")) {
    out.append(text.substr(0, end)).append("\n");
    text.remove_prefix(end + 2);
  }
  return out.append(text);
}

class MessageLaws {
 public:
  explicit MessageLaws(std::string_view bytes) : bytes_(bytes) {}

  std::string first_broken() {
    verdict_ = check_message(bytes_, message_);
    error_ = parse_message(bytes_, message_);
    if (!verdict_.views_inside || !lies_within(message_.bytes(), bytes_)) return "gives what is not the message's";
    using Law = std::string (MessageLaws::*)();
    for (const Law law :
         {&MessageLaws::differs_from_naive, &MessageLaws::minds_kernel, &MessageLaws::minds_neighbours,
          &MessageLaws::links_wrongly, &MessageLaws::depends_on_before, &MessageLaws::minds_line_ends,
          &MessageLaws::minds_surroundings, &MessageLaws::differs_on_stream, &MessageLaws::ends_elsewhere,
          &MessageLaws::minds_writing, &MessageLaws::answers_otherwise}) {
      std::string broken = (this->*law)();
      if (!broken.empty()) return broken;
    }
    return {};
  }

 private:
  std::string differs_from_naive() {
    const NaiveMessage naive = read_naively(bytes_);
    const auto says = [&](std::string_view what) {
      return std::string(what) + "; naively " + std::string(to_string(naive.error)) + ", here " +
             std::string(to_string(error_));
    };
    if (naive.error != error_) return says("another verdict than the naive one");
    if (error_ == ParseError::kEmpty || error_ == ParseError::kMessageTooLong) return {};
    if (naive.is_request != message_.is_request()) return says("a request for one, a response for the other");
    if (error_ != ParseError::kStartLine && error_ != ParseError::kStatusCode &&
        (naive.method != message_.method_name() || naive.request_uri != message_.request_uri() ||
         naive.status != message_.status() || naive.reason_phrase != message_.reason_phrase())) {
      return says("another start line than the naive one");
    }
    if (naive.fields.size() != message_.header_count()) return says("other fields than the naive ones");
    for (size_t i = 0; i < naive.fields.size(); ++i) {
      const HeaderField& field = message_.header(i);
      if (naive.fields[i].id != message_.header_id(i) || naive.fields[i].name != message_.name(field) ||
          naive.fields[i].value != message_.value(field)) {
        return says("another field than the naive one: " + naive.fields[i].name);
      }
    }
    return naive.body == message_.body() ? std::string() : says("another body than the naive one");
  }

  std::string minds_kernel() {
    static Message other;
    for (const Kernel& kernel : kernels()) {
      const bool same_verdict = parse_message(bytes_, other, kernel) == error_;
      if (!same_verdict || !equal_messages(message_, other))
        return "the kernel gives another: " + std::string(kernel.name);
    }
    return {};
  }

  // What else is in the buffer, behind the datagram and before it.
  std::string minds_neighbours() {
    constexpr size_t kAround = 80;
    static std::string buffer;
    static Message other;
    for (const char fill : {'x', ':', '\r', '\n', ' '}) {
      buffer.assign(kAround, fill).append(bytes_).append(kAround, fill);
      const std::string_view placed = std::string_view(buffer).substr(kAround, bytes_.size());
      const TypedVerdict verdict = check_message(placed, other);
      if (verdict.error != verdict_.error || !verdict.views_inside) return "what stands around it matters";
      if (parse_message(placed, other) != error_ || !equal_messages(message_, other))
        return "what stands around it matters";
    }
    return {};
  }

  // find() and find_next() give the fields of each name in order, and no others.
  std::string links_wrongly() {
    for (unsigned i = 1; i < static_cast<unsigned>(HeaderId::kCount); ++i) {
      const auto id = static_cast<HeaderId>(i);
      const HeaderField* linked = message_.find(id);
      size_t count = 0;
      for (size_t j = 0; j < message_.header_count(); ++j) {
        if (message_.header_id(j) != id) continue;
        if (linked != &message_.header(j)) return "a field is not linked: " + std::string(to_string(id));
        linked = message_.find_next(*linked);
        ++count;
      }
      if (linked != nullptr || message_.count(id) != count) return "a link too many: " + std::string(to_string(id));
    }
    return {};
  }

  std::string depends_on_before() {
    static Message used;
    parse_message(kRich, used);
    if (parse_message(bytes_, used) != error_ || !equal_messages(message_, used) ||
        message_.has_content_length() != used.has_content_length()) {
      return "depends on what the Message held before";
    }
    return {};
  }

  std::string minds_line_ends() {
    const size_t head = message_.body().data() == nullptr
                            ? bytes_.size()
                            : static_cast<size_t>(message_.body().data() - bytes_.data());
    const std::string_view text = bytes_.substr(0, head);
    // There the LF would make a line end of a CR that is none; a length limit is about bytes.
    if (text.find("\r\r\n") != std::string_view::npos || error_ == ParseError::kMessageTooLong) return {};
    const std::string other = with_line_feeds(text) + std::string(bytes_.substr(head));
    Message lean;
    const TypedVerdict verdict = check_message(other, lean);
    if (verdict.error != verdict_.error || verdict.where != verdict_.where)
      return "LF and CRLF differ in their verdict";
    if (lean.header_count() != message_.header_count() || lean.body() != message_.body()) return "LF and CRLF differ";
    for (size_t i = 0; i < lean.header_count(); ++i) {
      if (lean.value(lean.header(i)) != with_line_feeds(message_.value(message_.header(i))))
        return "LF and CRLF differ";
    }
    return {};
  }

  std::string minds_surroundings() {
    if (bytes_.size() + 16 > kMessageBytesMax) return {};
    const std::string behind_line_ends = "\r\n\n\r\n" + std::string(bytes_);
    Message moved;
    if (parse_message(behind_line_ends, moved) != error_ || !equal_messages(message_, moved)) {
      return "line ends before it matter";
    }
    if (!message_.has_content_length() || message_.body().data() == nullptr) return {};
    const std::string with_noise = std::string(message_.bytes()) + "\r\nBYE sip:";
    if (parse_message(with_noise, moved) != error_ || !equal_messages(message_, moved))
      return "noise behind it matters";
    return {};
  }

  std::string differs_on_stream() {
    Message streamed;
    const ParseError error = parse_stream_message(bytes_, streamed);
    const bool lacks_length = !message_.has_content_length() && message_.body().data() != nullptr;
    const ParseError expected = error_ == ParseError::kOk && lacks_length ? ParseError::kContentLength : error_;
    if (error != expected || !equal_messages(message_, streamed)) return "is another message on a stream";
    return {};
  }

  // The framer and the parser must cut at the same byte, or a body could be read as the next message.
  std::string ends_elsewhere() {
    Frame frame;
    const std::string_view rest = message_.bytes();
    if (rest.empty()) return {};
    const ParseError error = find_frame(rest, kMessageBytesMax, frame);
    const bool is_framed = error == ParseError::kOk && frame.kind == Frame::Kind::kMessage;
    const bool must_be = error_ == ParseError::kOk && message_.has_content_length() && rest.size() < kMessageBytesMax;
    if (must_be && !is_framed) return "is not framed";
    if (!message_.has_content_length() && is_framed && message_.header_count() < kHeadersMax)
      return "is framed by a guess";
    if (!is_framed || message_.body().data() == nullptr || !message_.has_content_length()) return {};
    // Fields beyond the index are the framer's alone to see.
    if (message_.header_count() == kHeadersMax) return {};
    return frame.skip == 0 && frame.length == rest.size() ? std::string() : "the framer ends it elsewhere";
  }

  std::string minds_writing() {
    if (error_ != ParseError::kOk) return {};
    static std::vector<char> buffer(3 * kMessageBytesMax);
    Writer writer(buffer.data(), buffer.size());
    write_message(message_, writer);
    if (writer.overflowed() || writer.length() > kMessageBytesMax) return {};
    Message again;
    if (parse_message(writer.text(), again) != ParseError::kOk || !equal_messages(message_, again)) {
      return "reads otherwise when it is written anew";
    }
    return {};
  }

  std::string answers_otherwise() {
    bool is_read = false;
    return broken_plain_response_law(bytes_, is_read);
  }

  std::string_view bytes_;
  ParseError error_ = ParseError::kOk;
  TypedVerdict verdict_;
  Message message_;
};

}  // namespace

std::string broken_message_law(std::string_view bytes) { return MessageLaws(bytes).first_broken(); }

std::string broken_plain_response_law(std::string_view datagram, bool& is_read) {
  PlainResponse plain;
  is_read = read_plain_response(datagram, plain);
  if (!is_read) return {};
  static Message message;
  if (parse_message(datagram, message) != ParseError::kOk || message.is_request()) return "is answered, but malformed";
  if (message.status() != plain.status || plain.status / 100 != 2) return "is answered with another status";
  CSeq cseq;
  if (parse_cseq(message.value(HeaderId::kCSeq), cseq) != ParseError::kOk || cseq.number != plain.cseq ||
      cseq.method != Method::kNotify) {
    return "is answered with another CSeq";
  }
  std::string_view vias = message.value(HeaderId::kVia);
  Via via;
  if (message.count(HeaderId::kVia) != 1 || next_via(vias, via) != ParseError::kOk || !vias.empty()) {
    return "is answered without one good Via";
  }
  const bool is_same_branch =
      via.branch == plain.branch && (via.branch.empty() || via.branch.data() == plain.branch.data());
  if (!is_same_branch) return "is answered with another branch";
  return message.find(HeaderId::kRetryAfter) == nullptr ? std::string() : "is answered in spite of a Retry-After";
}

}  // namespace vedette::support
