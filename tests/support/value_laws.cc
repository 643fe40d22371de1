#include "tests/support/value_laws.h"

#include <array>
#include <cstdlib>

#include "parsers/date_time.h"
#include "parsers/number.h"
#include "parsers/param.h"
#include "parsers/token_list.h"
#include "tests/support/value_readings.h"

namespace vedette::support {

using namespace vedette::parsers;

namespace {

constexpr size_t kRoom = 1 << 18;

template <typename T, ParseError (*kParse)(std::string_view, T&)>
void parse_value(std::string_view value) {
  T read{};
  kParse(value, read);
}

template <typename T, ParseError (*kNext)(std::string_view&, T&)>
void parse_list(std::string_view rest) {
  T element{};
  while (kNext(rest, element) != ParseError::kEmpty) {
  }
}

template <typename T, ParseError (*kParse)(std::string_view, T&)>
void read_value(std::string_view value, std::string_view before, Reading& out) {
  out.clear();
  T read{};
  if (!before.empty()) kParse(before, read);
  out.error = kParse(value, read);
  if (out.error == ParseError::kOk || before.empty()) collect(read, out);
}

template <typename T, ParseError (*kParse)(std::string_view, T&)>
void rewrite_value(std::string_view value, bool, Writer& writer) {
  T read{};
  kParse(value, read);
  write(read, writer);
}

// Elements with a text of their own give that; the others are told apart by their fields alone.
template <typename T>
void write_as_it_stands(const T& element, Writer& writer) {
  if constexpr (requires { element.text; }) {
    writer.put(element.text);
  } else {
    write(element, writer);
  }
}

// A step either takes something off the list or ends it; only next_token() goes on after an error.
template <typename T, typename Next>
void read_elements(std::string_view value, T& element, Next next, Reading& out) {
  for (std::string_view rest = value;;) {
    const size_t left = rest.size();
    const ParseError error = next(rest, element);
    out.spans.push_back(rest);
    if (error == ParseError::kEmpty) return;
    if (error == ParseError::kOk) {
      collect(element, out);
    } else if (out.error == ParseError::kOk) {
      out.error = error;
    }
    if (rest.empty() && error != ParseError::kOk) return;
    if (rest.size() >= left) {
      out.error = ParseError::kCount;       // No parser gives this: a step that takes nothing breaks every law.
      return;
    }
  }
}

template <typename T, ParseError (*kNext)(std::string_view&, T&)>
void read_list(std::string_view value, std::string_view before, Reading& out) {
  out.clear();
  T element{};
  if (!before.empty()) kNext(before, element);
  read_elements(value, element, kNext, out);
}

template <typename T, ParseError (*kParse)(const Kernel&, std::string_view, T&)>
void read_value_by(const Kernel& kernel, std::string_view value, Reading& out) {
  out.clear();
  T read{};
  out.error = kParse(kernel, value, read);
  if (out.error == ParseError::kOk) collect(read, out);
}

template <typename T, ParseError (*kNext)(const Kernel&, std::string_view&, T&)>
void read_list_by(const Kernel& kernel, std::string_view value, Reading& out) {
  out.clear();
  T element{};
  const auto next = [&kernel](std::string_view& rest, T& found) { return kNext(kernel, rest, found); };
  read_elements(value, element, next, out);
}

void read_tokens_by(const Kernel& kernel, std::string_view value, Reading& out) {
  out.clear();
  TokenList tokens(value, kernel);
  std::string_view token;
  for (ParseError error = ParseError::kOk; (error = tokens.next(token)) != ParseError::kEmpty;) {
    if (error == ParseError::kOk) {
      collect(token, out);
    } else if (out.error == ParseError::kOk) {
      out.error = error;
    }
  }
}

template <typename T, ParseError (*kNext)(std::string_view&, T&), bool kHasCommas = true>
void rewrite_list(std::string_view rest, bool from_fields, Writer& writer) {
  T element{};
  for (bool is_first = true; kNext(rest, element) == ParseError::kOk; is_first = false) {
    if (!is_first && kHasCommas) writer.put(',');
    if (from_fields) {
      write(element, writer);
    } else {
      write_as_it_stands(element, writer);
    }
  }
}

ParseError parse_number(std::string_view value, Number& out) { return parse_uint(value, UINT32_MAX, out.value); }

ParseError parse_seconds(std::string_view value, Number& out) {
  uint32_t seconds = 0;
  const ParseError error = parse_delta_seconds(value, seconds);
  out.value = seconds;
  return error;
}

// Written anew as the seconds that it is, it is no date: as it stands, then.
struct Date {
  std::string_view text;
  int64_t seconds = 0;
};
void collect(const Date& date, Reading& out) {
  out.spans.push_back(date.text);
  out.numbers.push_back(static_cast<uint64_t>(date.seconds));
}
void write(const Date& date, Writer& writer) { writer.put(date.text); }

ParseError parse_date(std::string_view value, Date& out) {
  out.text = value;
  return parse_sip_date(value, out.seconds);
}

ParseError parse_call_id(std::string_view value, Verdict& out) {
  out.text = value;
  return check_call_id(value);
}

ParseError parse_call_id_by(const Kernel& kernel, std::string_view value, Verdict& out) {
  out.text = value;
  return check_call_id_by(kernel, value);
}

// It has a quick way that is not a kernel's.
ParseError parse_cseq_slowly(const Kernel&, std::string_view value, CSeq& out) {
  return parse_cseq_of_any_shape(value, out);
}

template <typename T, ParseError (*kParse)(std::string_view, T&)>
constexpr ValueParser value(char letter, std::string_view name, std::string_view sample, bool takes_white_space,
                            void (*read_by)(const Kernel&, std::string_view, Reading&) = nullptr) {
  return {letter,
          name,
          sample,
          takes_white_space,
          parse_value<T, kParse>,
          read_value<T, kParse>,
          rewrite_value<T, kParse>,
          read_by};
}

template <typename T, ParseError (*kNext)(std::string_view&, T&)>
constexpr ValueParser list(char letter, std::string_view name, std::string_view sample,
                           void (*read_by)(const Kernel&, std::string_view, Reading&) = nullptr) {
  constexpr bool kHasCommas = !std::is_same_v<T, Param>;
  return {letter,
          name,
          sample,
          true,
          parse_list<T, kNext>,
          read_list<T, kNext>,
          rewrite_list<T, kNext, kHasCommas>,
          read_by};
}

constexpr std::array kParsers = {
    list<Via, next_via>(
        'v', "Via",
        "SIP/2.0/UDP [2001:db8::1]:5070 ;branch=z9hG4bK1;rport=9;received=192.0.2.1;x=\"y\", SIP/2.0/TCP a",
        read_list_by<Via, next_via_by>),
    value<Address, parse_address>('f', "address", "\"A \\\" B\" <sips:a:b@c:5;lr?d=e>;tag=1;x=\"y\"", true,
                                  read_value_by<Address, parse_address_by>),
    list<Address, next_address>('m', "addresses", "A B <sip:a@b>;expires=5;q=0.5, tel:+1-2, *",
                                read_list_by<Address, next_address_by>),
    value<AuthParams, parse_auth_params>('d', "credentials",
                                         "Digest username=\"a\\\"b\", realm=r, nonce=\"n\", uri=\"sip:a\", "
                                         "response=\"0\", nc=0000000a, cnonce=\"c\", "
                                         "qop=auth, opaque=\"\", algorithm=MD5, domain=\"d\", stale=true",
                                         true, read_value_by<AuthParams, parse_auth_params_by>),
    value<CSeq, parse_cseq>('c', "CSeq", "0042\r\n SUBSCRIBE", true, read_value_by<CSeq, parse_cseq_slowly>),
    value<Verdict, parse_call_id>('i', "Call-ID", "a[b]<c>\"@{d}", false,
                                  read_value_by<Verdict, parse_call_id_by>),
    value<Event, parse_event>('o', "Event", "presence.winfo;id=a1;x=\"y\"", true,
                              read_value_by<Event, parse_event_by>),
    value<MediaType, parse_media_type>('t', "media type", "application / pidf+xml;charset=\"utf-8\";a", true,
                                      read_value_by<MediaType, parse_media_type_by>),
    list<MediaType, next_media_range>('a', "media ranges", "*/*;q=0, text/*;q=0.5;x, text/plain",
                                     read_list_by<MediaType, next_media_range_by>),
    value<SubscriptionState, parse_subscription_state>(
        's', "Subscription-State", "terminated;reason=probation;expires=0;retry-after=60", true),
    list<std::string_view, next_token>('k', "tokens", "path,, gruu , x.y!", read_tokens_by),
    value<std::string_view, parse_entity_tag>('e', "entity tag", " a-1.b ", true),
    value<Number, parse_number>('l', "number", "0068", false),
    value<Number, parse_seconds>('x', "delta-seconds", "3600 (a (b\\) c)) ;duration=\"5\"", false),
    list<Param, next_param>('p', "parameters", ";a=b ; c = \"d\\\"e\";f;g=[2001:db8::1]",
                                read_list_by<Param, next_param_by>),
    value<Identity, parse_identity>('y', "Identity",
                                    "eyJ.eyK.a-b_1 ; INFO = <https://a.b/c;d?e> ; alg=ES256;ppt=\"x\";z", true),
    value<Date, parse_date>('h', "Date", "Sat, 13 Nov 2010 23:29:00 GMT", true),
    value<Uri, parse_uri>('u', "URI", "sips:a;b:c%20d@[2001:DB8::1]:5061;lr;x=%41?y=z&w=", false,
                          read_value_by<Uri, parse_uri_by>),
    value<Uri, parse_request_uri>('r', "Request-URI", "tel:7042;phone-context=example.com", false)};

bool lies_within(std::string_view view, std::string_view whole) {
  return view.data() == nullptr ||
         (view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size());
}

std::string unfolded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\r\n ")) i += 2;
    out += text[i];
  }
  return out;
}

