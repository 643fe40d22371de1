// A peer by TLS, in pieces that the first byte chooses. Either any bytes come to the handshake; or a good client shakes
// hands first, and then the input chooses: application data in records of any length, records that are damaged or cut
// off, new keys, a close_notify, bytes that are no records. What comes out is what was said before the first damage,
// message by message, and what is answered can be read. By itself or below a WebSocket. One input, one connection;
// random numbers are the same for each, so that an input does the same again.
//
// Byte 0: the pieces. Byte 1: the habits below. The rest: bytes, or what the client does.
#define OPENSSL_SUPPRESS_DEPRECATED     // Random numbers of our own.
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control/tls_certificates.h"
#include "engine/control/tls_stream.h"
#include "engine/control/websocket_stream.h"
#include "parsers/framer.h"
#include "tests/support/certificate_file.h"
#include "tests/support/fuzzed_stream.h"
#include "tests/support/naive_websocket.h"

using namespace vedette;
using support::expect;

namespace {

enum Habit : unsigned {
  kShakesHands = 1,    // Else the input is bytes.
  kTls12 = 2,          // Else 1.3.
  kWeb = 4,            // WebSocket over it.
  kNoRoom = 8,
  kAnswered = 16,
  kDeaf = 32,
  kHalfClose = 64,
};
enum Act : unsigned { kSay, kSayMore, kSayMuch, kDamage, kCutOff, kNoise, kNewKeys, kClose, kActs };
constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n";
constexpr size_t kBytesMax = 8'192;

uint64_t random_state = 0;
// SplitMix64 (Steele, Lea, Flood 2014).
int put_random(unsigned char* out, int length) {
  for (int i = 0; i < length; ++i) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    out[i] = static_cast<unsigned char>(z >> 32);
  }
  return 1;
}
int is_ready() { return 1; }
constexpr RAND_METHOD kRandom = {nullptr, put_random, nullptr, nullptr, put_random, is_ready};

std::shared_ptr<const control::TlsContexts> make_contexts(control::TlsProtocol protocol) {
  std::string folder = (std::filesystem::temp_directory_path() / "vedette-fuzz-XXXXXX").string();
  expect(mkdtemp(folder.data()) != nullptr, "no folder for a certificate");
  const std::vector<control::TlsCertificate> files = {{folder + "/a.pem", folder + "/a.key"},
                                                      {folder + "/b.pem", folder + "/b.key"}};
  expect(support::write_certificate(files[0], "a.test", 1) && support::write_certificate(files[1], "b.test", 2),
         "no certificate");
  auto contexts = std::make_shared<const control::TlsContexts>(files, protocol);
  std::filesystem::remove_all(folder);
  return contexts;
}

const std::shared_ptr<const control::TlsContexts>& contexts(bool is_web) {
  static const auto sip = make_contexts(control::TlsProtocol::kSip), web = make_contexts(control::TlsProtocol::kHttp);
  return is_web ? web : sip;
}

std::unique_ptr<control::ByteStream> make_stream(support::FuzzedStream::Socket socket, bool is_web) {
  static const std::vector<std::string> any;
  auto tls = control::make_tls_stream(std::move(socket), contexts(is_web));
  if (!is_web) return tls;
  return control::make_websocket_stream(std::move(tls), {support::FuzzedStream::kMessageBytesMax, any});
}

