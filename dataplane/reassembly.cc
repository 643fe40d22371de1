#include "dataplane/reassembly.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace vedette::dataplane {
namespace {

// In front of the data in a buffer: room for the first fragment's Ethernet and IP headers.
constexpr uint32_t kHeaderRoom = static_cast<uint32_t>(kEthernetBytes + kIpv4BytesMax);
constexpr uint32_t kUnitBytes = 8;  // Fragments begin at multiples of it.
constexpr uint32_t kUnitsMax = 65'536 / kUnitBytes;

uint64_t hash_of(const Fragment& fragment) {
  return mix_address(fragment.source, mix_address(fragment.destination, fragment.id)) | 1;  // Never 0.
}

char* payload_of(rte_mbuf* buffer) { return rte_pktmbuf_mtod_offset(buffer, char*, kHeaderRoom); }

}  // namespace

struct Reassembly::Datagram {
  engine::IpAddress source;
  engine::IpAddress destination;
  uint32_t id = 0;
  engine::Instant opened;
  rte_mbuf* buffer = nullptr;  // Null: given up, later pieces are dropped until the time is over.
  uint32_t units = 0;          // That have arrived.
  uint32_t total = 0;          // Bytes; 0 until the last piece has come.
  uint32_t furthest = 0;       // End of the furthest piece.
  uint32_t header_bytes = 0;   // 0 until the first piece has come.
  std::array<uint64_t, kUnitsMax / 64> present;

  bool has(uint32_t unit) const { return (present[unit / 64] >> unit % 64 & 1) != 0; }
  void mark(uint32_t unit) { present[unit / 64] |= uint64_t{1} << unit % 64; }
};

Reassembly::Reassembly(const DataplaneConfig& config, rte_mempool* pool, FateCounters& fates)
    : datagrams_(config.reassemblies_max),
      hashes_(config.reassemblies_max, 0),
      timeout_(engine::Duration::milliseconds(config.reassembly_timeout_ms)),
      pool_(pool),
      bytes_max_(std::min<uint32_t>(rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM - kHeaderRoom,
                                    65'535 - kIpv4BytesMax)),
      fates_(fates) {}

Reassembly::~Reassembly() {
  for (Datagram& datagram : datagrams_) rte_pktmbuf_free(datagram.buffer);
}

Reassembly::Datagram* Reassembly::find(const Fragment& fragment, uint64_t hash) {
  for (size_t i = 0; i < hashes_.size(); ++i) {
    Datagram& datagram = datagrams_[i];
    if (hashes_[i] == hash && datagram.id == fragment.id && datagram.source == fragment.source &&
        datagram.destination == fragment.destination) {
      return &datagram;
    }
  }
  return nullptr;
}

Reassembly::Datagram* Reassembly::oldest() {
  Datagram* oldest = nullptr;
  for (size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] != 0 && (oldest == nullptr || datagrams_[i].opened < oldest->opened))
      oldest = &datagrams_[i];
  }
  return oldest;
}

Reassembly::Datagram* Reassembly::open(engine::Instant now, const Fragment& fragment, uint64_t hash) {
  if (waiting_ == datagrams_.size()) {
    fates_.add(Fate::kRxReassemblyEvicted);
    close(*oldest());
  }
  const auto free_place = std::find(hashes_.begin(), hashes_.end(), uint64_t{0}) - hashes_.begin();
  Datagram& datagram = datagrams_[static_cast<size_t>(free_place)];
  datagram.buffer = rte_pktmbuf_alloc(pool_);
  if (datagram.buffer == nullptr) {
    fates_.add(Fate::kNoBuffer);
    return nullptr;
  }
  hashes_[static_cast<size_t>(free_place)] = hash;
  ++waiting_;
  datagram.source = fragment.source;
  datagram.destination = fragment.destination;
  datagram.id = fragment.id;
  datagram.opened = now;
  datagram.units = datagram.total = datagram.furthest = datagram.header_bytes = 0;
  datagram.present.fill(0);
  next_expiry_ = std::min(next_expiry_, now + timeout_);
  return &datagram;
}

