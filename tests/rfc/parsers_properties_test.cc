// What holds for every input near a real message: each prefix, each suffix, each byte exchanged, each split of a
// stream, at the edge of an unreadable page. Nothing is read beyond the bytes, every view lies within them, all kernels
// agree, and what is accepted can be written and read again.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <set>

#include "parsers/address.h"
#include "parsers/auth_params.h"
#include "parsers/event.h"
#include "parsers/framer.h"
#include "parsers/kernel.h"
#include "parsers/line_index.h"
#include "parsers/media_type.h"
#include "parsers/start_line.h"
#include "parsers/uri.h"
#include "parsers/via.h"
#include "tests/support/corpus.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/message_laws.h"
#include "tests/support/stream_reader.h"
#include "tests/support/typed_headers.h"
#include "tests/support/value_laws.h"

namespace vedette::parsers {
namespace {

using support::CorpusMessage;
using support::GuardedBytes;

// A sanitised build is many times as slow, and so is an emulated processor: there each law is tried on one byte in so
// many.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(VEDETTE_EMULATED)
constexpr size_t kStride = 40;
#else
constexpr size_t kStride = 1;
#endif

void add(std::vector<CorpusMessage>& messages, std::vector<CorpusMessage> more) {
  for (auto& message : more) messages.push_back(std::move(message));
}

// One for each rule, and one of each kind that a presence server meets.
std::vector<CorpusMessage> written_messages() {
  std::vector<CorpusMessage> messages = support::own_messages();
  add(messages, support::bench_messages());
  return messages;
}

// What clients sent and what the RFCs print.
std::vector<CorpusMessage> found_messages() {
  std::vector<CorpusMessage> messages = support::own_client_messages();
  for (const char* folder : {"../shared/data/rfc4475", "../shared/data/rfc5118"}) {
    add(messages, support::read_corpus(support::source_path(folder), ".dat"));
  }
  return messages;
}

std::vector<CorpusMessage> corpus() {
  std::vector<CorpusMessage> messages = written_messages();
  add(messages, found_messages());
  return messages;
}

size_t head_bytes(const std::string& bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  return end == std::string::npos ? bytes.size() : end + 4;
}

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

bool same_ids(const Message& a, const Message& b) {
  for (size_t i = 0; i < a.header_count(); ++i) {
    if (a.header_id(i) != b.header_id(i)) return false;
  }
  return true;
}

// Two views of the same bytes, compared by where they stand.
bool same_views(const Message& a, const Message& b) {
  const auto at = [](std::string_view view) { return std::pair(view.data(), view.size()); };
  const size_t count = a.header_count();
  return count == b.header_count() && a.is_request() == b.is_request() && a.method() == b.method() &&
         a.status() == b.status() && at(a.method_name()) == at(b.method_name()) &&
         at(a.request_uri()) == at(b.request_uri()) && at(a.reason_phrase()) == at(b.reason_phrase()) &&
         at(a.body()) == at(b.body()) && at(a.bytes()) == at(b.bytes()) &&
         a.has_content_length() == b.has_content_length() &&
         (count == 0 || (std::memcmp(&a.header(0), &b.header(0), count * sizeof(HeaderField)) == 0 &&
                         same_ids(a, b)));
}

// True when all is well, so that millions of calls cost no more than they must. `ask` asks the typed parsers.
template <typename Ask>
bool holds(std::string_view bytes, Ask ask) {
  static Message message;
  static Message other;
  const ParseError error = parse_message(bytes, message);
  if (!lies_within(message.bytes(), bytes) || !ask(message).views_inside) return false;
  for (const Kernel& kernel : kernels()) {
    if (&kernel == &best_kernel()) continue;
    if (parse_message(bytes, other, kernel) != error || !same_views(message, other)) return false;
  }
  return true;
}

bool holds(std::string_view bytes) { return holds(bytes, support::check_typed_headers); }

TEST(Properties, AllKernelsThatThisProcessorHasAreTried) {
  std::set<std::string_view> names;
  for (const Kernel& kernel : kernels()) names.insert(kernel.name);
  EXPECT_EQ(names.size(), kernels().size());
  EXPECT_EQ(kernels()[0].name, "plain");
  EXPECT_GE(names.size(), 2u);
#if defined(__x86_64__)
  EXPECT_EQ(names.contains("AVX2"), __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"));
  const bool has_avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
                          __builtin_cpu_supports("bmi2");
  EXPECT_EQ(names.contains("AVX-512"), has_avx512);
#endif
  EXPECT_EQ(&best_kernel(), &kernels().back());
}

// Whether a kernel reads this value itself, and does not leave it to the parser of every shape.
bool is_plain(const Kernel& kernel, char letter, std::string_view value) {
  Via via;
  Address address;
  AuthParams auth;
  Uri uri;
  Event event;
  MediaType media_type;
  switch (letter) {
    case 'k': return !value.empty() && kernel.token_stops(value) != 0;
    case 'o': return kernel.parse_plain_event(value, event);
    case 't':
    case 'a': return kernel.next_plain_media_type(value, media_type);
    case 'v': return kernel.next_plain_via(value, via);
    case 'f':
    case 'm': return kernel.next_plain_address(value, address);
    case 'd': return kernel.parse_plain_credentials(value, auth);
    case 'i': return kernel.is_plain_call_id(value);
    default: return kernel.parse_plain_uri(value, uri);
  }
}

// A kernel that leaves everything to the reference agrees with it, too; nine of ten values that are met are read here.
TEST(Properties, KernelsReadMostValuesThemselves) {
  size_t values = 0;
  std::map<std::string_view, size_t> plain;
  for (const auto& [name, bytes] : support::bench_messages()) {
    Message message;
    ASSERT_EQ(parse_message(bytes, message), ParseError::kOk) << name;
    std::vector<std::pair<char, std::string_view>> all;
    if (message.is_request()) all.emplace_back('u', message.request_uri());
    for (size_t i = 0; i < message.header_count(); ++i) {
      const char letter = support::parser_letter(message.header_id(i));
      // A CSeq has a quick way that is no kernel's.
      const bool has_kernels = letter != '\0' && letter != 'c' && support::value_parser(letter).read_by != nullptr;
      if (has_kernels) all.emplace_back(letter, message.value(message.header(i)));
    }
    values += all.size();
    for (const Kernel& kernel : kernels()) {
      for (const auto& [letter, value] : all) plain[kernel.name] += is_plain(kernel, letter, value);
      HeaderIndex index;
      StartLine start;
      const size_t begin = kernel.index_plain_head(bytes, start, index);
      EXPECT_EQ(begin != 0, kernel.name != "plain") << kernel.name << " leaves the start line of " << name;
      if (begin == 0) kernel.index_plain_lines(bytes, bytes.find('\n') + 1, LookAhead::kFar, index);
      EXPECT_EQ(index.tally.count, message.header_count()) << kernel.name << " leaves lines of " << name;
    }
  }
  EXPECT_GT(values, 50u);
  EXPECT_EQ(plain["plain"], 0u);
  for (const Kernel& kernel : kernels().subspan(1)) EXPECT_GE(10 * plain[kernel.name], 9 * values) << kernel.name;
}

TEST(Properties, EveryPrefixAndSuffixIsReadWithinItsBytes) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : corpus()) {
    const std::string_view text(bytes);
    for (size_t length = 0; length <= text.size(); ++length) {
      ASSERT_TRUE(holds(guarded.copy(text.substr(0, length)))) << name << " cut at " << length;
    }
    for (size_t begin = 0; begin <= text.size(); begin += kStride) {
      ASSERT_TRUE(holds(guarded.copy_to_front(text.substr(begin)))) << name << " from " << begin;
    }
  }
}

TEST(Properties, EveryPrefixKeepsTheLaws) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : written_messages()) {
    for (size_t length = 0; length <= head_bytes(bytes); length += kStride) {
      ASSERT_EQ(support::broken_message_law(guarded.copy(std::string_view(bytes).substr(0, length))), "")
          << name << " cut at " << length;
    }
  }
}