// A fold in place of each space that is neither escaped nor behind another fold.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char before = out.empty() ? '\0' : out.back();
    const bool may_fold = before != '\\' && before != '\r' && before != '\n';
    out += c == ' ' && may_fold ? "\r\n " : std::string(1, c);
  }
  return out;
}

enum class Spelling { kSame, kFolded };

bool read_the_same(const Reading& a, const Reading& b, Spelling spelling = Spelling::kSame) {
  if (a.error != b.error) return false;
  if (a.error != ParseError::kOk) return true;
  if (a.numbers != b.numbers || a.parts.size() != b.parts.size()) return false;
  for (size_t i = 0; i < a.parts.size(); ++i) {
    if (a.parts[i] == b.parts[i]) continue;
    if (spelling == Spelling::kSame || unfolded(a.parts[i]) != unfolded(b.parts[i])) return false;
  }
  return true;
}

std::string broken_rewriting_law(const ValueParser& parser, std::string_view value, const Reading& first) {
  static std::vector<char> buffer(kRoom);
  static Reading again;
  for (const bool from_fields : {true, false}) {
    Writer writer(buffer.data(), buffer.size());
    parser.rewrite(value, from_fields, writer);
    if (writer.overflowed()) continue;
    parser.read(writer.text(), {}, again);
    if (!read_the_same(first, again)) return "is read otherwise when it is written anew: " + std::string(writer.text());
  }
  return {};
}