void Reassembly::close(Datagram& datagram) {
  rte_pktmbuf_free(datagram.buffer);
  datagram.buffer = nullptr;
  hashes_[static_cast<size_t>(&datagram - datagrams_.data())] = 0;
  --waiting_;
}

bool Reassembly::place(Datagram& datagram, const Fragment& fragment, const char* frame) {
  const uint32_t end = fragment.offset + fragment.length;
  // A second last piece that disagrees with the first, or a piece behind the last one.
  if (!fragment.more && datagram.total != 0 && datagram.total != end) return false;
  if (datagram.total != 0 && end > datagram.total) return false;
  if (!fragment.more && datagram.furthest > end) return false;
  const uint32_t first_unit = fragment.offset / kUnitBytes;
  const uint32_t units = (fragment.length + kUnitBytes - 1) / kUnitBytes;
  uint32_t known = 0;
  for (uint32_t unit = first_unit; unit < first_unit + units; ++unit) known += datagram.has(unit) ? 1 : 0;
  char* place = payload_of(datagram.buffer) + fragment.offset;
  const char* piece = frame + fragment.data_at;
  // The network may bring a piece twice; anything else that covers what is there is an attack (RFC 5722).
  if (known == units) return std::memcmp(place, piece, fragment.length) == 0;
  if (known != 0) return false;
  for (uint32_t unit = first_unit; unit < first_unit + units; ++unit) datagram.mark(unit);
  std::memcpy(place, piece, fragment.length);
  datagram.units += units;
  datagram.furthest = std::max(datagram.furthest, end);
  if (!fragment.more) datagram.total = end;
  if (fragment.offset == 0) {
    datagram.header_bytes = fragment.header_bytes;
    std::memcpy(payload_of(datagram.buffer) - fragment.header_bytes, frame, fragment.header_bytes);
  }
  return true;
}

rte_mbuf* Reassembly::take_whole(Datagram& datagram) {
  rte_mbuf* whole = datagram.buffer;
  datagram.buffer = nullptr;
  const uint32_t skipped = kHeaderRoom - datagram.header_bytes;
  const uint32_t length = datagram.header_bytes + datagram.total;
  whole->data_off = static_cast<uint16_t>(whole->data_off + skipped);
  whole->data_len = static_cast<uint16_t>(length);
  whole->pkt_len = length;
  mend_headers(rte_pktmbuf_mtod(whole, char*), datagram.header_bytes, datagram.total);
  close(datagram);
  fates_.add(Fate::kRxReassembled);
  return whole;
}

rte_mbuf* Reassembly::add(engine::Instant now, const Fragment& fragment, rte_mbuf* frame) {
  const uint64_t hash = hash_of(fragment);
  Datagram* datagram = find(fragment, hash);
  if (datagram == nullptr) datagram = open(now, fragment, hash);
  rte_mbuf* whole = nullptr;
  if (datagram != nullptr && datagram->buffer != nullptr) {
    const bool too_long = fragment.offset + fragment.length > bytes_max_;
    if (too_long || !place(*datagram, fragment, rte_pktmbuf_mtod(frame, const char*))) {
      fates_.add(too_long ? Fate::kRxReassemblyTooLong : Fate::kRxReassemblyOverlap);
      rte_pktmbuf_free(datagram->buffer);
      datagram->buffer = nullptr;
    } else if (datagram->total != 0 && datagram->units == (datagram->total + kUnitBytes - 1) / kUnitBytes) {
      whole = take_whole(*datagram);
      whole->port = frame->port;
    }
  }
  rte_pktmbuf_free(frame);
  return whole;
}

void Reassembly::expire(engine::Instant now) {
  if (now < next_expiry_) return;
  next_expiry_ = engine::Instant::never();
  for (size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] == 0) continue;
    Datagram& datagram = datagrams_[i];
    if (now < datagram.opened + timeout_) {
      next_expiry_ = std::min(next_expiry_, datagram.opened + timeout_);
      continue;
    }
    // One that was given up has been counted already.
    if (datagram.buffer != nullptr) fates_.add(Fate::kRxReassemblyTimeout);
    close(datagram);
  }
}

unsigned fragment_worker(const Fragment& fragment, unsigned workers) {
  return static_cast<unsigned>(hash_of(fragment) >> 16) % workers;
}

}  // namespace vedette::dataplane