TEST(Properties, EveryMessageKeepsTheLaws) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : corpus()) {
    EXPECT_EQ(support::broken_message_law(guarded.copy(bytes)), "") << name;
    EXPECT_EQ(support::broken_message_law(guarded.copy_to_front(bytes)), "") << name;
  }
}

// A line is known to be folded only when it is in the index already, and may turn out to be malformed: then it was not
// there, be there others of its name or none.
TEST(Properties, FoldedLinesMayStandAmongAnyOthers) {
  constexpr std::array<std::string_view, 5> kLines = {"Via: a\r\n", "v: b\r\n c\r\n", "v: d\r\n e\rf\r\n",
                                                      "To: g\r\n\th\r\n", "X: i\r\n j\r\n"};
  constexpr size_t kLineCount = 5;
  GuardedBytes guarded(kMessageBytesMax);
  size_t choices = 1;
  for (size_t i = 0; i < kLineCount; ++i) choices *= kLines.size();
  for (size_t choice = 0; choice < choices; choice += kStride) {
    std::string bytes = "NOTIFY sip:presence@example.com SIP/2.0\r\nUser-Agent: a name of some length\r\n";
    for (size_t i = 0, left = choice; i < kLineCount; ++i, left /= kLines.size()) bytes += kLines[left % kLines.size()];
    ASSERT_EQ(support::broken_message_law(guarded.copy(bytes + "\r\n")), "") << bytes;
  }
}