// What stands behind a value in its message, and before it, is none of its business.
bool minds_neighbours(const ValueParser& parser, std::string_view value, const Reading& first) {
  constexpr size_t kAround = 80;
  static std::string buffer;
  static Reading again;
  for (const char fill : {'a', '0', '"', ',', ';', '>', '@', ' ', '\n'}) {
    buffer.assign(kAround, fill).append(value).append(kAround, fill);
    parser.read(std::string_view(buffer).substr(kAround, value.size()), {}, again);
    if (!read_the_same(first, again)) return true;
  }
  return false;
}

}  // namespace

void Reading::clear() {
  error = ParseError::kOk;
  parts.clear();
  spans.clear();
  numbers.clear();
}

std::span<const ValueParser> value_parsers() { return kParsers; }

const ValueParser& value_parser(char letter) {
  for (const ValueParser& parser : kParsers) {
    if (parser.letter == letter) return parser;
  }
  std::abort();
}

char parser_letter(HeaderId id) {
  switch (id) {
    case HeaderId::kVia: return 'v';
    case HeaderId::kFrom:
    case HeaderId::kTo: return 'f';
    case HeaderId::kContact:
    case HeaderId::kRoute:
    case HeaderId::kRecordRoute:
    case HeaderId::kPath:
    case HeaderId::kPAssertedIdentity: return 'm';
    case HeaderId::kAuthorization:
    case HeaderId::kProxyAuthorization:
    case HeaderId::kWwwAuthenticate:
    case HeaderId::kProxyAuthenticate: return 'd';
    case HeaderId::kCSeq: return 'c';
    case HeaderId::kCallId: return 'i';
    case HeaderId::kEvent: return 'o';
    case HeaderId::kContentType: return 't';
    case HeaderId::kDate: return 'h';
    case HeaderId::kIdentity: return 'y';
    case HeaderId::kAccept: return 'a';
    case HeaderId::kSubscriptionState: return 's';
    case HeaderId::kAllow:
    case HeaderId::kAllowEvents:
    case HeaderId::kContentEncoding:
    case HeaderId::kProxyRequire:
    case HeaderId::kRequire:
    case HeaderId::kSupported:
    case HeaderId::kUnsupported: return 'k';
    case HeaderId::kSipEtag:
    case HeaderId::kSipIfMatch: return 'e';
    case HeaderId::kContentLength:
    case HeaderId::kMaxForwards: return 'l';
    case HeaderId::kExpires:
    case HeaderId::kMinExpires:
    case HeaderId::kRetryAfter: return 'x';
    default: return '\0';
  }
}

