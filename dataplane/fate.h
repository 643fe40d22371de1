// Every fate of a packet has a name and a counter. One table, walked by a test, gives the names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vedette::dataplane {

enum class Fate : uint8_t {
  // Frames in.
  kRxFrames,
  kRxToShard,
  kRxToKernel,
  kRxFragments,
  kRxReassembled,
  kRxUnfinishedChecksum,  // Taken: a veth peer left the UDP checksum to hardware that is not there.
  kRxTruncated,
  kRxBadIpHeader,
  kRxBadIpChecksum,
  kRxBadUdpLength,
  kRxBadUdpChecksum,
  kRxTooLong,
  kRxForOthers,
  kRxReassemblyTimeout,
  kRxReassemblyEvicted,
  kRxReassemblyOverlap,
  kRxReassemblyTooLong,
  kRxReassemblyNoBuffer,
  // Between workers.
  kSpread,          // To another worker by flow hash: the port has fewer queues than there are workers.
  kFragmentsMoved,  // To the worker where the datagram's other fragments are.
  kHandedOff,       // To the shard that owns the message's partition.
  kHandedIn,
  kPeerMessagesOut,
  kTxMoved,      // Ready frames to the worker that has the port's transmit queue.
  kHandOffFull,  // Dropped: the other worker's ring is full.
  // To and from the kernel.
  kKernelRingFull,
  kKernelFramesOut,
  // To and from the control thread.
  kControlMessagesIn,
  kControlRecordsOut,
  kControlRecordsFull,
  kControlRecordTooLong,
  // Frames out.
  kTxDatagrams,
  kTxFragmented,
  kTxFrames,
  kTxNoPort,
  kTxNotUdp,
  kTxNoRoute,
  kTxUnresolved,
  kTxHeld,
  kTxHeldFull,
  kTxHeldTimeout,
  kTxNoBuffer,
  kTxQueueFull,
  kTxTooLong,
  // The loop.
  kTurns,
  kIdleTurns,
  kNoBuffer,
  kCount
};

inline constexpr size_t kFateCount = static_cast<size_t>(Fate::kCount);

std::string_view to_string(Fate fate);  // snake_case, "rx_frames".

using FateCounts = std::array<uint64_t, kFateCount>;

}  // namespace vedette::dataplane