// As many line ends as 64 bytes can hold, more than a kernel puts down at once, and the shortest lines that are plain.
TEST(Properties, LinesMayBeOfAnyLengthWhereverTheyStand) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const std::string_view line : {"x\r\n", "a:b\r\n", "a: b\r\n", "f: bc\r\n", "a: b\r\n c\r\n"}) {
    for (size_t before = 0; before <= 64; ++before) {
      std::string bytes = "NOTIFY sip:a@b SIP/2.0\r\nX: y" + std::string(before, 'y') + "\r\na: b\r\n";
      for (size_t i = 0; i < 3 + before; ++i) bytes += line;
      ASSERT_EQ(support::broken_message_law(guarded.copy(bytes + "a: b\r\n\r\n")), "") << bytes;
    }
  }
}

// All 255 others stand once in each of so many first places of a head, and of a longer one (there are three) in each 16
// places more.
constexpr size_t kHeadBytesMax = 1'500;

size_t expect_exchangeable(const std::vector<CorpusMessage>& messages) {
  GuardedBytes guarded(kMessageBytesMax);
  Message known;
  size_t tried = 0;
  for (const auto& [name, bytes] : messages) {
    const std::string_view placed = guarded.copy(bytes);
    char* text = guarded.last(bytes.size());
    parse_message(placed, known);
    for (size_t i = 0; i < head_bytes(bytes); ++i) {
      const char kept = text[i];
      const size_t stride = i < kHeadBytesMax ? kStride : std::max<size_t>(kStride, 16);
      const auto ask = [&](const Message& message) { return support::check_changed_headers(message, known, text + i); };
      for (size_t more = 1 + i % stride; more < 256; more += stride, ++tried) {
        text[i] = static_cast<char>(kept + static_cast<char>(more));
        const bool is_good = holds(placed, ask);
        EXPECT_TRUE(is_good) << name << " byte " << i << " = " << int{text[i]};
        if (!is_good) return 0;
      }
      text[i] = kept;
    }
  }
  return tried;
}

TEST(Properties, EveryByteOfAWrittenHeadMayBeExchanged) {
  EXPECT_GT(expect_exchangeable(written_messages()), 8'000'000 / kStride);
}

TEST(Properties, EveryByteOfAFoundHeadMayBeExchanged) {
  const bool has_archives = !support::read_corpus(support::source_path("../shared/data/rfc4475"), ".dat").empty();
  EXPECT_GT(expect_exchangeable(found_messages()), (has_archives ? 12'000'000 : 6'000'000) / kStride);
}

TEST(Properties, AnExchangedByteBreaksNoLaw) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : written_messages()) {
    std::string changed = bytes;
    for (size_t i = 0; i < std::min(head_bytes(bytes), kHeadBytesMax); i += kStride) {
      for (const char c : {'\n', ':', ' '}) {
        changed[i] = c;
        ASSERT_EQ(support::broken_message_law(guarded.copy(changed)), "") << name << " byte " << i << " = " << int{c};
      }
      changed[i] = bytes[i];
    }
  }
}

