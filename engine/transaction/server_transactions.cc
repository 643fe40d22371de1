#include "engine/transaction/server_transactions.h"

#include "engine/base/keyed_hash.h"

namespace vedette::engine {
namespace {

constexpr std::string_view kBranchCookie = "z9hG4bK";

}  // namespace

ServerTransactions::ServerTransactions(uint32_t capacity, Duration lifetime)
    : lifetime_(lifetime), entries_(capacity), index_(capacity), merge_index_(capacity) {}

ServerTransactions::Keys ServerTransactions::keys_of(const Request& request, const KeyedHash& hash) {
  const parsers::Message& message = *request.message;
  // A retransmission is the same in these, too: one that differs has been damaged on its way, and the answer would
  // be written from the damage.
  const uint64_t dialog = hash(request.call_id, message.value(parsers::HeaderId::kCSeq), request.from.tag) ^
                          hash(message.value(parsers::HeaderId::kTo));
  const std::string_view branch = request.via.branch;
  Keys keys;
  if (branch.size() > kBranchCookie.size() && branch.starts_with(kBranchCookie)) {
    keys.transaction = dialog ^ hash(branch, request.via.sent_by, message.method_name());
  } else {
    // RFC 3261 §17.2.3: an RFC 2543 element; Request-URI and topmost Via besides.
    keys.transaction = dialog ^ hash(request.via.text, message.request_uri());
  }
  const parsers::Method method = request.method();
  const bool may_merge = method == parsers::Method::kSubscribe || method == parsers::Method::kPublish;
  if (may_merge && request.to.tag.empty()) {
    // Likewise: the tag that answers a SUBSCRIBE names its presentity's partition.
    const uint64_t target = hash(CanonicalAor(request.uri).view());
    keys.transaction ^= target;
    keys.merge = dialog ^ target;
  }
  return keys;
}

const Answer* ServerTransactions::find(uint64_t key, Instant now) const {
  const uint32_t index = index_.find(key, [&](uint32_t i) { return entries_[i].keys.transaction == key; });
  if (index == kNoIndex || entries_[index].ends_at <= now) return nullptr;
  return &entries_[index].answer;
}

bool ServerTransactions::is_merged(uint64_t merge_key, Instant now) const {
  if (merge_key == 0) return false;
  const auto is_it = [&](uint32_t i) { return entries_[i].keys.merge == merge_key && entries_[i].ends_at > now; };
  return merge_index_.find(merge_key, is_it) != kNoIndex;
}

bool ServerTransactions::remember(const Keys& keys, const Answer& answer, Instant now) {
  if (entries_.empty()) return false;
  Entry& entry = entries_[next_];
  bool forgotten = false;
  if (entry.used) {
    forgotten = entry.ends_at > now;
    index_.erase(entry.keys.transaction, next_);
    if (entry.keys.merge != 0) merge_index_.erase(entry.keys.merge, next_);
  }
  entry = {keys, now + lifetime_, answer, true};
  index_.insert(keys.transaction, next_);
  if (keys.merge != 0) merge_index_.insert(keys.merge, next_);
  next_ = next_ + 1 == entries_.size() ? 0 : next_ + 1;
  return forgotten;
}

}  // namespace vedette::engine