// The client's side; its records are moved by whoever has it.
class Client {
 public:
  explicit Client(bool is_tls12) : session_(SSL_new(context())) {
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_min_proto_version(session_.get(), is_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_set_max_proto_version(session_.get(), is_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_set_tlsext_host_name(session_.get(), "b.test");
    SSL_set_connect_state(session_.get());
    listen({});
  }

  void listen(std::string_view records) {
    if (!records.empty()) BIO_write(SSL_get_rbio(session_.get()), records.data(), static_cast<int>(records.size()));
    char piece[4'096];
    size_t got = 0;
    while (SSL_read_ex(session_.get(), piece, sizeof piece, &got) == 1) heard.append(piece, got);
  }
  bool has_shaken_hands() const { return SSL_is_init_finished(session_.get()) == 1; }
  void say(std::string_view text) {
    size_t written = 0;
    expect(text.empty() || SSL_write_ex(session_.get(), text.data(), text.size(), &written) == 1, "nothing is written");
  }
  // RFC 8446 §4.6.3; there is nothing like it before 1.3.
  void change_keys(bool both) {
    if (SSL_version(session_.get()) != TLS1_3_VERSION) return;
    SSL_key_update(session_.get(), both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    SSL_do_handshake(session_.get());
  }
  void close() { SSL_shutdown(session_.get()); }
  std::string take_records() {
    std::string out(static_cast<size_t>(BIO_pending(SSL_get_wbio(session_.get()))), '\0');
    if (!out.empty()) BIO_read(SSL_get_wbio(session_.get()), out.data(), static_cast<int>(out.size()));
    return out;
  }

  std::string heard;

 private:
  static SSL_CTX* context() {
    static const std::unique_ptr<SSL_CTX, control::SslDeleter> one(SSL_CTX_new(TLS_client_method()));
    return one.get();
  }
  control::SslSession session_;
};

// What the peer's bytes hold, as the framer has it when they come at once.
struct Expected {
  std::vector<std::string> messages;
  size_t pings = 0;
  bool is_lost = false;              // Framing.
};

Expected expected_of(std::string_view said) {
  Expected out;
  for (;;) {
    parsers::Frame frame;
    const parsers::ParseError error = parsers::find_frame(said, support::FuzzedStream::kMessageBytesMax, frame);
    if (error == parsers::ParseError::kIncomplete) return out;
    out.is_lost = error != parsers::ParseError::kOk;
    if (frame.kind == parsers::Frame::Kind::kPing && !out.is_lost) ++out.pings;
    if (frame.length > 0) out.messages.emplace_back(said.substr(frame.skip, frame.length));
    if (out.is_lost) return out;
    said.remove_prefix(frame.skip + frame.length);
  }
}

// One good client, and what the input has it do.
class Session {
 public:
  Session(std::string_view acts, unsigned habits, unsigned seed)
      : acts_(acts),
        habits_(habits),
        pieces_(seed),
        client_((habits & kTls12) != 0),
        stream_(is_web() ? engine::Transport::kWss : engine::Transport::kTls,
                [&](support::FuzzedStream::Socket socket) { return make_stream(std::move(socket), is_web()); },
                {.has_room = (habits & kNoRoom) == 0, .is_answered = (habits & kAnswered) != 0}) {}

  void run() {
    for (int flights = 0; flights < 4; ++flights) exchange();
    expect(client_.has_shaken_hands(), "hands are not shaken");
    if (is_web()) {
      client_.say(kUpgrade);
      exchange();
      const size_t end = client_.heard.find("\r\n\r\n");
      expect(client_.heard.starts_with("HTTP/1.1 101 ") && end != std::string::npos, "no WebSocket is opened");
      client_.heard.erase(0, end + 4);
    }
    while (!acts_.empty() && !is_over_) act();
    is_web() ? check_frames() : check_messages();
    stream_.finish((habits_ & kHalfClose) != 0);
  }

 private:
  bool is_web() const { return (habits_ & kWeb) != 0; }
  unsigned byte() {
    if (acts_.empty()) return 0;
    const auto value = static_cast<uint8_t>(acts_.front());
    acts_.remove_prefix(1);
    return value;
  }
  std::string_view take(size_t length) {
    const std::string_view taken = acts_.substr(0, length);
    acts_.remove_prefix(taken.size());
    return taken;
  }
  void say(std::string_view text) {
    client_.say(text);
    said_ += text;
    exchange();
  }
  // What the client has to send goes over, what it is sent comes back.
  void exchange() {
    send(client_.take_records());
    const std::string records = std::exchange(stream_.heard, {});
    client_.listen(records);
  }
  void send(std::string_view records) { stream_.send(records, pieces_); }

  void act() {
    switch (byte() % kActs) {
      case kSay: return say(take(byte()));
      case kSayMore: return say(take(byte() * 8));
      case kSayMuch: {
        // Several records at a time.
        for (unsigned left = byte() % 16; left > 0 && !acts_.empty(); --left) {
          const std::string_view text = take(byte());
          client_.say(text);
          said_ += text;
        }
        return exchange();
      }
      case kDamage: {
        client_.say("OPTIONS sip:a SIP/2.0\r\n\r\n");
        std::string records = client_.take_records();
        const unsigned at = byte() << 8 | byte(), bits = byte();
        records[at % records.size()] ^= static_cast<char>(bits == 0 ? 1 : bits);
        return say_last(records);
      }
      case kCutOff: {
        client_.say("OPTIONS sip:a SIP/2.0\r\n\r\n");
        const std::string records = client_.take_records();
        return say_last(records.substr(0, byte() % records.size()));
      }
      case kNoise: {
        const std::string_view noise = take(byte());
        return noise.empty() ? void() : say_last(noise);
      }
      case kNewKeys:
        client_.change_keys(byte() % 2 == 1);
        return exchange();
      default:
        client_.close();
        return say_last(client_.take_records());
    }
  }
  // What comes after it means nothing any more.
  void say_last(std::string_view records) {
    send(records);
    exchange();
    is_over_ = true;
  }

  void check_messages() {
    const Expected expected = expected_of(said_);
    // A shard without room is not asked twice for the answer to what is lost.
    if (expected.is_lost && (habits_ & kNoRoom) != 0) return;
    expect(stream_.delivered == expected.messages, "what is delivered is not what was said");
    // Answers to pings come when they like between those of the shards.
    size_t answers = 0, pongs = 0;
    for (std::string_view heard = client_.heard; !heard.empty();) {
      const std::string_view one = heard.starts_with("SIP") ? support::kStreamAnswer : "\r\n";
      expect(heard.starts_with(one), "what is heard is no answer");
      ++(one == support::kStreamAnswer ? answers : pongs);
      heard.remove_prefix(one.size());
    }
    const size_t answers_due = (habits_ & kAnswered) != 0 ? expected.messages.size() : 0;
    const bool may_lack = is_over_ || expected.is_lost;
    expect(may_lack ? answers <= answers_due : answers == answers_due, "not each message is answered once");
    expect(may_lack ? pongs <= expected.pings : pongs == expected.pings, "not each ping is answered once");
  }
  void check_frames() {
    std::vector<std::string> messages = support::messages_of_client(said_, support::FuzzedStream::kMessageBytesMax);
    std::erase_if(messages, [](const std::string& one) { return one.empty() || one == "\r\n" || one == "\r\n\r\n"; });
    expect(stream_.delivered == messages, "what is delivered is not what the frames say");
    std::vector<std::string> heard;
    expect(support::are_frames_of_server(client_.heard, heard), "what is sent is no frames");
  }

  std::string_view acts_;
  const unsigned habits_;
  support::Pieces pieces_;
  Client client_;
  support::FuzzedStream stream_;
  std::string said_;                 // Before any damage.
  bool is_over_ = false;
};

void send_bytes(std::string_view bytes, unsigned habits, unsigned seed) {
  const bool is_web = (habits & kWeb) != 0;
  support::FuzzedStream stream(
      is_web ? engine::Transport::kWss : engine::Transport::kTls,
      [&](support::FuzzedStream::Socket socket) { return make_stream(std::move(socket), is_web); },
      {.has_room = (habits & kNoRoom) == 0, .is_deaf = (habits & kDeaf) != 0});
  support::Pieces pieces(seed);
  stream.send(bytes, pieces);
  stream.finish((habits & kHalfClose) != 0);
  expect(stream.delivered.empty(), "a message comes of no handshake");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  static const bool is_set = RAND_set_rand_method(&kRandom) == 1 && std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  expect(is_set, "random numbers are not ours");
  static_cast<void>(contexts(false));
  if (size < 2 || size > kBytesMax) return 0;
  random_state = 1;
  const std::string_view rest(reinterpret_cast<const char*>(input) + 2, size - 2);
  if ((input[1] & kShakesHands) == 0) {
    send_bytes(rest, input[1], input[0]);
  } else {
    Session(rest, input[1], input[0]).run();
  }
  return 0;
}