std::string broken_kernel_law(const ValueParser& parser, std::string_view value) {
  static Reading first, again;
  if (parser.read_by == nullptr) return {};
  parser.read(value, {}, first);
  for (const Kernel& kernel : kernels()) {
    parser.read_by(kernel, value, again);
    if (!read_the_same(first, again)) return "the kernel reads it otherwise: " + std::string(kernel.name);
  }
  return {};
}

std::string broken_value_law(const ValueParser& parser, std::string_view value) {
  static Reading first, again;
  parser.read(value, {}, first);
  if (std::string broken = broken_kernel_law(parser, value); !broken.empty()) return broken;
  if (first.error == ParseError::kCount) return "a step takes nothing";
  for (const auto* views : {&first.parts, &first.spans}) {
    for (const std::string_view view : *views) {
      if (!lies_within(view, value)) return "gives what is not the value's";
    }
  }
  parser.read(value, parser.sample, again);
  if (!read_the_same(first, again)) return "depends on what was read before";
  if (minds_neighbours(parser, value, first)) return "what stands around it matters";
  const std::string with_folds = folded(value);
  parser.read(with_folds, {}, again);
  if (!read_the_same(first, again, Spelling::kFolded)) return "a fold is no space";
  if (parser.takes_white_space) {
    const std::string padded = " \t" + std::string(value) + "\r\n ";
    parser.read(padded, {}, again);
    // White space may be the one thing that was missing before something else is: another error, still one.
    const bool is_refused = first.error != ParseError::kOk && again.error != ParseError::kOk;
    if (!is_refused && !read_the_same(first, again)) return "white space around it matters";
  }
  return first.error == ParseError::kOk ? broken_rewriting_law(parser, value, first) : std::string();
}

}  // namespace vedette::support
