// What holds for every input near a real message: each prefix, each byte exchanged, each split of a stream,
// at the edge of an unreadable page. Nothing is read beyond the bytes, every view lies within them, and what
// is accepted can be written and read again.
#include <gtest/gtest.h>

#include <array>

#include "parsers/framer.h"
#include "tests/support/corpus.h"
#include "tests/support/guarded_bytes.h"
#include "tests/support/typed_headers.h"

namespace vedette::parsers {
namespace {

using support::CorpusMessage;
using support::GuardedBytes;

std::vector<CorpusMessage> corpus() {
  std::vector<CorpusMessage> messages = support::own_messages();
  for (auto& recorded : support::own_client_messages()) messages.push_back(std::move(recorded));
  for (auto& benched : support::bench_messages()) messages.push_back(std::move(benched));
  for (const char* folder : {"../shared/data/rfc4475", "../shared/data/rfc5118"}) {
    for (auto& archived : support::read_corpus(support::source_path(folder), ".dat")) {
      messages.push_back(std::move(archived));
    }
  }
  return messages;
}

size_t head_bytes(const std::string& bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  return end == std::string::npos ? bytes.size() : end + 4;
}

// True when all is well, so that millions of calls cost no more than they must.
bool holds(std::string_view bytes) {
  Message message;
  const support::TypedVerdict verdict = support::check_message(bytes, message);
  const bool within = message.bytes().empty() ||
                      (message.bytes().data() >= bytes.data() &&
                       message.bytes().data() + message.bytes().size() <= bytes.data() + bytes.size());
  return verdict.views_inside && within;
}

bool survives_writing(std::string_view bytes) {
  static std::array<char, 4 * kMessageBytesMax> buffer;
  Message message;
  if (parse_message(bytes, message) != ParseError::kOk) return true;
  Writer writer(buffer.data(), buffer.size());
  support::write_message(message, writer);
  Message again;
  return !writer.overflowed() && parse_message(writer.text(), again) == ParseError::kOk &&
         support::equal_messages(message, again);
}

TEST(Properties, EveryPrefixIsReadWithinItsBytes) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : corpus()) {
    for (size_t length = 0; length <= bytes.size(); ++length) {
      ASSERT_TRUE(holds(guarded.copy(std::string_view(bytes).substr(0, length))))
          << name << " cut at " << length;
    }
  }
}

// Each byte of a head meets every second of the others; in a sanitised build, which is ten times as slow, one in six.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStride = 6;
#else
constexpr size_t kStride = 2;
#endif
constexpr size_t kHeadBytesMax = 1000;

// The bytes that mean something in some grammar, or nothing in any.
constexpr std::string_view kTellingBytes("\0\t\n\r \"%'(),/0:;<=>?@A[\\]a\x7f\x80\xff", 28);

TEST(Properties, EveryByteOfAHeadMayBeExchanged) {
  GuardedBytes guarded(kMessageBytesMax);
  for (const auto& [name, bytes] : corpus()) {
    const std::string_view placed = guarded.copy(bytes);
    char* text = guarded.last(bytes.size());
    const size_t head = std::min(head_bytes(bytes), kHeadBytesMax);
    for (size_t i = 0; i < head; ++i) {
      const char kept = text[i];
      for (size_t next = i % kStride; next < kTellingBytes.size(); next += kStride) {
        const char c = kTellingBytes[next];
        text[i] = c;
        ASSERT_TRUE(holds(placed)) << name << " byte " << i << " = " << int{c};
      }
      text[i] = kept;
    }
  }
}

TEST(Properties, WhatIsAcceptedCanBeWrittenAndReadAgain) {
  for (const auto& [name, bytes] : corpus()) {
    ASSERT_TRUE(survives_writing(bytes)) << name;
    std::string changed = bytes;
    const size_t head = std::min(head_bytes(bytes), kHeadBytesMax);
    for (size_t i = 0; i < head; i += kStride / 2) {
      for (const char c : {' ', '\n', ':', ';', 'x'}) {
        changed[i] = c;
        ASSERT_TRUE(survives_writing(changed)) << name << " byte " << i << " = " << int{c};
      }
      changed[i] = bytes[i];
    }
  }
}

// A frame that is found in the first bytes stays the same however many follow, and none is found too early.
TEST(Properties, AStreamIsFramedTheSameHoweverItIsSplit) {
  constexpr size_t kMax = 16384;
  GuardedBytes guarded(2 * kMax);
  for (const auto& [name, bytes] : corpus()) {
    const std::string stream = bytes + "\r\n\r\nOPTIONS sip:x SIP/2.0\r\n\r\n";
    ParseError settled = ParseError::kIncomplete;
    Frame first;
    for (size_t length = 0; length <= stream.size(); ++length) {
      Frame frame;
      const std::string_view part = guarded.copy(std::string_view(stream).substr(0, length));
      const ParseError error = find_frame(part, kMax, frame);
      if (settled == ParseError::kIncomplete) {
        settled = error;
        first = frame;
        ASSERT_LE(frame.skip + frame.length, length) << name;
        continue;
      }
      ASSERT_EQ(error, settled) << name << " split at " << length;
      if (error != ParseError::kOk) continue;
      ASSERT_EQ(frame.kind, first.kind) << name << " split at " << length;
      ASSERT_EQ(frame.skip, first.skip) << name << " split at " << length;
      ASSERT_EQ(frame.length, first.length) << name << " split at " << length;
    }
    // Only a body that is announced and never comes is waited for.
    Message message;
    EXPECT_TRUE(settled != ParseError::kIncomplete ||
                parse_message(bytes, message) == ParseError::kContentLength)
        << name;
  }
}

// The framer and the parser must cut at the same byte, or a body could be read as the next message.
TEST(Properties, FramerAndParserAgreeWhereAMessageEnds) {
  size_t compared = 0;
  for (const auto& [name, bytes] : corpus()) {
    Message message;
    Frame frame;
    if (parse_message(bytes, message) != ParseError::kOk || !message.has_content_length()) continue;
    if (find_frame(bytes, kMessageBytesMax, frame) != ParseError::kOk) continue;
    if (frame.kind != Frame::Kind::kMessage) continue;
    EXPECT_EQ(frame.length, message.bytes().size()) << name;
    ++compared;
  }
  EXPECT_GT(compared, 50u);
}

}  // namespace
}  // namespace vedette::parsers
