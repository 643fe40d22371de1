// One shard, asked by somebody who guesses: requests with wrong digests for users that there are and that there are
// not. Under callgrind the instructions of each kind of guess are dumped under its name; the answers are compared
// here, byte by byte but for their nonces. Exit status 1 when an answer tells.
#include <valgrind/callgrind.h>

#include <cstdio>
#include <memory_resource>
#include <string>
#include <vector>

#include "engine/auth/digest.h"
#include "engine/control/crypto.h"
#include "engine/shard.h"
#include "tests/support/digest_client.h"

namespace {

using namespace vedette;
using namespace vedette::engine;

constexpr unsigned kUsers = 1000;
constexpr unsigned kGuesses = 500;

std::string name_of(unsigned number) { return "user" + std::to_string(10'000 + number); }

class Guessed {
 public:
  Guessed(const char* method, DigestAlgorithm algorithm) : method_(method), algorithm_(algorithm) {
    config_.domains = {Domain{.name = "example.com", .algorithms = {algorithm}}};
    // Users with even numbers exist; the others would stand between them.
    for (unsigned i = 0; i < kUsers; ++i)
      config_.users.push_back(support::make_user(name_of(2 * i), "example.com", "pw"));
    config_.limits.presentities_max = config_.limits.subscriptions_max = config_.limits.publications_max = 1'024;
    config_.limits.bindings_max = config_.limits.server_transactions_max = config_.limits.replay_windows_max = 1'024;
    ShardEnvironment environment{.partitions = &partitions_, .config = &config_, .hashes = control::openssl_hashes()};
    environment.documents = &arena_;
    environment.nonce_key.secret.fill(7);
    shard_ = std::make_unique<Shard>(environment);
    IpAddress::parse("192.0.2.1", flow_.remote.address);
    IpAddress::parse("192.0.2.254", flow_.local.address);
    flow_.remote.port = flow_.local.port = 5060;
  }

  // What a guess at the password of user `number` is answered; counted.
  std::string guess(unsigned number) {
    const std::string user = name_of(number);
    const std::string uri = "sip:" + user + "@example.com";
    const support::DigestAnswer answer{.username = user, .password = "guess", .nonce = std::string(58, '0'),
                                       .uri = uri, .method = method_, .algorithm = algorithm_};
    const std::string request = method_ + " " + uri +
                                " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <" + uri +
                                ">;tag=1\r\nTo: <" + uri + ">\r\nCall-ID: c\r\nCSeq: 1 " + method_ +
                                "\r\nUser-Agent: guesser\r\nContact: <sip:x@192.0.2.1>\r\n" +
                                "Event: presence\r\nMax-Forwards: 70\r\nAuthorization: " + answer.header() +
                                "\r\nContent-Length: 0\r\n\r\n";
    OutSlot slot{.bytes = buffer_, .capacity = sizeof buffer_};
    Outbox out({&slot, 1});
    CALLGRIND_TOGGLE_COLLECT;
    shard_->on_datagram(Instant::from_unix_seconds(1'800'000'000), {request, flow_}, out);
    CALLGRIND_TOGGLE_COLLECT;
    if (out.committed().empty()) return "silence";
    std::string text(out.committed()[0].bytes, out.committed()[0].length);
    hide(text, "nonce=\"", '"');
    hide(text, "tag=v", '\r');  // Ours is a hash of the request.
    for (size_t at; (at = text.find(user)) != std::string::npos;) text.replace(at, user.size(), "NAME");
    hide(text, "\r\nTo: ", '\r');
    return text;
  }

 private:
  static void hide(std::string& text, const std::string& before, char end) {
    for (size_t at = 0; (at = text.find(before, at)) != std::string::npos;) {
      at += before.size();
      text.replace(at, text.find(end, at) - at, "-");
    }
  }

  std::string method_;
  DigestAlgorithm algorithm_;
  EngineConfig config_;
  PartitionMap partitions_ = PartitionMap::spread_evenly(1);
  std::pmr::unsynchronized_pool_resource arena_;
  std::unique_ptr<Shard> shard_;
  Flow flow_;
  char buffer_[8'192];
};

// False: an answer tells.
bool guess_at_all(const char* method, DigestAlgorithm algorithm) {
  Guessed guessed(method, algorithm);
  const std::string first = guessed.guess(0);
  bool told = !first.starts_with("SIP/2.0 401 ");
  if (told) std::printf("unexpected: %s\n", first.c_str());
  for (const unsigned odd : {0U, 1U}) {
    CALLGRIND_ZERO_STATS;
    for (unsigned i = 0; i < kGuesses; ++i) {
      const std::string answer = guessed.guess(4 * i + odd);
      if (answer != first) std::printf("tells: %s\n", answer.c_str()), told = true;
    }
    const std::string label =
        std::string(method) + " " + std::string(to_string(algorithm)) + (odd == 0 ? " known" : " unknown");
    CALLGRIND_DUMP_STATS_AT(label.c_str());
  }
  return !told;
}

}  // namespace

int main() {
  CALLGRIND_START_INSTRUMENTATION;
  bool told = false;
  for (const char* method : {"REGISTER", "SUBSCRIBE", "PUBLISH"}) {
    for (const auto algorithm : {DigestAlgorithm::kSha256, DigestAlgorithm::kSha512256, DigestAlgorithm::kMd5}) {
      if (!guess_at_all(method, algorithm)) told = true;
    }
  }
  return told ? 1 : 0;
}
