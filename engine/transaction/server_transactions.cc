#include "engine/transaction/server_transactions.h"

#include "engine/base/keyed_hash.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kBranchCookie = "z9hG4bK";

}  // namespace

ServerTransactions::ServerTransactions(uint32_t capacity, Duration lifetime)
    : lifetime_(lifetime), entries_(capacity), index_(capacity) {}

uint64_t ServerTransactions::key_of(const Request& request, const KeyedHash& hash) {
  const parsers::Message& message = *request.message;
  // A retransmission is the same in these, too: one that differs has been damaged on its way, and the answer would
  // be written from the damage.
  const uint64_t dialog = hash(request.call_id, message.value(parsers::HeaderId::kCSeq), request.from.tag) ^
                          hash(message.value(parsers::HeaderId::kTo));
  const std::string_view branch = request.via.branch;
  if (branch.size() > kBranchCookie.size() && branch.starts_with(kBranchCookie)) {
    return dialog ^ hash(branch, request.via.sent_by, message.method_name());
  }
  // RFC 3261 §17.2.3: an RFC 2543 element; Request-URI and topmost Via besides.
  return dialog ^ hash(request.via.text, message.request_uri());
}

const Answer* ServerTransactions::find(uint64_t key, Instant now) const {
  const uint32_t index = index_.find(key, [&](uint32_t i) { return entries_[i].key == key; });
  if (index == kNoIndex || entries_[index].ends_at <= now) return nullptr;
  return &entries_[index].answer;
}

bool ServerTransactions::remember(uint64_t key, const Answer& answer, Instant now) {
  if (entries_.empty()) return false;
  Entry& entry = entries_[next_];
  bool forgotten = false;
  if (entry.used) {
    forgotten = entry.ends_at > now;
    index_.erase(entry.key, next_);
  }
  entry = {key, now + lifetime_, answer, true};
  index_.insert(key, next_);
  next_ = next_ + 1 == entries_.size() ? 0 : next_ + 1;
  return forgotten;
}

}  // namespace vedette::engine