// Each value by the parser of its field.
std::set<std::pair<char, std::string>> corpus_values() {
  std::set<std::pair<char, std::string>> values;
  for (const auto& [name, bytes] : corpus()) {
    Message message;
    parse_message(bytes, message);
    values.emplace('r', message.request_uri());
    for (size_t i = 0; i < message.header_count(); ++i) {
      const char letter = support::parser_letter(message.header_id(i));
      if (letter != '\0') values.emplace(letter, message.value(message.header(i)));
    }
  }
  return values;
}

// The bytes that mean something in some grammar, or nothing in any.
constexpr std::string_view kTellingBytes("\0\t\n\r \"%'(),/0:;<=>?@A[\\]a\x7f\x80\xff", 28);

TEST(Properties, EveryValueKeepsTheLawsWhateverByteIsExchanged) {
  constexpr size_t kValueBytesMax = 400;        // Of a longer one, this many are exchanged.
  GuardedBytes guarded(kMessageBytesMax);
  size_t tried = 0;
  for (const auto& [letter, value] : corpus_values()) {
    const support::ValueParser& parser = support::value_parser(letter);
    ASSERT_EQ(support::broken_value_law(parser, guarded.copy_to_front(value)), "") << parser.name << ": " << value;
    for (size_t length = 0; length <= value.size(); length += kStride) {
      const std::string_view prefix = guarded.copy(std::string_view(value).substr(0, length));
      ASSERT_EQ(support::broken_value_law(parser, prefix), "") << parser.name << ": " << prefix;
    }
    const std::string_view placed = guarded.copy(value);
    char* text = guarded.last(value.size());
    for (size_t i = 0; i < std::min(value.size(), kValueBytesMax); ++i) {
      const char kept = text[i];
      for (size_t next = i % kStride; next < kTellingBytes.size(); next += kStride, ++tried) {
        text[i] = kTellingBytes[next];
        ASSERT_EQ(support::broken_value_law(parser, placed), "") << parser.name << ": " << placed;
      }
      text[i] = kept;
    }
  }
  EXPECT_GT(tried, 500'000 / kStride);
}

// Letters and digits are all alike.
std::string shape_of(std::string value) {
  for (char& c : value) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) c = 'a';
  }
  return value;
}

// All 255 others stand once in each place of a value that has kernels of its own; one value of each shape.
TEST(Properties, AllKernelsReadEveryValueTheSameWhateverByteIsExchanged) {
  constexpr size_t kValueBytesMax = 400;
  std::set<std::pair<char, std::string>> shapes;
  GuardedBytes guarded(kMessageBytesMax);
  size_t tried = 0;
  for (const auto& [letter, value] : corpus_values()) {
    const support::ValueParser& parser = support::value_parser(letter);
    if (parser.read_by == nullptr || !shapes.emplace(letter, shape_of(value)).second) continue;
    const std::string_view placed = guarded.copy(value);
    char* text = guarded.last(value.size());
    for (size_t i = 0; i < std::min(value.size(), kValueBytesMax); ++i) {
      const char kept = text[i];
      for (size_t more = 1 + i % kStride; more < 256; more += kStride, ++tried) {
        text[i] = static_cast<char>(kept + static_cast<char>(more));
        ASSERT_EQ(support::broken_kernel_law(parser, placed), "") << parser.name << ": " << placed;
      }
      text[i] = kept;
    }
  }
  EXPECT_GT(tried, 2'000'000 / kStride) << tried;
}

