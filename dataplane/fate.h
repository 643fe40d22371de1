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
  kRxBadSource,    // An address that no station answers from, our own, or port 0.
  kRxBadUdpLength,
  kRxBadUdpChecksum,
  kRxForOthers,  // Another station's MAC address: the port is promiscuous.
  kRxBadFragment,
  kRxReassemblyOverlap,
  kRxReassemblyTooLong,
  kRxReassemblyTimeout,
  kRxReassemblyEvicted,  // The table was full, the oldest gave way.
  // Between workers.
  kSpread,          // To another worker by flow hash: the port has fewer queues than there are workers.
  kFragmentsMoved,  // To the worker where the datagram's other fragments are.
  kHandedOff,       // To the shard that owns the message's partition.
  kPeerMessagesOut,
  kHandedIn,
  kTxMoved,      // Ready frames to a worker that has a transmit queue of the port.
  kHandOffFull,  // Dropped: the other worker's ring is full.
  // To and from stream connections, which have threads of their own.
  kStreamMessagesIn,
  kStreamMessagesOut,
  kStreamRingFull,  // Dropped: an answer found no room. NOTIFYs wait for it.
  kVerificationsOut,   // Requests whose Identity is to be verified, to the control thread,
  kVerificationsFull,  // or not, because it has enough of them,
  kVerdictsIn,         // and back.
  // To and from the control thread.
  kControlMessagesIn,
  kControlRecordsOut,
  kControlRecordsFull,
  kControlRecordTooLong,
  // Frames out.
  kTxDatagrams,
  kTxFragmented,
  kTxFrames,
  kTxKernelFrames,
  kTxNoPort,
  kTxNoRoute,
  kTxHeld,  // Waits for its next hop's MAC address; sent later, or one of the next two.
  kTxHeldFull,
  kTxHeldTimeout,
  kTxQueueFull,
  kNoBuffer,  // Dropped: the worker's buffers are all in use.
  // The exception path and the kernel mirror; counted by the thread that calls service().
  kKernelRingFull,  // A worker's ring to the kernel was full: dropped by the worker.
  kTapFramesIn,     // Kernel → port.
  kTapFramesOut,    // Port → kernel.
  kTapWriteFailed,
  kTapNoBuffer,
  kTapRingFull,
  kResolveRequests,
  kNetlinkOverruns,  // The kernel's tables were read anew.
  kMirrorFull,       // A route, neighbour or address above its limit: not reachable.
  // The loop.
  kTurns,
  kIdleTurns,
  kBusyNanoseconds,  // From one turn to the next, of those with work.
  kCount
};

inline constexpr size_t kFateCount = static_cast<size_t>(Fate::kCount);

std::string_view to_string(Fate fate);  // snake_case, "rx_frames".

using FateCounts = std::array<uint64_t, kFateCount>;

}  // namespace vedette::dataplane