// Values with a part that may have any length, where "#" stands.
constexpr std::pair<char, std::string_view> kStretched[] = {
    {'v', "SIP/2.0/UDP a#.b;rport;branch=z9hG4bK1;received=192.0.2.1;ttl=1"},
    {'v', "SIP/2.0/TLS 192.0.2.1:50600;x=\"#\";branch=z9hG4bK1;rport=5060"},
    {'v', "SIP/2.0/TCP a.b:5060;x#;rport=65535;branch=z;y"},
    {'v', "SIP/2.0/UDP a.b;x=#;rport;maddr=c;branch=z9hG4bK1"},
    {'v', "SIP/2.0/UDP a.b;branch=z#;rport;rport"},
    {'m', "A# B <sip:a@b;lr>;tag=1;x, C <sip:d>"},
    {'m', "\"#\" <sip:a@b.c:5060;lr>;tag=1;x=\"y\", <sip:d>"},
    {'m', "<sip:a#@b:65535;lr;x=y>;tag=1;expires=5"},
    {'m', "<sip:a@b#.c:5060;transport=tcp>;x=y;tag=1"},
    {'m', "<sip:192.0.2.1:5060;x=#;lr>;tag=1"},
    {'m', "<sip:a@b;x#=c;lr>;q=0.5;tag=1"},
    {'m', "<sip:a@b>;tag=1#;x=y, <sip:d>"},
    {'m', "<sip:a@b>;x=\"#\";tag=1;y"},
    {'u', "sip:a#@b.c:5060;lr;x=y"},
    {'u', "sip:a@b#.c:65536;lr"},
    {'u', "sip:a#:5060;lr"},
    {'u', "sip:a@192.0.2.1;x#=y;z=1"},
    {'d', "Digest username=\"#\", realm=\"r\",nonce=n, uri=\"sip:a\", response=\"0\", nc=0000000a"},
    {'d', "Digest username=\"a\", realm=b#, nonce=\"n\",algorithm=MD5"},
    {'d', "Digest username=\"a\", # realm=\"b\",qop=auth, cnonce=\"c\""},
    {'o', "a#.b;id=1;x=\"y\""},
    {'o', "presence;x=\"#\";id=ab"},
    {'t', "a#/b;c=d;e=\"f\""},
    {'a', "text/plain;q=0#, a/b;q=1, c/d"},
};

// Windows are of 64 bytes: so every delimiter stands in each place of one, and the value ends behind each.
TEST(Properties, AllKernelsReadAValueTheSameWhereverAWindowEnds) {
  constexpr size_t kStretchMax = 2 * 64 + 8;
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [letter, pattern] : kStretched) {
    const support::ValueParser& parser = support::value_parser(letter);
    const size_t at = pattern.find('#');
    const char fill = pattern[at - 1] == ' ' ? ' ' : 'a';
    for (size_t stretch = 0; stretch <= kStretchMax; ++stretch) {
      const std::string value =
          std::string(pattern.substr(0, at)).append(stretch, fill).append(pattern.substr(at + 1));
      for (size_t length = at + stretch; length <= value.size(); ++length) {
        const std::string_view placed = guarded.copy(std::string_view(value).substr(0, length));
        ASSERT_EQ(support::broken_kernel_law(parser, placed), "") << parser.name << ": " << placed;
      }
    }
  }
}

// A message, keep-alives, and another message behind it: received whole, in two parts however they are cut, and byte by
// byte. A body that is announced and never comes is waited for, and keeps what follows from being seen.
TEST(Properties, AStreamIsReceivedTheSameHoweverItIsSplit) {
  constexpr size_t kMax = 16384;
  for (const auto& [name, bytes] : corpus()) {
    const std::string stream = bytes + "\r\n\r\n\r\nOPTIONS sip:x SIP/2.0\r\nl: 2\r\n\r\nxy";
    support::StreamReader whole(kMax);
    whole.arrive(stream);
    for (size_t cut = 1; cut < stream.size(); cut += kStride) {
      support::StreamReader parts(kMax);
      parts.arrive(std::string_view(stream).substr(0, cut));
      parts.arrive(std::string_view(stream).substr(cut));
      ASSERT_EQ(parts.frames(), whole.frames()) << name << " cut at " << cut;
      ASSERT_EQ(parts.last(), whole.last()) << name << " cut at " << cut;
      ASSERT_EQ(parts.lost_head(), whole.lost_head()) << name << " cut at " << cut;
    }
    support::StreamReader drops(kMax);
    for (const char& byte : stream) drops.arrive({&byte, 1});
    ASSERT_EQ(drops.frames(), whole.frames()) << name;
    ASSERT_EQ(drops.last(), whole.last()) << name;
    ASSERT_EQ(drops.lost_head(), whole.lost_head()) << name;
  }
}

}  // namespace
}  // namespace vedette::parsers
